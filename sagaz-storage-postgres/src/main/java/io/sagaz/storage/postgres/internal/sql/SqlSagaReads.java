package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StepStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reads sagas on any connection; knows nothing of servers and freshness. Each read is one statement, hence one snapshot.
 */
public final class SqlSagaReads {
    private static final String FIND = """
            SELECT s.saga_id, s.saga_name, s.status, s.version, s.updated_at, s.completed_at, s.lease_owner, s.lease_until,
                   s.context, s.result, s.error, s.idempotency_key,
                   step.step_name, step.step_index, step.status AS step_status, step.output AS step_output,
                   step.error AS step_error, step.retry_count, step.started_at, step.completed_at AS step_completed_at
              FROM {schema}.saga_executions s
              LEFT JOIN {schema}.saga_steps step ON step.saga_id = :id AND step.created_at = :time
             WHERE s.saga_id = :id AND s.created_at = :time
             ORDER BY step.step_index, step.step_name
            """;

    /** In place of an argument, so that it is known when the statement begins, and prunes as that does. */
    private static final String OF_KEY =
            "(SELECT %s FROM {schema}.saga_idempotency_keys WHERE saga_name = ? AND idempotency_key = ?)";

    static final String SUMMARY =
            "s.saga_id, s.saga_name, s.status, s.version, s.updated_at, s.completed_at, s.lease_owner, s.lease_until";

    private static final String EACH = "SELECT " + SUMMARY + " FROM {schema}.sagaz_sagas s WHERE ";

    /** The row comparison alone does not prune partitions; a plain bound on the time does. */
    private static final String NEWEST_BEHIND = """
             AND (s.created_at, s.saga_id) < (?, ?)
             ORDER BY s.created_at DESC, s.saga_id DESC
             LIMIT ?
            """;

    /** The same order, in which the primary key has all sagas, whatever their kind. */
    private static final String NEWEST_BEHIND_ID = """
             AND s.saga_id >= ? AND s.saga_id < ?
             ORDER BY s.saga_id DESC
             LIMIT ?
            """;

    private static final String COUNT = "SELECT s.status, count(*) AS sagas FROM {schema}.sagaz_sagas s WHERE ";

    /** So many rows are in memory at once. */
    private static final int FETCH_SIZE = 1_000;

    private final String find;
    private final String findByKey;
    private final String each;
    private final String count;

    /** The reads of a schema. */
    public SqlSagaReads(Schema schema) {
        find = schema.in(FIND.replaceAll(":(id|time)", "?"));
        findByKey = schema.in(
                FIND.replace(":id", OF_KEY.formatted("saga_id")).replace(":time", OF_KEY.formatted("created_at")));
        each = schema.in(EACH);
        count = schema.in(COUNT);
    }

