package io.sagaz.storage.postgres;

import io.sagaz.storage.SagaWrites;
import java.sql.Connection;

/**
 * A transaction on the primary that sagas, events and the caller's own rows share.
 *
 * <p>Lives as long as the {@link TransactionWork} it is given to; for one thread.
 */
public interface StoreTransaction extends SagaWrites {
    /**
     * The connection of this transaction, for the caller's own SQL. Whoever has begun the transaction, the store as a rule,
     * commits, rolls back and closes it: a caller that tries gets an {@link IllegalStateException}. Behind transaction pooling no session state may be set on it: use {@code SET LOCAL}.
     */
    Connection connection();
}
