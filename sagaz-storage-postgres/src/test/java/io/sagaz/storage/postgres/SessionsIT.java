package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSession;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Faults;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a reader sees of what it has seen and written before. */
class SessionsIT {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int READS = Integer.getInteger("sagaz.session.reads", 4_000);

    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        // One URL for each replica, so that reads take turns between them.
        store = RoutingSagaStore.builder()
                .write(Stand.write())
                .read(replica(0), replica(1))
                .direct(Stand.direct())
                .schema(Stand.newSchema())
                .build();
        Await.until(
                "a replica is known to be fresh",
                () -> store.reads().countByStatus(SagaFilter.all()).receipt().source() == ReadSource.REPLICA);
    }

    @AfterAll
    static void close() {
        store.close();
    }

    /**
     * One saga goes on and on, the replicas stop and go on by turns, and each read takes any server: without the session it would
     * see versions go back all the time.
     */
    @Test
    void noReadOfASessionSeesLessThanOneBeforeIt() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        SagaId id = store.start(NewSaga.named("counter").steps("a")).id();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newCachedThreadPool();
        Map<ReadSource, Integer> sources = new EnumMap<>(ReadSource.class);
        int switches = 0;
        long seen = 0;
        int back = 0;
        try {
            Future<?> writer = executor.submit(() -> goOn(id, done));
            Future<?> pauses = executor.submit(() -> stopReplayNowAndThen(done, new Random(seed)));
            Random random = new Random(seed + 1);
            ReadSession session = store.session();
            ReadConsistency[] levels = {
                ReadConsistency.any(),
                ReadConsistency.atMost(HOUR),
                ReadConsistency.atMost(Duration.ofMillis(300)),
                ReadConsistency.strong()
            };
            long seenWithout = 0;
            ReadSource last = ReadSource.PRIMARY;
            for (int i = 0; i < READS; i++) {
                // A strong read now and then, so that the way leads to and fro.
                ReadConsistency level = levels[random.nextInt(20) == 0 ? 3 : random.nextInt(3)];
                ReadResult<Optional<Saga>> read = session.reads(level).find(id);
                // Nothing is seen yet, so a replica may not even have the saga.
                long version = read.value().map(Saga::version).orElse(0L);
                assertThat(version)
                        .as("seed %d, read %d, %s after %s", seed, i, read.receipt(), last)
                        .isGreaterThanOrEqualTo(seen);
                seen = version;
                switches += read.receipt().source() == last ? 0 : 1;
                last = read.receipt().source();
                sources.merge(last, 1, Integer::sum);

                long without =
                        store.reads(level).find(id).value().map(Saga::version).orElse(0L);
                back += without < seenWithout ? 1 : 0;
                seenWithout = without;
            }
            done.set(true);
            writer.get();
            pauses.get();
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
        System.out.printf(
                "%d reads of a session, by source %s, %d switches, up to version %d, none went back; without a session %d did%n",
                READS, sources, switches, seen, back);
        assertThat(sources).containsKeys(ReadSource.PRIMARY, ReadSource.REPLICA);
        assertThat(back).as("reads that went back without a session").isPositive();
    }

    @Test
    void aSessionHandsOnWhatItHasSeen() {
        ReadSession session = store.session();
        assertThat(session.token()).as("of nothing").isEmpty();

        SagaId id = store.start(NewSaga.named("handed on")).id();
        assertThat(session.reads(ReadConsistency.strong()).find(id).value()).isPresent();
        CausalToken ofPrimary = session.token().orElseThrow();
        assertThat(store.reads(ReadConsistency.atLeast(ofPrimary)).find(id).value())
                .isPresent();

        ReadSession other = store.session();
        other.include(ofPrimary);
        ReadResult<Optional<Saga>> read = other.reads(ReadConsistency.any()).find(id);
        assertThat(read.value()).isPresent();
        assertThat(other.token().orElseThrow().merge(ofPrimary))
                .isEqualTo(other.token().orElseThrow());
    }

    @Test
    void aTokenThatIsMadeUpSendsOneReadToThePrimaryAndIsForgotten() {
        CausalToken real = store.causalToken();
        ReadSession session = store.session();
        session.include(new CausalToken(real.systemIdentifier(), real.timeline(), real.position() + (1L << 50)));
        assertThat(session.reads(ReadConsistency.any())
                        .find(SagaId.next())
                        .receipt()
                        .reason())
                .isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
        Await.until(
                "a replica answers again",
                () -> session.reads(ReadConsistency.any())
                                .find(SagaId.next())
                                .receipt()
                                .source()
                        == ReadSource.REPLICA);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.include(new CausalToken(1, 1, 1)))
                .withMessageContaining("of this database");
    }

    @Test
    void theUsualLookupsSeeWhatTheStoreHasWritten() {
        SagaReads reads = store.reads();
        int fromReplicas = 0;
        for (int i = 0; i < 200; i++) {
            NewSaga saga = NewSaga.named("own").steps("a").idempotencyKey("own " + i);
            SagaId id = store.start(saga).id();
            assertThat(reads.findByKey("own", "own " + i).value())
                    .as("start %d", i)
                    .isPresent();
            store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING));
            ReadResult<Optional<Saga>> read = reads.find(id);
            assertThat(read.value().orElseThrow().version()).as("change %d", i).isEqualTo(2);
            fromReplicas += read.receipt().source() == ReadSource.REPLICA ? 1 : 0;
        }
        assertThat(fromReplicas).as("answers of replicas").isPositive();
    }

    @Test
    void theUsualLookupsSeeWhatATransactionHasWritten() {
        SagaId id = store.inTransaction(transaction ->
                transaction.start(NewSaga.named("own").steps("a")).id());
        assertThat(store.reads().find(id).value()).isPresent();
    }

    @Test
    void aLookupWaitsForNobodyElsesWrites() {
        Faults faults = Stand.topology().faults();
        SagaId before = store.start(NewSaga.named("before")).id();
        Await.until(
                "replicas have it", () -> store.reads().find(before).receipt().source() == ReadSource.REPLICA);
        pauseAll(faults);
        try {
            SagaId after = store.start(NewSaga.named("after")).id();
            ReadResult<Optional<Saga>> own = store.reads().find(after);
            assertThat(own.value()).isPresent();
            assertThat(own.receipt().reason()).isEqualTo(RouteReason.WRITE_AWAITED);
            ReadResult<Optional<Saga>> other = store.reads().find(before);
            assertThat(other.receipt().source()).isEqualTo(ReadSource.REPLICA);
        } finally {
            resumeAll(faults);
        }
    }

    @Test
    void theTokenOfACommitStandsForIt() {
        for (int i = 0; i < 100; i++) {
            Committed<SagaId> committed = store.inTransactionForToken(transaction ->
                    transaction.start(NewSaga.named("committed").steps("a")).id());
            ReadResult<Optional<Saga>> read = store.reads(
                            ReadConsistency.atLeast(committed.token().orElseThrow()))
                    .find(committed.value());
            assertThat(read.value()).as("transaction %d, %s", i, read.receipt()).isPresent();
        }
    }

    @Test
    void workThatFailsBeforeItsCommitIsRolledBackWithoutAToken() {
        SagaId id = SagaId.next();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.inTransactionForToken(transaction -> {
                    transaction.start(NewSaga.named("never").id(id));
                    throw new IllegalArgumentException("no");
                }));
        assertThat(store.reads(ReadConsistency.strong()).find(id).value()).isEmpty();
    }

    private static PoolConfig replica(int index) {
        Credentials reader = Stand.topology().reader();
        return PoolConfig.of(Stand.topology().replicaUrl(index), reader.user(), reader.password());
    }

    private static Void goOn(SagaId id, AtomicBoolean done) {
        long version = 1;
        while (!done.get()) {
            ChangeResult result = store.apply(id, version, SagaChange.note(AuditEntry.of("COUNTED")));
            assertThat(result).isInstanceOf(ChangeResult.Applied.class);
            version++;
        }
        return null;
    }

    private static Void stopReplayNowAndThen(AtomicBoolean done, Random random) {
        Faults faults = Stand.topology().faults();
        while (!done.get()) {
            int replica = random.nextInt(Stand.topology().replicas());
            faults.pauseReplay(replica);
            waitFor(done, 20 + random.nextInt(300));
            faults.resumeReplay(replica);
            waitFor(done, 20 + random.nextInt(200));
        }
        return null;
    }

    /** A pause of the workload, not a wait for something to happen. */
    private static void waitFor(AtomicBoolean done, int millis) {
        long end = System.nanoTime() + millis * 1_000_000L;
        while (!done.get() && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void pauseAll(Faults faults) {
        for (int i = 0; i < Stand.topology().replicas(); i++) {
            faults.pauseReplay(i);
        }
    }

    private static void resumeAll(Faults faults) {
        for (int i = 0; i < Stand.topology().replicas(); i++) {
            faults.resumeReplay(i);
        }
    }
}
