package io.sagaz.storage.postgres;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a store and reads from it all the time, and holds each answer against what its receipt promises: whatever was
 * acknowledged before must be in it. A write or read that fails in the way that is promised for outages is no answer.
 *
 * <p>Who acknowledged what, and when, is known here alone, by the monotonic clock of this process.
 */
final class Witness implements AutoCloseable {
    private static final int PAGE = 100;
    /** Sagas that are looked for in one page: the youngest that must be there. */
    private static final int COMPARED = 50;

    private static final int MOST_DESCRIBED = 5;

    private final RoutingSagaStore store;
    private final String name;
    private final long seed;
    private final ConcurrentSkipListMap<Long, SagaId> acknowledged = new ConcurrentSkipListMap<>();
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicBoolean resting = new AtomicBoolean();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final List<Future<?>> loops = new ArrayList<>();
    private final AtomicLong checks = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong violations = new AtomicLong();
    private final Queue<String> described = new ConcurrentLinkedQueue<>();
    private volatile Tally tally = new Tally("start");
    private volatile long markNanos = System.nanoTime();
    private final AtomicReference<Long> firstFresh = new AtomicReference<>();
    private final AtomicReference<Long> firstWrite = new AtomicReference<>();

    /**
     * A witness of a store.
     *
     * @param name of its sagas
     * @param seed of all chance in it
     */
    Witness(RoutingSagaStore store, String name, long seed) {
        this.store = store;
        this.name = name;
        this.seed = seed;
    }

    private interface Step {
        void take(Random random) throws SQLException;
    }

    private void loop(Step step) {
        Random random = new Random(seed + loops.size());
        loops.add(executor.submit(() -> {
            while (!done.get()) {
                step.take(random);
            }
            return true;
        }));
    }

    /** Starts sagas, in bursts and with silence between them: a quiet primary is the hard case. */
    Witness writing() {
        loop(random -> {
            if (resting.get()) {
                pause(1);
                return;
            }
            NewSaga saga = NewSaga.named(name);
            long begin = System.nanoTime();
            if (certainly(() -> store.start(saga))) {
                acknowledge(begin, saga.id());
            }
            pauseNowAndThen(random);
        });
        return this;
    }

    /** The same with commits that are acknowledged before they are on disk. */
    Witness writingAsynchronously() {
        loop(random -> {
            NewSaga saga = NewSaga.named(name);
            long begin = System.nanoTime();
            if (certainly(() -> store.inTransaction(tx -> {
                tx.start(saga);
                execute(tx.connection(), "SET LOCAL synchronous_commit = off");
                return true;
            }))) {
                acknowledge(begin, saga.id());
            }
            pauseNowAndThen(random);
        });
        return this;
    }

    /** Transactions that write much and then wait for a while, one after the other. */
    Witness leavingOpen(String schema) {
        loop(random -> certainly(() -> store.inTransaction(tx -> {
            execute(
                    tx.connection(),
                    "INSERT INTO " + schema + ".bulk SELECT repeat('x', 500) FROM generate_series(1, "
                            + (1 + random.nextInt(2_000)) + ")");
            pause(random.nextInt(1_500));
            return true;
        })));
        return this;
    }

    /** Reads that take any replica and some that say how fresh it must be. */
    Witness reading() {
        loop(random -> {
            int kind = random.nextInt(4);
            ReadConsistency wanted = kind < 2
                    ? ReadConsistency.any()
                    : ReadConsistency.atMost(Duration.ofMillis(kind == 2 ? 400 : 3_000));
            check(wanted, System.nanoTime(), random);
        });
        return this;
    }

    /** Reads that take any replica, so that they go on whatever has become of the primary. */
    Witness readingAnything() {
        loop(random -> check(ReadConsistency.any(), System.nanoTime(), random));
        return this;
    }

    /** Reads of all that was acknowledged before the read or before a token was taken. */
    Witness readingWithTokens() {
        AtomicReference<@Nullable CausalToken> last = new AtomicReference<>();
        AtomicLong takenNanos = new AtomicLong();
        loop(random -> {
            long now = System.nanoTime();
            if (random.nextInt(3) == 0) {
                check(ReadConsistency.strong(), now, random);
                return;
            }
            try {
                last.set(store.causalToken());
                takenNanos.set(now);
            } catch (TransientStoreException e) {
                tally.refused.incrementAndGet();
            }
            CausalToken token = last.get();
            if (token != null) {
                check(ReadConsistency.atLeast(token), takenNanos.get(), random);
            }
        });
        return this;
    }

