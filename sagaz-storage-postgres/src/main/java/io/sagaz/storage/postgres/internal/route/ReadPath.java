package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OnStale;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionCall;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.jdbc.PrimaryOnly;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import io.sagaz.storage.postgres.internal.jdbc.StoreErrors;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The way of a read: a replica that is fresh enough, else the primary through its gate. Safe for threads.
 *
 * <p>A read changes nothing, so one that a replica did not answer may be asked again elsewhere.
 */
final class ReadPath {
    /** For how long a replica may take to reach what must be seen before the primary is asked. */
    static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final Pool primary;
    private final PrimaryGate gate;
    private final PrimaryWatch watch;
    private final Optional<Replicas> replicas;
    private final Optional<FreshnessMonitor> monitor;
    private final StoreMeters meters;
    private final Optional<SessionView> session;

    private ReadPath(
            Pool primary,
            PrimaryGate gate,
            PrimaryWatch watch,
            Optional<Replicas> replicas,
            Optional<FreshnessMonitor> monitor,
            StoreMeters meters,
            Optional<SessionView> session) {
        this.primary = primary;
        this.gate = gate;
        this.watch = watch;
        this.replicas = replicas;
        this.monitor = monitor;
        this.meters = meters;
        this.session = session;
    }

    ReadPath(
            Pool primary,
            PrimaryGate gate,
            PrimaryWatch watch,
            Optional<Replicas> replicas,
            Optional<FreshnessMonitor> monitor,
            StoreMeters meters) {
        this(primary, gate, watch, replicas, monitor, meters, Optional.empty());
    }

    /** The same way for reads none of which sees less than one before. */
    ReadPath in(SessionFloor floor) {
        SessionView view = new SessionView(floor, replicas);
        return new ReadPath(primary, gate, watch, replicas, monitor, meters, Optional.of(view));
    }

    <T> ReadResult<T> read(String operation, ReadConsistency wanted, ConnectionCall<T> query) {
        return read(operation, wanted, Floor.NONE, query, any -> true);
    }

    /**
     * Reads what must not be behind a floor, or can be told by itself to be fresh enough.
     *
     * @param accepted whether an answer of a replica is; that of the primary is taken as it is
     */
    <T> ReadResult<T> read(
            String operation, ReadConsistency wanted, Floor floor, ConnectionCall<T> query, Predicate<T> accepted) {
        long begin = System.nanoTime();
        Floor whole = session.map(SessionView::floor).map(floor::merge).orElse(floor);
        ReadResult<T> result = route(new Read<>(operation, new Demand(wanted, whole), query, accepted));
        meters.read(operation, result.receipt(), System.nanoTime() - begin);
        return result;
    }

    /** What is asked, and how fresh the answer must be. */
    private record Read<T>(String operation, Demand demand, ConnectionCall<T> query, Predicate<T> accepted) {
        ReadConsistency wanted() {
            return demand.wanted();
        }

        /** What a replica must have reached. */
        Stream<CausalToken> tokens() {
            Stream<CausalToken> asked =
                    wanted() instanceof ReadConsistency.AtLeast atLeast ? Stream.of(atLeast.token()) : Stream.empty();
            return Stream.concat(asked, Stream.ofNullable(demand.floor().position()));
        }
    }

    /**
     * The answer of a replica, if there is one, and why it was asked, or why it is none.
     *
     * @param failed the replica that was asked and did not answer; null for none
     */
    private record Outcome<T>(
            Optional<ReadResult<T>> result,
            RouteReason reason,
            @Nullable ReplicaServer failed) {
        Outcome(RouteReason reason) {
            this(Optional.empty(), reason, null);
        }
    }

    private <T> ReadResult<T> route(Read<T> read) {
        if (read.wanted() instanceof ReadConsistency.Strong) {
            return fromPrimary(read, RouteReason.STRONG_REQUESTED);
        }
        if (replicas.isEmpty()) {
            boolean elsewhere = read.tokens().anyMatch(watch::speaksAgainst);
            return fromPrimary(read, elsewhere ? RouteReason.TOKEN_OF_ANOTHER_HISTORY : RouteReason.NO_REPLICAS);
        }
        Replicas servers = replicas.get();
        monitor.ifPresent(FreshnessMonitor::readArrived);
        Outcome<T> outcome = fromReplicas(read, servers);
        return outcome.result().orElseGet(() -> elsewhere(read, servers, outcome.reason()));
    }

