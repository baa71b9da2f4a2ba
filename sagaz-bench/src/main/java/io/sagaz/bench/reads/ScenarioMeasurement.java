package io.sagaz.bench.reads;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Timing;
import io.sagaz.bench.reads.Standstill.Written;
import io.sagaz.bench.reads.Watcher.Sight;
import io.sagaz.bench.report.Section;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** What everybody sees when something is wrong: each thing goes wrong once in a round, and all look then, in turn. */
final class ScenarioMeasurement {
    private final Stage stage;
    private final ReadSizes.Scenarios sizes;
    private final Map<Cell, List<Round>> rounds = new LinkedHashMap<>();

    private record Cell(Scenario scenario, Watcher watcher) {}

    /** What came of the looks, as parts of all, and the longest of them. */
    record Round(Map<Seen, Double> shares, double longestMillis) {}

    ScenarioMeasurement(Stage stage, ReadSizes.Scenarios sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException, InterruptedException {
        DriverLogs.silence();
        try (RoutingSagaStore writer = ReadStores.open(stage, stage.reads(), sizes.callers())) {
            for (Scenario scenario : Scenario.values()) {
                for (int round = 1; round <= sizes.rounds(); round++) {
                    stage.progress().step("Faults: " + scenario.title() + ", round " + round + " of " + sizes.rounds());
                    round(scenario, new Sources(writer));
                }
            }
        }
        return new ScenarioSections(this, sizes).sections();
    }

    /** Where the sagas come from that are looked for. */
    private final class Sources {
        private final RoutingSagaStore writer;
        private final List<Written> written = new ArrayList<>();

        Sources(RoutingSagaStore writer) {
            this.writer = writer;
        }

        void write(int count) {
            for (int i = 0; i < count; i++) {
                written.add(Standstill.write(writer));
            }
        }

        void awaitStale() throws InterruptedException {
            Standstill.await(writer, sizes.staleness());
        }

        Written next(Scenario scenario) {
            return scenario == Scenario.AFTER_WRITE
                    ? Standstill.write(writer)
                    : written.get(ThreadLocalRandom.current().nextInt(written.size()));
        }
    }

    private void round(Scenario scenario, Sources sources) throws SQLException, InterruptedException {
        Map<Watcher, Sight> sights = new EnumMap<>(Watcher.class);
        try {
            for (Watcher watcher : Watcher.values()) {
                sights.put(watcher, watcher.open(stage, sizes.callers(), sizes.staleness()));
            }
            sources.write(sizes.looks());
            stage.replicas().catchUp();
            for (Sight sight : sights.values()) {
                look(Scenario.KILLED, sight, sources); // Opens all connections, while nothing is wrong.
            }
            scenario.begin(stage.replicas());
            try {
                if (scenario.isStandstill()) {
                    sources.written.clear();
                    sources.write(sizes.looks());
                    sources.awaitStale();
                }
                for (Map.Entry<Watcher, Sight> one : sights.entrySet()) {
                    rounds.computeIfAbsent(new Cell(scenario, one.getKey()), any -> new ArrayList<>())
                            .add(look(scenario, one.getValue(), sources));
                }
            } finally {
                scenario.end(stage.replicas());
            }
        } finally {
            sights.values().forEach(Sight::close);
        }
    }

    private Round look(Scenario scenario, Sight sight, Sources sources) throws SQLException, InterruptedException {
        Map<Seen, LongAdder> seen = new EnumMap<>(Seen.class);
        for (Seen one : Seen.values()) {
            seen.put(one, new LongAdder());
        }
        LongAccumulator longest = new LongAccumulator(Math::max, 0);
        Load.counted(sizes.callers(), sizes.looks()).run(() -> () -> {
            Written saga = sources.next(scenario);
            long begun = System.nanoTime();
            Objects.requireNonNull(seen.get(look(sight, saga, begun))).increment();
            longest.accumulate(System.nanoTime() - begun);
            return true;
        });
        double all = (double) sizes.callers() * sizes.looks();
        Map<Seen, Double> shares = new EnumMap<>(Seen.class);
        seen.forEach((what, count) -> shares.put(what, count.sum() / all));
        return new Round(shares, Timing.millis(longest.get()));
    }

    private static Seen look(Sight sight, Written saga, long begun) {
        try {
            return Seen.of(saga, sight.look(saga), begun);
        } catch (SQLException | StoreException | DataAccessException | TransactionException e) {
            return Seen.FAILED;
        }
    }

    /** One number of each round. */
    Rounds of(Scenario scenario, Watcher watcher, ToDoubleFunction<Round> number) {
        List<Round> measured = rounds.get(new Cell(scenario, watcher));
        if (measured == null) {
            throw new IllegalArgumentException("Nothing was measured of " + scenario + " and " + watcher);
        }
        return new Rounds(measured.stream().map(number::applyAsDouble).toList());
    }
}
