package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.SizeLimits;
import io.sagaz.storage.postgres.internal.jdbc.CommitMark;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.postgresql.PGStatement;

/**
 * Writes sagas: each call is one statement (two, where a saga was taken for new and is not), which calls a function of the
 * schema and reads its answer. What is decided is decided there, behind the lock of the saga's row; here it is put into the
 * words of the API.
 */
public final class SqlSagaWrites implements SagaWrites {
    private final WriteStatements statements;
    private final WriteRequests requests;
    private final ConnectionRunner runner;
    private final Optional<Consumer<CommitMark>> marks;
    private final boolean joined;

    private SqlSagaWrites(
            WriteStatements statements,
            SizeLimits limits,
            ConnectionRunner runner,
            Optional<Consumer<CommitMark>> marks,
            Optional<Duration> lockTimeout,
            boolean joined) {
        this.statements = statements;
        this.requests = new WriteRequests(limits, marks.isPresent(), lockTimeout);
        this.runner = runner;
        this.marks = marks;
        this.joined = joined;
    }

    /**
     * Writes that commit by themselves, on connections of the store.
     *
     * @param lockTimeout for how long the server waits for a lock before it gives up a write
     */
    public static SqlSagaWrites committing(
            WriteStatements statements, SizeLimits limits, ConnectionRunner runner, Duration lockTimeout) {
        return new SqlSagaWrites(statements, limits, runner, Optional.empty(), Optional.of(lockTimeout), false);
    }

    /**
     * Writes within a transaction of the store.
     *
     * @param marks takes what each write leaves
     */
    public static SqlSagaWrites inTransaction(
            WriteStatements statements, SizeLimits limits, ConnectionRunner runner, Consumer<CommitMark> marks) {
        return new SqlSagaWrites(statements, limits, runner, Optional.of(marks), Optional.empty(), false);
    }

    /**
     * Writes on a connection of somebody else, without naming statements on the server, whatever it is set to: it may go through
     * a pooler that its owner forgot to tell the driver about.
     */
    public static SqlSagaWrites joined(WriteStatements statements, SizeLimits limits, ConnectionRunner runner) {
        return new SqlSagaWrites(statements, limits, runner, Optional.empty(), Optional.empty(), true);
    }

