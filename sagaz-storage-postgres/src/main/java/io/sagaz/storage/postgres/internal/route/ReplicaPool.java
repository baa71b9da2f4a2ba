package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.RouteReason;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one read URL: to one replica, or to a pooler before several. Safe for threads. */
final class ReplicaPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaPool.class);
    /** How often all connections are looked at, and one is opened, to see whether one leads to a better server. */
    private static final long BETWEEN_SEARCHES = TimeUnit.SECONDS.toNanos(1);

    private final Pool pool;
    private final Breaker breaker = new Breaker();
    private volatile RouteReason whyResting = RouteReason.REPLICA_UNREACHABLE;
    private final AtomicLong searchedAtNanos = new AtomicLong(System.nanoTime() - BETWEEN_SEARCHES);

    ReplicaPool(Pool pool) {
        this.pool = pool;
    }

    /** The most connections that it may open. */
    int size() {
        return pool.size();
    }

    /** Whether this caller may try: see {@link Breaker}. */
    boolean admits(long now) {
        return breaker.admits(now);
    }

    /** Why callers are kept away, while they are. */
    RouteReason whyResting() {
        return whyResting;
    }

    /** Keeps callers away for a while. */
    void rest(RouteReason why) {
        whyResting = why;
        breaker.failed(System.nanoTime());
    }

    boolean isExhausted() {
        return pool.isExhausted();
    }

    Connection borrow() throws SQLException {
        try {
            Connection connection = pool.borrow();
            breaker.succeeded();
            return connection;
        } catch (SQLException e) {
            if (!pool.isExhausted() && !Thread.currentThread().isInterrupted()) {
                LOG.warn("No replica can be reached by pool {}: {}", pool.name(), e.getMessage());
                rest(RouteReason.REPLICA_UNREACHABLE);
            }
            throw e;
        }
    }

    boolean hasIdle() {
        return pool.hasIdle();
    }

    boolean isFull() {
        return pool.isFull();
    }

    /** Whether it is this caller's turn to look at all connections for servers that are not known yet: one's each second. */
    boolean takesTurnToSearch() {
        long last = searchedAtNanos.get();
        long now = System.nanoTime();
        return now - last >= BETWEEN_SEARCHES && searchedAtNanos.compareAndSet(last, now);
    }

    /** Gives a connection back, or closes it if it is of no more use. */
    void giveBack(Connection connection, boolean broken) {
        if (broken) {
            pool.evict(connection);
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("A connection could not be given back to the pool", e);
        }
    }

    /** Closes a connection and what a pooler has behind it, so that the next one may lead elsewhere. */
    void discard(Connection connection) {
        try {
            ReplicaProbe.beginTransaction(connection);
        } catch (SQLException e) {
            LOG.debug("A connection was lost before it was discarded", e);
        }
        giveBack(connection, true);
    }

    @Override
    public void close() {
        pool.close();
    }
}
