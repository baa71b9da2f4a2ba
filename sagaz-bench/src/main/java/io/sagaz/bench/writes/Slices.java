package io.sagaz.bench.writes;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.measure.Rounds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What was measured, round by round. Of one thread. */
final class Slices {
    private final Map<Cell, List<Slice>> rounds = new LinkedHashMap<>();

    /** One thing that is measured in each round. */
    record Cell(int callers, Workload workload, Way way, Entrant entrant) {}

    /** Adds what the next round of it gave. */
    void add(Cell cell, Slice slice) {
        rounds.computeIfAbsent(cell, any -> new ArrayList<>()).add(slice);
    }

    /** One number of each round. */
    Rounds of(Cell cell, ToDoubleFunction<Slice> number) {
        List<Slice> slices = rounds.get(cell);
        if (slices == null) {
            throw new IllegalArgumentException("Nothing was measured of " + cell);
        }
        return new Rounds(slices.stream().map(number::applyAsDouble).toList());
    }
}