    @Override
    public StartResult start(NewSaga saga) {
        Arguments.present("saga", saga);
        ChangeId entry = ChangeId.next(saga.id());
        String request = requests.start(saga, entry);
        return runner.run("start", (connection, again) -> {
            List<Answer> answers =
                    askToStart(connection, again, statements.start(), statements.startCarefully(), request);
            return started(answers.get(0), saga, entry);
        });
    }

    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        // In an order that all callers have: whoever waits for a key that another takes holds none that the other waits
        // for.
        Batch<NewSaga> batch = Batch.sorted(
                Arguments.elements("sagas", sagas),
                Comparator.comparing(NewSaga::name)
                        .thenComparing(saga -> saga.idempotencyKey().orElse(""))
                        .thenComparing(saga -> saga.id().value()));
        List<ChangeId> entries = batch.map(saga -> ChangeId.next(saga.id()));
        String request = requests.startAll(batch.items(), entries);
        return batch.isEmpty()
                ? List.of()
                : runner.run("startAll", (connection, again) -> {
                    List<Answer> answers = askToStart(
                            connection, again, statements.startAll(), statements.startAllCarefully(), request);
                    return batch.inGivenOrder(
                            place -> started(answers.get(place), batch.items().get(place), entries.get(place)));
                });
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        Arguments.present("id", id);
        Arguments.present("change", change);
        SagaUpdate update = new SagaUpdate(id, expectedVersion, change);
        ChangeId entry = ChangeId.next(id);
        String request = requests.apply(update, entry);
        return runner.run(
                "apply",
                (connection, again) ->
                        changed(connection, again, ask(connection, statements.apply(), request), update, entry));
    }

    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        Batch<SagaUpdate> batch = Batch.sorted(
                Arguments.elements("updates", updates),
                Comparator.comparing(update -> update.id().value()));
        checkDistinct(batch.items());
        List<ChangeId> entries = batch.map(update -> ChangeId.next(update.id()));
        String request = requests.applyAll(batch.items(), entries);
        return batch.isEmpty()
                ? List.of()
                : runner.run("applyAll", (connection, again) -> {
                    List<Answer> answers = askAll(connection, statements.applyAll(), request);
                    List<ChangeResult> results = new ArrayList<>();
                    for (int place = 0; place < answers.size(); place++) {
                        results.add(changed(
                                connection,
                                again,
                                answers.get(place),
                                batch.items().get(place),
                                entries.get(place)));
                    }
                    return batch.inGivenOrder(results::get);
                });
    }

    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        Arguments.present("id", id);
        Arguments.present("entry", entry);
        ChangeId entryId = ChangeId.next(id);
        String request = requests.annotate(id, entry, entryId);
        return runner.run("annotate", (connection, again) -> {
            Answer answer = askForEntries(connection, again, statements.annotate(), request);
            leaveMark(answer, new CommitMark.Entry(entryId.value(), entryId.createdAt()));
            return answer.outcome().equals("ANNOTATED");
        });
    }

    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        Arguments.present("request", request);
        List<ChangeId> entries =
                Stream.generate(ChangeId::now).limit(request.limit()).toList();
        List<UUID> ids = entries.stream().map(ChangeId::value).toList();
        return runner.run("claimAbandoned", (connection, again) -> {
            Answer answer = askForEntries(connection, again, statements.claim(), requests.claim(request, ids, again));
            leaveMark(
                    answer,
                    new CommitMark.Entry(entries.get(0).value(), entries.get(0).createdAt()));
            List<ClaimedSaga> claimed =
                    answer.list().stream().map(WriteAnswers::claimed).toList();
            if (again && claimed.isEmpty()) {
                throw new TransientStoreException(
                        "Nothing is left to claim, and the first attempt, which may have claimed it, may still be under"
                                + " way",
                        null);
            }
            return claimed;
        });
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        List<OutboxEvent> copy = Arguments.elements("events", events);
        String request = requests.emit(copy);
        if (!copy.isEmpty()) {
            runner.run("emit", (connection, again) -> emit(connection, again, copy, request));
        }
    }

    private StartResult started(Answer answer, NewSaga saga, ChangeId entry) {
        leaveMark(answer, new CommitMark.Entry(entry.value(), entry.createdAt()));
        return WriteAnswers.started(answer, saga);
    }

    private ChangeResult changed(Connection connection, boolean again, Answer answer, SagaUpdate update, ChangeId entry)
            throws SQLException {
        leaveMark(answer, new CommitMark.Entry(entry.value(), entry.createdAt()));
        ChangeResult result = WriteAnswers.changed(answer, update);
        if (!(result instanceof ChangeResult.Applied) && !connection.getAutoCommit()) {
            WriteAnswers.refuseOldSnapshot(answer, update.id());
        }
        if (again) {
            WriteAnswers.refuseWhatMayComeYet(result, update);
        }
        return result;
    }

    private boolean emit(Connection connection, boolean again, List<OutboxEvent> events, String request)
            throws SQLException {
        try {
            Answer answer = ask(connection, statements.emit(), request);
            OutboxEvent first = events.get(0);
            leaveMark(answer, new CommitMark.Event(first.id(), first.createdAt()));
            return true;
        } catch (SQLException e) {
            if (!again || !SqlStates.of(e).equals(SqlStates.UNIQUE_VIOLATION)) {
                throw e;
            }
            if (areThere(connection, events)) {
                return true;
            }
            throw new PermanentStoreException("Some of these events were emitted before; nothing was written", e);
        }
    }

    /** A call emits all of its events or none; so an earlier attempt has emitted them if all are there, and only then. */
    private boolean areThere(Connection connection, List<OutboxEvent> events) throws SQLException {
        try (PreparedStatement statement = unnamed(connection, statements.countEvents())) {
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

    private void leaveMark(Answer answer, CommitMark.Row row) {
        if (marks.isPresent()) {
            answer.optional("transaction")
                    .map(transaction -> new CommitMark(row, transaction, answer.text("timeline")))
                    .ifPresent(marks.get());
        }
    }

    private Answer ask(Connection connection, String sql, String request) throws SQLException {
        return askAll(connection, sql, request).get(0);
    }

    /** Asks for what writes nothing that is unique but entries, whose identifiers only this call has. */
    private Answer askForEntries(Connection connection, boolean again, String sql, String request) throws SQLException {
        try {
            return ask(connection, sql, request);
        } catch (SQLException e) {
            if (again && SqlStates.of(e).equals(SqlStates.UNIQUE_VIOLATION)) {
                // The next attempt finds its entries.
                throw new TransientStoreException("The first attempt was still under way, and is done now", e);
            }
            throw e;
        }
    }

    /**
     * Takes sagas for new, which is faster, unless an attempt was made before. One that is there already makes the server
     * refuse the statement: it is asked again, carefully. In a transaction a refusal would be the end of it, so there care is
     * taken at once, and on the connection of somebody else, who may have begun one by a statement.
     */
    private List<Answer> askToStart(Connection connection, boolean again, String sql, String carefulSql, String request)
            throws SQLException {
        if (!again && !joined && connection.getAutoCommit()) {
            try {
                return askAll(connection, sql, request);
            } catch (SQLException e) {
                if (!SqlStates.of(e).equals(SqlStates.UNIQUE_VIOLATION)) {
                    throw e;
                }
            }
        }
        return askAll(connection, carefulSql, request);
    }

    private List<Answer> askAll(Connection connection, String sql, String request) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, request);
            List<Answer> answers = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    answers.add(Answer.parse(row.getString(1)));
                }
            }
            return answers;
        }
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return joined ? unnamed(connection, sql) : connection.prepareStatement(sql);
    }

    /** Prepares without a name on the server, whatever the connection is set to. */
    static PreparedStatement unnamed(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        return statement;
    }

    private static void checkDistinct(List<SagaUpdate> updates) {
        Set<SagaId> ids = new HashSet<>();
        for (SagaUpdate update : updates) {
            if (!ids.add(update.id())) {
                throw new IllegalArgumentException(
                        "updates must not name a saga twice: " + update.id() + ". Make one change of both.");
            }
        }
    }
}
