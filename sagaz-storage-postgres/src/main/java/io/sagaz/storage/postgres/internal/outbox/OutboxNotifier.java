package io.sagaz.storage.postgres.internal.outbox;

import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.internal.jdbc.DriverDefaults;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other processes that there are new events, and hears of theirs. What is lost with a connection is not told again: whoever
 * listens looks by itself from time to time. Two threads; safe for threads.
 */
public final class OutboxNotifier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxNotifier.class);
    /** Of all that happens within it there is one notification. */
    private static final long SPACING_MILLIS = 5;

    private static final int LISTEN_MILLIS = 500;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1_000;

    private final PoolConfig way;
    private final String channel;
    private final Semaphore toTell = new Semaphore(0);
    private final Semaphore ended = new Semaphore(0);
    private volatile boolean closed;
    private List<Thread> threads = List.of();

    /**
     * Notifications on a channel.
     *
     * @param way to the primary, past any pooler in transaction mode
     */
    public OutboxNotifier(PoolConfig way, String channel) {
        this.way = way;
        this.channel = channel;
    }

    void start(Runnable heard) {
        threads = List.of(
                thread("sagaz-notify", () -> repeat(this::tell)),
                thread("sagaz-listen", () -> repeat(connection -> listen(connection, heard))));
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Has the others told, soon. */
    void send() {
        if (toTell.availablePermits() == 0) {
            toTell.release();
        }
    }

    /** What is done on a connection, until it is lost or this is closed. */
    @FunctionalInterface
    private interface Work {
        void run(Connection connection) throws SQLException, InterruptedException;
    }

    private void repeat(Work work) {
        try {
            while (!closed) {
                try (Connection connection = connect()) {
                    work.run(connection);
                } catch (SQLException e) {
                    if (!closed) {
                        LOG.warn("Notifications of events pause, relays look by themselves: {}", e.getMessage());
                        ended.tryAcquire(PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.putAll(DriverDefaults.of(way.url(), "sagaz-notify"));
        properties.put("user", way.user());
        properties.put("password", way.password());
        return DriverManager.getConnection(way.url(), properties);
    }

    private void tell(Connection connection) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            while (!closed) {
                toTell.acquire();
                toTell.drainPermits();
                statement.execute("NOTIFY " + channel);
                ended.tryAcquire(SPACING_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void listen(Connection connection, Runnable heard) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + channel);
            // What came before it listened it has not heard of.
            heard.run();
            PGConnection driver = connection.unwrap(PGConnection.class);
            while (!closed) {
                if (driver.getNotifications(LISTEN_MILLIS).length > 0) {
                    heard.run();
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        ended.release(threads.size());
        threads.forEach(Thread::interrupt);
    }
}
