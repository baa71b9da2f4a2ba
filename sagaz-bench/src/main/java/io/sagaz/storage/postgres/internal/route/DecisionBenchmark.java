package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * What a read costs beside its own statement, in steps: a connection of a plain pool; one of the store's pool, with its meters;
 * one to a replica that is judged to be fresh enough; and what is noted of the read afterwards. {@code ./bench reads} runs it
 * with its servers; each method gives what must not be optimised away.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecisionBenchmark {
    private static final ReadConsistency WANTED = ReadConsistency.atMost(Duration.ofSeconds(5));
    private static final Demand DEMAND = new Demand(WANTED, Floor.NONE);
    private static final ReadReceipt RECEIPT = new ReadReceipt(
            ReadSource.REPLICA, "10.0.0.7:5432", Optional.of(Duration.ofMillis(180)), RouteReason.REPLICA_FRESH);
    private static final long TOOK = Duration.ofMillis(1).toNanos();

    /** Borrows from HikariCP and gives back. */
    @Benchmark
    public int plain(DecisionState state) throws SQLException {
        try (Connection connection = state.plain().getConnection()) {
            return System.identityHashCode(connection);
        }
    }

    /** The same from the store's read pool. */
    @Benchmark
    public int metered(DecisionState state) throws SQLException {
        try (Connection connection = state.pool().borrow()) {
            return System.identityHashCode(connection);
        }
    }

    /** The same with the decision whether the replica behind it is fresh enough. */
    @Benchmark
    public RouteReason routed(DecisionState state) {
        state.monitor().readArrived();
        Replicas.Lease lease = state.replicas().acquire(DEMAND, null).lease();
        if (lease == null) {
            throw new IllegalStateException("No replica is fresh enough, and nothing but that is to be measured");
        }
        ReadReceipt receipt = lease.receipt();
        lease.release(false);
        return receipt.reason();
    }

    /** The decision alone. */
    @Benchmark
    public ReadRouter.Verdict judged(RingState state) {
        OptionalLong bound = state.ring()
                .staleness(state.replica().position(), state.replica().history(), state.now());
        return ReadRouter.judge(DEMAND, state.replica(), bound, state.now());
    }

    /** Notes a read in the meters. */
    @Benchmark
    public ReadReceipt noted(DecisionState state) {
        state.meters().read("find", RECEIPT, TOOK);
        return RECEIPT;
    }
}
