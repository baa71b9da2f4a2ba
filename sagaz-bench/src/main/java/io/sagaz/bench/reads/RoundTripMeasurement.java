package io.sagaz.bench.reads;

import io.sagaz.bench.PoolerCounts;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/** How many statements a read takes beside its own, as the poolers count them. */
final class RoundTripMeasurement {
    private static final double NEARLY_NONE = 0.005;
    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Stage stage;
    private final ReadSizes.Finding sizes;
    private final List<SagaId> sagas;

    /** One round: statements for each read, and in a second. */
    private record Count(double replicasEach, double primaryEach, double replicasSecond, double primarySecond) {}

    RoundTripMeasurement(Stage stage, ReadSizes.Finding sizes, List<SagaId> sagas) {
        this.stage = stage;
        this.sizes = sizes;
        this.sagas = sagas;
    }

    Section measure() throws SQLException, InterruptedException {
        stage.progress().step("Counting the statements of reads");
        int callers = sizes.callers().get(sizes.callers().size() - 1);
        List<Count> counts = new ArrayList<>();
        try (RoutingSagaStore store = ReadStores.open(stage, stage.reads(), callers)) {
            SagaReads reads = store.reads(ReadConsistency.atMost(Duration.ofSeconds(5)));
            // Opens connections, and learns which servers they lead to.
            count(reads, callers);
            for (int round = 0; round < sizes.rounds().rounds(); round++) {
                counts.add(count(reads, callers));
            }
        }
        Result replicas = Result.max(
                        "statements at the replicas beside the read's own, for each read",
                        Unit.STATEMENTS,
                        rounds(counts.stream().map(Count::replicasEach).toList()))
                .shouldBe(
                        "none while what is known suffices: less than one in 200 reads",
                        result -> result.value() < NEARLY_NONE);
        return new Section(
                "round trips of a read",
                "What PgBouncer-RO and PgBouncer-RW count between two looks at their consoles (`SHOW STATS_TOTALS`), less one"
                        + " for each read, while " + callers
                        + " callers find sagas `atMost(5 s)` without a pause. Each round lasts "
                        + sizes.slice().toMillis() + " ms.",
                List.of(
                        replicas,
                        Result.median(
                                "statements at the replicas beside the reads, in a second",
                                Unit.STATEMENTS,
                                rounds(counts.stream()
                                        .map(Count::replicasSecond)
                                        .toList())),
                        Result.median(
                                "statements at the primary, for each read",
                                Unit.STATEMENTS,
                                rounds(counts.stream().map(Count::primaryEach).toList())),
                        Result.median(
                                "statements at the primary, in a second",
                                Unit.STATEMENTS,
                                rounds(counts.stream().map(Count::primarySecond).toList()))),
                "A read takes no round trip beside its own while what is known of its replica is young enough. Each replica is"
                        + " asked again when the last answer is 125 ms old, and the primary is sampled four times a second, however"
                        + " many read.");
    }

    private Count count(SagaReads store, int callers) throws SQLException, InterruptedException {
        PoolerCounts before = stage.poolerCounts();
        LongAdder fromReplicas = new LongAdder();
        LongAdder fromPrimary = new LongAdder();
        long begin = System.nanoTime();
        Load.lasting(callers, sizes.slice()).run(() -> () -> {
            ReadResult<Optional<Saga>> result =
                    store.find(sagas.get(ThreadLocalRandom.current().nextInt(sagas.size())));
            (result.receipt().source() == ReadSource.REPLICA ? fromReplicas : fromPrimary).increment();
            return true;
        });
        double seconds = (System.nanoTime() - begin) / NANOS_OF_A_SECOND;
        PoolerCounts counts = stage.poolerCounts().since(before);
        // The pool asks connections that were idle whether they still work: this may be a little too much, and not too
        // little.
        double atReplicas = counts.reads() - fromReplicas.doubleValue();
        double atPrimary = counts.writes() - fromPrimary.doubleValue();
        double reads = fromReplicas.doubleValue() + fromPrimary.doubleValue();
        return new Count(atReplicas / reads, atPrimary / reads, atReplicas / seconds, atPrimary / seconds);
    }

    private static Rounds rounds(List<Double> values) {
        return new Rounds(values);
    }
}
