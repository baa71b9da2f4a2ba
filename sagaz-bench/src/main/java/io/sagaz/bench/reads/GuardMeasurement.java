package io.sagaz.bench.reads;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.load.Order;
import io.sagaz.bench.load.Slice;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Section;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.storage.postgres.internal.sql.Schema;
import io.sagaz.storage.postgres.internal.sql.SqlSagaReads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** How writes fare while no replica is fresh enough and many want to read all the same, and what those get. */
final class GuardMeasurement {
    private static final int PAGE = 20;
    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Stage stage;
    private final ReadSizes.Guard sizes;
    private final HikariDataSource past;
    private final SqlSagaReads sql = new SqlSagaReads(new Schema("public"));
    private final Map<Cell, List<Round>> rounds = new LinkedHashMap<>();
    private Duration every = Duration.ZERO;

    /** Whether writers pause. */
    enum Pace {
        /** Each writer makes a call now and then, far less often than it could. */
        PACED("paced writes"),
        /** As fast as they can. */
        UNPACED("writes without a pause");

        private final String words;

        Pace(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private record Cell(Pace pace, Readers readers) {}

    /** What the writers needed, what the readers got as parts of all, and how many answers they had in a second. */
    record Round(Slice writes, Map<Served, Double> shares, double answers) {}

    GuardMeasurement(Stage stage, ReadSizes.Guard sizes) {
        this.stage = stage;
        this.sizes = sizes;
        past = ReadPools.open(stage.reads(), sizes.connections(), ReadPools.UNPREPARED);
    }

    List<Section> measure() throws SQLException, InterruptedException {
        try (past;
                RoutingSagaStore store = ReadStores.open(stage, stage.reads(), sizes.connections())) {
            stage.progress().step("Writing alone, to know how fast that can be");
            write(store, Pace.UNPACED);
            double rate = sizes.paced() * write(store, Pace.UNPACED).perSecond();
            every = Duration.ofNanos(Math.round(sizes.writers() * NANOS_OF_A_SECOND / rate));
            for (int round = 0; round < sizes.rounds().total(); round++) {
                stage.progress()
                        .step("Replicas at a standstill: round " + (round + 1) + " of "
                                + sizes.rounds().total());
                stage.replicas().pause();
                try {
                    Standstill.await(store, sizes.staleness());
                    for (Pace pace : Pace.values()) {
                        for (Readers readers : Readers.values()) {
                            Round result = round(store, pace, readers);
                            if (round >= sizes.rounds().warmUps()) {
                                rounds.computeIfAbsent(new Cell(pace, readers), any -> new ArrayList<>())
                                        .add(result);
                            }
                        }
                    }
                } finally {
                    stage.replicas().resume();
                }
            }
        }
        return new GuardSections(this, sizes).sections();
    }

    private Round round(RoutingSagaStore store, Pace pace, Readers readers) throws SQLException, InterruptedException {
        int size = readers == Readers.NOBODY ? 0 : sizes.readers();
        try (Crowd crowd = new Crowd(reading(store, readers), size, readers == Readers.FAIL_AND_WAIT)) {
            Map<Served, Long> before = crowd.served();
            long begin = System.nanoTime();
            Slice writes = write(store, pace);
            long took = System.nanoTime() - begin;
            return round(writes, before, crowd.served(), took);
        }
    }

    private Crowd.Reading reading(RoutingSagaStore store, Readers readers) {
        SagaFilter filter = SagaFilter.named(Order.NAME);
        PageRequest page = PageRequest.first(PAGE);
        if (readers == Readers.REPLICAS_ONLY) {
            return () -> {
                try (Connection connection = past.getConnection()) {
                    sql.list(connection, filter, page);
                    return Served.UNTOLD;
                }
            };
        }
        SagaReads reads = store.reads(readers.consistency(sizes.staleness()));
        return () -> Served.of(reads.list(filter, page).receipt());
    }

    private Slice write(RoutingSagaStore store, Pace pace) throws SQLException, InterruptedException {
        Load load = Load.lasting(sizes.writers(), sizes.slice());
        return (pace == Pace.PACED ? load.every(every) : load).run(() -> () -> {
            Standstill.write(store);
            return true;
        });
    }

    private static Round round(Slice writes, Map<Served, Long> before, Map<Served, Long> after, long nanos) {
        Map<Served, Double> shares = new EnumMap<>(Served.class);
        after.forEach((what, count) -> shares.put(what, (double) (count - before.getOrDefault(what, 0L))));
        double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        shares.replaceAll((what, count) -> all == 0 ? 0 : count / all);
        return new Round(writes, shares, all * NANOS_OF_A_SECOND / nanos);
    }

    /** From one write of a thread to its next, when they are paced. */
    Duration every() {
        return every;
    }

    /** One number of each round. */
    Rounds of(Pace pace, Readers readers, ToDoubleFunction<Round> number) {
        List<Round> measured = rounds.get(new Cell(pace, readers));
        if (measured == null) {
            throw new IllegalArgumentException("Nothing was measured of " + pace + " and " + readers);
        }
        return new Rounds(measured.stream().map(number::applyAsDouble).toList());
    }
}
