package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How long it takes to insert sagas, one and many at a time. They make the tables grow. */
final class InsertMeasurement {
    private final Stage stage;
    private final PartitionSizes sizes;

    InsertMeasurement(Stage stage, PartitionSizes sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException {
        try (Connection connection = stage.owner()) {
            return List.of(
                    measure(
                            "insert of one saga",
                            "One row, committed at once; "
                                    + Words.count(sizes.tables().inserts())
                                    + " in a row are one round of a variant. Most of it is the commit, which waits for"
                                    + " the disk.",
                            (kind, round) -> Inserts.ofOne(
                                    connection, kind.table(), sizes.tables().inserts())),
                    measure(
                            "insert of " + Inserts.ROWS_AT_ONCE + " sagas",
                            Inserts.ROWS_AT_ONCE + " rows from arrays in one statement, committed at once; "
                                    + Words.count(sizes.tables().batchInserts())
                                    + " in a row are one round of a variant.",
                            (kind, round) -> Inserts.ofMany(
                                    connection, kind.table(), sizes.tables().batchInserts())));
        }
    }

    private Section measure(String title, String how, Alternation.Measure<TableKind> measure) throws SQLException {
        stage.progress().step("Timing the " + title);
        Alternation alternation = sizes.rounds();
        Map<TableKind, Rounds> times = alternation.run(
                TableKind.class, measure, done -> stage.progress().at("round", done, alternation.total()));
        List<Result> results = new ArrayList<>();
        Result partitioned = Comparison.add(results, "", Unit.MILLIS, times, true);
        return new Section(
                title,
                how,
                results,
                "Finding the partition of each row costs a little, and smaller indexes give something back: the partitioned"
                        + " table takes " + Words.ofTime(partitioned.ratios()) + ".");
    }
}
