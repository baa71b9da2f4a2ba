package io.sagaz.cli.operate;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sagaz dlq purge}. */
@Command(
        name = "purge",
        header = "Forgets dead letters: the relay never publishes these events.",
        description =
                "There is no way back, so --yes must be said. Takes a thousand in a transaction: if one fails, those"
                        + " before it are forgotten.",
        exitCodeList = {DeploymentCommand.DONE, DeploymentCommand.FAILED, DeploymentCommand.MISUNDERSTOOD})
final class DeadLetterPurge extends RelayCommand {
    @Mixin
    private final FailedEventOptions which = new FailedEventOptions();

    @Option(names = "--yes", description = "Yes, for ever.")
    private boolean yes;

    DeadLetterPurge(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        boolean one = which.isOne();
        long limit = which.limit();
        if (!yes) {
            throw misuse("What is purged is never published and cannot be brought back: add --yes");
        }
        try (RoutingSagaStore store = deployment().openStore()) {
            String relay = relay(store);
            long gone = one ? one(store, relay, which.event()) : many(store, relay, limit);
            print(
                    json -> {
                        json.writeStartObject();
                        json.writeStringField("relay", relay);
                        json.writeNumberField("purged", gone);
                        json.writeEndObject();
                    },
                    List.of(new Row().add("Relay " + relay + " has forgotten " + Figures.count(gone))));
            return CommandLine.ExitCode.OK;
        }
    }

    private long many(RoutingSagaStore store, String relay, long limit) {
        if (!isJson()) {
            progress("Forgetting dead letters of " + relay + "…");
        }
        return store.outboxAdmin()
                .discard(relay, which.filter(surroundings().clock().instant()), limit);
    }

    private static long one(RoutingSagaStore store, String relay, UUID event) {
        if (!store.outboxAdmin().discard(relay, event)) {
            throw new CommandFailedException("The relay " + relay + " has no dead letter " + event);
        }
        return 1;
    }
}
