package io.sagaz.bench.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;

/** Workers of a {@link StatusTable}. Each claims some, publishes one after another, and marks each when that is done. */
final class StatusTableDrain implements Drain {
    private static final Duration GOODBYE = Duration.ofMinutes(1);
    /** When nothing waits. */
    private static final long PAUSE_MILLIS = 5;

    private final DataSource pool;
    private final int workers;
    private final ExecutorService threads;
    private final Published published = new Published();
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stopped;

    /** So many workers, each with a connection of the pool. */
    StatusTableDrain(DataSource pool, int workers) {
        this.pool = pool;
        this.workers = workers;
        threads = Executors.newFixedThreadPool(workers);
    }

    @Override
    public void start() {
        for (int i = 0; i < workers; i++) {
            String name = "worker-" + i;
            running.add(threads.submit((Callable<Void>) () -> {
                work(name);
                return null;
            }));
        }
    }

    private void work(String name) throws SQLException, InterruptedException {
        try (Connection connection = pool.getConnection()) {
            while (!stopped) {
                List<UUID> claimed = StatusTable.claim(connection, name);
                for (UUID event : claimed) {
                    StatusTable.finish(connection, event);
                    published.add(1);
                }
                if (claimed.isEmpty()) {
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        }
    }

    @Override
    public Published published() {
        return published;
    }

    /** Waits for the workers, and tells whether one has failed. */
    @Override
    public void close() {
        stopped = true;
        threads.shutdown();
        try {
            for (Future<?> one : running) {
                one.get(GOODBYE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("A worker failed", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("A worker has not come back after " + GOODBYE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            threads.shutdownNow();
        }
    }
}
