package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.postgres.SizeLimits;
import io.sagaz.storage.postgres.internal.jdbc.CommitMark;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.JoinedConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The inbox of one consumer ({@code V1_13__inbox_and_dead_letters.sql}), in transactions that others begin and end. Safe for
 * threads.
 */
public final class SqlInbox {
    private static final String RECEIVE = "SELECT {schema}.sagaz_receive(?::jsonb)";

    private static final String KEEP_RESULT =
            "UPDATE {schema}.consumer_inbox SET result = ?::jsonb WHERE consumer_name = ? AND event_id = ?";

    private static final String SET_SAVEPOINT = "SAVEPOINT sagaz_inbox";
    private static final String RELEASE_SAVEPOINT = "RELEASE SAVEPOINT sagaz_inbox";
    private static final String UNDO = "ROLLBACK TO SAVEPOINT sagaz_inbox; RELEASE SAVEPOINT sagaz_inbox";

    private static final String OPERATION = "inbox";

    private final String consumer;
    private final SizeLimits limits;
    private final Duration lockTimeout;
    private final String receive;
    private final String keepResult;

    /**
     * The inbox of a consumer.
     *
     * @param lockTimeout for how long the server waits for another delivery of the same event, in transactions of the store
     */
    public SqlInbox(Schema schema, SizeLimits limits, Duration lockTimeout, String consumer) {
        this.consumer = consumer;
        this.limits = limits;
        this.lockTimeout = lockTimeout;
        receive = schema.in(RECEIVE);
        keepResult = schema.in(KEEP_RESULT);
    }

    /** A delivery that was checked and put into the words of the schema; nothing was sent. */
    public static final class Checked {
        private final InboxDelivery delivery;
        private final String request;

        private Checked(InboxDelivery delivery, String request) {
            this.delivery = delivery;
            this.request = request;
        }
    }

    /** Checks a delivery for a transaction of the store. */
    public Checked check(InboxDelivery delivery) {
        return check(delivery, true);
    }

    /** Checks a delivery for a transaction of somebody else. */
    public Checked checkForJoined(InboxDelivery delivery) {
        return check(delivery, false);
    }

    private Checked check(InboxDelivery delivery, boolean own) {
        Request request = new Request(limits);
        request.object(() -> {
            request.member("consumer", consumer);
            request.member("event", delivery.eventId());
            request.member("topic", delivery.topic());
            request.member("type", delivery.type());
            delivery.payload().ifPresent(json -> request.document("payload", "InboxDelivery.payload", json));
            request.member("token", delivery.token());
            if (delivery.isEvenIfOld()) {
                request.flag("evenIfOld");
            }
            if (own) {
                request.flag("mark");
                request.member("waitMillis", lockTimeout.toMillis());
            }
        });
        return new Checked(delivery, request.text());
    }

    /**
     * Takes an event in, in a transaction of the store.
     *
     * @param marks takes what the row of the event leaves
     * @return empty if it is to be handled
     */
    public Optional<InboxResult.Duplicate> receive(
            Connection connection, Checked delivery, Consumer<CommitMark> marks) {
        return runner(connection).run(OPERATION, (c, again) -> {
            try (PreparedStatement statement = c.prepareStatement(receive)) {
                statement.setString(1, delivery.request);
                Answer answer = answer(statement);
                answer.optional("transaction")
                        .map(transaction -> new CommitMark(
                                new CommitMark.Received(consumer, delivery.delivery.eventId()),
                                transaction,
                                answer.text("timeline")))
                        .ifPresent(marks);
                return duplicate(answer, delivery.delivery);
            }
        });
    }

