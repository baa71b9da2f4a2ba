package io.sagaz.bench;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Hold;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** The replicas of a {@link Stage}, and what can happen to them. Each method returns when its effect is there. Thread-safe. */
public final class ReplicaSet {
    private static final Duration CATCH_UP = Duration.ofMinutes(10);
    private static final Duration EFFECT = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 20;

    private final Topology topology;
    private final Faults faults;

    ReplicaSet(Topology topology) {
        this.topology = topology;
        faults = topology.faults();
    }

    /** How many. */
    public int count() {
        return topology.replicas();
    }

    /** How a dashboard logs in to one of them itself. */
    public Login login(int replica) {
        return new Login(
                topology.replicaUrl(replica),
                topology.reader().user(),
                topology.reader().password());
    }

    /** All stop to replay; they go on answering. */
    public void pause() {
        for (int replica = 0; replica < count(); replica++) {
            faults.pauseReplay(replica);
        }
    }

    /** All go on, and catch up. */
    public void resume() {
        for (int replica = 0; replica < count(); replica++) {
            faults.resumeReplay(replica);
        }
        catchUp();
    }

    /** None receives anything from the primary any more, and none is told. */
    public void cut() throws SQLException, InterruptedException {
        conninfo("ALTER SYSTEM SET primary_conninfo = ''", 0);
    }

    /** All receive again, and catch up. */
    public void mend() throws SQLException, InterruptedException {
        conninfo("ALTER SYSTEM RESET primary_conninfo", 1);
        catchUp();
    }

    private void conninfo(String change, int receivers) throws SQLException, InterruptedException {
        for (int replica = 0; replica < count(); replica++) {
            try (Connection connection = topology.connect(topology.replicaUrl(replica), topology.superuser());
                    Statement statement = connection.createStatement()) {
                statement.execute(change);
                statement.execute("SELECT pg_reload_conf()");
                awaitReceivers(statement, receivers);
            }
        }
    }

    private static void awaitReceivers(Statement statement, int wanted) throws SQLException, InterruptedException {
        long begin = System.nanoTime();
        while (receivers(statement) != wanted) {
            if (System.nanoTime() - begin > EFFECT.toNanos()) {
                throw new IllegalStateException("A replica has not " + wanted + " WAL receivers after " + EFFECT);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static int receivers(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_wal_receiver")) {
            row.next();
            return row.getInt(1);
        }
    }

    /**
     * Begins a transaction on one of them that reads from one snapshot until it is closed, as a long report does. Returns when
     * the primary keeps what that snapshot shows, if the replicas give feedback.
     */
    public Hold holdSnapshot(int replica) {
        return faults.holdSnapshotOnReplica(replica);
    }

    /** Kills one of them. */
    public void kill(int replica) {
        faults.killReplica(replica);
    }

    /** Starts one that was killed, and waits until it has caught up. */
    public void start(int replica) {
        faults.startReplica(replica);
        catchUp();
    }

    /** Shuts all of them down. */
    void stop() {
        for (int replica = 0; replica < count(); replica++) {
            faults.stopReplica(replica);
        }
    }

    /** Waits until all show what the primary had committed before this call. */
    public void catchUp() {
        topology.awaitReplicas(CATCH_UP);
    }
}
