package io.sagaz.bench.outbox;

import com.gruelbox.transactionoutbox.Submitter;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.TransactionOutboxes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** transaction-outbox, flushed again and again: it looks for what is due and hands it to its workers. */
final class FlushDrain implements Drain {
    private static final Duration GOODBYE = Duration.ofMinutes(1);
    private static final long PAUSE_MILLIS = 5;

    private final Stage stage;
    private final ExecutorService flusher = Executors.newSingleThreadExecutor();
    private final ExecutorService workers;
    private final TransactionOutbox outbox;
    private final Published published = new Published();
    private volatile boolean stopped;

    /** So many workers, with the connections of the pool. */
    FlushDrain(Stage stage, DataSource pool, int workers) {
        this.stage = stage;
        this.workers = Executors.newFixedThreadPool(workers);
        outbox = TransactionOutboxes.of(
                TransactionManager.fromDataSource(pool),
                Submitter.withExecutor(this.workers),
                (topic, key, type, payload) -> published.add(1));
    }

    @Override
    public void start() {
        flusher.execute(() -> {
            try {
                while (!stopped) {
                    if (!outbox.flush()) {
                        Thread.sleep(PAUSE_MILLIS);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public Published published() {
        return published;
    }

    @Override
    public void settle() throws SQLException {
        OutboxTables.rows(stage, TransactionOutboxes.TABLE).awaitNone();
    }

    @Override
    public void close() {
        stopped = true;
        flusher.shutdown();
        workers.shutdown();
        try {
            if (!flusher.awaitTermination(GOODBYE.toSeconds(), TimeUnit.SECONDS)
                    || !workers.awaitTermination(GOODBYE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("transaction-outbox has not ended after " + GOODBYE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
