package io.sagaz.bench.writes;

import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import io.sagaz.bench.load.Call;
import io.sagaz.bench.load.Order;
import io.sagaz.bench.load.TransactionOutboxes;
import io.sagaz.storage.SagaId;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * In one transaction the saga's row, written by hand into the table of Sagaz, and the event, scheduled with
 * transaction-outbox. What is scheduled is not carried out: that is a relay's work, and nobody's here.
 */
final class TransactionOutboxContender implements Contender {
    private final TransactionManager transactions;
    private final TransactionOutbox outbox;
    private final Stock stock;

    TransactionOutboxContender(DataSource pool, Stock stock) {
        this.stock = stock;
        transactions = TransactionManager.fromDataSource(pool);
        outbox = TransactionOutboxes.idle(transactions);
    }

    @Override
    public Call caller(Workload workload) {
        return switch (workload) {
            case NEW_SAGA ->
                () -> {
                    SagaId id = SagaId.next();
                    inTransaction(id, rows -> rows.saga(id));
                    return true;
                };
            case STEP ->
                new StepCall(
                        stock,
                        turn -> inTransaction(turn.id(), rows -> rows.change(turn.id(), turn.version(), "RUNNING")));
            case WHOLE, UNENDED -> throw new IllegalArgumentException("Not compared: " + workload);
        };
    }

    /** Writes a row. */
    private interface Work {
        void write(Rows rows) throws SQLException;
    }

    private void inTransaction(SagaId id, Work work) throws SQLException {
        transactions.inTransactionThrows(transaction -> {
            work.write(new Rows(transaction.connection()));
            outbox.schedule(TransactionOutboxes.Publisher.class)
                    .publish(Order.TOPIC, id.toString(), "changed", Order.EVENT);
        });
    }
}
