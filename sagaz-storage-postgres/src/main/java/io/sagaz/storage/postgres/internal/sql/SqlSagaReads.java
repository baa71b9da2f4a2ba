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
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads sagas on any connection; knows nothing of servers and freshness. Each read is one statement, hence one snapshot.
 *
 * <p>Bounds of time that the caller leaves open are bound as infinite ones, so that a statement has one text and its
 * partitions are pruned by what is bound.
 */
public final class SqlSagaReads {
    private static final Instant BEGINNING = Instant.EPOCH;
    /** Beyond every time that a UUID of version 7 can carry. */
    private static final Instant END = Instant.ofEpochMilli(1L << 48);

    private static final String FIND = """
            SELECT s.saga_id, s.saga_name, s.status, s.version, s.updated_at, s.completed_at,
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

    private static final String MATCHES = """
                   s.created_at >= ? AND s.created_at < ?
               AND (?::text IS NULL OR s.saga_name = ?)
               AND s.status = ANY (?)
            """;

    private static final String LIST = """
            SELECT s.saga_id, s.saga_name, s.status, s.version, s.updated_at, s.completed_at
              FROM {schema}.saga_executions s
             WHERE (s.created_at, s.saga_id) < (?, ?)
               AND
            """ + MATCHES + """
             ORDER BY s.created_at DESC, s.saga_id DESC
             LIMIT ?
            """;

    private static final String COUNT = """
            SELECT s.status, count(*) AS sagas
              FROM {schema}.saga_executions s
             WHERE
            """ + MATCHES + """
             GROUP BY s.status
            """;

    private static final UUID LAST_UUID = new UUID(-1L, -1L);

    private final String find;
    private final String findByKey;
    private final String list;
    private final String count;

    /** The reads of a schema. */
    public SqlSagaReads(Schema schema) {
        find = schema.in(FIND.replaceAll(":(id|time)", "?"));
        findByKey = schema.in(
                FIND.replace(":id", OF_KEY.formatted("saga_id")).replace(":time", OF_KEY.formatted("created_at")));
        list = schema.in(LIST);
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
        try (PreparedStatement statement = connection.prepareStatement(list)) {
            SqlArguments arguments = new SqlArguments(statement)
                    .add(page.after().map(SagaId::createdAt).orElse(END))
                    .add(page.after().map(SagaId::value).orElse(LAST_UUID));
            addFilter(connection, arguments, startingBehind(page, filter));
            // One more than asked for tells whether there is a page behind this one.
            arguments.add(page.size() + 1);
            try (ResultSet row = statement.executeQuery()) {
                List<SagaSummary> sagas = new ArrayList<>();
                while (row.next()) {
                    sagas.add(summary(row));
                }
                return pageOf(sagas, page.size());
            }
        }
    }

    /** The number of sagas of each status. */
    public Map<SagaStatus, Long> countByStatus(Connection connection, SagaFilter filter) throws SQLException {
        Map<SagaStatus, Long> counts = new EnumMap<>(SagaStatus.class);
        for (SagaStatus status : SagaStatus.values()) {
            counts.put(status, 0L);
        }
        try (PreparedStatement statement = connection.prepareStatement(count)) {
            addFilter(connection, new SqlArguments(statement), filter);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    counts.put(Columns.sagaStatus(row, "status"), row.getLong("sagas"));
                }
            }
        }
        return Collections.unmodifiableMap(counts);
    }

    private static void addFilter(Connection connection, SqlArguments arguments, SagaFilter filter)
            throws SQLException {
        Array statuses = connection.createArrayOf(
                "text",
                (filter.statuses().isEmpty() ? List.of(SagaStatus.values()) : filter.statuses())
                        .stream().map(Enum::name).toArray());
        arguments
                .add(within(filter.createdFrom().orElse(BEGINNING)))
                .add(within(filter.createdBefore().orElse(END)))
                .addText(filter.name())
                .addText(filter.name())
                .add(statuses);
    }

    /** No saga is older than the one or younger than the other, and the driver cannot bind every time beyond. */
    private static Instant within(Instant time) {
        return time.isBefore(BEGINNING) ? BEGINNING : time.isAfter(END) ? END : time;
    }

    /** The row comparison alone does not prune partitions; a plain bound on the time does. */
    private static SagaFilter startingBehind(PageRequest page, SagaFilter filter) {
        if (page.after().isEmpty()) {
            return filter;
        }
        Instant behind = page.after().get().createdAt().plusMillis(1);
        return filter.createdBefore().filter(behind::isAfter).isPresent() ? filter : filter.createdBefore(behind);
    }

    private static Page<SagaSummary> pageOf(List<SagaSummary> sagas, int size) {
        if (sagas.size() <= size) {
            return new Page<>(sagas, Optional.empty());
        }
        List<SagaSummary> items = sagas.subList(0, size);
        return new Page<>(
                items,
                Optional.of(
                        new PageRequest(size, Optional.of(items.get(size - 1).id()))));
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

    private static SagaSummary summary(ResultSet row) throws SQLException {
        return new SagaSummary(
                Columns.sagaId(row, "saga_id"),
                row.getString("saga_name"),
                Columns.sagaStatus(row, "status"),
                row.getLong("version"),
                Columns.time(row, "updated_at"),
                Columns.optionalTime(row, "completed_at"));
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
