package io.sagaz.storage.postgres.internal.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.StoreHealth;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of connections. Safe for threads; closed by the store. */
public final class Pool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

    private final Connections connections;
    private final HikariDataSource hikari;

    private Pool(Connections connections, HikariConfig config) {
        this.connections = connections;
        config.setDataSource(connections);
        this.hikari = new HikariDataSource(config);
    }

    /**
     * A pool for the primary: all its connections are kept open, for an idle one costs a pooler nothing.
     *
     * @param isolation what transactions of this role have anyway, for example "read committed"
     */
    public static Pool forWrites(PoolConfig config, String isolation, MeterRegistry registry) {
        String name = "sagaz-rw";
        HikariConfig hikari = common(name, config, isolation, Duration.ofSeconds(5), registry);
        return new Pool(new Connections(config, name), hikari);
    }

    /**
     * A pool for the replicas: behind session pooling each idle connection holds one of the server's, so they are few
     * and let go soon.
     */
    public static Pool forReads(PoolConfig config, String name, MeterRegistry registry) {
        HikariConfig hikari = common(name, config, "read committed", Duration.ofMillis(500), registry);
        hikari.setMinimumIdle(1);
        hikari.setIdleTimeout(Duration.ofMinutes(1).toMillis());
        hikari.setReadOnly(true);
        // Statistics touch every partition of their span. The server would compile such a plan anew each time, which
        // takes longer
        // than to run it.
        hikari.setConnectionInitSql("SET jit = off");
        return new Pool(new Connections(config, name), hikari);
    }

    private static HikariConfig common(
            String name, PoolConfig config, String isolation, Duration defaultTimeout, MeterRegistry registry) {
        long timeout = config.connectionTimeout().orElse(defaultTimeout).toMillis();
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setMaximumPoolSize(config.maximumSize());
        hikari.setConnectionTimeout(timeout);
        hikari.setValidationTimeout(Math.min(timeout, 5_000));
        // The pool asks its first connection. If that one is lost in this moment, it would set "unknown" on every later
        // one,
        // in vain and for ever.
        hikari.setTransactionIsolation(
                "TRANSACTION_" + isolation.toUpperCase(Locale.ROOT).replace(' ', '_'));
        // A store starts while a replica is down, and lives through an outage of either side.
        hikari.setInitializationFailTimeout(-1);
        hikari.setExceptionOverride(new EvictReadOnlyServers());
        hikari.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
        return hikari;
    }

    /** Borrows a connection in autocommit. */
    public Connection borrow() throws SQLException {
        try {
            return hikari.getConnection();
        } catch (SQLException e) {
            throw explained(e);
        }
    }

    /** HikariCP knows no reason, for it still waits for a connection: we do, if none can be opened. */
    private SQLException explained(SQLException e) {
        return connections
                .failure()
                .<SQLException>map(
                        reason -> new SQLTransientConnectionException(e.getMessage(), SqlStates.of(reason), reason))
                .orElse(e);
    }

    /** Borrows a connection, or says what the pool looks like if there is none in time. */
    public Connection borrow(String doing) {
        try {
            return borrow();
        } catch (SQLException e) {
            if (hikari.isClosed()) {
                throw new PermanentStoreException("The store is closed; " + doing + " was not sent", e);
            }
            throw new TransientStoreException(
                    doing + " got no connection from pool " + name() + " within " + hikari.getConnectionTimeout()
                            + " ms (" + state() + "); nothing was sent",
                    e);
        }
    }

    /** Gives a connection back when what was done on it has its outcome: that the pool may not take it is no failure. */
    void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("{} could not take a connection back, and drops it", name(), e);
        }
    }

    /** Its name in logs and meters. */
    public String name() {
        return hikari.getPoolName();
    }

    /** The most connections that it may open. */
    public int size() {
        return hikari.getMaximumPoolSize();
    }

    /** Whether it may open no more connections. */
    public boolean isFull() {
        return hikari.getHikariPoolMXBean().getTotalConnections() >= hikari.getMaximumPoolSize();
    }

    /** Whether a connection can be had without opening one or waiting. */
    public boolean hasIdle() {
        return hikari.getHikariPoolMXBean().getIdleConnections() > 0;
    }

    /**
     * Whether there are connections but none is left: nobody is to blame but the number of callers, of whom there may be more than
     * connections can be opened in time. One that is idle while others wait is on its way to one of them.
     */
    public boolean isExhausted() {
        var bean = hikari.getHikariPoolMXBean();
        boolean allInUse = bean.getActiveConnections() > 0 && bean.getIdleConnections() == 0;
        boolean others = bean.getTotalConnections() > 0 && bean.getThreadsAwaitingConnection() > 0;
        return allInUse || others;
    }

    /** Closes the connection for good instead of giving it back; with settings of its own it cannot be given back afterwards. */
    public void evict(Connection connection) {
        hikari.evictConnection(connection);
    }

    /** How it is used now. */
    public StoreHealth.PoolUse use() {
        var bean = hikari.getHikariPoolMXBean();
        return new StoreHealth.PoolUse(
                name(),
                bean.getTotalConnections(),
                bean.getActiveConnections(),
                bean.getThreadsAwaitingConnection(),
                hikari.getMaximumPoolSize());
    }

    private String state() {
        var bean = hikari.getHikariPoolMXBean();
        return "open " + bean.getTotalConnections() + " of " + hikari.getMaximumPoolSize() + ", in use "
                + bean.getActiveConnections() + ", idle " + bean.getIdleConnections() + ", waiting "
                + bean.getThreadsAwaitingConnection();
    }

    @Override
    public void close() {
        connections.close();
        hikari.close();
    }

    /** A server that refuses writes stays so for every later caller, though a test query succeeds on it. */
    private static final class EvictReadOnlyServers implements SQLExceptionOverride {
        @java.lang.Override
        public SQLExceptionOverride.Override adjudicate(SQLException e) {
            return SqlStates.of(e).equals(SqlStates.READ_ONLY_TRANSACTION)
                    ? SQLExceptionOverride.Override.MUST_EVICT
                    : SQLExceptionOverride.Override.CONTINUE_EVICT;
        }
    }
}
