package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.RouteReason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One search through a read pool for a connection to a replica that may answer. What was looked at in vain is held until the
 * end, so that the pool does not hand it out again. For one thread, once.
 */
final class Search {
    private static final Logger LOG = LoggerFactory.getLogger(Search.class);
    private static final int USUAL_TRIES = 4;

    private final Replicas replicas;
    private final ReplicaPool pool;
    private final Demand demand;
    private final @Nullable ReplicaServer avoided;
    /** Whether one that had better rest is only taken for want of another. */
    private final boolean choosy;

    private final List<Connection> held = new ArrayList<>();
    /** Lead to no replica, or had better lead to another. Closed at the end, and what a pooler has behind them too. */
    private final List<Connection> useless = new ArrayList<>();

    /** One of those held, to a replica that is too far behind. */
    private @Nullable Connection stale;

    private final Set<ReplicaServer> examined = new HashSet<>();
    /** May answer, but had better rest. */
    private Replicas.@Nullable Attempt secondBest;
    /** Whether it is this search's turn to look for servers that are not known yet, and whether it has opened a connection for that. */
    private boolean thorough;

    private boolean opened;

    Search(Replicas replicas, ReplicaPool pool, Demand demand, @Nullable ReplicaServer avoided, boolean choosy) {
        this.replicas = replicas;
        this.pool = pool;
        this.demand = demand;
        this.avoided = avoided;
        this.choosy = choosy;
    }

    Replicas.Attempt run() {
        RouteReason reason = RouteReason.REPLICA_UNREACHABLE;
        boolean found = false;
        try {
            for (int tries = 0; tries == 0 || mayGoOn(tries); tries++) {
                Replicas.Attempt attempt = tryOne(pool.borrow());
                if (attempt.lease() != null) {
                    secondBest = null;
                    found = true;
                    return attempt;
                }
                reason = Replicas.isAwaited(reason) ? reason : attempt.reason();
            }
        } catch (SQLException e) {
            LOG.debug("The read pool gave no connection", e);
            if (held.isEmpty() && useless.isEmpty()) {
                reason = pool.isExhausted() ? RouteReason.REPLICAS_BUSY : RouteReason.REPLICA_UNREACHABLE;
            }
        } finally {
            giveBack(found);
        }
        return secondBest != null ? secondBest : new Replicas.Attempt(null, reason);
    }

    private void giveBack(boolean found) {
        Replicas.Lease kept = secondBest == null ? null : secondBest.lease();
        if (!found && kept == null) {
            if (held.isEmpty() && !useless.isEmpty()) {
                // Each read would open connections only to find that out again.
                pool.rest(RouteReason.REPLICA_DIVERGED);
            } else if (thorough && pool.isFull() && stale != null) {
                // No other connection can be opened while all these are there.
                held.remove(stale);
                useless.add(stale);
            }
        }
        held.stream()
                .filter(connection -> kept == null || kept.connection() != connection)
                .forEach(connection -> pool.giveBack(connection, false));
        useless.forEach(pool::discard);
    }

    /**
     * Goes through the whole pool if a better server is known, or if it is this search's turn to look for one: a connection leads
     * to the same server for good, and the pool hands out the same ones first.
     */
    private boolean mayGoOn(int tries) {
        boolean better = replicas.known().mayAnswerElsewhere(demand, examined, secondBest != null, System.nanoTime());
        if (secondBest != null && !better) {
            return false;
        }
        if (tries == 1) {
            thorough = pool.takesTurnToSearch();
        }
        if (tries >= (better || thorough ? pool.size() : USUAL_TRIES)) {
            return false;
        }
        if (pool.hasIdle()) {
            return true;
        }
        boolean mayOpen = better || (thorough && !opened);
        opened = true;
        return mayOpen && !pool.isFull();
    }

    private Replicas.Attempt tryOne(Connection connection) {
        ReplicaServer server = null;
        long begin = System.nanoTime();
        try {
            server = replicas.known().behind(connection);
            if (server == null) {
                addUseless(connection);
                return new Replicas.Attempt(null, RouteReason.REPLICA_DIVERGED);
            }
            examined.add(server);
            if (server == avoided || !server.breaker().admits(begin)) {
                held.add(connection);
                return new Replicas.Attempt(null, RouteReason.REPLICA_UNREACHABLE);
            }
            Replicas.Attempt attempt = replicas.examine(connection, pool, server, demand);
            if (server.state() == null) {
                addUseless(connection);
                return attempt;
            }
            return take(connection, attempt);
        } catch (SQLException e) {
            LOG.debug("A replica did not answer", e);
            failed(server, begin);
            pool.giveBack(connection, true);
            return new Replicas.Attempt(null, RouteReason.REPLICA_UNREACHABLE);
        }
    }

    private void addUseless(Connection connection) {
        useless.add(connection);
        // What was opened is occupied until the end, so the next one leads elsewhere.
        opened = false;
    }

    private Replicas.Attempt take(Connection connection, Replicas.Attempt attempt) {
        Replicas.Lease lease = attempt.lease();
        if (lease != null && !(choosy && lease.server().placement().isResting())) {
            return attempt;
        }
        held.add(connection);
        if (lease == null) {
            stale = attempt.reason() == RouteReason.REPLICA_STALE ? connection : stale;
            return attempt;
        }
        secondBest = attempt;
        return new Replicas.Attempt(null, attempt.reason());
    }

    /**
     * The siblings of a connection that was lost at once are lost as cheaply, and are tried next. Those of one that did not answer
     * would each take as long to find out.
     */
    private void failed(@Nullable ReplicaServer server, long begin) {
        long now = System.nanoTime();
        if (!ReplicaProbe.isSilence(now - begin)) {
            return;
        }
        if (server == null) {
            pool.rest(RouteReason.REPLICA_UNREACHABLE);
        } else {
            server.breaker().failed(now);
        }
    }
}
