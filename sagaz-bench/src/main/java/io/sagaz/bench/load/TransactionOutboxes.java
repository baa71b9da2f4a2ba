package io.sagaz.bench.load;

import com.gruelbox.transactionoutbox.DefaultPersistor;
import com.gruelbox.transactionoutbox.Dialect;
import com.gruelbox.transactionoutbox.Instantiator;
import com.gruelbox.transactionoutbox.Submitter;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import javax.sql.DataSource;

/** Sets transaction-outbox up, the same for all. */
public final class TransactionOutboxes {
    /** Where it keeps what is scheduled. */
    public static final String TABLE = "txno_outbox";

    private TransactionOutboxes() {}

    /** What is scheduled. */
    @FunctionalInterface
    public interface Publisher {
        /** Publishes an event. */
        void publish(String topic, String key, String type, String payload);
    }

    /** Makes its tables; the pool is the owner's. */
    public static void migrate(DataSource owner) {
        var unused = build(
                TransactionManager.fromDataSource(owner),
                (entry, execution) -> {},
                Instantiator.usingReflection(),
                true);
    }

    /**
     * One whose tables are there and that carries nothing out: what is scheduled stays where it is.
     *
     * @param transactions within which it schedules
     */
    public static TransactionOutbox idle(TransactionManager transactions) {
        return build(
                transactions,
                (entry, execution) -> {},
                Instantiator.using(type -> {
                    throw new IllegalStateException("Nothing is carried out here, not even " + type);
                }),
                false);
    }

    /** One whose tables are there and that has a publisher carry out what was scheduled. */
    public static TransactionOutbox of(TransactionManager transactions, Submitter submitter, Publisher publisher) {
        return build(transactions, submitter, Instantiator.using(type -> publisher), false);
    }

    private static TransactionOutbox build(
            TransactionManager transactions, Submitter submitter, Instantiator instantiator, boolean migrate) {
        return TransactionOutbox.builder()
                .transactionManager(transactions)
                .persistor(DefaultPersistor.builder()
                        .dialect(Dialect.POSTGRESQL_9)
                        .migrate(migrate)
                        .build())
                .instantiator(instantiator)
                .submitter(submitter)
                .build();
    }
}
