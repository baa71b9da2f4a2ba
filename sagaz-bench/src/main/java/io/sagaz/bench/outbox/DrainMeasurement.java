package io.sagaz.bench.outbox;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Pools;
import io.sagaz.bench.load.TransactionOutboxes;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Words;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.SQLException;
import java.util.OptionalInt;

/** How many waiting events everybody publishes in a second, to a publisher that does nothing. */
final class DrainMeasurement {
    private static final String RELAY = "drain";
    /** db-scheduler has threads that look for work and for the dead besides. */
    private static final int CONNECTIONS_BESIDE_WORKERS = 4;

    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Stage stage;
    private final OutboxSizes.Draining sizes;
    private final Series<Drainer> rates = new Series<>();
    private final Backlog backlog = new Backlog();

    DrainMeasurement(Stage stage, OutboxSizes.Draining sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    Section measure() throws SQLException, InterruptedException {
        OutboxTables.empty(stage);
        try (Authors authors = new Authors(stage, Backlog.WRITERS);
                RoutingSagaStore store = Stores.open(stage, Backlog.WRITERS);
                HikariDataSource pool = Pools.open(stage.through(), sizes.workers() + CONNECTIONS_BESIDE_WORKERS)) {
            stage.progress().step("Emitting " + Words.count(sizes.events()) + " events to be drained");
            backlog.append(authors.of(Author.SAGAZ), sizes.events());
            OutboxTables.settle(stage);
            for (int round = 0; round < sizes.rounds().total(); round++) {
                for (Drainer drainer : Drainer.values()) {
                    stage.progress()
                            .step("Draining, round " + (round + 1) + " of "
                                    + sizes.rounds().total() + ": " + drainer.title());
                    double rate = rate(drainer, authors, store, pool);
                    if (round >= sizes.rounds().warmUps()) {
                        rates.add(drainer, rate);
                    }
                }
            }
        }
        OutboxTables.empty(stage);
        return new DrainSection(this, sizes).section();
    }

    private double rate(Drainer drainer, Authors authors, RoutingSagaStore store, HikariDataSource pool)
            throws SQLException, InterruptedException {
        int events = drainer.isPeer() ? sizes.eventsOfPeers() : sizes.events();
        fill(drainer, authors);
        stage.administer("CHECKPOINT");
        try (Drain drain = drain(drainer, store, pool)) {
            long begin = System.nanoTime();
            drain.start();
            Remainder left = () -> Math.max(0, events - drain.published().count());
            left.awaitNone();
            drain.settle();
            return events * NANOS_OF_A_SECOND / (System.nanoTime() - begin);
        } finally {
            OutboxTables.forget(stage, RELAY);
        }
    }

    /** What is Sagaz' own stays; each time a relay comes that knows none of it. */
    private void fill(Drainer drainer, Authors authors) throws SQLException, InterruptedException {
        switch (drainer) {
            case RELAY, LARGE_RELAY, SCAN -> {}
            case STATUS_TABLE -> fill(StatusTable.NAME, authors.of(Author.STATUS_TABLE));
            case DB_SCHEDULER -> fill(SchedulerTable.NAME, authors.of(Author.DB_SCHEDULER));
            case TRANSACTION_OUTBOX -> {
                fill(TransactionOutboxes.TABLE, authors.of(Author.TRANSACTION_OUTBOX));
                // As if the time had passed after which it looks at them again.
                stage.administer(
                        "UPDATE " + TransactionOutboxes.TABLE + " SET nextattempttime = now() - interval '2 days'",
                        "VACUUM FULL " + TransactionOutboxes.TABLE,
                        "ANALYZE " + TransactionOutboxes.TABLE);
            }
        }
    }

    private void fill(String table, Appender appender) throws SQLException, InterruptedException {
        stage.administer("TRUNCATE " + table);
        backlog.append(appender, sizes.eventsOfPeers());
        stage.administer("VACUUM (ANALYZE) " + table);
    }

    private Drain drain(Drainer drainer, RoutingSagaStore store, HikariDataSource pool) throws SQLException {
        return switch (drainer) {
            case RELAY -> RelayDrain.of(store.outboxLog(), RELAY, OptionalInt.empty(), RelayDrain.NO_BROKER);
            case LARGE_RELAY ->
                RelayDrain.of(store.outboxLog(), RELAY, OptionalInt.of(Drainer.LARGE_BATCH), RelayDrain.NO_BROKER);
            case SCAN -> new ScanDrain(stage);
            case STATUS_TABLE -> new StatusTableDrain(pool, sizes.workers());
            case TRANSACTION_OUTBOX -> new FlushDrain(stage, pool, sizes.workers());
            case DB_SCHEDULER -> new SchedulerDrain(stage, pool, sizes.workers());
        };
    }

    /** Events in a second. */
    Rounds rates(Drainer drainer) {
        return rates.of(drainer);
    }
}
