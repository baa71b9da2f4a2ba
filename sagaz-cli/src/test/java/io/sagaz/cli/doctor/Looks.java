package io.sagaz.cli.doctor;

import io.sagaz.cli.connect.Way;
import io.sagaz.cli.look.Fact;
import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.PoolerLook;
import io.sagaz.cli.look.PoolerState;
import io.sagaz.cli.look.ServerLook;
import io.sagaz.cli.look.ServerState;
import io.sagaz.cli.look.ServerState.Clocks;
import io.sagaz.cli.look.ServerState.Replay;
import io.sagaz.cli.look.ServerState.Slot;
import io.sagaz.migrations.MaintenanceReport;
import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionSettings;
import io.sagaz.migrations.PartitionStatistics;
import io.sagaz.migrations.SchemaStatus;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.log.VacuumHorizon;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at deployments that are not there. */
final class Looks {
    static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");
    static final long WRITTEN = 10_000_000;

    private static final Map<String, String> SAFE = Map.of(
            "fsync", "on",
            "full_page_writes", "on",
            "synchronous_commit", "on",
            "wal_level", "replica",
            "autovacuum", "on",
            "max_slot_wal_keep_size", "10240",
            "idle_in_transaction_session_timeout", "600000");

    private Looks() {}

    static <T> Fact<T> known(T value) {
        return new Fact.Known<>(value);
    }

    static <T> Fact<T> unknown(String what, String why) {
        return new Fact.Unknown<>(what, why);
    }

    static Look healthy() {
        return at(List.of(primary(server(false)), replica(standby())), List.of(), Optional.of(new DataOf().data()));
    }

    static Look at(List<ServerLook> ways, List<PoolerLook> poolers, Optional<Look.Data> data) {
        return new Look(NOW, ways, poolers, data);
    }

    static Look with(Look.Data data) {
        return at(List.of(primary(server(false))), List.of(), Optional.of(data));
    }

    static Look with(ServerState primary) {
        return at(List.of(primary(primary)), List.of(), Optional.empty());
    }

    static Look with(PoolerLook pooler) {
        return at(List.of(primary(server(false))), List.of(pooler), Optional.empty());
    }

    static ServerLook primary(ServerState state) {
        return way(Look.PRIMARY, known(state));
    }

    static ServerLook replica(ServerState state) {
        return way(Look.REPLICA + 1, known(state));
    }

    static ServerLook way(String name, Fact<ServerState> state) {
        return way(name, "jdbc:postgresql://" + name.replace(" ", "") + ":5432/sagaz", state);
    }

    static ServerLook way(String name, String url, Fact<ServerState> state) {
        return new ServerLook(name, new Way("--" + name + "-url", url), state);
    }

    static ServerState server(boolean pooled) {
        return server(1, false, pooled, SAFE, Duration.ZERO, List.of());
    }

    static ServerState server(
            long system,
            boolean standby,
            boolean pooled,
            Map<String, String> settings,
            Duration ahead,
            List<Slot> slots) {
        return new ServerState(
                "10.0.0." + system + ":5432",
                "15.18",
                standby,
                system,
                pooled,
                NOW.minusSeconds(60),
                WRITTEN,
                settings,
                new Clocks(ahead, Duration.ofMillis(5)),
                standby
                        ? Optional.of(new Replay(known(Optional.of("streaming")), false, Optional.empty()))
                        : Optional.empty(),
                known(List.of()),
                known(slots));
    }

    static Map<String, String> settings(String name, String value) {
        Map<String, String> settings = new HashMap<>(SAFE);
        settings.put(name, value);
        return settings;
    }

    static ServerState standby() {
        return server(1, true, false, SAFE, Duration.ZERO, List.of());
    }

    static ServerState standby(Replay replay, long position) {
        ServerState like = standby();
        return new ServerState(
                like.address(),
                like.version(),
                true,
                like.system(),
                false,
                like.startedAt(),
                position,
                SAFE,
                like.clock(),
                Optional.of(replay),
                known(List.of()),
                known(List.of()));
    }

    static ServerState with(Slot slot) {
        return server(1, false, false, SAFE, Duration.ZERO, List.of(slot));
    }

    static PoolerLook pooler(PoolerLook.Serves serves, PoolerState state) {
        return new PoolerLook(new Way("--pgbouncer-url", "jdbc:postgresql://p:6432/pgbouncer"), serves, known(state));
    }

    static PoolerState pooler(int minor, String mode, String preparedStatements, PoolerState.Pool... pools) {
        return new PoolerState(
                new PoolerState.Version(1, minor),
                preparedStatements.isEmpty()
                        ? Map.of("pool_mode", mode)
                        : Map.of("pool_mode", mode, "max_prepared_statements", preparedStatements),
                List.of(new PoolerState.Database("sagaz", "10.0.0.1:5432", "", 25, false)),
                List.of(pools));
    }

    /** What stands in a database; healthy unless it is said otherwise. */
    static final class DataOf {
        private Fact<SchemaStatus> schema =
                known(new SchemaStatus(SchemaStatus.Fit.CURRENT, Optional.of("1.14"), "1.14"));
        private List<PartitionStatistics> partitions =
                List.of(writable("saga_outbox", Duration.ofDays(7)), writable("saga_executions", Duration.ofDays(90)));
        private List<PartitionAction> upkeep = List.of();
        private List<PartitionSize> sizes = List.of();
        private List<OutboxDepth> outbox = List.of();
        private List<RelayStatus> relays = List.of();
        private VacuumHorizon horizon = new VacuumHorizon(List.of(), true);

        static PartitionStatistics writable(String table, Duration time) {
            return new PartitionStatistics(
                    table, 1, Optional.empty(), Optional.empty(), 0, 0, Optional.of(NOW.plus(time)), 0, 0, 0);
        }

        DataOf schema(Fact<SchemaStatus> other) {
            schema = other;
            return this;
        }

        DataOf partitions(PartitionStatistics... other) {
            partitions = List.of(other);
            return this;
        }

        DataOf upkeep(PartitionAction... other) {
            upkeep = List.of(other);
            return this;
        }

        DataOf sizes(PartitionSize... other) {
            sizes = List.of(other);
            return this;
        }

        DataOf outbox(OutboxDepth... other) {
            outbox = List.of(other);
            return this;
        }

        DataOf relays(RelayStatus... other) {
            relays = List.of(other);
            return this;
        }

        DataOf horizon(VacuumHorizon other) {
            horizon = other;
            return this;
        }

        Look.Data data() {
            return new Look.Data(
                    schema,
                    known(partitions),
                    known(List.of(
                            settings("saga_outbox", 7, Period.ofDays(30)),
                            settings("saga_executions", 3, Period.ofMonths(12)))),
                    known(new MaintenanceReport(upkeep, 0, 0, Duration.ZERO)),
                    known(sizes),
                    known(outbox),
                    known(relays),
                    known(horizon));
        }

        private static PartitionSettings settings(String table, int ahead, Period kept) {
            return new PartitionSettings(table, ahead, kept, PartitionSettings.WhenExpired.DROP, false);
        }
    }
}
