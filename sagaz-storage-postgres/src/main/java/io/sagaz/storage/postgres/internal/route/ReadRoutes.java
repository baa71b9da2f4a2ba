package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import io.sagaz.storage.postgres.internal.sql.SqlReads;
import java.util.Optional;

/** Everything that reads need, put together. Safe for threads; closed by the store. */
public final class ReadRoutes implements AutoCloseable {
    private final PrimaryWatch watch;
    private final Optional<Replicas> replicas;
    private final Optional<FreshnessMonitor> monitor;
    private final ReadPath path;
    private final SqlReads sql;

    /** Routes to the replicas, if there are any, and to the primary; takes over the watch and the replicas. */
    public ReadRoutes(
            Pool primary,
            PrimaryGate gate,
            PrimaryWatch watch,
            Optional<Replicas> replicas,
            SqlReads sql,
            StoreMeters meters) {
        this.watch = watch;
        this.replicas = replicas;
        this.sql = sql;
        monitor = replicas.map(present -> new FreshnessMonitor(watch, present));
        path = new ReadPath(primary, gate, watch, replicas, monitor, meters);
        meters.sampleAge(watch, w -> w.sampleAge(System.nanoTime()) / 1e9);
    }

    /** Reads under this consistency. */
    public SagaReads reads(ReadConsistency consistency) {
        return new RoutedReads(path, sql, consistency);
    }

    /** Statistics under this consistency, of all sagas. */
    public SagaStatistics statistics(ReadConsistency consistency) {
        return new RoutedStatistics(path, sql.statistics(), consistency, Optional.empty());
    }

    /** Looks at the outbox under this consistency. */
    public OutboxReads outbox(ReadConsistency consistency) {
        return new RoutedOutbox(path, sql.outbox(), consistency);
    }

    /** A token of all that was acknowledged before this call; empty if the primary cannot be asked. */
    public Optional<CausalToken> token() {
        return watch.token();
    }

    @Override
    public void close() {
        monitor.ifPresent(FreshnessMonitor::close);
        watch.close();
        replicas.ifPresent(Replicas::close);
    }
}
