package io.sagaz.cli.operate;

import io.sagaz.storage.PageRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say which page of a list. */
final class PageOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before it parses.
    private CommandSpec command;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many, 1 to " + PageRequest.MAX_SIZE + ". Default: 20.")
    private int limit;

    @Option(
            names = "--after",
            paramLabel = "CURSOR",
            description = "Go on where the page before has ended, as it told.")
    private @Nullable String after;

    PageRequest page() {
        if (limit < 1 || limit > PageRequest.MAX_SIZE) {
            throw new ParameterException(
                    command.commandLine(), "--limit must be from 1 to " + PageRequest.MAX_SIZE + ", but is " + limit);
        }
        try {
            return new PageRequest(limit, Optional.ofNullable(after));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    command.commandLine(), "--after must be what the page before has told, but is " + after, e);
        }
    }
}
