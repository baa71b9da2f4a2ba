package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a connection to a replica that is fresh enough, and keeps those to others out of the way meanwhile. Safe for threads.
 *
 * <p>The replay position is read in a statement of its own before the read: inside the snapshot that it is to vouch for it would
 * prove nothing.
 */
public final class Replicas implements AutoCloseable {
    /** A connection to a replica that may answer; whoever has it {@linkplain #release gives it back}. */
    record Lease(
            Connection connection,
            ReplicaPool pool,
            ReplicaServer server,
            OptionalLong stalenessNanos,
            RouteReason reason) {
        ReadReceipt receipt() {
            Optional<Duration> staleness = stalenessNanos.isPresent()
                    ? Optional.of(Duration.ofNanos(stalenessNanos.getAsLong()))
                    : Optional.empty();
            return new ReadReceipt(ReadSource.REPLICA, server.name(), staleness, reason);
        }

        void release(boolean broken) {
            pool.giveBack(connection, broken);
        }
    }

    /** A lease, or why there is none. */
    record Attempt(@Nullable Lease lease, RouteReason reason) {
        /** The same as an answer to who wanted a fresher one, if it is not that fresh. */
        Attempt forWantOf(ReadConsistency fresher) {
            if (lease == null
                    || ReadRouter.judge(fresher, null, lease.stalenessNanos()).eligible()) {
                return this;
            }
            RouteReason stale = RouteReason.SERVED_STALE;
            return new Attempt(
                    new Lease(lease.connection(), lease.pool(), lease.server(), lease.stalenessNanos(), stale), stale);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);
    /** An answer this young is not asked for again, though it was not enough. */
    private static final long ANSWER_HOLDS = 20_000_000L;
    /** The same while a token or a write is waited for. */
    private static final long ANSWER_HOLDS_WHILE_WAITING = 1_000_000L;
    /** An answer older than this is asked for again by one reader, though it would be enough. */
    private static final long ANSWER_AGES = 125_000_000L;
    /** An answer older than this is not taken any more: the server may have been promoted. */
    private static final long ANSWER_EXPIRES = 250_000_000L;

    private final List<ReplicaPool> pools;
    private final PrimaryWatch watch;
    private final int minimumServing;
    private final ReplicaServers servers;
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * Replicas behind pools.
     *
     * @param minimumServing so many go on answering reads that accept a limit, though fewer are as fresh as was asked for
     * @param serverSeen told the name of each server when it is first seen, and how to learn its bound
     */
    public Replicas(
            List<Pool> pools,
            PrimaryWatch watch,
            int minimumServing,
            BiConsumer<String, ToDoubleFunction<String>> serverSeen) {
        this.pools = pools.stream().map(ReplicaPool::new).toList();
        this.watch = watch;
        this.minimumServing = minimumServing;
        servers = new ReplicaServers(watch::systemIdentifier, watch.ring(), serverSeen);
    }

    /** The replicas that were met. */
    Collection<ReplicaServer> servers() {
        return servers.all();
    }

    /** After what time it is worth asking again for what no replica could give. */
    Duration retryAfter(ReadConsistency wanted) {
        return servers.retryAfter(wanted);
    }

    /**
     * Finds a replica for a read; the caller releases the lease.
     *
     * @param avoided one that has just failed; null for none
     */
    Attempt acquire(Demand demand, @Nullable ReplicaServer avoided) {
        refreshFor(demand);
        ReadConsistency widened = servers.widened(demand.wanted(), minimumServing, System.nanoTime());
        return widened.equals(demand.wanted())
                ? search(demand, avoided, true)
                : search(demand.with(widened), avoided, false).forWantOf(demand.wanted());
    }

    private Attempt search(Demand demand, @Nullable ReplicaServer avoided, boolean choosy) {
        RouteReason reason = RouteReason.REPLICA_UNREACHABLE;
        int first = Math.floorMod(turn.getAndIncrement(), pools.size());
        for (ReplicaPool pool : IntStream.range(0, pools.size())
                .mapToObj(i -> pools.get((first + i) % pools.size()))
                .toList()) {
            Attempt attempt = pool.admits(System.nanoTime())
                    ? new Search(this, pool, demand, avoided, choosy).run()
                    : new Attempt(null, pool.whyResting());
            if (attempt.lease() != null) {
                return attempt;
            }
            // One that is on its way to what is waited for is worth that, whatever is wrong with the others.
            reason = isAwaited(reason) ? reason : attempt.reason();
        }
        return new Attempt(null, reason);
    }

