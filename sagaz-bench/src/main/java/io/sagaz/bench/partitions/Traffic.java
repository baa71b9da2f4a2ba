package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.WaitLog;
import io.sagaz.bench.measure.Waits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Services and a dashboard at work on {@link UpkeepSchema}: two writers of single rows and one whose transactions stay open
 * for a while, all through the pooler, and a reader with a transaction on a partition that stays. Thread-safe.
 *
 * <p>Each thread has a connection and a log of its own; {@link #stop()} waits for all of them before it reads the logs.
 */
final class Traffic implements AutoCloseable {
    static final int WRITERS = 2;
    static final Duration TRANSACTION = Duration.ofMillis(30);

    private static final Duration GOODBYE = Duration.ofSeconds(30);

    private static final String EVENT = "INSERT INTO " + UpkeepSchema.NAME
            + ".saga_outbox (topic, partition_key, event_type, payload) VALUES ('orders', '42', 'placed', '{\"order\": 42}')";
    private static final String SAGA =
            "INSERT INTO " + UpkeepSchema.NAME + ".saga_executions (saga_name, status) VALUES ('order', 'RUNNING')";

    /** A month that is kept and that nobody writes to. */
    private static final int MONTHS_BACK = 6;

    private final Duration renewal;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<Waits>> writers = new ArrayList<>();
    private final Future<?> reader;

    /** Starts everybody. */
    Traffic(Stage stage, Duration renewal) {
        this.renewal = renewal;
        for (int i = 0; i < WRITERS; i++) {
            writers.add(threads.submit(() -> writeRows(stage)));
        }
        writers.add(threads.submit(() -> writeTransactions(stage)));
        reader = threads.submit((Callable<Void>) () -> {
            read(stage);
            return null;
        });
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private Waits writeRows(Stage stage) throws SQLException {
        WaitLog log = new WaitLog();
        try (Connection connection = stage.service();
                PreparedStatement event = connection.prepareStatement(EVENT);
                PreparedStatement saga = connection.prepareStatement(SAGA)) {
            while (!isStopped()) {
                log.time(event::executeUpdate);
                log.time(saga::executeUpdate);
            }
        }
        return log.waits();
    }

    private Waits writeTransactions(Stage stage) throws SQLException, InterruptedException {
        WaitLog log = new WaitLog();
        try (Connection connection = stage.service();
                PreparedStatement event = connection.prepareStatement(EVENT);
                PreparedStatement saga = connection.prepareStatement(SAGA)) {
            connection.setAutoCommit(false);
            boolean over = false;
            while (!over) {
                log.time(event::executeUpdate);
                log.time(saga::executeUpdate);
                over = stopped.await(TRANSACTION.toMillis(), TimeUnit.MILLISECONDS);
                log.time(connection::commit);
            }
        }
        return log.waits();
    }

    private void read(Stage stage) throws SQLException, InterruptedException {
        LocalDate month = LocalDate.now(ZoneOffset.UTC).withDayOfMonth(1).minusMonths(MONTHS_BACK);
        String query = "SELECT count(*) FROM " + UpkeepSchema.NAME + ".saga_executions WHERE created_at >= '" + month
                + " 00:00:00+00' AND created_at < '" + month.plusMonths(1) + " 00:00:00+00'";
        try (Connection connection = stage.reader();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            boolean over = false;
            while (!over) {
                try (ResultSet row = statement.executeQuery(query)) {
                    row.next();
                }
                over = stopped.await(renewal.toMillis(), TimeUnit.MILLISECONDS);
                connection.commit();
            }
        }
    }

    /** Whether somebody has failed; {@link #stop()} says how. */
    boolean hasFailed() {
        return reader.isDone() || writers.stream().anyMatch(Future::isDone);
    }

    /** Ends everybody and gives what the writers have noted. */
    Waits stop() throws InterruptedException {
        stopped.countDown();
        threads.shutdown();
        try {
            reader.get();
            List<Waits> waits = new ArrayList<>();
            for (Future<Waits> writer : writers) {
                waits.add(writer.get());
            }
            return Waits.of(waits);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A writer or the reader failed beside the maintenance", e.getCause());
        }
    }

    /** Ends everybody, whatever they have noted. */
    @Override
    public void close() {
        stopped.countDown();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(GOODBYE.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
