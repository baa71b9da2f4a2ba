package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import io.sagaz.storage.postgres.internal.sql.SqlSagaReads;
import java.util.Optional;

/** Everything that reads need, put together. Safe for threads; closed by the store. */
public final class ReadRoutes implements AutoCloseable {
    private final PrimaryWatch watch;
    private final Optional<Replicas> replicas;
    private final Optional<FreshnessMonitor> monitor;
    private final ReadPath path;
    private final SqlSagaReads sql;

    /** Routes to the replicas, if there are any, and to the primary; takes over the watch and the replicas. */
    public ReadRoutes(
            Pool primary,
            PrimaryGate gate,
            PrimaryWatch watch,
            Optional<Replicas> replicas,
            SqlSagaReads sql,
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
