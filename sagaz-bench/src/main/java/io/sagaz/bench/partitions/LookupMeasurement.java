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
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** How long it takes to find one saga: by its id and the time in it, as the library does, and by its id alone. */
final class LookupMeasurement {
    private static final String BY_ID_AND_TIME =
            "SELECT saga_name, status, version, context FROM %s WHERE saga_id = ? AND created_at = ?";
    private static final String BY_ID = "SELECT saga_name, status, version, context FROM %s WHERE saga_id = ?";

    /** So that a random sample nearly always holds as many as are wanted. */
    private static final double MORE_THAN_WANTED = 1.5;

    private final Stage stage;
    private final PartitionSizes sizes;

    private record Saga(UUID id, OffsetDateTime createdAt) {}

    LookupMeasurement(Stage stage, PartitionSizes sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException {
        try (Connection connection = stage.owner()) {
            stage.progress().step("Choosing sagas to look up");
            List<Saga> sagas = sample(connection);
            return List.of(
                    measure(
                            connection,
                            sagas,
                            "lookup by id and time",
                            BY_ID_AND_TIME,
                            sizes.tables().lookups(),
                            "This is how the library finds a saga: the time is computed from the id and leaves one partition."),
                    measure(
                            connection,
                            sagas,
                            "lookup by id alone",
                            BY_ID,
                            sizes.tables().lookupsById(),
                            "A person who types only the id has the index of each partition looked at: that is its price."
                                    + " Add `AND created_at = sagaz_uuid7_time('…')` to avoid it."));
        }
    }

    private Section measure(
            Connection connection, List<Saga> sagas, String title, String sql, int lookups, String meaning)
            throws SQLException {
        stage.progress().step("Random " + title);
        Alternation alternation = sizes.rounds();
        Map<TableKind, Rounds> times = alternation.run(
                TableKind.class,
                (kind, round) -> millis(connection, sql.formatted(kind.table()), ofRound(sagas, lookups, round)),
                done -> stage.progress().at("round", done, alternation.total()));
        List<Result> results = new ArrayList<>();
        Result partitioned = Comparison.add(results, "", Unit.MILLIS, times, true);
        return new Section(
                title,
                "`" + sql.formatted("…") + "`, " + Words.count(lookups)
                        + " random sagas in a row on one connection, in each round others, the same for each table.",
                results,
                "The partitioned table takes " + Words.ofTime(partitioned.ratios()) + ". " + meaning);
    }

    private static List<Saga> ofRound(List<Saga> sagas, int lookups, int round) {
        int from = round * lookups % sagas.size();
        return sagas.subList(from, Math.min(sagas.size(), from + lookups));
    }

    private static double millis(Connection connection, String sql, List<Saga> sagas) throws SQLException {
        boolean withTime = sql.contains("created_at");
        Iterator<Saga> next = sagas.iterator();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return Timing.millisEach(sagas.size(), () -> {
                Saga saga = next.next();
                statement.setObject(1, saga.id());
                if (withTime) {
                    statement.setObject(2, saga.createdAt());
                }
                find(statement, saga);
            });
        }
    }

    private static void find(PreparedStatement statement, Saga saga) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("Saga " + saga.id() + " is not there");
            }
            row.getString(4);
        }
    }

    private List<Saga> sample(Connection connection) throws SQLException {
        int wanted = sizes.rounds().total() * sizes.tables().lookups();
        double percent =
                Math.min(100, 100 * MORE_THAN_WANTED * wanted / sizes.tables().rows());
        String sql = String.format(
                Locale.ROOT,
                "SELECT saga_id, created_at FROM %s TABLESAMPLE BERNOULLI (%.4f) ORDER BY random() LIMIT %d",
                TableKind.PLAIN.table(),
                percent,
                wanted);
        List<Saga> sagas = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                sagas.add(new Saga(row.getObject(1, UUID.class), row.getObject(2, OffsetDateTime.class)));
            }
        }
        return sagas;
    }
}
