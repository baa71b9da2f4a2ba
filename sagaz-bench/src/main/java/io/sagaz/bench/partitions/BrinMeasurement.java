package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Timing;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the BRIN index on the time is worth, and what it costs. For the queries it is dropped in a transaction that is then
 * rolled back, so that with and without can alternate on the same rows.
 */
final class BrinMeasurement {
    private static final String BRIN_OF_PARTITIONS = "saga_executions_time_idx";
    private static final int BYTES_OF_A_KIBIBYTE = 1024;

    private final Stage stage;
    private final PartitionSizes sizes;
    private final OffsetDateTime newest;

    /** Which table, and whether its BRIN index is dropped for the query. */
    private enum QueryCase {
        WITH("partitioned, with BRIN", TableKind.PARTITIONED, false),
        WITHOUT("partitioned, without BRIN", TableKind.PARTITIONED, true),
        PLAIN_WITH("one table, with BRIN", TableKind.PLAIN, false),
        PLAIN_WITHOUT("one table, without BRIN", TableKind.PLAIN, true);

        private final String label;
        private final TableKind kind;
        private final boolean dropped;

        QueryCase(String label, TableKind kind, boolean dropped) {
            this.label = label;
            this.kind = kind;
            this.dropped = dropped;
        }
    }

    private enum InsertCase {
        WITH("100 rows into a new table, with BRIN", "bench_with_brin"),
        WITHOUT("100 rows into a new table, without BRIN", "bench_without_brin");

        private final String label;
        private final String table;

        InsertCase(String label, String table) {
            this.label = label;
            this.table = table;
        }
    }

    BrinMeasurement(Stage stage, PartitionSizes sizes, OffsetDateTime newest) {
        this.stage = stage;
        this.sizes = sizes;
        this.newest = newest;
    }

    Section measure() throws SQLException {
        Map<QueryCase, Rounds> queries;
        Map<InsertCase, Rounds> inserts;
        Sizes size;
        try (Connection connection = stage.owner()) {
            queries = queries(connection);
            inserts = inserts(connection);
            size = sizes(connection);
        }
        Result plainWithout = query(QueryCase.PLAIN_WITHOUT, queries);
        Result plainWith =
                query(QueryCase.PLAIN_WITH, queries).against(plainWithout).inPicture();
        Result without = query(QueryCase.WITHOUT, queries)
                .against(plainWithout)
                .inPicture()
                .shouldBe(
                        "50 to 80 % less time than one table, when neither has an index on the time",
                        result -> result.ratio() <= TimeRangeMeasurement.MOST_OF_PLAIN);
        Result with = query(QueryCase.WITH, queries).against(without).inPicture();
        Result insertWithout = insert(InsertCase.WITHOUT, inserts);
        Result insertWith =
                insert(InsertCase.WITH, inserts).against(insertWithout).inPicture();
        Result btree = Result.median("size of a b-tree on time, one table", Unit.KIBIBYTES, Rounds.once(size.btree()));
        Result brin = Result.median("size of BRIN, all partitions", Unit.KIBIBYTES, Rounds.once(size.brin()))
                .against(btree);
        return new Section(
                "BRIN index",
                "`" + TimeRangeMeasurement.COUNT_SINCE.formatted("…")
                        + "` for the last hour, with the index of the schema and after dropping it in a transaction that is"
                        + " rolled back. The current partition holds "
                        + Words.count(size.currentRows()) + " sagas so far this month. Inserts go into two new tables,"
                        + " made like a partition, in alternation.",
                List.of(with, without, plainWith, plainWithout, insertWith, insertWithout, brin, btree),
                "On the partitioned table the last hour takes " + Words.times(with.ratio())
                        + " of the time that it takes without the index, when the current partition is read from its"
                        + " beginning to its end. Partitions alone, without it, take " + Words.times(without.ratio())
                        + " of the time of one table without it. An insert takes " + Words.ofTime(insertWith.ratios())
                        + "; and the index has " + Words.times(100 * brin.ratio())
                        + " % of the size of a b-tree on the same column. The later in the month, the more it is worth.");
    }

    private Map<QueryCase, Rounds> queries(Connection connection) throws SQLException {
        stage.progress().step("BRIN index: the last hour with and without");
        String plainIndex = brinOf(connection, TableKind.PLAIN.table());
        Alternation alternation = sizes.rounds();
        connection.setAutoCommit(false);
        Map<QueryCase, Rounds> times = alternation.run(
                QueryCase.class,
                (which, round) -> {
                    try (Statement statement = connection.createStatement()) {
                        if (which.dropped) {
                            statement.execute("DROP INDEX "
                                    + (which.kind == TableKind.PARTITIONED ? BRIN_OF_PARTITIONS : plainIndex));
                        }
                        return millis(connection, which);
                    } finally {
                        connection.rollback();
                    }
                },
                done -> stage.progress().at("round", done, alternation.total()));
        connection.setAutoCommit(true);
        return times;
    }

    private double millis(Connection connection, QueryCase which) throws SQLException {
        String sql = TimeRangeMeasurement.COUNT_SINCE.formatted(which.kind.table());
        // One table is then read as a whole: once is enough.
        int times = which == QueryCase.PLAIN_WITHOUT ? 1 : sizes.tables().queries();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, newest.minus(Duration.ofHours(1)));
            TimeRangeMeasurement.drain(statement); // Reads the catalog anew.
            return Timing.millisEach(times, () -> TimeRangeMeasurement.drain(statement));
        }
    }

    private Map<InsertCase, Rounds> inserts(Connection connection) throws SQLException {
        stage.progress().step("BRIN index: inserts with and without");
        try (Statement statement = connection.createStatement()) {
            for (InsertCase which : InsertCase.values()) {
                SagaTables.makePlain(statement, which.table);
            }
            statement.execute("DROP INDEX " + brinOf(connection, InsertCase.WITHOUT.table));
        }
        Alternation alternation = sizes.rounds();
        return alternation.run(
                InsertCase.class,
                (which, round) ->
                        Inserts.ofMany(connection, which.table, sizes.tables().batchInserts()),
                done -> stage.progress().at("round", done, alternation.total()));
    }

    private static String brinOf(Connection connection, String table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT i.indexrelid::regclass::text FROM pg_index i
                  JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                 WHERE a.amname = 'brin' AND i.indrelid = ?::regclass
                """)) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException(table + " has no BRIN index");
                }
                return Objects.requireNonNull(row.getString(1));
            }
        }
    }

    /** In KiB, and rows in the current partition as the planner estimates them. */
    private record Sizes(double brin, double btree, long currentRows) {}

    private static Sizes sizes(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree('%s') WHERE isleaf),
                               pg_relation_size('bench_indexed_time_idx'),
                               (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(
                                   sagaz_partition_name('saga_executions', 'MONTH', (now() AT TIME ZONE 'UTC')::date)))
                        """.formatted(BRIN_OF_PARTITIONS))) {
            row.next();
            return new Sizes(
                    row.getDouble(1) / BYTES_OF_A_KIBIBYTE, row.getDouble(2) / BYTES_OF_A_KIBIBYTE, row.getLong(3));
        }
    }

    private static Result query(QueryCase which, Map<QueryCase, Rounds> measured) {
        return Result.median(which.label, Unit.MILLIS, Objects.requireNonNull(measured.get(which)));
    }

    private static Result insert(InsertCase which, Map<InsertCase, Rounds> measured) {
        return Result.median(which.label, Unit.MILLIS, Objects.requireNonNull(measured.get(which)));
    }
}
