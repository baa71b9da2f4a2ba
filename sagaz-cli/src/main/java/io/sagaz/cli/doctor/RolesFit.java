package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.ServerLook;
import io.sagaz.cli.look.ServerState;
import java.util.Optional;
import java.util.stream.Stream;

/** Each way leads to a server of the role that it is for, and all to one cluster. */
final class RolesFit implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        Optional<Long> cluster = look.primary().state().known().map(ServerState::system);
        return look.ways().stream()
                .flatMap(way -> way.state().known().stream().flatMap(state -> judge(way, state, cluster)));
    }

    private static Stream<Finding> judge(ServerLook way, ServerState state, Optional<Long> cluster) {
        boolean forWrites = way.name().equals(Look.PRIMARY) || way.name().equals(Look.RW);
        Stream.Builder<Finding> findings = Stream.builder();
        if (cluster.isPresent() && cluster.get() != state.system()) {
            findings.add(new Finding(
                    Id.CLUSTER_DIFFERS,
                    Severity.CRITICAL,
                    way.name() + " at " + way.way().shown(),
                    "It leads to cluster " + Long.toUnsignedString(state.system()) + ", the primary is of "
                            + Long.toUnsignedString(cluster.get()),
                    "Reads would show other data than were written, and a store refuses to start.",
                    "Correct " + way.way().setting() + ", or make this server anew from a backup of the primary."));
        }
        if (forWrites && state.standby()) {
            findings.add(new Finding(
                    Id.PRIMARY_IS_STANDBY,
                    Severity.CRITICAL,
                    way.name() + " at " + way.way().shown(),
                    "It leads to " + state.address() + ", which is a standby",
                    "Every write fails.",
                    "Point it at the server that leads now; after a failover, point the pooler there. If none leads,"
                            + " promote one: SELECT pg_promote()."));
        }
        if (!forWrites && !state.standby()) {
            findings.add(new Finding(
                    Id.REPLICA_IS_PRIMARY,
                    Severity.CRITICAL,
                    way.name() + " at " + way.way().shown(),
                    "It leads to " + state.address() + ", which takes writes",
                    "Either reads burden the primary, or two servers lead: what is written to one is not on the other.",
                    "If it was promoted, stop one of the two and make it a standby of the other (pg_rewind, or anew by"
                            + " pg_basebackup). Else point this way at replicas."));
        }
        if (way.name().equals(Look.PRIMARY) && state.pooled()) {
            findings.add(new Finding(
                    Id.PRIMARY_IS_POOLED,
                    Severity.WARNING,
                    way.name() + " at " + way.way().shown(),
                    "It leads through a pooler",
                    "Partitions cannot be detached concurrently through one, and relays cannot be notified.",
                    "Give the URL of the server itself as " + way.way().setting() + "."));
        }
        return findings.build();
    }
}
