package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    record Lease(Connection connection, String server, OptionalLong stalenessNanos, RouteReason reason) {
        ReadReceipt receipt() {
            Optional<Duration> staleness = stalenessNanos.isPresent()
                    ? Optional.of(Duration.ofNanos(stalenessNanos.getAsLong()))
                    : Optional.empty();
            return new ReadReceipt(ReadSource.REPLICA, server, staleness, reason);
        }
    }

    /** A lease, or why there is none. */
    record Attempt(@Nullable Lease lease, RouteReason reason) {
        /** The same as an answer to who wanted a fresher one, if it is not that fresh. */
        Attempt forWantOf(ReadConsistency fresher) {
            if (lease == null
                    || ReadRouter.judge(fresher, null, lease.stalenessNanos()).eligible()) {
                return this;
            }
            RouteReason stale = RouteReason.SERVED_STALE;
            return new Attempt(new Lease(lease.connection(), lease.server(), lease.stalenessNanos(), stale), stale);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);
    private static final int MOST_TRIES = 4;
    /** An answer this young is not asked for again, though it was not enough. */
    private static final long ANSWER_HOLDS = 20_000_000L;
    /** The same while a token is waited for. */
    private static final long ANSWER_HOLDS_WHILE_WAITING = 1_000_000L;
    /** An answer older than this is asked for again, though it would be enough: the server may have been promoted. */
    private static final long ANSWER_EXPIRES = 250_000_000L;
    /** How long a server may take to say how far it is. */
    private static final int LIMIT_MILLIS = 1_000;

    private static final long PAUSE_WHEN_UNREACHABLE = 1_000_000_000L;

    /**
     * The timeline is one that the standby is known to follow, and may be later than it is told: what is written down with its
     * restart points, and what it receives, which is shown only to members of pg_read_all_stats.
     */
    private static final String PROGRESS = """
            pg_is_in_recovery() AS standby, coalesce(pg_last_wal_replay_lsn(), '0/0')::text AS replayed,
                   greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                            (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                            (SELECT max(received_tli) FROM pg_stat_wal_receiver)) AS timeline
            """;

    private static final String IDENTIFY = "SELECT " + PROGRESS + """
                 ,
                   coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0) AS server,
                   pg_postmaster_start_time() AS started_at,
                   (SELECT system_identifier FROM pg_control_system()) AS system_identifier
            """;

    private static final String POSITION = "SELECT " + PROGRESS;

    private final Pool pool;
    private final PrimaryWatch watch;
    private final BiConsumer<String, ToDoubleFunction<String>> serverSeen;
    private final Map<PGConnection, ServerId> servers = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<ServerId, ReplicaState> states = new ConcurrentHashMap<>();
    private final Set<String> announced = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Long unreachableSinceNanos;

    /**
     * Replicas behind a pool.
     *
     * @param serverSeen told the name of each server when it is first seen, and how to learn its bound
     */
    public Replicas(Pool pool, PrimaryWatch watch, BiConsumer<String, ToDoubleFunction<String>> serverSeen) {
        this.pool = pool;
        this.watch = watch;
        this.serverSeen = serverSeen;
    }

    /** Finds a replica for a read; the caller gives the connection of the lease back. */
    Attempt acquire(ReadConsistency wanted) {
        Long since = unreachableSinceNanos;
        if (since != null && System.nanoTime() - since < PAUSE_WHEN_UNREACHABLE) {
            return new Attempt(null, RouteReason.REPLICA_UNREACHABLE);
        }
        refreshFor(wanted);
        List<Connection> held = new ArrayList<>();
        RouteReason reason = RouteReason.REPLICA_UNREACHABLE;
        try {
            // Held until the end unless it is leased, so that the pool does not hand it out again.
            for (int i = 0; i < MOST_TRIES && (i == 0 || pool.hasIdle()); i++) {
                Connection connection = pool.borrow();
                held.add(connection);
                Attempt attempt = examine(connection, wanted);
                if (attempt.lease() != null) {
                    held.remove(held.size() - 1);
                    unreachableSinceNanos = null;
                    return attempt;
                }
                // One that is on its way to the token is worth waiting for, whatever is wrong with the others.
                reason = reason == RouteReason.TOKEN_AWAITED ? reason : attempt.reason();
            }
        } catch (SQLException e) {
            reason = pool.isExhausted() ? RouteReason.REPLICAS_BUSY : RouteReason.REPLICA_UNREACHABLE;
            if (reason == RouteReason.REPLICA_UNREACHABLE
                    && !Thread.currentThread().isInterrupted()) {
                LOG.warn("No replica can be reached; reads go to the primary: {}", e.getMessage());
                unreachableSinceNanos = System.nanoTime();
            }
        } finally {
            held.forEach(Replicas::giveBack);
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
            long age = ageOfAnswer(server);
            Attempt known = judge(connection, server, wanted);
            if (age < (known.lease() != null ? ANSWER_EXPIRES : holds(wanted))) {
                return known;
            }
            if (!readPosition(connection, server)) {
                return new Attempt(null, RouteReason.REPLICA_DIVERGED);
            }
            return judge(connection, server, wanted);
        } catch (SQLException e) {
            LOG.debug("A replica did not answer", e);
            if (SqlStates.isConnectionLost(e)) {
                // Its siblings are likely to be lost too; each would take as long to find out.
                pool.evict(connection);
                unreachableSinceNanos = System.nanoTime();
            }
            return new Attempt(null, RouteReason.REPLICA_UNREACHABLE);
        }
    }

    private static long holds(ReadConsistency wanted) {
        return wanted instanceof ReadConsistency.AtLeast ? ANSWER_HOLDS_WHILE_WAITING : ANSWER_HOLDS;
    }

    private long ageOfAnswer(ServerId server) {
        ReplicaState state = states.get(server);
        return state == null ? Long.MAX_VALUE : System.nanoTime() - state.readAtNanos();
    }

    private Attempt judge(Connection connection, ServerId server, ReadConsistency wanted) {
        ReplicaState state = states.get(server);
        if (state != null && watch.ring().isDiverged(state.position(), state.readAtNanos())) {
            return new Attempt(null, RouteReason.REPLICA_DIVERGED);
        }
        OptionalLong staleness = bound(state, System.nanoTime());
        ReadRouter.Verdict verdict = ReadRouter.judge(wanted, state, staleness);
        if (verdict.eligible()) {
            return new Attempt(new Lease(connection, server.name(), staleness, verdict.reason()), verdict.reason());
        }
        if (state != null) {
            watch.nudgeIfWaitingForFlush(state.position());
        }
        return new Attempt(null, verdict.reason());
    }

    private OptionalLong bound(@Nullable ReplicaState state, long now) {
        return state == null ? OptionalLong.empty() : watch.ring().staleness(state.position(), state.timeline(), now);
    }

    /** The server behind a connection, or null if it is no replica of our primary. */
    private @Nullable ServerId identify(Connection connection) throws SQLException {
        PGConnection physical = connection.unwrap(PGConnection.class);
        ServerId known = servers.get(physical);
        if (known != null) {
            return known;
        }
        ServerId server = ask(connection, IDENTIFY, this::register);
        if (server != null) {
            servers.put(physical, server);
        }
        return server;
    }

    private @Nullable ServerId register(ResultSet row) throws SQLException {
        String name = row.getString("server");
        if (row.getLong("system_identifier") != watch.systemIdentifier() || !row.getBoolean("standby")) {
            LOG.warn("{} in the read pool is not a replica of the primary; it gets no reads", name);
            return null;
        }
        ServerId server = new ServerId(
                name, row.getObject("started_at", OffsetDateTime.class).toInstant());
        // A first answer replaces what is known, though it be lower: the server may have gone back to an older state.
        states.put(server, state(row));
        states.keySet().removeIf(other -> other.name().equals(name) && !other.equals(server));
        if (announced.add(name)) {
            serverSeen.accept(name, this::stalenessSeconds);
        }
        return server;
    }

    private static ReplicaState state(ResultSet row) throws SQLException {
        return new ReplicaState(Lsn.parse(row.getString("replayed")), row.getInt("timeline"), System.nanoTime());
    }

    /** Updates what is known of a server; false, and the connection closed, if it is no standby any more. */
    private boolean readPosition(Connection connection, ServerId server) throws SQLException {
        @Nullable ReplicaState state = ask(connection, POSITION, row -> row.getBoolean("standby") ? state(row) : null);
        if (state == null) {
            LOG.warn("{} in the read pool was promoted; it gets no reads", server.name());
            states.remove(server);
            pool.evict(connection);
            return false;
        }
        states.put(server, state);
        return true;
    }

    /** Reads the one row that a question gives. */
    @FunctionalInterface
    private interface RowReader<T> {
        @Nullable
        T read(ResultSet row) throws SQLException;
    }

    /** Asks a question that a server in good health answers at once. A connection on which it fails is not used again. */
    private static <T> @Nullable T ask(Connection connection, String question, RowReader<T> reader)
            throws SQLException {
        int patience = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, LIMIT_MILLIS);
        try (PreparedStatement statement = connection.prepareStatement(question);
                ResultSet row = statement.executeQuery()) {
            row.next();
            @Nullable T answer = reader.read(row);
            connection.setNetworkTimeout(Runnable::run, patience);
            return answer;
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
