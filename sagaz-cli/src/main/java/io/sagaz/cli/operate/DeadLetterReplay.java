package io.sagaz.cli.operate;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.storage.ResendResult;
import io.sagaz.storage.Resent;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sagaz dlq replay}. */
@Command(
        name = "replay",
        header = "Has the relay try dead letters again, at once and with all their attempts.",
        description =
                "Those of one key go in their order. Takes a thousand in a transaction: if one fails, those before it"
                        + " have been done.",
        exitCodeList = {
            DeploymentCommand.DONE,
            "1:failed, or some cannot be sent again since their events are gone",
            DeploymentCommand.MISUNDERSTOOD
        })
final class DeadLetterReplay extends RelayCommand {
    @Mixin
    private final FailedEventOptions which = new FailedEventOptions();

    DeadLetterReplay(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        boolean one = which.isOne();
        long limit = which.limit();
        try (RoutingSagaStore store = deployment().openStore()) {
            String relay = relay(store);
            Resent done = one ? one(store, relay, which.event()) : many(store, relay, limit);
            print(
                    json -> {
                        json.writeStartObject();
                        json.writeStringField("relay", relay);
                        json.writeNumberField("resent", done.resent());
                        json.writeNumberField("eventsGone", done.eventsGone());
                        json.writeEndObject();
                    },
                    List.of(new Row()
                            .add("Relay " + relay + " tries " + Figures.count(done.resent()) + " again"
                                    + (done.eventsGone() == 0
                                            ? ""
                                            : "; of " + Figures.count(done.eventsGone())
                                                    + " the event is gone from the outbox, purge those"))));
            return done.eventsGone() == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    private Resent many(RoutingSagaStore store, String relay, long limit) {
        if (!isJson()) {
            progress("Sending dead letters of " + relay + " again…");
        }
        return store.outboxAdmin()
                .resend(relay, which.filter(surroundings().clock().instant()), limit);
    }

    private static Resent one(RoutingSagaStore store, String relay, UUID event) {
        ResendResult result = store.outboxAdmin().resend(relay, event);
        return switch (result) {
            case RESENT -> new Resent(1, 0);
            case EVENT_GONE -> new Resent(0, 1);
            case NO_DEAD_LETTER ->
                throw new CommandFailedException("The relay " + relay + " has no dead letter " + event);
        };
    }
}
