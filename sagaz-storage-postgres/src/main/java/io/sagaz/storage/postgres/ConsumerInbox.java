package io.sagaz.storage.postgres;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.jdbc.JoinedConnection;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.SqlInbox;
import java.sql.Connection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of one consumer: brokers deliver an event at least once, and its handler has its effect exactly once.
 *
 * <p>That an event was handled is a row of {@code consumer_inbox}, inserted in the transaction of its handler: both are committed
 * or neither is. A delivery whose event is there already is a {@link InboxResult.Duplicate}, which is no error and leaves the
 * transaction as it was. Consumers are told apart by their names: each handles an event once. Instances of one consumer share its
 * name; when the same event is delivered to several of them at once, one handles it, and the others wait for its end. They see a
 * duplicate then, or handle the event if the first one was rolled back.
 *
 * <p><b>The window.</b> An event is recognised for as long as its row is kept: 90 days from when it was handled, unless {@code
 * partition_settings} says otherwise for {@code consumer_inbox}. A later delivery of an event whose identifier carries its time
 * (UUID version 7, as those of the outbox) is refused, because nobody can tell whether it was handled: see {@link
 * InboxDelivery#evenIfOld()}. One with an identifier of another kind would be handled again.
 *
 * <p>Made by {@link RoutingSagaStore#inbox}. Safe for threads; ends with its store.
 *
 * <pre>{@code
 * ConsumerInbox inbox = store.inbox("billing");
 * InboxResult result = inbox.process(InboxDelivery.of(eventId).topic("orders").type("OrderPlaced"), tx -> {
 *     charge(tx.connection(), order);
 *     tx.emit(List.of(OutboxEvent.to("payments").key(order).json(paid)));
 *     return Optional.empty();
 * });
 * }</pre>
 */
public final class ConsumerInbox {
    private static final String DOING = "ConsumerInbox.process";

    private final RoutingSagaStore store;
    private final String consumer;
    private final SqlInbox sql;
    private final StoreMeters meters;

    ConsumerInbox(RoutingSagaStore store, String consumer, SqlInbox sql, StoreMeters meters) {
        this.store = store;
        this.consumer = consumer;
        this.sql = sql;
        this.meters = meters;
    }

    /** Whose inbox it is. */
    public String consumer() {
        return consumer;
    }

    /**
     * Handles an event in a transaction of the store, as {@link RoutingSagaStore#inTransaction} does: the handler's SQL, its
     * changes of sagas, its events and the row of the inbox are one commit. Beside what the handler does and the commit, it takes
     * one round trip, and one more if the handler gives a result.
     *
     * <p>Whoever gets an exception may have the event delivered again: if it was handled after all, that is a duplicate. After a
     * wait of four fifths of {@link RoutingSagaStore.Builder#writeTimeout} for another delivery of the same event it throws a
     * {@link TransientStoreException}.
     *
     * @param handler called once, if the event was not handled before
     * @return what the handler gave back, or that the event was handled before
     * @throws X if the handler throws it; everything is rolled back
     * @throws IllegalArgumentException if an argument is null, or a payload or result is no JSON or too large for {@link
     *     SizeLimits#documentBytes()}
     * @throws PermanentStoreException if the event is older than the inbox remembers
     * @throws StoreException if it failed in another way; its kind says what to do
     */
    public <X extends Exception> InboxResult process(InboxDelivery delivery, InboxHandler<X> handler) throws X {
        SqlInbox.Checked checked = sql.check(Arguments.present("delivery", delivery));
        Arguments.present("handler", handler);
        AtomicReference<InboxResult.@Nullable Duplicate> known = new AtomicReference<>();
        long begin = System.nanoTime();
        InboxResult result;
        try {
            result = store.inMarkedTransaction((transaction, marks) -> {
                Optional<InboxResult.Duplicate> before = sql.receive(transaction.connection(), checked, marks);
                if (before.isPresent()) {
                    known.set(before.get());
                    return before.get();
                }
                Optional<String> given = Arguments.present("the result of handler", handler.handle(transaction));
                sql.keep(transaction.connection(), delivery, given);
                return new InboxResult.Processed(given);
            });
        } catch (CommitOutcomeUnknownException e) {
            InboxResult.@Nullable Duplicate duplicate = known.get();
            if (duplicate == null) {
                throw e;
            }
            result = duplicate; // The transaction has written nothing, and what it has read was committed.
        }
        meters.received(consumer, delivery.type(), result, System.nanoTime() - begin);
        return result;
    }

    /**
     * Handles an event in the caller's own transaction, which the caller commits or rolls back; the connection is as {@link
     * RoutingSagaStore#join} takes it. A duplicate leaves the transaction as it was.
     *
     * <p>The row of the inbox and what the handler does stand behind a savepoint. If the handler throws, both are undone and the
     * transaction can be gone on with: also a caller who swallows the exception and commits leaves no row of a handler that
     * failed. Beside what the handler does, it takes two round trips.
     *
     * <p>An event counts as handled when the caller commits. Whoever handles several in one transaction does so in one order
     * everywhere, for example that of their identifiers: two who wait for each other are a {@link TransientStoreException}. In
     * {@code REPEATABLE READ} and above, so is a duplicate that was committed after the transaction began.
     *
     * @param connection in a transaction: not in autocommit
     * @param handler called once, if the event was not handled before
     * @return what the handler gave back, or that the event was handled before
     * @throws X if the handler throws it
     * @throws IllegalArgumentException if an argument is null or the connection leads to another driver, or a payload or result is no
     *     JSON or too large for {@link SizeLimits#documentBytes()}
     * @throws IllegalStateException if the connection is in autocommit, or its transaction has failed before
     * @throws PermanentStoreException if the event is older than the inbox remembers, which leaves the transaction as it was
     * @throws StoreException if it failed in another way; its kind says what to do, and the transaction can only be rolled back
     */
    public <X extends Exception> InboxResult process(
            Connection connection, InboxDelivery delivery, InboxHandler<X> handler) throws X {
        JoinedConnection joined = JoinedConnection.of(connection);
        SqlInbox.Checked checked = sql.checkForJoined(Arguments.present("delivery", delivery));
        Arguments.present("handler", handler);
        joined.requireTransaction(DOING);
        long begin = System.nanoTime();
        Optional<InboxResult.Duplicate> before = sql.receiveBehindSavepoint(connection, checked);
        InboxResult result = before.isPresent() ? before.get() : handle(joined, connection, delivery, handler);
        meters.received(consumer, delivery.type(), result, System.nanoTime() - begin);
        return result;
    }

    private <X extends Exception> InboxResult handle(
            JoinedConnection joined, Connection connection, InboxDelivery delivery, InboxHandler<X> handler) throws X {
        try {
            Optional<String> given =
                    Arguments.present("the result of handler", handler.handle(store.joinedTransaction(connection)));
            if (joined.hasFailed(DOING)) {
                throw new PermanentStoreException(
                        "A statement of the handler failed and its error was not passed on; what the handler did is undone,"
                                + " and the event counts as not handled. Let the error out of the handler, or use a savepoint"
                                + " around a statement that may fail.",
                        null);
            }
            sql.finish(connection, delivery, given);
            return new InboxResult.Processed(given);
        } catch (Throwable failure) {
            sql.undo(connection, failure);
            throw failure;
        }
    }
}
