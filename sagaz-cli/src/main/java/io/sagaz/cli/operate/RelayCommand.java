package io.sagaz.cli.operate;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.Surroundings;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command about the dead letters of one relay. */
abstract class RelayCommand extends DeploymentCommand {
    @Option(names = "--relay", paramLabel = "NAME", description = "The relay; need not be given if there is only one.")
    private @Nullable String relay;

    RelayCommand(Surroundings surroundings) {
        super(surroundings);
    }

    /** The relay that is meant. */
    final String relay(RoutingSagaStore store) {
        List<String> known =
                store.outboxAdmin().relays().stream().map(RelayStatus::name).toList();
        if (relay != null && known.contains(relay)) {
            return relay;
        }
        if (relay == null && known.size() == 1) {
            return known.get(0);
        }
        String registered = known.isEmpty()
                ? "none is registered: a relay is when it has been started once"
                : "there are " + String.join(", ", known);
        throw new CommandFailedException(
                relay == null
                        ? "Which relay is meant? Say --relay; " + registered
                        : "There is no relay " + relay + "; " + registered);
    }
}
