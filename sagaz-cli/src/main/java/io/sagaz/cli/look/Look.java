package io.sagaz.cli.look;

import io.sagaz.migrations.MaintenanceReport;
import io.sagaz.migrations.PartitionSettings;
import io.sagaz.migrations.PartitionStatistics;
import io.sagaz.migrations.SchemaStatus;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.log.VacuumHorizon;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that was found out about a deployment, and what could not be. Immutable. What nobody gave a way to is empty; what could not
 * be asked is an unknown {@link Fact}.
 *
 * @param at when, by the clock of this host
 * @param ways the servers at the ends of the ways, that to the primary first
 * @param poolers the consoles
 * @param data what stands in the database; empty if it was not asked for
 */
public record Look(Instant at, List<ServerLook> ways, List<PoolerLook> poolers, Optional<Data> data) {
    /** What a way to the primary itself is called. */
    public static final String PRIMARY = "primary";
    /** What the way through PgBouncer-RW is called. */
    public static final String RW = "rw";
    /** What the way through PgBouncer-RO is called. */
    public static final String RO = "ro";
    /** What ways to replicas are called, before their number. */
    public static final String REPLICA = "replica-";

    /** Copies the lists. */
    public Look {
        ways = List.copyOf(ways);
        poolers = List.copyOf(poolers);
    }

    /**
     * What stands in the database.
     *
     * @param schema how the schema and this library fit
     * @param partitions how the partitioned tables are
     * @param settings how they are to be kept
     * @param upkeep what a maintenance would do now
     * @param sizes the partitions
     * @param outbox how far relays are behind
     * @param relays the relays
     * @param horizon who holds vacuum back
     */
    public record Data(
            Fact<SchemaStatus> schema,
            Fact<List<PartitionStatistics>> partitions,
            Fact<List<PartitionSettings>> settings,
            Fact<MaintenanceReport> upkeep,
            Fact<List<PartitionSize>> sizes,
            Fact<List<OutboxDepth>> outbox,
            Fact<List<RelayStatus>> relays,
            Fact<VacuumHorizon> horizon) {
        Stream<Fact<?>> facts() {
            return Stream.of(schema, partitions, settings, upkeep, sizes, outbox, relays, horizon);
        }
    }

    /** A way by its name. */
    public Optional<ServerLook> way(String name) {
        return ways.stream().filter(way -> way.name().equals(name)).findFirst();
    }

    /** The server that is to be the primary, by the shortest way. */
    public ServerLook primary() {
        return way(PRIMARY)
                .or(() -> way(RW))
                .orElseThrow(() -> new IllegalStateException("There is always a way to the primary"));
    }

    /** The ways to replicas themselves. */
    public List<ServerLook> replicas() {
        return ways.stream().filter(way -> way.name().startsWith(REPLICA)).toList();
    }

    /** All ways to servers that answer. */
    public Stream<ServerState> states() {
        return ways.stream().flatMap(way -> way.state().known().stream());
    }

    /** The server that leads to the end of a way, if it answers and leads. */
    public Optional<ServerState> leader() {
        return primary().state().known().filter(state -> !state.standby());
    }

    /** What is not known though it was asked for, that servers and poolers do not answer excepted. */
    public Stream<Fact.Unknown<?>> unknowns() {
        Stream<Fact<?>> ofServers = states().flatMap(state -> Stream.concat(
                Stream.of(state.standbys(), state.slots()),
                state.replay().stream().map(ServerState.Replay::receiver)));
        Stream<Fact.Unknown<?>> unasked =
                Stream.concat(ofServers, data.stream().flatMap(Data::facts)).flatMap(fact -> fact.unknown().stream());
        return Stream.concat(unasked, hidden());
    }

    private Stream<Fact.Unknown<?>> hidden() {
        return data.stream()
                .flatMap(all -> all.horizon().known().stream())
                .filter(horizon -> !horizon.complete())
                .map(horizon -> new Fact.Unknown<>(
                        "which sessions and standbys hold vacuum back",
                        "the role may not see them all, being no member of pg_read_all_stats"));
    }
}
