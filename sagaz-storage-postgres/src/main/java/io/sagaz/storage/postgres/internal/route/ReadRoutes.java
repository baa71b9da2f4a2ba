package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSession;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.postgres.PendingToken;
import io.sagaz.storage.postgres.StoreHealth;
import io.sagaz.storage.postgres.internal.jdbc.CommitPosition;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionCall;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import io.sagaz.storage.postgres.internal.sql.SqlReads;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Everything that reads need, put together. Safe for threads; closed by the store. */
public final class ReadRoutes implements AutoCloseable {
    /** How fresh reads are of which nothing is said. */
    public static final ReadConsistency USUAL = ReadConsistency.atMost(Duration.ofSeconds(5));
    /** A primary that has not answered for longer is asked before anything is said of it. */
    private static final long SAMPLE_HOLDS = TimeUnit.SECONDS.toNanos(1);

    private final Pool primary;
    private final List<Pool> readPools;
    private final PrimaryGate gate;
    private final PrimaryWatch watch;
    private final Optional<Replicas> replicas;
    private final Optional<FreshnessMonitor> monitor;
    private final ReadPath path;
    private final SqlReads sql;
    private final OwnWrites ownWrites = new OwnWrites();

    /**
     * Routes to the replicas behind these pools, if there are any, and to the primary; takes over the watch and the read pools.
     *
     * @param minimumServing so many replicas go on answering reads that accept a limit, however many are fresh
     */
    public ReadRoutes(
            Pool primary,
            List<Pool> readPools,
            PrimaryWatch watch,
            int minimumServing,
            SqlReads sql,
            StoreMeters meters) {
        this.primary = primary;
        this.readPools = List.copyOf(readPools);
        this.watch = watch;
        this.sql = sql;
        gate = new PrimaryGate(primary.size());
        replicas = readPools.isEmpty()
                ? Optional.empty()
                : Optional.of(new Replicas(readPools, watch, minimumServing, meters::replica));
        monitor = replicas.map(present -> new FreshnessMonitor(watch, present));
        path = new ReadPath(primary, gate, watch, replicas, monitor, meters);
        meters.sampleAge(watch, w -> w.sampleAge(System.nanoTime()) / 1e9);
        meters.primaryReads(gate, PrimaryGate::inUse, PrimaryGate::width);
    }

    /** What lookups of the {@linkplain #reads() usual reads} see. */
    public OwnWrites ownWrites() {
        return ownWrites;
    }

    /** Reads with the usual freshness. */
    public SagaReads reads() {
        return new RoutedReads(path, sql, USUAL, Optional.of(ownWrites));
    }

    /** Reads under this consistency. */
    public SagaReads reads(ReadConsistency consistency) {
        return new RoutedReads(path, sql, consistency, Optional.empty());
    }

    /** Reads none of which sees less than one before. */
    public ReadSession session() {
        return new RoutedSession(path, watch, sql);
    }

    /** Statistics under this consistency, of all sagas. */
    public SagaStatistics statistics(ReadConsistency consistency) {
        return new RoutedStatistics(path, sql.statistics(), consistency, Optional.empty());
    }

    /** Looks at the outbox under this consistency. */
    public OutboxReads outbox(ReadConsistency consistency) {
        return new RoutedOutbox(path, sql.outbox(), consistency);
    }

    /** Reads from the primary, with a query that has no place elsewhere. */
    public <T> T fromPrimary(String operation, ConnectionCall<T> query) {
        return path.read(operation, ReadConsistency.strong(), query).value();
    }

    /** A token of all that was acknowledged before this call; empty if the primary cannot be asked. */
    public Optional<CausalToken> token() {
        return watch.token();
    }

    /** A token of all that was acknowledged before this call, told later. */
    public PendingToken pendingToken() {
        return new SampledToken(watch, System.nanoTime());
    }

    /** A token of a commit. */
    public CausalToken token(CommitPosition position) {
        return watch.token(position);
    }

    /** Reads what must be seen by whoever has this token: on a replica that has it, else on the primary. */
    public <T> T readAtLeast(String operation, CausalToken token, ConnectionCall<T> query) {
        return path.read(operation, ReadConsistency.atLeast(token), query).value();
    }

    /** How everything is now. */
    public StoreHealth health() {
        watch.refreshIfOlderThan(SAMPLE_HOLDS);
        long now = System.nanoTime();
        return new StoreHealth(
                watch.server(),
                watch.sampleAge(now) <= 2 * SAMPLE_HOLDS,
                replicas.map(Replicas::servers).orElse(List.of()).stream()
                        .map(server -> server.health(now))
                        .sorted(Comparator.comparing(StoreHealth.Replica::name))
                        .toList(),
                Stream.concat(Stream.of(primary), readPools.stream())
                        .map(Pool::use)
                        .toList(),
                gate.inUse(),
                gate.width());
    }

    @Override
    public void close() {
        monitor.ifPresent(FreshnessMonitor::close);
        watch.close();
        replicas.ifPresent(Replicas::close);
    }
}