    /** A replica that gave up a read says nothing of another one, which is asked once. */
    private <T> Outcome<T> fromReplicas(Read<T> read, Replicas servers) {
        Outcome<T> first = fromReplica(read, acquire(servers, read));
        if (first.failed() == null) {
            return first;
        }
        Outcome<T> second = fromReplica(read, servers.acquire(read.demand(), first.failed()));
        return second.result().isPresent() ? second : first;
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
            Duration retryAfter = servers.retryAfter(read.wanted());
            return choice == OnStale.FAIL ? PrimaryGate.closed(why, retryAfter) : gate.full(why, retryAfter);
        });
    }

    private <T> Optional<ReadResult<T>> fromPrimaryElseStaler(Read<T> read, Replicas servers, RouteReason why) {
        if (watch.isDown()) {
            // To wait for a connection would take seconds.
            Optional<ReadResult<T>> stale = staler(read, servers);
            if (stale.isPresent()) {
                return stale;
            }
        }
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
        Replicas.Attempt attempt = servers.acquire(read.demand().with(ReadConsistency.atMost(atMost.limit())), null);
        return fromReplica(read, attempt.forWantOf(atMost)).result();
    }

    /**
     * Waits a moment for a replica to reach what must be seen. Whether a token is of this history at all is asked only then: the
     * primary may not answer, and mostly it is.
     */
    private <T> Replicas.Attempt acquire(Replicas servers, Read<T> read) {
        if (read.tokens().anyMatch(watch::isGivenUp)) {
            return new Replicas.Attempt(null, RouteReason.TOKEN_OF_ANOTHER_HISTORY);
        }
        long begin = System.nanoTime();
        Replicas.Attempt attempt = servers.acquire(read.demand(), null);
        boolean awaited = Replicas.isAwaited(attempt.reason());
        while (Replicas.isAwaited(attempt.reason())
                && System.nanoTime() - begin < PATIENCE
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(PAUSE);
            attempt = servers.acquire(read.demand(), null);
        }
        if (awaited) {
            meters.readWaited(attempt.lease() != null, System.nanoTime() - begin);
        }
        return attempt.lease() == null && read.tokens().anyMatch(watch::speaksAgainst)
                ? new Replicas.Attempt(null, RouteReason.TOKEN_OF_ANOTHER_HISTORY)
                : attempt;
    }

    private <T> Outcome<T> fromReplica(Read<T> read, Replicas.Attempt attempt) {
        Replicas.Lease lease = attempt.lease();
        if (lease == null) {
            return new Outcome<>(attempt.reason());
        }
        boolean broken = false;
        try {
            T value = read.query().run(lease.connection());
            if (!read.accepted().test(value)) {
                return new Outcome<>(RouteReason.VERSION_AWAITED);
            }
            if (session.isPresent() && !session.get().isSeen(lease)) {
                return new Outcome<>(Optional.empty(), RouteReason.REPLICA_DIVERGED, lease.server());
            }
            return new Outcome<>(Optional.of(new ReadResult<>(value, lease.receipt())), lease.reason(), null);
        } catch (SQLException e) {
            broken = SqlStates.isConnectionLost(e) || isClosed(lease.connection());
            return new Outcome<>(Optional.empty(), whyReplicaFailed(read.operation(), e), lease.server());
        } finally {
            lease.release(broken);
        }
    }

    private <T> ReadResult<T> fromPrimary(Read<T> read, RouteReason reason) {
        try (Connection connection = primary.borrow(read.operation())) {
            try {
                Connection fenced = PrimaryOnly.over(connection);
                if (session.isPresent()) {
                    session.get().awaitShown(read.operation(), fenced);
                }
                T value = read.query().run(fenced);
                session.ifPresent(view -> view.sawPrimary(reason));
                return new ReadResult<>(
                        value, new ReadReceipt(ReadSource.PRIMARY, watch.server(), Optional.of(Duration.ZERO), reason));
            } catch (SQLException e) {
                if (PrimaryOnly.isRefusal(e)) {
                    primary.evict(connection);
                    throw new TransientStoreException(
                            read.operation() + " was sent to a standby: the write URL leads to no primary; try again",
                            e);
                }
                throw e;
            }
        } catch (SQLException e) {
            throw StoreErrors.reading(read.operation(), e);
        }
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /** Why somebody else is to be asked instead; throws where nobody must be. */
    private static RouteReason whyReplicaFailed(String operation, SQLException e) {
        if (SqlStates.isConnectionLost(e)) {
            return RouteReason.REPLICA_UNREACHABLE;
        }
        if (SqlStates.isSchemaUnknown(e)) {
            return RouteReason.REPLICA_STALE;
        }
        if (SqlStates.isRecoveryConflict(e)) {
            return RouteReason.REPLICA_FAILED;
        }
        // Above all a statement that took too long: nobody else is to be burdened with it as well.
        throw StoreErrors.reading(operation, e);
    }
}