    /** Whether waiting a moment may help. */
    static boolean isAwaited(RouteReason reason) {
        return reason == RouteReason.TOKEN_AWAITED || reason == RouteReason.WRITE_AWAITED;
    }

    ReplicaServers known() {
        return servers;
    }

    /** Asks one replica of each pool, whichever the pool gives, how far it is. */
    void refreshOne() {
        for (ReplicaPool pool : pools) {
            try {
                refreshOne(pool);
            } catch (SQLException e) {
                LOG.debug("No replica could be asked how far it is", e);
            }
        }
    }

    private void refreshOne(ReplicaPool pool) throws SQLException {
        Connection connection = pool.borrow();
        boolean isReplica;
        try {
            ReplicaServer server = servers.behind(connection);
            isReplica = server != null && readPosition(connection, server);
        } catch (SQLException | RuntimeException e) {
            pool.giveBack(connection, true);
            throw e;
        }
        if (isReplica) {
            pool.giveBack(connection, false);
        } else {
            pool.discard(connection);
        }
    }

    /** Half of what is wanted leaves the other half for the replica. */
    private void refreshFor(Demand demand) {
        Long since = demand.floor().sinceNanos();
        if (since != null) {
            watch.sampledSince(since);
        }
        if (demand.wanted() instanceof ReadConsistency.AtMost atMost) {
            watch.refreshIfOlderThan(ReadRouter.nanos(atMost) / 2);
        }
    }

    /**
     * Whether the server behind a connection may answer. Throws if it does not say how far it is.
     */
    Attempt examine(Connection connection, ReplicaPool pool, ReplicaServer server, Demand demand) throws SQLException {
        ReadRouter.Verdict verdict = server.judge(demand, System.nanoTime());
        if (needsAnswer(server, demand, verdict) && !refresh(connection, server, demand)) {
            return new Attempt(null, RouteReason.REPLICA_DIVERGED);
        }
        long now = System.nanoTime();
        ReadRouter.Verdict known = server.judge(demand, now);
        if (known.eligible()) {
            return new Attempt(
                    new Lease(connection, pool, server, server.staleness(now), known.reason()), known.reason());
        }
        ReplicaState state = server.state();
        if (state != null) {
            watch.nudgeIfWaitingForFlush(state.position());
        }
        return new Attempt(null, known.reason());
    }

    /**
     * Asks the server how far it is, unless somebody else has just done so. While its last answer would be enough and has not
     * expired, nobody waits for whoever asks.
     *
     * @return false if it is no standby any more
     */
    private boolean refresh(Connection connection, ReplicaServer server, Demand demand) throws SQLException {
        ReentrantLock asking = server.asking();
        int silences = server.silences();
        boolean mayGoOn = server.ageOfAnswer(System.nanoTime()) < ANSWER_EXPIRES
                && server.judge(demand, System.nanoTime()).eligible();
        if (mayGoOn) {
            if (!asking.tryLock()) {
                return true;
            }
        } else {
            asking.lock();
        }
        try {
            if (server.silences() != silences) {
                // Whoever waited behind it would wait as long again, one after the other.
                throw new SQLException(server.name() + " did not answer another read in time", "08006");
            }
            return needsAnswer(server, demand, server.judge(demand, System.nanoTime()))
                    ? readPositionOrNoteSilence(connection, server)
                    : server.state() != null;
        } finally {
            asking.unlock();
        }
    }

    private boolean readPositionOrNoteSilence(Connection connection, ReplicaServer server) throws SQLException {
        long begin = System.nanoTime();
        try {
            return readPosition(connection, server);
        } catch (SQLException e) {
            if (ReplicaProbe.isSilence(System.nanoTime() - begin)) {
                server.wasSilent();
            }
            throw e;
        }
    }

    private static boolean needsAnswer(ReplicaServer server, Demand demand, ReadRouter.Verdict known) {
        return server.ageOfAnswer(System.nanoTime()) >= (known.eligible() ? ANSWER_AGES : holds(demand));
    }

    private static long holds(Demand demand) {
        boolean waiting = demand.wanted() instanceof ReadConsistency.AtLeast
                || !demand.floor().isNone();
        return waiting ? ANSWER_HOLDS_WHILE_WAITING : ANSWER_HOLDS;
    }

    /** Updates what is known of a server; false if it is no standby any more. */
    boolean readPosition(Connection connection, ReplicaServer server) throws SQLException {
        ReplicaState answer = ReplicaProbe.position(connection);
        if (answer == null) {
            LOG.warn("{} in the read pool was promoted; it gets no reads", server.name());
        }
        server.answered(answer);
        return answer != null;
    }

    @Override
    public void close() {
        pools.forEach(ReplicaPool::close);
    }
}
