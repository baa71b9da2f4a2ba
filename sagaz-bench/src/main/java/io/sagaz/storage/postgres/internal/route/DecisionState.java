package io.sagaz.storage.postgres.internal.route;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.bench.Login;
import io.sagaz.bench.reads.DecisionServers;
import io.sagaz.bench.reads.ReadPools;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The store's read pool with the router before it, and a plain pool, on real servers. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the method that sets them up.
public class DecisionState {
    private HikariDataSource plain;
    private Pool pool;
    private PrimaryWatch watch;
    private Replicas replicas;
    private FreshnessMonitor monitor;
    private StoreMeters meters;

    /** Opens them. */
    @Setup
    public void open() throws IOException {
        DecisionServers servers = DecisionServers.read();
        plain = ReadPools.open(servers.reads(), 1, 0);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        meters = new StoreMeters(registry);
        pool = Pool.forReads(config(servers.reads()), "sagaz-ro", registry);
        watch = new PrimaryWatch(
                config(servers.writes()),
                new WalGeometry(servers.segmentSize(), servers.blockSize()),
                servers.systemIdentifier(),
                "primary");
        replicas = new Replicas(List.of(pool), watch, 0, meters::replica);
        monitor = new FreshnessMonitor(watch, replicas);
    }

    private static PoolConfig config(Login login) {
        return PoolConfig.of(login.url(), login.user(), login.password()).maximumSize(1);
    }

    /** Closes them. */
    @TearDown
    public void close() {
        monitor.close();
        watch.close();
        replicas.close();
        plain.close();
    }

    HikariDataSource plain() {
        return plain;
    }

    Pool pool() {
        return pool;
    }

    Replicas replicas() {
        return replicas;
    }

    FreshnessMonitor monitor() {
        return monitor;
    }

    StoreMeters meters() {
        return meters;
    }
}
