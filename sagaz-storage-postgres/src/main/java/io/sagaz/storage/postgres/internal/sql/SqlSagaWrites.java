package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepChange;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * Writes sagas: each call is one data-modifying statement, which either does all of its work or none.
 *
 * <p>How a change is decided inside its statement: the {@code UPDATE} of the saga's row is the compare-and-set, and it
 * locks the row; every other part of the statement takes its rows from what that {@code UPDATE} returns. Every change of
 * a step goes through the saga's row too, so a version that matches also proves that the steps which the statement's
 * snapshot shows are the newest.
 */
public final class SqlSagaWrites implements SagaWrites {
    private final WriteStatements statements;
    private final ConnectionRunner runner;

    /** Writes with these statements on the connections of this runner. */
    public SqlSagaWrites(WriteStatements statements, ConnectionRunner runner) {
        this.statements = statements;
        this.runner = runner;
    }

    @Override
    public StartResult start(NewSaga saga) {
        Arguments.present("saga", saga);
        JsonText.check("NewSaga.context", saga.context());
        checkEvents(saga.events());
        return runner.run("start", connection -> start(connection, saga));
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        Arguments.present("id", id);
        Arguments.present("change", change);
        if (expectedVersion < 1) {
            throw new IllegalArgumentException("expectedVersion must be at least 1 but is " + expectedVersion);
        }
        change.result().ifPresent(json -> JsonText.check("SagaChange.result", json));
        for (StepChange step : change.steps()) {
            step.output().ifPresent(json -> JsonText.check("StepChange.output of \"" + step.name() + "\"", json));
        }
        checkEvents(change.events());
        return runner.run("apply", connection -> apply(connection, id, expectedVersion, change));
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        List<OutboxEvent> copy = Arguments.elements("events", events);
        checkEvents(copy);
        if (!copy.isEmpty()) {
            runner.run("emit", connection -> emit(connection, copy));
        }
    }

