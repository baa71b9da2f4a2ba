package io.sagaz.bench.outbox;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers that append without a pause and somebody who publishes it, both as fast as they can; the writers wait while too much is
 * waiting, so that what is published is what the whole can bear. Runs from its making until it is closed.
 */
final class Saturation implements AutoCloseable {
    private static final Duration GOODBYE = Duration.ofMinutes(1);
    private static final long PAUSE_NANOS = 500_000;
    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Appender appender;
    private final Drain drain;
    private final OutboxSizes.Held sizes;
    private final AtomicLong appended = new AtomicLong();
    private final ExecutorService threads;
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stopped;

    /** Starts everybody. The drain is closed with this. */
    Saturation(Appender appender, Drain drain, OutboxSizes.Held sizes) throws SQLException {
        this.appender = appender;
        this.drain = drain;
        this.sizes = sizes;
        threads = Executors.newFixedThreadPool(sizes.writers());
        drain.start();
        for (int i = 0; i < sizes.writers(); i++) {
            running.add(threads.submit((Callable<Void>) () -> {
                append();
                return null;
            }));
        }
    }

    /** Waits until something is published. */
    void awaitFirst() throws SQLException {
        Remainder none = () -> drain.published().count() == 0 ? 1 : 0;
        none.awaitNone();
    }

    private void append() throws SQLException {
        while (!stopped) {
            if (appended.get() - drain.published().count() >= sizes.waiting()) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                appender.append(appended.getAndAdd(sizes.each()), sizes.each());
            }
        }
    }

    /** What is published in a second, during so long. */
    double rate(Duration length) throws InterruptedException {
        long begin = System.nanoTime();
        long before = drain.published().count();
        Thread.sleep(length.toMillis());
        return (drain.published().count() - before) * NANOS_OF_A_SECOND / (System.nanoTime() - begin);
    }

    @Override
    public void close() throws SQLException {
        stopped = true;
        threads.shutdown();
        try {
            for (Future<?> one : running) {
                one.get(GOODBYE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("A writer failed", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("A writer has not come back after " + GOODBYE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            threads.shutdownNow();
            drain.close();
        }
    }
}
