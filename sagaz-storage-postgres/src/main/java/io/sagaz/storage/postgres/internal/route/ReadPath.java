package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.OnStale;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionCall;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import io.sagaz.storage.postgres.internal.jdbc.StoreErrors;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The way of a read: a replica that is fresh enough, else the primary through its gate. Safe for threads.
 *
 * <p>A read changes nothing, so one that a replica did not answer may be asked again elsewhere.
 */
final class ReadPath {
    /** For how long a replica may take to reach a token before the primary is asked. */
    private static final long TOKEN_WAIT = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long TOKEN_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

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
        return read(operation, wanted, query, any -> true);
    }

    /**
     * Reads what can be told by itself to be fresh enough.
     *
     * @param accepted whether an answer of a replica is; that of the primary is taken as it is
     */
    <T> ReadResult<T> read(String operation, ReadConsistency wanted, ConnectionCall<T> query, Predicate<T> accepted) {
        long begin = System.nanoTime();
        ReadResult<T> result = route(new Read<>(operation, wanted, query, accepted));
        meters.read(operation, result.receipt(), System.nanoTime() - begin);
        return result;
    }

    /** What is asked, and how fresh the answer must be. */
    private record Read<T>(String operation, ReadConsistency wanted, ConnectionCall<T> query, Predicate<T> accepted) {}

    /** The answer of a replica, if there is one, and why it was asked, or why it is none. */
    private record Outcome<T>(Optional<ReadResult<T>> result, RouteReason reason) {}

    private <T> ReadResult<T> route(Read<T> read) {
        if (read.wanted() instanceof ReadConsistency.Strong) {
            return fromPrimary(read, RouteReason.STRONG_REQUESTED);
        }
        if (replicas.isEmpty()) {
            boolean elsewhere =
                    read.wanted() instanceof ReadConsistency.AtLeast atLeast && watch.speaksAgainst(atLeast.token());
            return fromPrimary(read, elsewhere ? RouteReason.TOKEN_OF_ANOTHER_HISTORY : RouteReason.NO_REPLICAS);
        }
        Replicas servers = replicas.get();
        monitor.ifPresent(FreshnessMonitor::readArrived);
        Outcome<T> outcome = fromReplica(read, acquire(servers, read.wanted()));
        return outcome.result().orElseGet(() -> elsewhere(read, servers, outcome.reason()));
    }

    private <T> ReadResult<T> elsewhere(Read<T> read, Replicas servers, RouteReason why) {
        OnStale choice =
                read.wanted() instanceof ReadConsistency.AtMost atMost ? atMost.onStale() : OnStale.ASK_PRIMARY;
        Optional<ReadResult<T>> result = switch (choice) {
            case ASK_PRIMARY -> fromPrimaryElseStaler(read, servers, why);
            case SERVE_STALE -> staler(read, servers).or(() -> throughGate(read, why));
            case FAIL -> Optional.empty();
        };
        return result.orElseThrow(() -> {
            meters.readRejected(read.operation(), why);
            return choice == OnStale.FAIL ? PrimaryGate.closed(why) : gate.full(why);
        });
    }

    private <T> Optional<ReadResult<T>> fromPrimaryElseStaler(Read<T> read, Replicas servers, RouteReason why) {
        try {
            return throughGate(read, why).or(() -> staler(read, servers));
        } catch (TransientStoreException e) {
            return Optional.of(staler(read, servers).orElseThrow(() -> e));
        }
    }

    private <T> Optional<ReadResult<T>> throughGate(Read<T> read, RouteReason why) {
        return gate.pass(() -> fromPrimary(read, why));
    }

    /** The answer of a replica that is only as fresh as must be. */
    private <T> Optional<ReadResult<T>> staler(Read<T> read, Replicas servers) {
        if (!(read.wanted() instanceof ReadConsistency.AtMost atMost)
                || atMost.limit().equals(atMost.staleness())) {
            return Optional.empty();
        }
        Replicas.Attempt attempt = servers.acquire(ReadConsistency.atMost(atMost.limit()));
        return fromReplica(read, attempt.forWantOf(atMost)).result();
    }

    private Replicas.Attempt acquire(Replicas servers, ReadConsistency wanted) {
        return wanted instanceof ReadConsistency.AtLeast atLeast
                ? acquireAtLeast(servers, atLeast)
                : servers.acquire(wanted);
    }

    /**
     * Waits a moment for a replica to reach a token. Whether the token is of this history at all is asked only then: the primary
     * may not answer, and mostly it is.
     */
    private Replicas.Attempt acquireAtLeast(Replicas servers, ReadConsistency.AtLeast wanted) {
        if (watch.isGivenUp(wanted.token())) {
            return new Replicas.Attempt(null, RouteReason.TOKEN_OF_ANOTHER_HISTORY);
        }
        long begin = System.nanoTime();
        Replicas.Attempt attempt = servers.acquire(wanted);
        while (attempt.reason() == RouteReason.TOKEN_AWAITED
                && System.nanoTime() - begin < TOKEN_WAIT
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(TOKEN_PAUSE);
            attempt = servers.acquire(wanted);
        }
        return attempt.lease() == null && watch.speaksAgainst(wanted.token())
                ? new Replicas.Attempt(null, RouteReason.TOKEN_OF_ANOTHER_HISTORY)
                : attempt;
    }

    private static <T> Outcome<T> fromReplica(Read<T> read, Replicas.Attempt attempt) {
        Replicas.Lease lease = attempt.lease();
        if (lease == null) {
            return new Outcome<>(Optional.empty(), attempt.reason());
        }
        try {
            T value = read.query().run(lease.connection());
            return read.accepted().test(value)
                    ? new Outcome<>(Optional.of(new ReadResult<>(value, lease.receipt())), lease.reason())
                    : new Outcome<>(Optional.empty(), RouteReason.VERSION_AWAITED);
        } catch (SQLException e) {
            return new Outcome<>(Optional.empty(), whyReplicaFailed(read.operation(), e));
        } finally {
            Replicas.giveBack(lease.connection());
        }
    }

    private <T> ReadResult<T> fromPrimary(Read<T> read, RouteReason reason) {
        try (Connection connection = primary.borrow(read.operation())) {
            // One transaction, so that a pooler sends the question and the read to one server. A primary stays one
            // while it runs.
            connection.setAutoCommit(false);
            if (isStandby(connection)) {
                primary.evict(connection);
                throw new TransientStoreException(
                        read.operation() + " was sent to a standby: the write URL leads to no primary; try again",
                        null);
            }
            T value = read.query().run(connection);
            connection.commit();
            return new ReadResult<>(
                    value, new ReadReceipt(ReadSource.PRIMARY, watch.server(), Optional.of(Duration.ZERO), reason));
        } catch (SQLException e) {
            throw StoreErrors.reading(read.operation(), e);
        }
    }

    private static boolean isStandby(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_is_in_recovery()");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
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