    private StartResult start(Connection connection, NewSaga saga) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.start())) {
            SqlArguments arguments = new SqlArguments(statement)
                    .add(saga.id().value())
                    .add(saga.id().createdAt())
                    .add(saga.name())
                    .addText(saga.idempotencyKey())
                    .add(saga.context())
                    .addColumn(saga.steps(), step -> step)
                    .add(saga.id().value())
                    .add(saga.id().createdAt());
            addEvents(arguments, saga.events());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long version = row.getLong("version");
                if (!row.wasNull()) {
                    return new StartResult.Started(saga.id(), version);
                }
                if (row.getBoolean("took_key")) {
                    giveKeyBack(connection, saga);
                }
            }
        }
        return new StartResult.AlreadyStarted(whoWasFirst(connection, saga));
    }

    /** Somebody started the same identifier under another key at the same moment: this key started nothing. */
    private void giveKeyBack(Connection connection, NewSaga saga) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.giveKeyBack())) {
            new SqlArguments(statement)
                    .add(saga.name())
                    .addText(saga.idempotencyKey())
                    .add(saga.id().value());
            statement.executeUpdate();
        }
    }

    /** Statements of their own: the one that lost sees the row it lost to only in a newer snapshot. */
    private SagaId whoWasFirst(Connection connection, NewSaga saga) throws SQLException {
        if (saga.idempotencyKey().isPresent()) {
            try (PreparedStatement statement = prepare(connection, statements.findByIdempotencyKey())) {
                new SqlArguments(statement).add(saga.name()).addText(saga.idempotencyKey());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        return Columns.sagaId(row, "saga_id");
                    }
                }
            }
        }
        try (PreparedStatement statement = prepare(connection, statements.findOrigin())) {
            new SqlArguments(statement).add(saga.id().value()).add(saga.id().createdAt());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new TransientStoreException(
                            "The saga that was in the way of starting " + saga
                                    + " is gone; nothing was written, try again",
                            null);
                }
                checkOrigin(saga, row.getString("saga_name"), Columns.optionalText(row, "idempotency_key"));
                return saga.id();
            }
        }
    }

    private static void checkOrigin(NewSaga saga, String name, Optional<String> key) {
        if (!name.equals(saga.name()) || !key.equals(saga.idempotencyKey())) {
            throw new IllegalArgumentException("NewSaga.id " + saga.id() + " belongs to a saga named \"" + name
                    + "\" with "
                    + key.map(text -> "the idempotency key \"" + text + "\"").orElse("no idempotency key")
                    + "; nothing was written. Give each saga an identifier of its own.");
        }
    }

    private ChangeResult apply(Connection connection, SagaId id, long expectedVersion, SagaChange change)
            throws SQLException {
        @Nullable ChangeResult result = tryApply(connection, id, expectedVersion, change);
        if (result != null) {
            return result;
        }
        // The version moved between the statement's snapshot and its lock: a new snapshot shows to what.
        try (PreparedStatement statement = prepare(connection, statements.findVersion())) {
            new SqlArguments(statement).add(id.value()).add(id.createdAt());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new ChangeResult.Conflict(row.getLong("version"), Columns.sagaStatus(row, "status"))
                        : new ChangeResult.NotFound();
            }
        }
    }

    private @Nullable ChangeResult tryApply(Connection connection, SagaId id, long expectedVersion, SagaChange change)
            throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.apply())) {
            SqlArguments arguments = new SqlArguments(statement)
                    .add(expectedVersion)
                    .addText(change.status().map(Enum::name))
                    .add(allowedFrom(change.status()))
                    .addText(change.result())
                    .addText(change.error())
                    .addColumn(change.steps(), StepChange::name)
                    .addColumn(change.steps(), step -> step.status().name())
                    .addColumn(change.steps(), step -> step.output().orElse(null))
                    .addColumn(change.steps(), step -> step.error().orElse(null))
                    .addColumn(change.steps(), step -> names(step.status().predecessors()));
            for (int place = 0; place < WriteStatements.PLACES_OF_ID_IN_APPLY; place++) {
                arguments.add(id.value()).add(id.createdAt());
            }
            addEvents(arguments, change.events());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                @Nullable ChangeResult answer = answer(row, expectedVersion, change);
                if (!(answer instanceof ChangeResult.Applied)) {
                    refuseOldSnapshot(id, row.getString("isolation"));
                }
                return answer;
            }
        }
    }

    /** A transaction that keeps one snapshot cannot tell why its change did not apply: that may be newer. */
    private static void refuseOldSnapshot(SagaId id, String isolation) {
        if (!isolation.equals("read committed")) {
            throw new TransientStoreException(
                    "The change of saga " + id + " did not apply, and this transaction (" + isolation
                            + ") sees the saga as"
                            + " it was when it began; nothing was written. Roll back, read the saga and try again, or"
                            + " use READ COMMITTED, where the answer says why.",
                    null);
        }
    }

    private static @Nullable ChangeResult answer(ResultSet row, long expectedVersion, SagaChange change)
            throws SQLException {
        long newVersion = row.getLong("new_version");
        if (!row.wasNull()) {
            return new ChangeResult.Applied(newVersion, Columns.sagaStatus(row, "new_status"));
        }
        long seenVersion = row.getLong("seen_version");
        if (row.wasNull()) {
            return new ChangeResult.NotFound();
        }
        SagaStatus seen = Columns.sagaStatus(row, "seen_status");
        if (seenVersion != expectedVersion) {
            return new ChangeResult.Conflict(seenVersion, seen);
        }
        SagaStatus wanted = change.status().orElse(seen);
        if (seen.isFinished() || (change.status().isPresent() && !seen.canBecome(wanted))) {
            return new ChangeResult.IllegalSagaChange(seen, wanted);
        }
        @Nullable String step = row.getString("step_name");
        return step == null
                ? null
                : new ChangeResult.IllegalStepChange(
                        step,
                        StepStatus.valueOf(row.getString("step_from")),
                        StepStatus.valueOf(row.getString("step_to")));
    }

    private boolean emit(Connection connection, List<OutboxEvent> events) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.emit())) {
            addEvents(new SqlArguments(statement), events);
            return statement.execute();
        }
    }

    private static void addEvents(SqlArguments arguments, List<OutboxEvent> events) throws SQLException {
        arguments
                .addColumn(events, OutboxEvent::id)
                .addColumn(events, OutboxEvent::createdAt)
                .addColumn(events, OutboxEvent::topic)
                .addColumn(events, event -> event.key().orElse(null))
                .addColumn(events, event -> event.type().orElse(null))
                .addColumn(events, OutboxEvent::payload)
                .addColumn(events, event -> HeaderJson.of(event.headers()));
    }

    private static void checkEvents(List<OutboxEvent> events) {
        Set<UUID> ids = new HashSet<>();
        for (OutboxEvent event : events) {
            if (!ids.add(event.id())) {
                throw new IllegalArgumentException("The same " + event + " stands twice: make an event for each");
            }
            JsonText.check("OutboxEvent.payload for topic \"" + event.topic() + "\"", event.payload());
        }
    }

    /** A change without a status of its own is for every saga that still goes on. */
    private static String allowedFrom(Optional<SagaStatus> wanted) {
        return names(wanted.map(SagaStatus::predecessors)
                .orElseGet(() -> Arrays.stream(SagaStatus.values())
                        .filter(status -> !status.isFinished())
                        .toList()));
    }

    private static String names(List<? extends Enum<?>> statuses) {
        return statuses.stream().map(Enum::name).collect(Collectors.joining(","));
    }

    /**
     * Prepares without a name on the server, whatever the connection is set to: a joined connection may go through a
     * pooler that its owner forgot to tell the driver about.
     */
    private static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        return statement;
    }
}
