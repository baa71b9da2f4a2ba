package io.sagaz.storage.postgres.internal.outbox;

import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.log.VacuumHorizon;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.route.ReadRoutes;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxLog;
import java.time.Duration;
import java.util.Optional;

/** The log of events in PostgreSQL. Safe for threads. */
public final class PostgresOutboxLog implements OutboxLog {
    private static final int LONGEST_NAME = 255;
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);

    private final SqlOutboxLog sql;
    private final ConnectionRunner primary;
    private final ReadRoutes routes;
    private final OutboxSignals signals;

    /**
     * The log of a schema.
     *
     * @param primary runs what is asked of the primary
     * @param routes leads to replicas, for relays that read there
     * @param signals tells of new events
     */
    public PostgresOutboxLog(SqlOutboxLog sql, ConnectionRunner primary, ReadRoutes routes, OutboxSignals signals) {
        this.sql = sql;
        this.primary = primary;
        this.routes = routes;
        this.signals = signals;
    }

    @Override
    public boolean register(String relay, RelayStart start) {
        checkName("relay", relay);
        Arguments.present("start", start);
        return primary.run("registerRelay", (connection, again) -> sql.register(connection, relay, start));
    }

    @Override
    public RelayMember join(String relay, String instance, Duration lease, EventSource source) {
        checkName("relay", relay);
        checkName("instance", instance);
        Arguments.present("source", source);
        if (Arguments.present("lease", lease).compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException(
                    "lease must be " + SHORTEST_LEASE + " to " + LONGEST_LEASE + " but is " + lease);
        }
        return new LogMember(relay, instance, lease, source, sql, primary, routes);
    }

    @Override
    public Optional<OutboxDepth> depth(String relay) {
        Optional<String> name = Optional.of(Arguments.present("relay", relay));
        return routes.outbox(ReadRoutes.USUAL).depth().value().stream()
                .filter(depth -> depth.relay().equals(name))
                .findFirst();
    }

    @Override
    public VacuumHorizon vacuumHorizon() {
        return primary.run("vacuumHorizon", (connection, again) -> sql.horizon(connection));
    }

    @Override
    public Listening onAppend(Runnable listener) {
        return signals.add(Arguments.present("listener", listener));
    }

    private static void checkName(String what, String name) {
        if (Arguments.present(what, name).isBlank() || name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    what + " must have 1 to " + LONGEST_NAME + " characters but is \"" + name + "\"");
        }
    }
}
