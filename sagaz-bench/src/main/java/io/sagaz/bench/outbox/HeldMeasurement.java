package io.sagaz.bench.outbox;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Pools;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.report.Section;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Hold;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** What an outbox can bear, and whether it still can after a minute, while a report on a replica goes on reading from one snapshot. */
final class HeldMeasurement {
    private static final String RELAY = "held";
    private static final int CONNECTIONS_OF_RELAY = 2;
    /** After that statistics have been told. */
    private static final Duration TELLING = Duration.ofSeconds(2);

    private static final double BYTES_OF_A_MEBIBYTE = 1 << 20;

    private final Stage stage;
    private final OutboxSizes.Held sizes;
    private final Series<Cell> numbers = new Series<>();

    /** What is looked at. */
    enum Part {
        /** Events published in a second, in the beginning. */
        FIRST,
        /** At the end. */
        LAST,
        /** Rows at the end that nobody sees and that are not removed. */
        DEAD,
        /** What the tables take at the end, with their indexes. */
        MEBIBYTES
    }

    private record Cell(Rival rival, boolean held, Part part) {}

    HeldMeasurement(Stage stage, OutboxSizes.Held sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    Section measure() throws SQLException, InterruptedException {
        for (int round = 0; round < sizes.rounds().total(); round++) {
            boolean warm = round >= sizes.rounds().warmUps();
            for (Rival rival : Rival.values()) {
                stage.progress()
                        .step("At saturation, round " + (round + 1) + " of "
                                + sizes.rounds().total() + ": " + rival.title());
                if (!warm) {
                    run(rival, sizes.window().multipliedBy(2));
                } else {
                    add(rival, false, run(rival, sizes.length()));
                    stage.progress().note("Now with a snapshot held");
                    OutboxTables.empty(stage);
                    try (Hold snapshot = stage.replicas().holdSnapshot(0)) {
                        add(rival, true, run(rival, sizes.length()));
                        snapshot.check();
                    }
                }
                OutboxTables.empty(stage);
            }
        }
        return new HeldSection(this, sizes).section();
    }

    /** Events published in a second at the beginning and at the end. */
    private record Rates(double first, double last) {}

    private Rates run(Rival rival, Duration length) throws SQLException, InterruptedException {
        stage.settle();
        try (Authors authors = new Authors(stage, sizes.writers());
                RoutingSagaStore store = Stores.open(stage, CONNECTIONS_OF_RELAY);
                HikariDataSource pool = Pools.open(stage.through(), sizes.workers());
                Saturation saturation = new Saturation(authors.of(rival.author()), drain(rival, store, pool), sizes)) {
            saturation.awaitFirst();
            double first = saturation.rate(sizes.window());
            Thread.sleep(length.minus(sizes.window().multipliedBy(2)).toMillis());
            return new Rates(first, saturation.rate(sizes.window()));
        }
    }

    private void add(Rival rival, boolean held, Rates rates) throws SQLException, InterruptedException {
        Thread.sleep(TELLING.toMillis());
        numbers.add(new Cell(rival, held, Part.FIRST), rates.first());
        numbers.add(new Cell(rival, held, Part.LAST), rates.last());
        numbers.add(new Cell(rival, held, Part.DEAD), ask(rival, "sum(pg_stat_get_dead_tuples(relid))"));
        numbers.add(
                new Cell(rival, held, Part.MEBIBYTES),
                ask(rival, "sum(pg_total_relation_size(relid))") / BYTES_OF_A_MEBIBYTE);
    }

    private Drain drain(Rival rival, RoutingSagaStore store, HikariDataSource pool) {
        return switch (rival) {
            case SAGAZ -> RelayDrain.of(store.outboxLog(), RELAY, OptionalInt.empty(), RelayDrain.NO_BROKER);
            case STATUS_TABLE -> new StatusTableDrain(pool, sizes.workers());
        };
    }

    private double ask(Rival rival, String what) throws SQLException {
        String tables = rival.tables().stream()
                .map(table -> "SELECT '" + table + "'::regclass AS relid UNION ALL SELECT inhrelid FROM pg_inherits"
                        + " WHERE inhparent = '" + table + "'::regclass")
                .collect(Collectors.joining(" UNION ALL "));
        return Double.parseDouble(stage.ask("SELECT " + what + " FROM (" + tables + ") tables"));
    }

    /** One number of each round. */
    Rounds of(Rival rival, boolean held, Part part) {
        return numbers.of(new Cell(rival, held, part));
    }
}
