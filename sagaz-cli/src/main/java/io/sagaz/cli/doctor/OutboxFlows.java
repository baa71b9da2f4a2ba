package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.Look.Data;
import io.sagaz.cli.term.Figures;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.RelayStatus;
import java.util.stream.Stream;

/** Events are published, by somebody who is there. */
final class OutboxFlows implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.data().stream()
                .flatMap(data -> Stream.concat(
                        data.outbox().known().stream()
                                .flatMap(depths -> depths.stream().flatMap(OutboxFlows::judge)),
                        gone(data)));
    }

    private static Stream<Finding> judge(OutboxDepth depth) {
        if (depth.relay().isEmpty()) {
            return depth.unpublished() == 0
                    ? Stream.empty()
                    : Stream.of(new Finding(
                            Id.OUTBOX_NO_RELAY,
                            Severity.WARNING,
                            "the outbox",
                            "There are " + Figures.count(depth.unpublished()) + " events, and no relay is registered",
                            "They are not published, and every partition of saga_outbox is kept.",
                            "Start a relay (docs/outbox/relay.md). If something else reads the outbox, set drop_unpublished"
                                    + " in partition_settings."));
        }
        return depth.deadLetters() == 0
                ? Stream.empty()
                : Stream.of(new Finding(
                        Id.OUTBOX_DEAD_LETTERS,
                        Severity.WARNING,
                        "relay " + depth.relay().get(),
                        "It has given up " + Figures.count(depth.deadLetters()) + " events",
                        "They were not delivered, and keep their partitions.",
                        "sagaz dlq list says why; then sagaz dlq replay, or purge."));
    }

    private static Stream<Finding> gone(Data data) {
        return data.relays().known().stream()
                .flatMap(relays -> relays.stream()
                        .filter(RelayStatus::seemsGone)
                        .filter(relay -> relay.depth().unpublished() > 0
                                || !relay.keptPartitions().isEmpty())
                        .map(relay -> new Finding(
                                Id.OUTBOX_RELAY_GONE,
                                Severity.WARNING,
                                "relay " + relay.name(),
                                "No instance of it was at work within the last 5 minutes, and "
                                        + Figures.count(relay.depth().unpublished()) + " events wait for it",
                                "They are not published, and their partitions are kept.",
                                "Start it. If it is gone for good: SELECT * FROM remove_outbox_relay('" + relay.name()
                                        + "').")));
    }
}
