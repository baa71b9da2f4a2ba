package io.sagaz.bench.writes;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.load.Slice;
import io.sagaz.bench.writes.Slices.Cell;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures everybody in turn, in each round pgbench before the others of a workload: what slows the machine down for a while
 * hits all of them.
 */
final class TimedRounds {
    /** What nobody has reached here so far; a stock for so many calls a second lasts. */
    private static final double FIRST_RATE = 4_000;

    private static final double RESERVE = 1.5;
    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Stage stage;
    private final WriteSizes sizes;
    private final Stock stock;
    private final WritesSchema schema;
    private final Slices slices = new Slices();
    private final Map<Cell, Double> rates = new HashMap<>();

    TimedRounds(Stage stage, WriteSizes sizes, Stock stock, WritesSchema schema) {
        this.stage = stage;
        this.sizes = sizes;
        this.stock = stock;
        this.schema = schema;
    }

    /** All of them. */
    Slices measure() throws SQLException, IOException, InterruptedException {
        try (PgBench pgbench = PgBench.find(stage)) {
            for (int callers : sizes.callers()) {
                schema.empty();
                measure(callers, pgbench);
            }
        }
        return slices;
    }

    private void measure(int callers, PgBench pgbench) throws SQLException, IOException, InterruptedException {
        int connections = sizes.connections(callers);
        List<Cell> cells = cells(callers);
        try (Field direct = new Field(stage, stock, Way.DIRECT, connections);
                Field pooled = new Field(stage, stock, Way.POOLED, connections)) {
            Map<Way, Field> fields = new EnumMap<>(Map.of(Way.DIRECT, direct, Way.POOLED, pooled));
            for (int round = 0; round < sizes.timed().total(); round++) {
                boolean warm = round >= sizes.timed().warmUps();
                if (round == sizes.timed().warmUps()) {
                    schema.settle();
                }
                stage.progress()
                        .step((warm ? "Timing " : "Warming up ") + (callers == 1 ? "1 caller" : callers + " callers")
                                + ", round " + (round + 1) + " of "
                                + sizes.timed().total());
                for (int i = 0; i < cells.size(); i++) {
                    Cell cell = cells.get(i);
                    Slice slice = measure(cell, fields, pgbench, warm ? sizes.slice() : sizes.warmUp());
                    if (warm) {
                        slices.add(cell, slice);
                    }
                    stage.progress().at("measurement", i + 1, cells.size());
                }
            }
        }
    }

    private static List<Cell> cells(int callers) {
        List<Cell> cells = new ArrayList<>();
        for (Workload workload : Workload.timed()) {
            cells.add(new Cell(callers, workload, Way.DIRECT, Entrant.PGBENCH));
            for (Way way : Way.values()) {
                for (Entrant entrant : Entrant.contenders(workload)) {
                    cells.add(new Cell(callers, workload, way, entrant));
                }
            }
        }
        return cells;
    }

    private Slice measure(Cell cell, Map<Way, Field> fields, PgBench pgbench, Duration length)
            throws SQLException, IOException, InterruptedException {
        if (cell.entrant() == Entrant.PGBENCH) {
            return pgbench.run(cell.callers(), length);
        }
        if (cell.workload() == Workload.STEP) {
            double rate = rates.getOrDefault(cell, FIRST_RATE);
            stock.fillUp(Math.round(RESERVE * rate * length.toNanos() / NANOS_OF_A_SECOND));
        }
        Field field = fields.get(cell.way());
        if (field == null) {
            throw new IllegalArgumentException("Nobody goes " + cell.way());
        }
        Contender contender = field.contender(cell.entrant());
        contender.ready(cell.workload());
        try {
            Slice slice = Load.lasting(cell.callers(), length).run(() -> contender.caller(cell.workload()));
            rates.put(cell, slice.perSecond());
            return slice;
        } finally {
            contender.rest();
        }
    }
}
