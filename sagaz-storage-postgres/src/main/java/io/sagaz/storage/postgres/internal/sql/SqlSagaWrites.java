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
import io.sagaz.storage.postgres.internal.jdbc.CommitMark;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
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
    private final Consumer<CommitMark> marks;

    /** Writes with these statements on the connections of this runner. */
    public SqlSagaWrites(WriteStatements statements, ConnectionRunner runner) {
        this(statements, runner, mark -> {});
    }

    /**
     * Writes with these statements on the connections of this runner.
     *
     * @param marks takes what each write leaves
     */
    public SqlSagaWrites(WriteStatements statements, ConnectionRunner runner, Consumer<CommitMark> marks) {
        this.statements = statements;
        this.runner = runner;
        this.marks = marks;
    }

    @Override
    public StartResult start(NewSaga saga) {
        Arguments.present("saga", saga);
        JsonText.check("NewSaga.context", saga.context());
        checkEvents(saga.events());
        ChangeId change = ChangeId.next(saga.id());
        return runner.run("start", (connection, again) -> start(connection, again, saga, change));
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
        ChangeId changeId = ChangeId.next(id);
        return runner.run(
                "apply", (connection, again) -> apply(connection, again, id, expectedVersion, change, changeId));
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        List<OutboxEvent> copy = Arguments.elements("events", events);
        checkEvents(copy);
        if (!copy.isEmpty()) {
            runner.run("emit", (connection, again) -> emit(connection, again, copy));
        }
    }

    private StartResult start(Connection connection, boolean again, NewSaga saga, ChangeId change) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.start())) {
            SqlArguments arguments = new SqlArguments(statement)
                    .add(saga.id().value())
                    .add(saga.id().createdAt())
                    .add(saga.name())
                    .addText(saga.idempotencyKey())
                    .add(saga.context())
                    .addColumn(saga.steps(), step -> step)
                    .add(change.value())
                    .add(change.createdAt())
                    .add(saga.id().value())
                    .add(saga.id().createdAt());
            addEvents(arguments, saga.events());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long version = row.getLong("version");
                if (!row.wasNull()) {
                    leaveMark(row, CommitMark.Kind.CHANGE, change.value(), change.createdAt());
                    return new StartResult.Started(saga.id(), version);
                }
                if (row.getBoolean("took_key")) {
                    giveKeyBack(connection, saga);
                }
            }
        }
        SagaId first = whoWasFirst(connection, saga);
        Optional<ChangeResult> own =
                again && first.equals(saga.id()) ? findChange(connection, change) : Optional.empty();
        return own.<StartResult>map(started -> new StartResult.Started(first, started.appliedVersion()))
                .orElseGet(() -> new StartResult.AlreadyStarted(first));
    }

    /** Somebody started the same identifier under another key at the same moment: this key started nothing. */
    private void giveKeyBack(Connection connection, NewSaga saga) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.giveKeyBack())) {
            new SqlArguments(statement)
                    .add(saga.name())
                    .addText(saga.idempotencyKey())
                    .add(saga.id().value());
            statement.execute();
        }
    }

    /** Statements of their own: the one that lost sees the row it lost to only in a newer snapshot. */
    private SagaId whoWasFirst(Connection connection, NewSaga saga) throws SQLException {
        if (saga.idempotencyKey().isPresent()) {
            try (PreparedStatement statement = prepare(connection, statements.findByIdempotencyKey())) {
                new SqlArguments(statement).add(saga.name()).addText(saga.idempotencyKey());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next() && !Columns.sagaId(row, "saga_id").equals(saga.id())) {
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
                String name = row.getString("saga_name");
                Optional<String> key = Columns.optionalText(row, "idempotency_key");
                if (saga.idempotencyKey().isPresent() && !isOrigin(saga, name, key)) {
                    giveKeyBack(connection, saga); // An earlier attempt may have taken it, and got no further.
                }
                checkOrigin(saga, name, key);
                return saga.id();
            }
        }
    }

    private static boolean isOrigin(NewSaga saga, String name, Optional<String> key) {
        return name.equals(saga.name()) && key.equals(saga.idempotencyKey());
    }

    private static void checkOrigin(NewSaga saga, String name, Optional<String> key) {
        if (!isOrigin(saga, name, key)) {
            throw new IllegalArgumentException("NewSaga.id " + saga.id() + " belongs to a saga named \"" + name
                    + "\" with "
                    + key.map(text -> "the idempotency key \"" + text + "\"").orElse("no idempotency key")
                    + "; nothing was written. Give each saga an identifier of its own.");
        }
    }

    private ChangeResult apply(
            Connection connection, boolean again, SagaId id, long expectedVersion, SagaChange change, ChangeId changeId)
            throws SQLException {
        @Nullable ChangeResult result = tryApply(connection, id, expectedVersion, change, changeId);
        if (result == null) {
            result = movedMeanwhile(connection, id);
        }
        if (!again || !(result instanceof ChangeResult.Conflict || result instanceof ChangeResult.NotFound)) {
            return result;
        }
        Optional<ChangeResult> done = findChange(connection, changeId);
        boolean versionIsGone =
                result instanceof ChangeResult.Conflict conflict && conflict.currentVersion() > expectedVersion;
        if (done.isEmpty() && !versionIsGone) {
            throw new TransientStoreException(
                    "Version " + expectedVersion + " of saga " + id
                            + " is not there (yet), and the first attempt may still be under way",
                    null);
        }
        return done.orElse(result);
    }

    /** The version moved between the statement's snapshot and its lock: a new snapshot shows to what. */
    private ChangeResult movedMeanwhile(Connection connection, SagaId id) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.findVersion())) {
            new SqlArguments(statement).add(id.value()).add(id.createdAt());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new ChangeResult.Conflict(row.getLong("version"), Columns.sagaStatus(row, "status"))
                        : new ChangeResult.NotFound();
            }
        }
    }

    /** What a change came to, if it was committed. In a statement of its own, whose snapshot is newer than its commit. */
    private Optional<ChangeResult> findChange(Connection connection, ChangeId change) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.findChange())) {
            new SqlArguments(statement).add(change.value()).add(change.createdAt());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new ChangeResult.Applied(
                                row.getLong("saga_version"),
                                Columns.optionalText(row, "status")
                                        .map(SagaStatus::valueOf)
                                        .orElse(SagaStatus.PENDING)))
                        : Optional.empty();
            }
        }
    }

    private @Nullable ChangeResult tryApply(
            Connection connection, SagaId id, long expectedVersion, SagaChange change, ChangeId changeId)
            throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.apply())) {
            SqlArguments arguments = new SqlArguments(statement)
                    .add(expectedVersion)
                    .addText(change.status().map(Enum::name))
                    .add(allowedFrom(change.status()))
                    .addText(change.result())
                    .addText(change.error())
                    .add(changeId.value())
                    .add(changeId.createdAt())
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
                if (answer instanceof ChangeResult.Applied) {
                    leaveMark(row, CommitMark.Kind.CHANGE, changeId.value(), changeId.createdAt());
                } else if (!connection.getAutoCommit()) {
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

    private boolean emit(Connection connection, boolean again, List<OutboxEvent> events) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.emit())) {
            addEvents(new SqlArguments(statement), events);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                OutboxEvent first = events.get(0);
                leaveMark(row, CommitMark.Kind.EVENT, first.id(), first.createdAt());
                return true;
            }
        } catch (SQLException e) {
            if (again && SqlStates.of(e).equals(SqlStates.UNIQUE_VIOLATION) && areThere(connection, events)) {
                return true;
            }
            throw e;
        }
    }

    /** A statement emits all of its events or none; so if all are there, an earlier attempt has emitted them. */
    private boolean areThere(Connection connection, List<OutboxEvent> events) throws SQLException {
        try (PreparedStatement statement = prepare(connection, statements.countEvents())) {
            List<Instant> times =
                    events.stream().map(OutboxEvent::createdAt).sorted().toList();
            new SqlArguments(statement)
                    .addColumn(events, OutboxEvent::id)
                    .addColumn(events, OutboxEvent::createdAt)
                    .add(times.get(0))
                    .add(times.get(times.size() - 1));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1) == events.size();
            }
        }
    }

    private void leaveMark(ResultSet row, CommitMark.Kind kind, UUID id, Instant createdAt) throws SQLException {
        @Nullable String transaction = row.getString("transaction");
        if (transaction != null) {
            marks.accept(new CommitMark(kind, id, createdAt, transaction, row.getString("timeline")));
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
    static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        return statement;
    }
}
