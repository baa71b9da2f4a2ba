package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Breaks a {@link Topology} on purpose, and mends it.
 *
 * <p>Every fault is a real one: a process is killed, replay is paused in the server. Every method blocks until its
 * effect is there, and fails with {@link TopologyException} when that takes longer than a minute. Stopping is the
 * orderly "fast" shutdown that disconnects clients; killing is SIGKILL to the server and all its backends at once.
 * Servers and poolers keep their ports across a restart, so URLs stay valid.
 *
 * <p>A method that finds nothing to do (stop what is down, start what runs) throws {@link IllegalStateException}, for
 * then the test is not in the state that it believes to be in. A number that is not one of a replica throws {@link
 * IndexOutOfBoundsException}.
 *
 * <p>Thread-safe; calls for different servers run at the same time.
 */
public final class Faults {
    private static final Duration EFFECT = Duration.ofMinutes(1);

    private final Cluster cluster;

    Faults(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Stops the replay on a replica, which goes on answering queries with data that grow stale, and goes on receiving
     * WAL. Pausing twice is the same as once; a restart of the replica ends the pause.
     *
     * @param replica number of the replica, from 0
     */
    public void pauseReplay(int replica) {
        replay(replica, "SELECT pg_wal_replay_pause()", "paused");
    }

    /**
     * Lets a paused replay go on. Returns when the pause has ended, which is before the replica has caught up: see
     * {@link Topology#awaitReplicas(Duration)}.
     *
     * @param replica number of the replica, from 0
     */
    public void resumeReplay(int replica) {
        replay(replica, "SELECT pg_wal_replay_resume()", "not paused");
    }

    private void replay(int replica, String command, String state) {
        PostgresServer server = cluster.replica(replica);
        try (Connection connection = server.administer()) {
            Jdbc.execute(connection, command);
            boolean effective = Await.holds(EFFECT, () -> {
                try {
                    return Jdbc.value(connection, "SELECT pg_get_wal_replay_pause_state()")
                            .equals(state);
                } catch (SQLException e) {
                    throw failed("Replay of " + server.name() + " is not " + state, e);
                }
            });
            if (!effective) {
                throw new TopologyException(
                        "Replay of " + server.name() + " is not " + state + " after " + Progress.seconds(EFFECT));
            }
        } catch (SQLException e) {
            throw failed("Replay of " + server.name() + " is not " + state, e);
        }
    }

    /**
     * Shuts a replica down in order.
     *
     * @param replica number of the replica, from 0
     */
    public void stopReplica(int replica) {
        cluster.replica(replica).stop();
    }

    /**
     * Kills a replica.
     *
     * @param replica number of the replica, from 0
     */
    public void killReplica(int replica) {
        cluster.replica(replica).kill();
    }

    /**
     * Starts a replica that was stopped or killed. Returns when it takes connections and, if the primary runs, streams
     * from it.
     *
     * @param replica number of the replica, from 0
     */
    public void startReplica(int replica) {
        PostgresServer server = cluster.replica(replica);
        server.start();
        if (cluster.primary().isRunning() && cluster.isInRecovery(server)) {
            cluster.awaitStreaming(server);
        }
    }

    /**
     * Stops and starts a replica.
     *
     * @param replica number of the replica, from 0
     */
    public void restartReplica(int replica) {
        stopReplica(replica);
        startReplica(replica);
    }

    /** Shuts the primary down in order: the replicas have received all its WAL when this returns. */
    public void stopPrimary() {
        cluster.primary().stop();
    }

    /** Kills the primary. What was committed is there again after {@link #startPrimary()}. */
    public void killPrimary() {
        cluster.primary().kill();
    }

    /** Starts a stopped or killed primary. The replicas connect to it again by themselves, soon after. */
    public void startPrimary() {
        cluster.primary().start();
    }

    /** Stops and starts the primary. */
    public void restartPrimary() {
        stopPrimary();
        startPrimary();
    }

    /**
     * Makes a replica a primary on its own timeline. The former primary is left alone: both take writes until it is
     * stopped (PgBouncer-RW stays with the former), and PgBouncer-RO goes on handing out the promoted one.
     *
     * @param replica number of the replica, from 0
     */
    public void promote(int replica) {
        PostgresServer server = cluster.replica(replica);
        try (Connection connection = server.administer()) {
            String promoted = Jdbc.value(
                    connection, "SELECT pg_promote(true, ?::integer)", Long.toString(EFFECT.toSeconds() / 2));
            if (!promoted.equals("t") || cluster.isInRecovery(server)) {
                throw new TopologyException(server.name() + " was not promoted in time");
            }
        } catch (SQLException e) {
            throw failed(server.name() + " was not promoted", e);
        }
    }

    /** Kills PgBouncer-RO; its clients see their connections break. */
    public void killReadPooler() {
        cluster.reads().kill();
    }

    /** Starts PgBouncer-RO. It needs a reachable replica to become ready. */
    public void startReadPooler() {
        cluster.reads().start();
    }

    /** Stops PgBouncer-RO without waiting for its clients, and starts it. */
    public void restartReadPooler() {
        cluster.reads().stop();
        startReadPooler();
    }

    /** Kills PgBouncer-RW; its clients see their connections break, and open transactions roll back. */
    public void killWritePooler() {
        cluster.writes().kill();
    }

    /** Starts PgBouncer-RW. It needs the primary to become ready. */
    public void startWritePooler() {
        cluster.writes().start();
    }

    /** Stops PgBouncer-RW without waiting for its clients, and starts it. */
    public void restartWritePooler() {
        cluster.writes().stop();
        startWritePooler();
    }

    /**
     * Tells PgBouncer-RW to pause, and does not wait for it: it closes each connection to the primary when its transaction is
     * over. Clients stay connected and wait, for 10 seconds at most.
     */
    public void pauseWritePooler() {
        cluster.writes().pause();
    }

    /** Tells PgBouncer-RW to go on. */
    public void resumeWritePooler() {
        cluster.writes().resume();
    }

    private static TopologyException failed(String what, SQLException e) {
        return new TopologyException(what + ": " + e.getMessage(), e);
    }
}
