package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.testkit.Faults;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Writers of every kind (synchronous, asynchronous, open transactions that write and wait), replicas whose replay stops
 * and goes on, and readers that take the store at its word: whatever was acknowledged before the moment that the bound
 * names must be in the answer.
 */
class StalenessBoundIT {
    private static final Duration RUN = Duration.ofSeconds(12);

    @Test
    void whateverWasAcknowledgedBeforeTheBoundIsSeen() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        String schema = Stand.newSchemaWith("bulk (v text)");
        ConcurrentSkipListMap<Long, SagaId> acknowledged = new ConcurrentSkipListMap<>();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newCachedThreadPool();
        long fromReplica = 0;
        long fromPrimary = 0;
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            List<Future<?>> others = new ArrayList<>();
            others.add(executor.submit(() -> write(store, acknowledged, done, new Random(seed), false)));
            others.add(executor.submit(() -> write(store, acknowledged, done, new Random(seed + 1), true)));
            others.add(executor.submit(() -> leaveOpen(store, schema, done, new Random(seed + 2))));
            others.add(executor.submit(() -> stopReplayNowAndThen(done, new Random(seed + 3))));

            Random random = new Random(seed + 4);
            SagaReads reads = store.reads(ReadConsistency.any());
            SagaReads bounded = store.reads(ReadConsistency.atMost(Duration.ofMillis(400)));
            long end = System.nanoTime() + RUN.toNanos();
            while (System.nanoTime() < end) {
                boolean any = random.nextInt(3) == 0;
                long before = System.nanoTime();
                // The youngest sagas are those that a bound too small would miss.
                Map.Entry<Long, SagaId> candidate =
                        acknowledged.floorEntry(before - (long) (random.nextDouble() * 2e9));
                if (candidate == null) {
                    continue;
                }
                ReadResult<Optional<Saga>> result = (any ? reads : bounded).find(candidate.getValue());
                ReadReceipt receipt = result.receipt();
                if (receipt.source() == ReadSource.REPLICA) {
                    fromReplica++;
                } else {
                    fromPrimary++;
                }
                Optional<Duration> bound = receipt.staleness();
                boolean promised = bound.isPresent()
                        && candidate.getKey() < before - bound.get().toNanos();
                assertThat(promised && result.value().isEmpty())
                        .as(
                                "seed %d: %s acknowledged %d us before the read, missing in an answer of %s",
                                seed, candidate.getValue(), (before - candidate.getKey()) / 1000, receipt)
                        .isFalse();
            }
            done.set(true);
            for (Future<?> other : others) {
                other.get();
            }
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
        assertThat(fromReplica).as("reads that replicas answered").isPositive();
        assertThat(fromPrimary).as("reads that fell back to the primary").isPositive();
    }

    private static boolean write(
            RoutingSagaStore store,
            ConcurrentSkipListMap<Long, SagaId> acknowledged,
            AtomicBoolean done,
            Random random,
            boolean async)
            throws SQLException {
        while (!done.get()) {
            NewSaga saga = NewSaga.named("bounded");
            if (async) {
                store.inTransaction(tx -> {
                    tx.start(saga);
                    execute(tx.connection(), "SET LOCAL synchronous_commit = off");
                    return true;
                });
            } else {
                store.start(saga);
            }
            acknowledged.put(System.nanoTime(), saga.id());
            // Bursts and silence: a quiet primary is the hard case.
            if (random.nextInt(50) == 0) {
                waitFor(done, random.nextInt(1_200));
            }
        }
        return true;
    }

    private static boolean leaveOpen(RoutingSagaStore store, String schema, AtomicBoolean done, Random random)
            throws SQLException {
        while (!done.get()) {
            store.inTransaction(tx -> {
                execute(
                        tx.connection(),
                        "INSERT INTO " + schema + ".bulk SELECT repeat('x', 500) FROM generate_series(1, "
                                + (1 + random.nextInt(2_000)) + ")");
                waitFor(done, random.nextInt(1_500));
                return true;
            });
        }
        return true;
    }

    private static boolean stopReplayNowAndThen(AtomicBoolean done, Random random) {
        Faults faults = Stand.topology().faults();
        while (!done.get()) {
            int replica = random.nextInt(Stand.topology().replicas());
            faults.pauseReplay(replica);
            boolean both = random.nextBoolean();
            if (both) {
                faults.pauseReplay(1 - replica);
            }
            waitFor(done, random.nextInt(1_000));
            faults.resumeReplay(replica);
            if (both) {
                faults.resumeReplay(1 - replica);
            }
            waitFor(done, random.nextInt(1_000));
        }
        return true;
    }

    /** A pause of the workload, not a wait for something to happen. */
    private static void waitFor(AtomicBoolean done, int millis) {
        long end = System.nanoTime() + millis * 1_000_000L;
        while (!done.get() && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }
}
