package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.TransientStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps the reads of a session from going back: notes what each has seen, and holds the primary back until it shows what a
 * replica has shown. Safe for threads.
 */
final class SessionView {
    /** So often the primary is looked at again before a replica is asked. */
    private static final int LOOKS_BEFORE_REPLICA = 4;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final SessionFloor floor;
    private final Optional<Replicas> replicas;

    SessionView(SessionFloor floor, Optional<Replicas> replicas) {
        this.floor = floor;
        this.replicas = replicas;
    }

    /** Behind what the next answer must not be. */
    Floor floor() {
        return floor.get();
    }

    /** How far the replica is after a read bounds what the read has seen. False if it is no replica any more. */
    boolean isSeen(Replicas.Lease lease) throws SQLException {
        Optional<ReplicaProbe.Shown> shown = ReplicaProbe.shown(lease.connection());
        ReplicaState after = shown.map(ReplicaProbe.Shown::state).orElse(null);
        lease.server().answered(after);
        if (after == null) {
            return false;
        }
        floor.raise(
                new Floor(after.history().token(after.position()), null),
                shown.get().below());
        return true;
    }

    /**
     * A commit may be seen on a replica a moment before the primary shows it: waits until it does. Transactions that were open
     * then and still are look the same to the primary; a replica can tell them from those.
     */
    void awaitShown(String operation, Connection connection) throws SQLException {
        long below = floor.shownBelow();
        if (below == 0) {
            return;
        }
        long begin = System.nanoTime();
        Unfinished unfinished = Unfinished.on(connection, below);
        for (int looks = 1; !unfinished.isEmpty(); looks++) {
            boolean late = System.nanoTime() - begin >= ReadPath.PATIENCE;
            if (late || looks % LOOKS_BEFORE_REPLICA == 0) {
                Optional<Boolean> committed = anyCommitted(unfinished);
                if (!committed.orElse(!late)) {
                    break;
                }
                if (late) {
                    throw new TransientStoreException(
                            operation
                                    + " would have shown less than the session has seen: the primary does not show yet a"
                                    + " commit that a replica has shown; try again",
                            null);
                }
            }
            LockSupport.parkNanos(PAUSE);
            unfinished = Unfinished.on(connection, below);
        }
        floor.shownByPrimary(below);
    }

    /** Whether a replica that is past the session says of one of them that it is committed; empty if none can be asked. */
    private Optional<Boolean> anyCommitted(Unfinished unfinished) {
        Demand demand = new Demand(ReadConsistency.any(), new Floor(floor.get().position(), null));
        Replicas.Lease lease =
                replicas.map(servers -> servers.acquire(demand, null).lease()).orElse(null);
        if (lease == null) {
            return Optional.empty();
        }
        boolean broken = true;
        try {
            boolean committed = unfinished.anyCommittedOn(lease.connection());
            broken = false;
            return Optional.of(committed);
        } catch (SQLException e) {
            return Optional.empty();
        } finally {
            lease.release(broken);
        }
    }

    /** The primary has answered a read, which went there for this reason. */
    void sawPrimary(RouteReason reason) {
        Floor seen = Floor.since(System.nanoTime());
        if (reason == RouteReason.TOKEN_OF_ANOTHER_HISTORY) {
            floor.startAnew(seen);
        } else {
            floor.raise(seen);
        }
    }
}
