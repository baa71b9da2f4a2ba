package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.postgres.internal.jdbc.StoreErrors;
import java.sql.SQLException;
import java.util.function.Consumer;

/**
 * Shows what is read to a consumer, one by one. Once something was shown, an exception leaves as {@link
 * InterruptedDelivery}. For one thread and one attempt.
 */
final class Delivery<T> {
    private final String operation;
    private final Consumer<? super T> consumer;
    private long shown;

    Delivery(String operation, Consumer<? super T> consumer) {
        this.operation = operation;
        this.consumer = consumer;
    }

    void show(T value) {
        shown++;
        try {
            consumer.accept(value);
        } catch (Throwable thrown) {
            throw new InterruptedDelivery(thrown);
        }
    }

    /** Does the work that shows things, and says how many those were. */
    long during(ReadOnlyTransaction.Work work) throws SQLException {
        try {
            work.run();
            return shown;
        } catch (SQLException e) {
            if (shown == 0) {
                throw e;
            }
            throw new InterruptedDelivery(StoreErrors.reading(
                    operation + ", when it had shown " + shown + " sagas and will not show them again,", e));
        }
    }
}
