package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a connection to a replica that is fresh enough. Safe for threads.
 *
 * <p>Which server a connection of the read pool leads to is not to be seen from outside a pooler; the server is asked
 * once for each physical connection, which in session pooling stays with it. How far a server has replayed is shared by
 * all connections to it: replay only goes forward within one life of a server, so an older answer is still a true lower
 * bound. The replay position is read in a statement of its own before the read: inside the snapshot that it is to vouch
 * for it would prove nothing.
 *
 * <p>The maps are written by any thread. A lost race between two answers of one server leaves the lower of two true
 * bounds at worst.
 */
public final class Replicas implements AutoCloseable {
    /** A connection to a replica that may answer. */
    record Lease(Connection connection, String server, OptionalLong stalenessNanos, RouteReason reason) {}

    /** A lease, or why there is none. */
    record Attempt(@Nullable Lease lease, RouteReason reason) {}

    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);
    private static final int MOST_TRIES = 4;
    /** An answer this young is not asked for again, though it was not enough. */
    private static final long ANSWER_HOLDS = 20_000_000L;

    private static final long PAUSE_WHEN_UNREACHABLE = 1_000_000_000L;

    private static final String IDENTIFY = """
            SELECT pg_is_in_recovery() AS standby, pg_last_wal_replay_lsn()::text AS replayed,
                   coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0) AS server,
                   pg_postmaster_start_time() AS started_at,
                   (SELECT system_identifier FROM pg_control_system()) AS system_identifier
            """;

    private static final String POSITION =
            "SELECT pg_is_in_recovery() AS standby, pg_last_wal_replay_lsn()::text AS replayed";

    private final Pool pool;
    private final PrimaryWatch watch;
    private final long systemIdentifier;
    private final BiConsumer<String, ToDoubleFunction<String>> serverSeen;
    private final Map<PGConnection, ServerId> servers = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<ServerId, ReplicaState> states = new ConcurrentHashMap<>();
    private final Set<String> announced = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Long unreachableSinceNanos;

    /**
     * Replicas behind a pool.
     *
     * @param systemIdentifier of the primary's cluster: a server of another one is no replica of it
     * @param serverSeen told the name of each server when it is first seen, and how to learn its bound
     */
    public Replicas(
            Pool pool,
            PrimaryWatch watch,
            long systemIdentifier,
            BiConsumer<String, ToDoubleFunction<String>> serverSeen) {
        this.pool = pool;
        this.watch = watch;
        this.systemIdentifier = systemIdentifier;
        this.serverSeen = serverSeen;
    }

    /** Finds a replica for a read; the caller gives the connection of the lease back. */
    Attempt acquire(ReadConsistency wanted) {
        Long since = unreachableSinceNanos;
        if (since != null && System.nanoTime() - since < PAUSE_WHEN_UNREACHABLE) {
            return new Attempt(null, RouteReason.REPLICA_UNREACHABLE);
        }
        refreshFor(wanted);
        List<Connection> refused = new ArrayList<>();
        RouteReason reason = RouteReason.REPLICA_UNREACHABLE;
        try {
            // A refused connection is held until the end, so that the pool does not hand it out again.
            for (int i = 0; i < MOST_TRIES && (i == 0 || pool.hasIdle()); i++) {
                Connection connection = pool.borrow();
                Attempt attempt = examine(connection, wanted);
                if (attempt.lease() != null) {
                    unreachableSinceNanos = null;
                    return attempt;
                }
                reason = attempt.reason();
                refused.add(connection);
            }
        } catch (SQLException e) {
            LOG.warn("No replica can be reached; reads go to the primary: {}", e.getMessage());
            unreachableSinceNanos = System.nanoTime();
        } finally {
            refused.forEach(Replicas::giveBack);
        }
        return new Attempt(null, reason);
    }

    /** How stale a read of this server could be if it were sent now. Never takes unknown for fine. */
    private double stalenessSeconds(String server) {
        long now = System.nanoTime();
        return states.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(server))
                .mapToDouble(entry -> {
                    OptionalLong bound = bound(entry.getValue(), now);
                    return bound.isPresent() ? bound.getAsLong() / 1e9 : Double.POSITIVE_INFINITY;
                })
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** Asks one replica, whichever the pool gives, how far it is. */
    void refreshOne() {
        try (Connection connection = pool.borrow()) {
            ServerId server = identify(connection);
            if (server != null) {
                readPosition(connection, server);
            }
        } catch (SQLException e) {
            LOG.debug("No replica could be asked how far it is", e);
        }
    }

    /** Half of what is wanted leaves the other half for the replica. */
    private void refreshFor(ReadConsistency wanted) {
        if (wanted instanceof ReadConsistency.AtMost atMost) {
            long seconds = atMost.staleness().toSeconds();
            watch.refreshIfOlderThan(
                    seconds > 1_000 ? Long.MAX_VALUE - 1 : atMost.staleness().toNanos() / 2);
        }
    }

    private Attempt examine(Connection connection, ReadConsistency wanted) {
        try {
            ServerId server = identify(connection);
            if (server == null) {
                pool.evict(connection);
                return new Attempt(null, RouteReason.REPLICA_DIVERGED);
            }
            Attempt known = judge(connection, server, wanted);
            ReplicaState state = states.get(server);
            if (known.lease() != null || (state != null && System.nanoTime() - state.readAtNanos() < ANSWER_HOLDS)) {
                return known;
            }
            if (!readPosition(connection, server)) {
                pool.evict(connection);
                return new Attempt(null, RouteReason.REPLICA_DIVERGED);
            }
            return judge(connection, server, wanted);
        } catch (SQLException e) {
            LOG.debug("A replica did not answer", e);
            if (SqlStates.isConnectionLost(e)) {
                pool.evict(connection);
            }
            return new Attempt(null, RouteReason.REPLICA_UNREACHABLE);
        }
    }

    private Attempt judge(Connection connection, ServerId server, ReadConsistency wanted) {
        ReplicaState state = states.get(server);
        if (state != null && watch.ring().isDiverged(state.position(), state.readAtNanos())) {
            return new Attempt(null, RouteReason.REPLICA_DIVERGED);
        }
        OptionalLong staleness = bound(state, System.nanoTime());
        ReadRouter.Verdict verdict = ReadRouter.judge(wanted, staleness);
        if (verdict.eligible()) {
            return new Attempt(new Lease(connection, server.name(), staleness, verdict.reason()), verdict.reason());
        }
        if (state != null) {
            watch.nudgeIfWaitingForFlush(state.position());
        }
        return new Attempt(null, verdict.reason());
    }

    private OptionalLong bound(@Nullable ReplicaState state, long now) {
        return state == null ? OptionalLong.empty() : watch.ring().staleness(state.position(), now);
    }

    /** The server behind a connection, or null if it is no replica of our primary. */
    private @Nullable ServerId identify(Connection connection) throws SQLException {
        PGConnection physical = connection.unwrap(PGConnection.class);
        ServerId known = servers.get(physical);
        if (known != null) {
            return known;
        }
        try (PreparedStatement statement = connection.prepareStatement(IDENTIFY);
                ResultSet row = statement.executeQuery()) {
            row.next();
            String name = row.getString("server");
            if (row.getLong("system_identifier") != systemIdentifier || !row.getBoolean("standby")) {
                LOG.warn("{} in the read pool is not a replica of the primary; it gets no reads", name);
                return null;
            }
            ServerId server = new ServerId(
                    name, row.getObject("started_at", OffsetDateTime.class).toInstant());
            // A first answer replaces what is known, though it be lower: the server may have gone back to an older
            // state.
            states.put(server, new ReplicaState(Lsn.parse(row.getString("replayed")), System.nanoTime()));
            states.keySet().removeIf(other -> other.name().equals(name) && !other.equals(server));
            servers.put(physical, server);
            if (announced.add(name)) {
                serverSeen.accept(name, this::stalenessSeconds);
            }
            return server;
        }
    }

    /** Updates what is known of a server; false if it is no standby any more. */
    private boolean readPosition(Connection connection, ServerId server) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(POSITION);
                ResultSet row = statement.executeQuery()) {
            row.next();
            if (!row.getBoolean("standby")) {
                LOG.warn("{} in the read pool was promoted; it gets no reads", server.name());
                return false;
            }
            states.put(server, new ReplicaState(Lsn.parse(row.getString("replayed")), System.nanoTime()));
            return true;
        }
    }

    static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("A connection could not be given back to the pool", e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