    /**
     * Takes an event in behind a savepoint, in a transaction of somebody else: one message, and another to take the savepoint back
     * if the event is not to be handled.
     *
     * @return empty if it is to be handled; then {@link #finish} or {@link #undo} comes next
     */
    public Optional<InboxResult.Duplicate> receiveBehindSavepoint(Connection connection, Checked delivery) {
        return runner(connection).run(OPERATION, (c, again) -> {
            Answer answer;
            try (PreparedStatement statement = SqlSagaWrites.unnamed(c, SET_SAVEPOINT + ";" + receive)) {
                statement.setString(1, delivery.request);
                statement.execute();
                statement.getMoreResults();
                answer = answer(statement.getResultSet());
            }
            if (!answer.outcome().equals("NEW")) {
                execute(c, RELEASE_SAVEPOINT);
            }
            return duplicate(answer, delivery.delivery);
        });
    }

    /** Keeps what the handler gave back. */
    public void keep(Connection connection, InboxDelivery delivery, Optional<String> result) {
        result.ifPresent(json -> {
            String checked = checkResult(json);
            runner(connection).run(OPERATION, (c, again) -> {
                try (PreparedStatement statement = c.prepareStatement(keepResult)) {
                    return update(statement, checked, delivery);
                }
            });
        });
    }

    /** Keeps what the handler gave back, and takes the savepoint back: one message. */
    public void finish(Connection connection, InboxDelivery delivery, Optional<String> result) {
        Optional<String> checked = result.map(this::checkResult);
        runner(connection).run(OPERATION, (c, again) -> {
            if (checked.isEmpty()) {
                execute(c, RELEASE_SAVEPOINT);
                return true;
            }
            try (PreparedStatement statement = SqlSagaWrites.unnamed(c, keepResult + ";" + RELEASE_SAVEPOINT)) {
                return update(statement, checked.get(), delivery);
            }
        });
    }

    /** Undoes all since the savepoint, and takes that back. */
    public void undo(Connection connection, Throwable failure) {
        try {
            execute(connection, UNDO);
        } catch (SQLException e) {
            // The connection is gone, and the server rolls back what it loses; or the handler has ended the
            // transaction.
            failure.addSuppressed(e);
        }
    }

    private static ConnectionRunner runner(Connection connection) {
        return JoinedConnection.of(connection);
    }

    private boolean update(PreparedStatement statement, String result, InboxDelivery delivery) throws SQLException {
        new SqlArguments(statement).add(result).add(consumer).add(delivery.eventId());
        statement.execute();
        if (statement.getUpdateCount() == 1) {
            return true;
        }
        throw new IllegalStateException("The handler of event " + delivery.eventId() + " for consumer \"" + consumer
                + "\" has undone what the inbox had written before it: use savepoints of its own only");
    }

    /** As for other documents that the store writes. */
    private String checkResult(String json) {
        Request request = new Request(limits);
        request.object(() -> request.document("result", "the result of an InboxHandler", json));
        return json;
    }

    private Optional<InboxResult.Duplicate> duplicate(Answer answer, InboxDelivery delivery) {
        return switch (answer.outcome()) {
            case "NEW" -> Optional.empty();
            case "DUPLICATE" ->
                Optional.of(new InboxResult.Duplicate(
                        Instant.EPOCH.plus(answer.number("processedMicros"), ChronoUnit.MICROS),
                        answer.optional("result")));
            case "TOO_OLD" ->
                throw new PermanentStoreException(
                        "Event " + delivery.eventId() + " was made more than " + answer.number("days")
                                + " days ago, and the inbox of consumer \"" + consumer
                                + "\" remembers no longer than that: nobody knows whether it was handled before; nothing was"
                                + " written. Drop it, or handle it with InboxDelivery.evenIfOld() if twice does no harm;"
                                + " partition_settings says how long the inbox remembers.",
                        null);
            default -> throw WriteAnswers.unknown(answer);
        };
    }

    private static Answer answer(PreparedStatement statement) throws SQLException {
        return answer(statement.executeQuery());
    }

    private static Answer answer(ResultSet rows) throws SQLException {
        try (rows) {
            rows.next();
            return Answer.parse(rows.getString(1));
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = SqlSagaWrites.unnamed(connection, sql)) {
            statement.execute();
        }
    }
}
