package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.SagaDurations;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaOutcomes;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaThroughput;
import io.sagaz.storage.StepDurations;
import io.sagaz.storage.TimeSpan;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Asks the views and functions of the schema that dashboards ask ({@code V1_12__dashboards.sql}), on any connection; knows
 * nothing of servers and freshness.
 */
public final class SqlSagaStatistics {
    private static final String THROUGHPUT = """
            SELECT t.bucket_start, t.started, t.succeeded, t.failed, t.compensated
              FROM {schema}.sagaz_saga_throughput(?, ?, ?::interval, ?) t
            """;

    private static final String OUTCOMES = """
            SELECT o.saga_name, o.succeeded, o.failed, o.compensated FROM {schema}.sagaz_saga_outcomes(?, ?, ?) o
            """;

    private static final String DURATIONS = """
            SELECT d.bucket_start, d.finished, d.p50_seconds, d.p90_seconds, d.p95_seconds, d.p99_seconds, d.max_seconds
              FROM {schema}.sagaz_saga_durations(?, ?, ?::interval, ?) d
            """;

    private static final String STEPS = """
            SELECT s.saga_name, s.step_name, s.ended, s.failed, s.retries, s.p50_seconds, s.p95_seconds, s.p99_seconds,
                   s.max_seconds
              FROM {schema}.sagaz_step_durations(?, ?, ?) s
             LIMIT ?
            """;

    private static final String UNFINISHED = "SELECT " + SqlSagaReads.SUMMARY + " FROM {schema}.sagaz_sagas s WHERE ";

    private static final String OLDEST = " AND s.unfinished ORDER BY s.created_at, s.saga_id LIMIT ?";

    private static final String PARTITIONS = """
            SELECT p.table_name, p.partition_name, p.partition_start, p.partition_end, p.state, p.estimated_rows, p.total_bytes
              FROM {schema}.sagaz_partition_sizes p
             ORDER BY p.table_name, p.partition_start
            """;

    private final String throughput;
    private final String outcomes;
    private final String durations;
    private final String steps;
    private final String unfinished;
    private final String partitions;

    /** The statistics of a schema. */
    public SqlSagaStatistics(Schema schema) {
        throughput = schema.in(THROUGHPUT);
        outcomes = schema.in(OUTCOMES);
        durations = schema.in(DURATIONS);
        steps = schema.in(STEPS);
        unfinished = schema.in(UNFINISHED);
        partitions = schema.in(PARTITIONS);
    }

    /** How many sagas began and ended in each interval. */
    public List<SagaThroughput> throughput(
            Connection connection, TimeSpan span, Duration interval, Optional<String> name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(throughput)) {
            new SqlArguments(statement)
                    .add(span)
                    .addText(Optional.of(interval.toString()))
                    .addText(name);
            return Columns.list(
                    statement,
                    row -> new SagaThroughput(
                            Columns.time(row, "bucket_start"),
                            row.getLong("started"),
                            row.getLong("succeeded"),
                            row.getLong("failed"),
                            row.getLong("compensated")));
        }
    }

    /** How the sagas that ended in a span ended. */
    public List<SagaOutcomes> outcomes(Connection connection, TimeSpan span, Optional<String> name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(outcomes)) {
            new SqlArguments(statement).add(span).addText(name);
            return Columns.list(
                    statement,
                    row -> new SagaOutcomes(
                            row.getString("saga_name"),
                            row.getLong("succeeded"),
                            row.getLong("failed"),
                            row.getLong("compensated")));
        }
    }

    /** How long the sagas took that ended in each interval; without one, in the whole span. */
    public List<SagaDurations> durations(
            Connection connection, TimeSpan span, Optional<Duration> interval, Optional<String> name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(durations)) {
            new SqlArguments(statement)
                    .add(span)
                    .addText(interval.map(Duration::toString))
                    .addText(name);
            return Columns.list(
                    statement,
                    row -> new SagaDurations(
                            Columns.time(row, "bucket_start"),
                            row.getLong("finished"),
                            Columns.seconds(row, "p50_seconds"),
                            Columns.seconds(row, "p90_seconds"),
                            Columns.seconds(row, "p95_seconds"),
                            Columns.seconds(row, "p99_seconds"),
                            Columns.seconds(row, "max_seconds")));
        }
    }

    /** The steps that take longest. */
    public List<StepDurations> slowestSteps(Connection connection, TimeSpan span, int limit, Optional<String> name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(steps)) {
            new SqlArguments(statement).add(span).addText(name).add(limit);
            return Columns.list(
                    statement,
                    row -> new StepDurations(
                            row.getString("saga_name"),
                            row.getString("step_name"),
                            row.getLong("ended"),
                            row.getLong("failed"),
                            row.getLong("retries"),
                            Columns.seconds(row, "p50_seconds"),
                            Columns.seconds(row, "p95_seconds"),
                            Columns.seconds(row, "p99_seconds"),
                            Columns.seconds(row, "max_seconds")));
        }
    }

    /** The oldest unfinished sagas. */
    public List<SagaSummary> oldestUnfinished(Connection connection, TimeSpan span, int limit, Optional<String> name)
            throws SQLException {
        SagaConditions conditions = SagaConditions.of(name.map(SagaFilter::named)
                .orElse(SagaFilter.all())
                .createdFrom(span.from())
                .createdBefore(span.before()));
        try (PreparedStatement statement = connection.prepareStatement(unfinished + conditions.sql() + OLDEST)) {
            SqlArguments arguments = new SqlArguments(statement);
            conditions.bind(connection, arguments);
            arguments.add(limit);
            return Columns.list(statement, SqlSagaReads::summary);
        }
    }

    /** All partitions. */
    public List<PartitionSize> partitions(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(partitions)) {
            return Columns.list(statement, SqlSagaStatistics::partition);
        }
    }

    private static PartitionSize partition(ResultSet row) throws SQLException {
        return new PartitionSize(
                row.getString("table_name"),
                row.getString("partition_name"),
                Columns.optionalFiniteTime(row, "partition_start"),
                Columns.optionalFiniteTime(row, "partition_end"),
                row.getString("state"),
                row.getLong("estimated_rows"),
                row.getLong("total_bytes"));
    }
}
