package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.measure.Explained;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.migrations.SagazMigrations;
import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How long PostgreSQL plans statements, by the number of partitions. */
final class PlanningMeasurement {
    private final Stage stage;
    private final PartitionSizes.Planning sizes;
    private final SagaId saga = SagaId.next(Clock.offset(Clock.systemUTC(), Duration.ofDays(-1)));

    /** Schemas that differ in the number of partitions of saga_executions. */
    private enum Schema {
        P16("planning_16", 16),
        P37("planning_37", 37),
        P60("planning_60", 60);

        private final String schema;
        private final int partitions;

        Schema(String schema, int partitions) {
            this.schema = schema;
            this.partitions = partitions;
        }
    }

    private interface Planner {
        double millis(Schema schema, PlannedStatement planned) throws SQLException;
    }

    PlanningMeasurement(Stage stage, PartitionSizes.Planning sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException {
        for (Schema schema : Schema.values()) {
            stage.progress().step("Making a schema with " + schema.partitions + " partitions of saga_executions");
            make(schema);
        }
        stage.settle();
        try (Connection connection = stage.owner()) {
            Section warm = section(
                    "planning in a session that has planned it before",
                    "`EXPLAIN (SUMMARY)` again and again in one session, which knows the tables.",
                    sizes.warm(),
                    (schema, planned) -> planningMillis(connection, schema, planned));
            Section fresh = section(
                    "planning in a new session",
                    "`EXPLAIN (SUMMARY)` as the first statement of a session, which has to read about the tables first."
                            + " Pools keep their sessions so that this is rare.",
                    sizes.fresh(),
                    (schema, planned) -> {
                        try (Connection another = stage.owner()) {
                            return planningMillis(another, schema, planned);
                        }
                    });
            return List.of(warm, fresh);
        } finally {
            for (Schema schema : Schema.values()) {
                stage.administer("DROP SCHEMA " + schema.schema + " CASCADE");
            }
        }
    }

    private void make(Schema schema) throws SQLException {
        SagazMigrations.of(stage.asOwner(schema.schema)).migrate();
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            int months = schema.partitions - partitions(statement, schema);
            // The migration has made the last month and all after it.
            for (int month = 2; month < months + 2; month++) {
                statement.execute(
                        "SELECT %s.create_saga_executions_partition((now() AT TIME ZONE 'UTC' - interval '%d months')::date)"
                                .formatted(schema.schema, month));
            }
            if (partitions(statement, schema) != schema.partitions) {
                throw new IllegalStateException(schema + " has " + partitions(statement, schema) + " partitions");
            }
            // Into each partition, so that there are statistics for the planner to read.
            statement.execute("""
                    INSERT INTO %1$s.saga_executions (saga_id, created_at, saga_name, status)
                    SELECT %1$s.sagaz_uuid7(at), at, 'saga-' || n %% 20, 'SUCCESS'
                      FROM (SELECT n, date_trunc('milliseconds', p.partition_start
                                   + n * (p.partition_end - p.partition_start) / %2$d) AS at
                              FROM %1$s.sagaz_partitions() p, generate_series(0, %2$d - 1) n
                             WHERE p.table_name = 'saga_executions') saga
                    """.formatted(schema.schema, sizes.rows()));
            statement.execute("VACUUM (ANALYZE) " + schema.schema + ".saga_executions");
        }
    }

    private static int partitions(Statement statement, Schema schema) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "SELECT count(*) FROM " + schema.schema + ".sagaz_partitions() WHERE table_name = 'saga_executions'")) {
            row.next();
            return row.getInt(1);
        }
    }

    private Section section(String title, String how, Alternation alternation, Planner planner) throws SQLException {
        List<Result> results = new ArrayList<>();
        for (PlannedStatement planned : PlannedStatement.values()) {
            stage.progress().step("Timing " + title + ": " + planned.label());
            Map<Schema, Rounds> times = alternation.run(
                    Schema.class,
                    (schema, round) -> planner.millis(schema, planned),
                    done -> stage.progress().at("round", done, alternation.total()));
            Result base = result(planned, Schema.P16, times);
            results.add(base);
            results.add(result(planned, Schema.P37, times).against(base));
            results.add(result(planned, Schema.P60, times).against(base).inPicture());
        }
        return new Section(
                title,
                how + " Three schemas with 16, 37 and 60 partitions of saga_executions, " + Words.count(sizes.rows())
                        + " sagas in each partition; 16 is what twelve months of retention come to. The compare-and-set is the part of the library's statement"
                        + " that reads and changes the saga itself.",
                results,
                meaning(results));
    }

    private static String meaning(List<Result> results) {
        return "With 16 partitions, planning a lookup by id and time takes "
                + millis(results, PlannedStatement.BY_ID_AND_TIME) + ", by id alone "
                + millis(results, PlannedStatement.BY_ID)
                + ": partitions that a bound time excludes are left out before the planner looks at them, and otherwise it"
                + " plans for each. The library's compare-and-set binds the time wherever it looks into a table: "
                + millis(results, PlannedStatement.COMPARE_AND_SET)
                + ". Took it the time from a row of values by a join, it would be "
                + millis(results, PlannedStatement.JOINED) + ", and "
                + Words.times(find(results, PlannedStatement.JOINED, Schema.P60).ratio())
                + " times that with 60 partitions.";
    }

    private static String millis(List<Result> results, PlannedStatement planned) {
        return Words.millis(find(results, planned, Schema.P16).value());
    }

    private static Result find(List<Result> results, PlannedStatement planned, Schema schema) {
        return results.stream()
                .filter(result -> result.name().equals(name(planned, schema)))
                .findFirst()
                .orElseThrow();
    }

    private static String name(PlannedStatement planned, Schema schema) {
        return planned.label() + ", " + schema.partitions + " partitions";
    }

    private static Result result(PlannedStatement planned, Schema schema, Map<Schema, Rounds> times) {
        return Result.median(
                planned.label() + ", " + schema.partitions + " partitions",
                Unit.MILLIS,
                Objects.requireNonNull(times.get(schema)));
    }

    private double planningMillis(Connection connection, Schema schema, PlannedStatement planned) throws SQLException {
        String sql = "EXPLAIN (SUMMARY, FORMAT JSON) " + planned.in(schema.schema);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            planned.bind(statement, saga);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Explained.parse(row.getString(1)).planningMillis();
            }
        }
    }
}
