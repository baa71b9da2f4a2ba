package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.measure.Explained;
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
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How long it takes to count the sagas of the last hour and of the last day by their status. */
final class TimeRangeMeasurement {
    static final String COUNT_SINCE = "SELECT status, count(*) FROM %s WHERE created_at >= ? GROUP BY status";

    /** The claim of the deployment that Sagaz follows: 50 to 80 percent less. */
    static final double MOST_OF_PLAIN = 0.5;

    private static final String COUNT_SINCE_NOW =
            "SELECT status, count(*) FROM %s WHERE created_at >= now() - interval '1 hour' GROUP BY status";

    private final Stage stage;
    private final PartitionSizes sizes;
    private final OffsetDateTime newest;

    private record Query(String title, String sql, Optional<Duration> back, String how, String meaning) {}

    TimeRangeMeasurement(Stage stage, PartitionSizes sizes, OffsetDateTime newest) {
        this.stage = stage;
        this.sizes = sizes;
        this.newest = newest;
    }

    List<Section> measure() throws SQLException {
        List<Query> queries = List.of(
                new Query(
                        "last hour",
                        COUNT_SINCE,
                        Optional.of(Duration.ofHours(1)),
                        "The bound, an hour before the youngest saga, is a parameter.",
                        "The BRIN index, which all three have, leads to the pages of that hour by itself; what partitions are"
                                + " worth without it stands under \"BRIN index\"."),
                new Query(
                        "last hour, as people write it",
                        COUNT_SINCE_NOW,
                        Optional.empty(),
                        "The tables were filled up to the time when that began, so there is a little less than an hour of"
                                + " them.",
                        "What `now()` excludes is left out when the query begins to run, after all partitions have been"
                                + " planned for: that is the difference to a bound that is a parameter."),
                new Query(
                        "last day",
                        COUNT_SINCE,
                        Optional.of(Duration.ofDays(1)),
                        "The bound, a day before the youngest saga, is a parameter.",
                        "With more rows to count, how they are found matters less."));
        List<Section> sections = new ArrayList<>();
        try (Connection connection = stage.owner()) {
            for (Query query : queries) {
                sections.add(measure(connection, query));
            }
        }
        return sections;
    }

    private Section measure(Connection connection, Query query) throws SQLException {
        stage.progress().step("Time range: " + query.title());
        Alternation alternation = sizes.rounds();
        Map<TableKind, Rounds> times = alternation.run(
                TableKind.class,
                (kind, round) -> millis(connection, query, kind),
                done -> stage.progress().at("round", done, alternation.total()));
        Map<TableKind, Rounds> pages = new EnumMap<>(TableKind.class);
        for (TableKind kind : TableKind.values()) {
            pages.put(
                    kind, Rounds.once((double) explain(connection, query, kind).buffers()));
        }
        List<Result> results = new ArrayList<>();
        Result partitioned = Comparison.add(results, "", Unit.MILLIS, times, true)
                .shouldBe(
                        "50 to 80 % less time than one table, as the reference deployment claims",
                        result -> result.ratio() <= MOST_OF_PLAIN);
        results.set(0, partitioned);
        Result partitionedPages = Comparison.add(results, ", pages", Unit.PAGES, pages, false);
        return new Section(
                query.title(),
                "`" + query.sql().formatted("…") + "`. " + query.how() + " "
                        + sizes.tables().queries()
                        + " queries in a row are one round of a variant. Pages: what `EXPLAIN (ANALYZE, BUFFERS)` says.",
                results,
                "The partitioned table takes " + Words.ofTime(partitioned.ratios()) + ", and touches "
                        + Words.times(partitionedPages.ratios().get(0).value()) + " and "
                        + Words.times(partitionedPages.ratios().get(1).value()) + " of their pages. "
                        + query.meaning());
    }

    private double millis(Connection connection, Query query, TableKind kind) throws SQLException {
        try (PreparedStatement statement = prepare(connection, query.sql(), query, kind)) {
            return Timing.millisEach(sizes.tables().queries(), () -> drain(statement));
        }
    }

    private Explained explain(Connection connection, Query query, TableKind kind) throws SQLException {
        try (PreparedStatement statement = prepare(
                        connection, "EXPLAIN (ANALYZE, BUFFERS, SUMMARY, FORMAT JSON) " + query.sql(), query, kind);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return Explained.parse(row.getString(1));
        }
    }

    private PreparedStatement prepare(Connection connection, String sql, Query query, TableKind kind)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql.formatted(kind.table()));
        if (query.back().isPresent()) {
            statement.setObject(1, newest.minus(query.back().get()));
        }
        return statement;
    }

    static void drain(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                row.getLong(2);
            }
        }
    }
}