    private void check(ReadConsistency wanted, long knownNanos, Random random) {
        Tally now = tally;
        long begin = System.nanoTime();
        try {
            if (random.nextInt(3) == 0) {
                // The youngest sagas are those that a bound too small would miss.
                Map.Entry<Long, SagaId> candidate = acknowledged.floorEntry(
                        begin - (long) (random.nextDouble() * Math.max(2e6, 1.5 * now.usualBound.get())));
                if (candidate != null) {
                    ReadResult<Optional<Saga>> read = store.reads(wanted).find(candidate.getValue());
                    long promised = promised(read.receipt(), wanted, begin, knownNanos);
                    boolean missing =
                            candidate.getKey() < promised && read.value().isEmpty();
                    answered(now, begin, promised, wanted, read.receipt(), candidate.getKey() < promised ? 1 : 0);
                    violation(missing ? List.of(candidate.getValue()) : List.of(), begin, promised, read.receipt());
                }
            } else {
                ReadResult<Page<SagaSummary>> read =
                        store.reads(wanted).list(SagaFilter.named(name), PageRequest.first(PAGE));
                long promised = promised(read.receipt(), wanted, begin, knownNanos);
                List<SagaId> expected = expected(promised, read.value());
                answered(now, begin, promised, wanted, read.receipt(), expected.size());
                Set<SagaId> shown = new HashSet<>();
                read.value().items().forEach(saga -> shown.add(saga.id()));
                expected.removeAll(shown);
                violation(expected, begin, promised, read.receipt());
            }
        } catch (TransientStoreException e) {
            now.refused.incrementAndGet();
        }
    }

    /** The moment before which whatever was acknowledged must be in the answer. */
    private static long promised(ReadReceipt receipt, ReadConsistency wanted, long begin, long knownNanos) {
        long byBound = receipt.staleness().isPresent()
                ? begin - receipt.staleness().get().toNanos()
                : Long.MIN_VALUE;
        return wanted instanceof ReadConsistency.AtLeast ? Math.max(byBound, knownNanos) : byBound;
    }

    /** What a page must show; who is older than the oldest on a full page need not be there. */
    private List<SagaId> expected(long promised, Page<SagaSummary> page) {
        List<SagaSummary> items = page.items();
        String oldest =
                page.next().isPresent() ? items.get(items.size() - 1).id().toString() : "";
        List<SagaId> expected = new ArrayList<>();
        for (SagaId id : acknowledged.headMap(promised).descendingMap().values()) {
            if (expected.size() == COMPARED) {
                break;
            }
            if (id.toString().compareTo(oldest) >= 0) {
                expected.add(id);
            }
        }
        return expected;
    }

    private void answered(
            Tally now, long begin, long promised, ReadConsistency wanted, ReadReceipt receipt, int compared) {
        now.answered(receipt, compared);
        if (promised != Long.MIN_VALUE) {
            checks.incrementAndGet();
        }
        if (receipt.source() == ReadSource.REPLICA) {
            receipt.staleness().ifPresent(bound -> now.bound(bound.toNanos(), wanted));
            if (receipt.reason() == RouteReason.REPLICA_FRESH && begin - markNanos > 0) {
                firstFresh.compareAndSet(null, System.nanoTime());
            }
        }
    }

    private void violation(List<SagaId> missing, long begin, long promised, ReadReceipt receipt) {
        if (!missing.isEmpty() && violations.incrementAndGet() <= MOST_DESCRIBED) {
            described.add(tally.scenario + ": " + missing.size() + " missing, as " + missing.get(0)
                    + ", of what was acknowledged " + (begin - promised) / 1_000
                    + " us before the read, in an answer of "
                    + receipt);
        }
    }

    private void acknowledge(long begin, SagaId id) {
        long now = System.nanoTime();
        writes.incrementAndGet();
        if (begin - markNanos > 0) {
            firstWrite.compareAndSet(null, now);
        }
        while (acknowledged.putIfAbsent(now, id) != null) {
            now++;
        }
    }

    private interface Write {
        void make() throws SQLException;
    }

    private boolean certainly(Write write) throws SQLException {
        try {
            write.make();
            return true;
        } catch (TransientStoreException | CommitOutcomeUnknownException e) {
            tally.unwritten.incrementAndGet();
            return false;
        }
    }

    private void pauseNowAndThen(Random random) {
        if (random.nextInt(50) == 0) {
            pause(random.nextInt(1_200));
        }
    }

