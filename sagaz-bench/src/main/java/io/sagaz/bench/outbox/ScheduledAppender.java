package io.sagaz.bench.outbox;

import com.gruelbox.transactionoutbox.ThreadLocalContextTransactionManager;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import io.sagaz.bench.load.TransactionOutboxes;
import javax.sql.DataSource;

/** Schedules events with transaction-outbox, which writes them in one batch before the commit. */
final class ScheduledAppender implements Appender {
    private final ThreadLocalContextTransactionManager transactions;
    private final TransactionOutbox outbox;

    ScheduledAppender(DataSource pool) {
        transactions = TransactionManager.fromDataSource(pool);
        outbox = TransactionOutboxes.idle(transactions);
    }

    @Override
    public void append(long first, int events) {
        transactions.inTransaction(() -> {
            for (long number = first; number < first + events; number++) {
                outbox.schedule(TransactionOutboxes.Publisher.class)
                        .publish(Events.TOPIC, Events.key(number), Events.TYPE, Events.payload(number));
            }
        });
    }
}
