package io.sagaz.cli.operate;

import io.sagaz.storage.FailedEventFilter;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The arguments that say which dead letters: one, those that match, or all. */
final class FailedEventOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before it parses.
    private CommandSpec command;

    @Parameters(paramLabel = "EVENT", arity = "0..1", description = "The identifier of an event.")
    private @Nullable String event;

    @Option(names = "--all", description = "All of them.")
    private boolean all;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Only events for this topic.")
    private @Nullable String topic;

    @Option(names = "--type", paramLabel = "TYPE", description = "Only events of this type.")
    private @Nullable String type;

    @Option(
            names = "--error-contains",
            paramLabel = "TEXT",
            description = "Only events whose last error contains this, letter by letter.")
    private @Nullable String error;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Times.OfMoment.class,
            description = "Only events that were given up since: " + Times.MOMENTS + ".")
    private Times.@Nullable Moment since;

    @Option(
            names = "--older-than",
            paramLabel = "TIME",
            converter = Times.OfMoment.class,
            description = "Only events that were given up before; as --since.")
    private Times.@Nullable Moment before;

    @Option(names = "--limit", paramLabel = "N", description = "This many at most, the oldest events first.")
    private @Nullable Long limit;

    /** Whether it is about one event. */
    boolean isOne() {
        if (event == null && !all && !isFiltered()) {
            throw misuse("Say which: an EVENT, --topic, --type, --error-contains, --since, --older-than, or --all");
        }
        if ((event != null ? 1 : 0) + (all ? 1 : 0) + (isFiltered() ? 1 : 0) > 1) {
            throw misuse("Say which in one way: an EVENT, or --all, or what they have in common");
        }
        if (event != null && limit != null) {
            throw misuse("--limit is for several events");
        }
        return event != null;
    }

    private boolean isFiltered() {
        return topic != null || type != null || error != null || since != null || before != null;
    }

    /** The event, if it is about one. */
    UUID event() {
        return Events.parse(command, String.valueOf(event));
    }

    long limit() {
        if (limit != null && limit < 1) {
            throw misuse("--limit must be at least 1, but is " + limit);
        }
        return limit == null ? Long.MAX_VALUE : limit;
    }

    FailedEventFilter filter(Instant now) {
        try {
            FailedEventFilter filter = FailedEventFilter.all();
            filter = topic == null ? filter : filter.topic(topic);
            filter = type == null ? filter : filter.type(type);
            filter = error == null ? filter : filter.errorContains(error);
            filter = since == null ? filter : filter.failedFrom(since.from(now));
            return before == null ? filter : filter.failedBefore(before.from(now));
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
