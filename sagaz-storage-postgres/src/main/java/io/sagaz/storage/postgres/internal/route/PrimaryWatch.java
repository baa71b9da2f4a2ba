package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.internal.jdbc.CommitPosition;
import io.sagaz.storage.postgres.internal.jdbc.DriverDefaults;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples the primary into a {@link SampleRing}, one sample at a time, on a connection of its own: a write pool that is
 * all taken must not make replicas look stale. Safe for threads.
 *
 * <p>A lock keeps samples in the order in which they were sent; a caller that finds it taken waits for that sample
 * instead of sending another.
 */
public final class PrimaryWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PrimaryWatch.class);
    private static final long PAUSE_AFTER_FAILURE = 1_000_000_000L;
    private static final long PAUSE_BETWEEN_NUDGES = 2_000_000_000L;

    /** The snapshot is taken before the positions are read: that order is what the bound rests on. */
    private static final String SAMPLE = """
            SELECT pg_is_in_recovery() AS standby,
                   pg_current_snapshot()::text AS snapshot,
                   CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn()::text END AS inserted,
                   CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn()::text END AS flushed,
                   CASE WHEN NOT pg_is_in_recovery()
                        THEN substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END AS timeline,
                   (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
                   coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0) AS server,
                   (SELECT pid || ' since ' || backend_start FROM pg_stat_get_activity(pg_backend_pid())) AS backend,
                   extract(epoch FROM current_setting('wal_writer_delay')::interval)::float8 AS wal_writer_delay
            """;

    /**
     * An asynchronous commit reaches the disk after three rounds of the WAL writer at most.
     *
     * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">PostgreSQL: asynchronous commit</a>
     */
    private static final double WAL_WRITER_ROUNDS = 3;

    /** How long a sample may take, and how long a reader waits for the sample of another. */
    private static final int LIMIT_MILLIS = 2_000;

    /** A commit, which makes the primary flush all that was inserted before it; it writes about a hundred bytes. */
    private static final String NUDGE = "SELECT pg_logical_emit_message(true, 'sagaz.nudge', '')";

    private final PoolConfig config;
    private final WalGeometry wal;
    private final SampleRing ring = new SampleRing();
    private final ReentrantLock sampling = new ReentrantLock();

    // All guarded by the lock.
    private @Nullable Connection connection;
    private @Nullable Long failedAtNanos;
    private @Nullable Long nudgedAtNanos;
    private boolean closed;

    private volatile long systemIdentifier;
    private volatile String server;
    private volatile boolean down;

    /**
     * Watches the primary behind a URL.
     *
     * @param systemIdentifier of its cluster at the start: a server of another one is no replica of it
     * @param server what the primary called itself at the start
     */
    public PrimaryWatch(PoolConfig config, WalGeometry wal, long systemIdentifier, String server) {
        this.config = config;
        this.wal = wal;
        this.systemIdentifier = systemIdentifier;
        this.server = server;
    }

    SampleRing ring() {
        return ring;
    }

    /** Of the cluster of the primary as it was sampled last. */
    long systemIdentifier() {
        return systemIdentifier;
    }

    /** A token of all that was acknowledged before this call; empty if the primary cannot be asked. */
    Optional<CausalToken> token() {
        return tokenSince(System.nanoTime());
    }

    /** A token of all that was acknowledged, or could be seen on the primary, before this time. */
    Optional<CausalToken> tokenSince(long nanos) {
        return sampledSince(nanos) ? ring.token() : Optional.empty();
    }

    /** The same, if a sample tells it that was taken anyway. */
    Optional<CausalToken> knownSince(long nanos) {
        return isSampledSince(nanos) ? ring.token() : Optional.empty();
    }

    /** A token of a position that the primary told after a commit. */
    public CausalToken token(CommitPosition position) {
        return new History(position.systemIdentifier(), Integer.parseInt(position.timeline(), 16))
                .token(Lsn.endOfLastRecord(Lsn.parse(position.inserted()), wal));
    }

    /** Whether a token is known to be of another database or of a history that was left. Asks only if nothing was ever heard. */
    boolean isGivenUp(CausalToken token) {
        refreshIfOlderThan(Long.MAX_VALUE - 1);
        PrimarySample newest = ring.newest();
        return token.systemIdentifier() != systemIdentifier
                || (newest != null && token.timeline() < newest.history().timeline());
    }

    /**
     * Whether a token is of nothing that the primary holds. Asks the primary if the newest sample does not reach the token; one
     * that cannot be asked does not speak against it.
     */
    boolean speaksAgainst(CausalToken token) {
        return isGivenUp(token)
                || (!holds(ring.newest(), token) && sampledSince(System.nanoTime()) && !holds(ring.newest(), token));
    }

    private static boolean holds(@Nullable PrimarySample sample, CausalToken token) {
        return sample != null
                && sample.history().has(token)
                && Long.compareUnsigned(token.position(), sample.insertEnd()) <= 0;
    }

    /** Samples the primary unless there is a sample that was sent since; false if it cannot be asked. */
    boolean sampledSince(long nanos) {
        if (!isSampledSince(nanos) && tryLock()) {
            try {
                if (!isSampledSince(nanos) && !isResting(failedAtNanos, PAUSE_AFTER_FAILURE, System.nanoTime())) {
                    sample();
                }
            } finally {
                sampling.unlock();
            }
        }
        return isSampledSince(nanos);
    }

    private boolean isSampledSince(long nanos) {
        PrimarySample newest = ring.newest();
        return newest != null && newest.sentNanos() - nanos >= 0;
    }

    /** Whether the primary could not be asked when it was tried last. */
    boolean isDown() {
        return down;
    }

    /** The primary as it called itself last. */
    public String server() {
        return server;
    }

    /** How old the newest sample is, in nanoseconds; the largest number if there is none. */
    public long sampleAge(long now) {
        PrimarySample newest = ring.newest();
        return newest == null ? Long.MAX_VALUE : now - newest.sentNanos();
    }

    /** Samples the primary unless the newest sample is at most so old, or the last attempt failed a moment ago. */
    public void refreshIfOlderThan(long nanos) {
        if (sampleAge(System.nanoTime()) <= nanos) {
            return;
        }
        if (!tryLock()) {
            return;
        }
        try {
            long now = System.nanoTime();
            if (sampleAge(now) > nanos && !isResting(failedAtNanos, PAUSE_AFTER_FAILURE, now)) {
                sample();
            }
        } finally {
            sampling.unlock();
        }
    }

    /** Makes a quiet primary flush its log, if that is what keeps a replica at {@code position} from looking fresh. */
    void nudgeIfWaitingForFlush(long position) {
        if (!ring.isWaitingForFlush(position, wal.blockSize())) {
            return;
        }
        if (!sampling.tryLock()) {
            return; // Whoever reads need not wait for that.
        }
        try {
            long now = System.nanoTime();
            if (!isResting(nudgedAtNanos, PAUSE_BETWEEN_NUDGES, now)
                    && !isResting(failedAtNanos, PAUSE_AFTER_FAILURE, now)) {
                nudgedAtNanos = now;
                execute(NUDGE);
            }
        } finally {
            sampling.unlock();
        }
    }

    private boolean tryLock() {
        try {
            return sampling.tryLock(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isResting(@Nullable Long sinceNanos, long pause, long now) {
        return sinceNanos != null && now - sinceNanos < pause;
    }

    private void sample() {
        boolean reused = connection != null;
        try {
            ask();
        } catch (SQLException e) {
            if (!reused || closed || !SqlStates.isConnectionLost(e)) {
                failed(e);
                return;
            }
            // It may have been dead for long, closed by a server that has started again since.
            disconnect();
            try {
                ask();
            } catch (SQLException again) {
                failed(again);
            }
        }
    }

    private void ask() throws SQLException {
        long sentNanos = System.nanoTime();
        try (PreparedStatement statement = connection().prepareStatement(SAMPLE);
                ResultSet row = statement.executeQuery()) {
            long answeredNanos = System.nanoTime();
            row.next();
            failedAtNanos = null;
            down = false;
            if (row.getBoolean("standby")) {
                LOG.warn(
                        "The write URL leads to {}, which is a standby: no read goes to a replica",
                        row.getString("server"));
                ring.clear();
                disconnect();
                failedAtNanos = System.nanoTime();
                return;
            }
            server = row.getString("server");
            History history =
                    new History(row.getLong("system_identifier"), Integer.parseInt(row.getString("timeline"), 16));
            noteCluster(history.systemIdentifier());
            ring.add(new PrimarySample(
                    sentNanos,
                    answeredNanos,
                    server,
                    history,
                    row.getString("snapshot"),
                    Lsn.endOfLastRecord(Lsn.parse(row.getString("inserted")), wal),
                    Lsn.parse(row.getString("flushed")),
                    row.getString("backend"),
                    (long) (WAL_WRITER_ROUNDS * row.getDouble("wal_writer_delay") * 1e9)));
        }
    }

    /** A database may be moved to a cluster of its own, for another major version of PostgreSQL: replicas of the former are none of it. */
    private void noteCluster(long now) {
        if (now != systemIdentifier) {
            LOG.warn(
                    "The write URL leads to {} of cluster {} instead of {}: replicas of the former get no reads any more",
                    server,
                    now,
                    systemIdentifier);
            ring.clear();
            systemIdentifier = now;
        }
    }

    private void execute(String sql) {
        try (PreparedStatement statement = connection().prepareStatement(sql)) {
            statement.execute();
        } catch (SQLException e) {
            failed(e);
        }
    }

    private void failed(SQLException e) {
        if (!closed) {
            LOG.warn(
                    "The primary could not be asked how far its log is; the bounds of the replicas grow until it can be: {}",
                    e.getMessage());
        }
        ring.interrupt();
        down = true;
        failedAtNanos = System.nanoTime();
        disconnect();
    }

    private Connection connection() throws SQLException {
        if (closed) {
            throw new SQLException("The store is closed", "08003");
        }
        if (connection == null) {
            Properties properties = new Properties();
            properties.putAll(DriverDefaults.of(config.url(), "sagaz-watch"));
            properties.put("user", config.user());
            properties.put("password", config.password());
            connection = DriverManager.getConnection(config.url(), properties);
            // Reads wait for a sample: one that does not come soon is worth less than the primary's own answer. What
            // the
            // URL says of it is meant for writes.
            connection.setNetworkTimeout(Runnable::run, LIMIT_MILLIS);
            // From here on the primary may be another, or the same one after a crash.
            ring.interrupt();
        }
        return connection;
    }

    private void disconnect() {
        Connection old = connection;
        connection = null;
        if (old != null) {
            try {
                old.close();
            } catch (SQLException e) {
                LOG.debug("Closing a broken connection failed", e);
            }
        }
    }

    @Override
    public void close() {
        sampling.lock();
        try {
            closed = true;
            disconnect();
        } finally {
            sampling.unlock();
        }
    }
}
