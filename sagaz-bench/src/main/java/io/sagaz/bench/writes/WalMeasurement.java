package io.sagaz.bench.writes;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How much WAL a saga is. Counted, with one caller, while nobody else writes. */
final class WalMeasurement {
    private static final List<Workload> WORKLOADS = List.of(Workload.NEW_SAGA, Workload.WHOLE);
    private static final long LOOK_MILLIS = 100;

    private final Stage stage;
    private final WriteSizes sizes;
    private final Stock stock;

    /** Who is compared. */
    private enum Author {
        SAGAZ(Entrant.SAGAZ),
        BY_HAND(Entrant.BY_HAND);

        private final Entrant entrant;

        Author(Entrant entrant) {
            this.entrant = entrant;
        }
    }

    WalMeasurement(Stage stage, WriteSizes sizes, Stock stock) {
        this.stage = stage;
        this.sizes = sizes;
        this.stock = stock;
    }

    Section measure() throws SQLException, InterruptedException {
        stage.progress().step("Counting WAL");
        quiet();
        List<Result> results = new ArrayList<>();
        try (Field field = new Field(stage, stock, Way.DIRECT, 1)) {
            for (Workload workload : WORKLOADS) {
                Map<Author, Rounds> bytes = measure(field, workload);
                Result byHand = result(workload, Author.BY_HAND, bytes);
                results.add(
                        result(workload, Author.SAGAZ, bytes).against(byHand).inPicture());
                results.add(byHand);
            }
        }
        stage.administer("ALTER SYSTEM RESET autovacuum", "SELECT pg_reload_conf()");
        return new Section(
                "WAL of a saga",
                "Bytes of WAL between two positions, divided by the " + sizes.sagas()
                        + " sagas between them; direct, one caller, after a checkpoint, so that the images of pages that"
                        + " follow one are part of it. Autovacuum is off meanwhile.",
                results,
                "Sagaz writes " + Words.times(results.get(0).ratio())
                        + " times the WAL of hand-written JDBC for a new saga," + " and "
                        + Words.times(results.get(2).ratio()) + " times for a whole one: the rows are the same.");
    }

    private Map<Author, Rounds> measure(Field field, Workload workload) throws SQLException, InterruptedException {
        Alternation alternation = sizes.counted();
        Map<Author, List<Double>> bytes = new EnumMap<>(Author.class);
        for (int round = 0; round < alternation.total(); round++) {
            for (Author author : Author.values()) {
                double each = bytesEach(field.contender(author.entrant), workload);
                if (round >= alternation.warmUps()) {
                    bytes.computeIfAbsent(author, any -> new ArrayList<>()).add(each);
                }
            }
            stage.progress().at("round", round + 1L, alternation.total());
        }
        Map<Author, Rounds> rounded = new EnumMap<>(Author.class);
        bytes.forEach((author, numbers) -> rounded.put(author, new Rounds(numbers)));
        return rounded;
    }

    private double bytesEach(Contender contender, Workload workload) throws SQLException, InterruptedException {
        stage.administer("CHECKPOINT");
        double before = position();
        var unused = Load.counted(1, sizes.sagas()).run(() -> contender.caller(workload));
        return (position() - before) / sizes.sagas();
    }

    private double position() throws SQLException {
        return Double.parseDouble(stage.ask("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"));
    }

    /** Until nobody vacuums any more. */
    private void quiet() throws SQLException, InterruptedException {
        stage.administer("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()");
        while (!stage.ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")
                .equals("0")) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static Result result(Workload workload, Author author, Map<Author, Rounds> bytes) {
        Rounds rounds = bytes.get(author);
        if (rounds == null) {
            throw new IllegalArgumentException("Nothing was measured of " + author);
        }
        return Result.median(workload.title() + ", " + author.entrant.title(), Unit.BYTES, rounds);
    }
}