    /** One saga with its steps. */
    public Optional<Saga> find(Connection connection, SagaId id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(find)) {
            new SqlArguments(statement)
                    .add(id.value())
                    .add(id.createdAt())
                    .add(id.value())
                    .add(id.createdAt());
            return oneSaga(statement);
        }
    }

    /** The saga of a key, with its steps. */
    public Optional<Saga> findByKey(Connection connection, String name, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(findByKey)) {
            SqlArguments arguments = new SqlArguments(statement);
            for (int i = 0; i < 4; i++) {
                arguments.addText(Optional.of(name)).addText(Optional.of(key));
            }
            return oneSaga(statement);
        }
    }

    private static Optional<Saga> oneSaga(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.of(sagaWithSteps(row)) : Optional.empty();
        }
    }

    /** A page of sagas, the newest first. */
    public Page<SagaSummary> list(Connection connection, SagaFilter filter, PageRequest page) throws SQLException {
        Optional<SagaId> last = Cursor.behind(page, Cursor.Of.SAGAS).map(cursor -> new SagaId(cursor.id()));
        SagaConditions all = SagaConditions.of(filter);
        SagaConditions conditions = last.map(id -> all.notAfter(id.createdAt())).orElse(all);
        boolean byId = conditions.isOfTimeAlone();
        try (PreparedStatement statement =
                connection.prepareStatement(each + conditions.sql() + (byId ? NEWEST_BEHIND_ID : NEWEST_BEHIND))) {
            SqlArguments arguments = new SqlArguments(statement);
            conditions.bind(connection, arguments);
            if (byId) {
                arguments.add(conditions.firstId()).add(lower(conditions.beforeId(), last));
            } else {
                arguments
                        .add(last.map(SagaId::createdAt).orElse(SagaConditions.END))
                        .add(last.map(SagaId::value).orElse(SagaConditions.LAST_UUID));
            }
            arguments.add(page.size() + 1);
            return Cursor.page(
                    Columns.list(statement, SqlSagaReads::summary),
                    page,
                    saga -> new Cursor(Cursor.Of.SAGAS, saga.id().value()));
        }
    }

    private static UUID lower(UUID before, Optional<SagaId> last) {
        // The time stands in front, and no identifier has another one's time and is before it.
        return last.map(SagaId::value)
                .filter(id -> Long.compareUnsigned(id.getMostSignificantBits(), before.getMostSignificantBits()) < 0)
                .orElse(before);
    }

    /** The number of sagas of each status. */
    public Map<SagaStatus, Long> countByStatus(Connection connection, SagaFilter filter) throws SQLException {
        Map<SagaStatus, Long> counts = new EnumMap<>(SagaStatus.class);
        for (SagaStatus status : SagaStatus.values()) {
            counts.put(status, 0L);
        }
        SagaConditions conditions = SagaConditions.of(filter);
        try (PreparedStatement statement =
                connection.prepareStatement(count + conditions.sql() + " GROUP BY s.status")) {
            conditions.bind(connection, new SqlArguments(statement));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    counts.put(Columns.sagaStatus(row, "status"), row.getLong("sagas"));
                }
            }
        }
        return Collections.unmodifiableMap(counts);
    }

    /**
     * Shows each saga of a filter to a consumer. Once one was shown, every exception comes as an {@link InterruptedDelivery},
     * so that nobody on its way takes it for one after which the read may be made again.
     */
    public long forEach(Connection connection, SagaFilter filter, Consumer<? super SagaSummary> consumer)
            throws SQLException {
        SagaConditions conditions = SagaConditions.of(filter);
        Delivery<SagaSummary> delivery = new Delivery<>("forEach", consumer);
        return delivery.during(() -> ReadOnlyTransaction.run(connection, () -> {
            // The driver fetches in pieces only within a transaction; what it names on the server goes with that.
            try (PreparedStatement statement = connection.prepareStatement(each + conditions.sql())) {
                statement.setFetchSize(FETCH_SIZE);
                conditions.bind(connection, new SqlArguments(statement));
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        delivery.show(summary(row));
                    }
                }
            }
        }));
    }

    private static Saga sagaWithSteps(ResultSet row) throws SQLException {
        SagaSummary summary = summary(row);
        String context = row.getString("context");
        Optional<String> result = Columns.optionalText(row, "result");
        Optional<String> error = Columns.optionalText(row, "error");
        Optional<String> key = Columns.optionalText(row, "idempotency_key");
        List<SagaStep> steps = new ArrayList<>();
        do {
            if (row.getString("step_name") != null) {
                steps.add(step(row));
            }
        } while (row.next());
        return new Saga(summary, context, result, error, key, steps);
    }

    static SagaSummary summary(ResultSet row) throws SQLException {
        return new SagaSummary(
                Columns.sagaId(row, "saga_id"),
                row.getString("saga_name"),
                Columns.sagaStatus(row, "status"),
                row.getLong("version"),
                Columns.time(row, "updated_at"),
                Columns.optionalTime(row, "completed_at"),
                Columns.optionalText(row, "lease_owner"),
                Columns.optionalTime(row, "lease_until"));
    }

    private static SagaStep step(ResultSet row) throws SQLException {
        return new SagaStep(
                row.getString("step_name"),
                row.getInt("step_index"),
                StepStatus.valueOf(row.getString("step_status")),
                Columns.optionalText(row, "step_output"),
                Columns.optionalText(row, "step_error"),
                row.getInt("retry_count"),
                Columns.optionalTime(row, "started_at"),
                Columns.optionalTime(row, "step_completed_at"));
    }
}