    /** A pause of the workload, not a wait for something to happen. */
    private void pause(int millis) {
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

    /** What is counted from now on is counted under this name. */
    Tally scenario(String scenario) {
        Tally next = new Tally(scenario);
        tally = next;
        mark();
        return next;
    }

    /** The first fresh answer and the first write are those that begin after this. */
    void mark() {
        markNanos = System.nanoTime();
        firstFresh.set(null);
        firstWrite.set(null);
    }

    /** Waits for a fresh answer of a replica that was asked for after the mark; how long after it came. */
    Duration awaitFreshReplica() {
        return await("a replica is fresh", firstFresh);
    }

    /** Waits for a write that was begun after the mark; how long after it was done. */
    Duration awaitWrite() {
        return await("a write is done", firstWrite);
    }

    private Duration await(String what, AtomicReference<Long> first) {
        Await.until(tally.scenario + ": " + what, () -> {
            requireRunning();
            return first.get() != null;
        });
        return Duration.ofNanos(Objects.requireNonNull(first.get()) - markNanos);
    }

    /** Waits for so many more answers that promised something. */
    void awaitChecks(int more) {
        long enough = checks.get() + more;
        Await.until(tally.scenario + ": " + more + " answers", () -> {
            requireRunning();
            return checks.get() >= enough;
        });
    }

    /** Waits for so many more writes. */
    void awaitWrites(int more) {
        long enough = writes.get() + more;
        Await.until(tally.scenario + ": " + more + " writes", () -> {
            requireRunning();
            return writes.get() >= enough;
        });
    }

    private void requireRunning() throws Exception {
        for (Future<?> loop : loops) {
            if (loop.isDone()) {
                loop.get();
            }
        }
    }

    /** Begins no more synchronous writes, and goes on reading. */
    void restFromWriting() {
        resting.set(true);
    }

    /** Ends everything; fails with what ended one of the loops before. */
    void stop() throws Exception {
        done.set(true);
        for (Future<?> loop : loops) {
            loop.get();
        }
    }

    long checks() {
        return checks.get();
    }

    long violations() {
        return violations.get();
    }

    /** The first few of them. */
    String description() {
        return "seed " + seed + "\n" + String.join("\n", described);
    }

    @Override
    public void close() {
        done.set(true);
        executor.shutdownNow();
    }

    /** What was counted while one thing went on. */
    static final class Tally {
        private final String scenario;
        private final ConcurrentSkipListMap<String, AtomicLong> answers = new ConcurrentSkipListMap<>();
        private final AtomicLong compared = new AtomicLong();
        private final AtomicLong vouched = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();
        private final AtomicLong unwritten = new AtomicLong();
        private final AtomicLong usualBound = new AtomicLong(100_000_000);
        private final Queue<Long> bounds = new ConcurrentLinkedQueue<>();

        private Tally(String scenario) {
            this.scenario = scenario;
        }

        private void answered(ReadReceipt receipt, int sagas) {
            String source = receipt.source() == ReadSource.PRIMARY ? "primary" : "replica " + receipt.server();
            answers.computeIfAbsent(source, s -> new AtomicLong()).incrementAndGet();
            compared.addAndGet(sagas);
            if (receipt.source() == ReadSource.REPLICA
                    && (receipt.staleness().isPresent() || receipt.reason() == RouteReason.TOKEN_REACHED)) {
                vouched.incrementAndGet();
            }
        }

        /** Of the bounds, only those count that nobody asked to be small. */
        private void bound(long nanos, ReadConsistency wanted) {
            usualBound.set(nanos);
            if (wanted instanceof ReadConsistency.AnyStaleness) {
                bounds.add(nanos);
            }
        }

        long answers() {
            return answers.values().stream().mapToLong(AtomicLong::get).sum();
        }

        long ofReplicas() {
            return answers() - answers.getOrDefault("primary", new AtomicLong()).get();
        }

        /** Those for which a bound or a token was proved. */
        long vouchedByReplicas() {
            return vouched.get();
        }

        /** How many sagas were looked for because they had to be there. */
        long compared() {
            return compared.get();
        }

        /** Bounds of any answers of replicas, the smallest first. */
        List<Long> bounds() {
            return bounds.stream().sorted().toList();
        }

        @Override
        public String toString() {
            return scenario + ": " + answers() + " answers " + answers + ", " + compared + " sagas compared, " + refused
                    + " without an answer, " + unwritten + " writes refused";
        }
    }
}
