package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionCall;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import io.sagaz.storage.postgres.internal.jdbc.StoreErrors;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The way of a read: a replica that is fresh enough, else the primary through its gate. Safe for threads.
 *
 * <p>A read changes nothing, so one that a replica did not answer may be asked again elsewhere.
 */
final class ReadPath {
    private final Pool primary;
    private final PrimaryGate gate;
    private final PrimaryWatch watch;
    private final Optional<Replicas> replicas;
    private final Optional<FreshnessMonitor> monitor;
    private final StoreMeters meters;

    ReadPath(
            Pool primary,
            PrimaryGate gate,
            PrimaryWatch watch,
            Optional<Replicas> replicas,
            Optional<FreshnessMonitor> monitor,
            StoreMeters meters) {
        this.primary = primary;
        this.gate = gate;
        this.watch = watch;
        this.replicas = replicas;
        this.monitor = monitor;
        this.meters = meters;
    }

    <T> ReadResult<T> read(String operation, ReadConsistency wanted, ConnectionCall<T> query) {
        long begin = System.nanoTime();
        ReadResult<T> result = route(operation, wanted, query);
        meters.read(operation, result.receipt(), System.nanoTime() - begin);
        return result;
    }

    private <T> ReadResult<T> route(String operation, ReadConsistency wanted, ConnectionCall<T> query) {
        if (wanted instanceof ReadConsistency.Strong) {
            return fromPrimary(operation, RouteReason.STRONG_REQUESTED, query);
        }
        if (replicas.isEmpty()) {
            return fromPrimary(operation, RouteReason.NO_REPLICAS, query);
        }
        monitor.ifPresent(FreshnessMonitor::readArrived);
        Replicas.Attempt attempt = replicas.get().acquire(wanted);
        Replicas.Lease lease = attempt.lease();
        RouteReason reason = attempt.reason();
        if (lease != null) {
            try {
                return fromReplica(lease, query);
            } catch (SQLException e) {
                reason = whyReplicaFailed(operation, e);
            } finally {
                Replicas.giveBack(lease.connection());
            }
        }
        RouteReason why = reason;
        return gate.pass(why, () -> fromPrimary(operation, why, query));
    }

    private static <T> ReadResult<T> fromReplica(Replicas.Lease lease, ConnectionCall<T> query) throws SQLException {
        T value = query.run(lease.connection());
        Optional<Duration> staleness = lease.stalenessNanos().isPresent()
                ? Optional.of(Duration.ofNanos(lease.stalenessNanos().getAsLong()))
                : Optional.empty();
        return new ReadResult<>(value, new ReadReceipt(ReadSource.REPLICA, lease.server(), staleness, lease.reason()));
    }

    private <T> ReadResult<T> fromPrimary(String operation, RouteReason reason, ConnectionCall<T> query) {
        try (Connection connection = primary.borrow(operation)) {
            T value = query.run(connection);
            return new ReadResult<>(
                    value, new ReadReceipt(ReadSource.PRIMARY, watch.server(), Optional.of(Duration.ZERO), reason));
        } catch (SQLException e) {
            throw StoreErrors.reading(operation, e);
        }
    }

    /** Why the primary is to be asked instead; throws where it must not be. */
    private static RouteReason whyReplicaFailed(String operation, SQLException e) {
        if (SqlStates.isConnectionLost(e)) {
            return RouteReason.REPLICA_UNREACHABLE;
        }
        if (SqlStates.isSchemaUnknown(e)) {
            return RouteReason.REPLICA_STALE;
        }
        if (SqlStates.of(e).equals(SqlStates.SERIALIZATION_FAILURE)) {
            return RouteReason.REPLICA_FAILED;
        }
        // Above all a statement that took too long: the primary is not to be burdened with it as well.
        throw StoreErrors.reading(operation, e);
    }
}
