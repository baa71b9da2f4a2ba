package io.sagaz.bench.reads;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.load.Slice;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.storage.SagaId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.ToDoubleFunction;

/** Has everybody find random sagas by their ids, in turn in each round. */
final class FindRounds {
    private final Stage stage;
    private final ReadSizes.Finding sizes;
    private final List<SagaId> sagas;
    private final Map<Cell, List<Slice>> rounds = new LinkedHashMap<>();

    private record Cell(int callers, Entrant entrant) {}

    FindRounds(Stage stage, ReadSizes.Finding sizes, List<SagaId> sagas) {
        this.stage = stage;
        this.sizes = sizes;
        this.sagas = sagas;
    }

    /** Measures all of them. */
    FindRounds measure() throws SQLException, InterruptedException {
        for (int callers : sizes.callers()) {
            Map<Entrant, Finder> finders = new EnumMap<>(Entrant.class);
            try {
                for (Entrant entrant : entrants(callers)) {
                    finders.put(entrant, entrant.open(stage, callers));
                }
                measure(callers, finders);
            } finally {
                finders.values().forEach(Finder::close);
            }
        }
        return this;
    }

    /** Whoever has a target takes part everywhere, the others with the fewest and the most callers. */
    List<Entrant> entrants(int callers) {
        boolean outermost = callers == sizes.callers().get(0)
                || callers == sizes.callers().get(sizes.callers().size() - 1);
        return outermost ? List.of(Entrant.values()) : List.of(Entrant.BARE, Entrant.SAGAZ, Entrant.BARE_PREPARED);
    }

    private void measure(int callers, Map<Entrant, Finder> finders) throws SQLException, InterruptedException {
        for (int round = 0; round < sizes.rounds().total(); round++) {
            stage.progress()
                    .step("Finding by id, " + callers + " at once, round " + (round + 1) + " of "
                            + sizes.rounds().total());
            for (Map.Entry<Entrant, Finder> one : finders.entrySet()) {
                Slice slice = slice(callers, one.getValue(), sizes.slice());
                if (round >= sizes.rounds().warmUps()) {
                    rounds.computeIfAbsent(new Cell(callers, one.getKey()), any -> new ArrayList<>())
                            .add(slice);
                }
            }
        }
    }

    private Slice slice(int callers, Finder finder, Duration length) throws SQLException, InterruptedException {
        return Load.lasting(callers, length).run(() -> () -> {
            SagaId id = sagas.get(ThreadLocalRandom.current().nextInt(sagas.size()));
            if (finder.find(id).version() == 0) {
                throw new IllegalStateException("Saga " + id + " was not found");
            }
            return true;
        });
    }

    /** One number of each round. */
    Rounds of(int callers, Entrant entrant, ToDoubleFunction<Slice> number) {
        List<Slice> slices = rounds.get(new Cell(callers, entrant));
        if (slices == null) {
            throw new IllegalArgumentException("Nothing was measured of " + entrant + " with " + callers);
        }
        return new Rounds(slices.stream().map(number::applyAsDouble).toList());
    }
}
