package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.TcpProxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Connections are cut and backends are killed at random moments, as many as the property {@code sagaz.cuts} says. Each saga
 * has one writer, who knows what its version must be; so an answer that is not true shows at the next one.
 */
class RandomCutsIT {
    private static final int CUTS = Integer.getInteger("sagaz.cuts", 300);
    private static final int WRITERS = 4;
    private static final int CHANGES = 6;

    private final String schema = Stand.newSchema();
    private final long seed = new Random().nextLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger kills = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicReference<TransientStoreException> lastRefusal = new AtomicReference<>();

    @Test
    void everyAnswerIsWhatTheDatabaseHolds() throws Exception {
        System.out.println("Seed " + seed);
        ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
        List<SagaId> sagas = new ArrayList<>();
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore store = RoutingSagaStore.builder()
                        .write(PoolConfig.of(
                                        network.url(),
                                        Stand.write().user(),
                                        Stand.write().password())
                                .maximumSize(WRITERS))
                        .direct(Stand.direct())
                        .schema(schema)
                        .writeTimeout(Duration.ofMinutes(1))
                        .build()) {
            List<Future<List<SagaId>>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long own = seed + i;
                writers.add(executor.submit(() -> write(store, new Random(own))));
            }
            breakThings(network, writers, new Random(~seed));
            over.set(true);
            for (Future<List<SagaId>> writer : writers) {
                sagas.addAll(writer.get());
            }
            System.out.println(calls + " calls, " + network.cuts() + " cuts, " + kills + " kills, " + refused
                    + " refused with certainty");
        } finally {
            over.set(true);
            executor.shutdownNow();
        }
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_executions"))
                .isEqualTo(sagas.size());
        assertThat(Stand.texts("SELECT saga_id FROM " + schema + ".saga_executions e WHERE version <> "
                        + "(SELECT count(*) FROM " + schema
                        + ".saga_audit_log a WHERE a.saga_id = e.saga_id) OR version <> "
                        + "(SELECT count(*) FROM " + schema + ".saga_outbox o WHERE o.saga_id = e.saga_id)"))
                .as("sagas that were not changed as often as their version says, seed %s", seed)
                .isEmpty();
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE saga_id IS NULL"))
                .as("events without a saga, one for each saga that is finished")
                .isEqualTo(Stand.count("SELECT count(*) FROM " + schema + ".saga_executions WHERE NOT unfinished"));
    }

    private List<SagaId> write(RoutingSagaStore store, Random random) {
        List<SagaId> sagas = new ArrayList<>();
        while (!over.get()) {
            NewSaga saga = NewSaga.named("cut").steps("pay").emit(OutboxEvent.to("t"));
            NewSaga start = random.nextBoolean()
                    ? saga.id(saga.id()).idempotencyKey(saga.id().toString())
                    : saga;
            sagas.add(start.id());
            assertThat(certainly(() -> store.start(start)))
                    .as("seed %s", seed)
                    .isEqualTo(new StartResult.Started(start.id(), 1));
            long version = 1;
            while (version < CHANGES) {
                long expected = version;
                SagaChange change = change(expected).emit(OutboxEvent.to("t"));
                ChangeResult result = certainly(() -> store.apply(start.id(), expected, change));
                assertThat(result)
                        .as("version %s of saga %s, seed %s", expected, start.id(), seed)
                        .isInstanceOf(ChangeResult.Applied.class);
                version = result.appliedVersion();
                assertThat(version).isEqualTo(expected + 1);
            }
            List<OutboxEvent> last = List.of(OutboxEvent.to("t"));
            certainly(() -> {
                store.emit(last);
                return true;
            });
        }
        return sagas;
    }

    private static SagaChange change(long version) {
        if (version == 1) {
            return SagaChange.to(SagaStatus.RUNNING);
        }
        if (version == CHANGES - 1) {
            return SagaChange.to(SagaStatus.SUCCESS);
        }
        return version % 2 == 0 ? SagaChange.stepStarted("pay") : SagaChange.stepFailed("pay", "no");
    }

    private interface Call<T> {
        T make();
    }

    /** Whoever is told that nothing was written tries again. An outcome that is unknown fails the test. */
    private <T> T certainly(Call<T> call) {
        while (true) {
            calls.incrementAndGet();
            try {
                T answer = call.make();
                answered.incrementAndGet();
                return answer;
            } catch (TransientStoreException e) {
                refused.incrementAndGet();
                lastRefusal.set(e);
            }
        }
    }

    /** One after the other: what never gets anywhere could not be caught in the middle either. */
    private void breakThings(TcpProxy network, List<? extends Future<?>> writers, Random random) throws SQLException {
        try (Connection superuser = Stand.topology()
                .connect(Stand.topology().primaryUrl(), Stand.topology().superuser())) {
            while (network.cuts() + kills.get() < CUTS && writers.stream().noneMatch(Future::isDone)) {
                int enough = answered.get() + random.nextInt(1, 6);
                switch (random.nextInt(3)) {
                    case 0 -> network.cutAny();
                    case 1 -> network.loseNextAnswer();
                    default -> kills.addAndGet(kill(superuser));
                }
                awaitAnswers(enough, writers, random);
            }
        }
    }

    private void awaitAnswers(int enough, List<? extends Future<?>> writers, Random random) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (answered.get() < enough && writers.stream().noneMatch(Future::isDone)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("No answers for a minute, seed " + seed, lastRefusal.get());
            }
            LockSupport.parkNanos(random.nextInt(1_000_000));
        }
    }

    /** One of the backends that serve the store. */
    private static int kill(Connection superuser) throws SQLException {
        try (Statement statement = superuser.createStatement();
                ResultSet killed = statement.executeQuery(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sagaz_app'"
                                + " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1")) {
            return killed.next() ? 1 : 0;
        }
    }
}
