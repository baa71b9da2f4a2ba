package io.sagaz.testkit;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Breaks a {@link Topology} on purpose, and mends it.
 *
 * <p>Every fault is a real one: a process is killed, replay is paused in the server. Every method blocks until its
 * effect is there, and fails with {@link TopologyException} when that takes longer than a minute. Stopping is the
 * orderly "fast" shutdown that disconnects clients; killing is SIGKILL to the server and all its backends at once.
 * Servers and poolers keep their ports across a restart, so URLs stay valid. A fault is undone by another
 * method, which it names, or by closing the {@link Hold} that it returns.
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
        replay(cluster.replica(replica), "SELECT pg_wal_replay_pause()", "paused");
    }

    /**
     * Lets a paused replay go on. Returns when the pause has ended, which is before the replica has caught up: see
     * {@link Topology#awaitReplicas(Duration)}.
     *
     * @param replica number of the replica, from 0
     */
    public void resumeReplay(int replica) {
        replay(cluster.replica(replica), "SELECT pg_wal_replay_resume()", "not paused");
    }

    /** {@linkplain #pauseReplay Pauses} the replay of all replicas that run and were not promoted. */
    public void pauseReplayEverywhere() {
        standbys().forEach(this::pauseReplay);
    }

    /** {@linkplain #resumeReplay Resumes} the replay of all replicas that run and were not promoted, paused or not. */
    public void resumeReplayEverywhere() {
        standbys().forEach(this::resumeReplay);
    }

    private List<Integer> standbys() {
        return IntStream.range(0, cluster.replicas().size())
                .filter(i -> cluster.replica(i).isRunning() && cluster.isInRecovery(cluster.replica(i)))
                .boxed()
                .toList();
    }

    private static void replay(PostgresServer server, String command, String state) {
        try (Connection connection = server.administer()) {
            Jdbc.execute(connection, command);
        } catch (SQLException e) {
            throw failed("Replay of " + server.name() + " is not " + state, e);
        }
        await(server, "is " + state, "SELECT pg_get_wal_replay_pause_state()", state);
    }

    /** Waits until a query gives a value. */
    private static void await(PostgresServer server, String what, String query, String value) {
        boolean effective = Await.holds(EFFECT, () -> {
            try (Connection connection = server.administer()) {
                return Jdbc.value(connection, query).equals(value);
            } catch (SQLException e) {
                throw failed("It cannot be found out whether " + server.name() + ' ' + what, e);
            }
        });
        if (!effective) {
            throw new TopologyException("Not after " + Progress.seconds(EFFECT) + ": " + server.name() + ' ' + what);
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
     * Starts a replica that was stopped or killed. Returns when it takes connections and, if the server that it follows runs,
     * streams from it.
     *
     * @param replica number of the replica, from 0
     */
    public void startReplica(int replica) {
        PostgresServer server = cluster.replica(replica);
        server.start();
        if (cluster.hasLeader(server)) {
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
     * Makes a replica a primary on its own timeline, also when its primary is gone. The former primary is left alone: both take
     * writes until it is stopped (PgBouncer-RW stays with the former), and PgBouncer-RO goes on handing out the promoted one.
     * There is no undo: a server does not return to a history that it has left. {@link #switchOver(int)} can be undone.
     *
     * @param replica number of the replica, from 0
     */
    public void promote(int replica) {
        PostgresServer server = cluster.replica(replica);
        try {
            cluster.promote(server);
        } catch (SQLException e) {
            throw failed(server.name() + " was not promoted", e);
        }
    }

    /**
     * Makes a replica stream from another replica, promoted or not, and go over to its timeline. Returns when it does. Undone by
     * {@link #followPrimary(int)}, unless the other is of another timeline by now: a standby goes over to a later history, never
     * back to one that was left. It cannot go over either when it has received more of the old history than the new one began
     * with; then this fails after a minute, and there is no undo.
     *
     * @param replica number of the replica, from 0
     * @param leader number of the other, from 0
     * @throws IllegalStateException if the replica was promoted, or is the same as the other
     */
    public void follow(int replica, int leader) {
        follow(cluster.replica(replica), cluster.replica(leader));
    }

    /**
     * Makes a replica stream from the server at {@link Topology#primaryUrl()}, as it does at the start. Returns when it does.
     * Undoes {@link #cutReplica(int)}.
     *
     * @param replica number of the replica, from 0
     * @throws IllegalStateException if the replica was promoted
     */
    public void followPrimary(int replica) {
        follow(cluster.replica(replica), cluster.primary());
    }

    private void follow(PostgresServer follower, PostgresServer leader) {
        try {
            cluster.follow(follower, leader);
        } catch (SQLException e) {
            throw failed(follower.name() + " was not made to follow the " + leader.name(), e);
        }
    }

    /**
     * Cuts a replica from the server that it follows: it receives nothing more, and goes on answering queries with what it has.
     * Returns when its WAL receiver has ended, which takes as long as its replay is paused. A restart does not mend it; {@link
     * #followPrimary(int)} and {@link #follow(int, int)} do.
     *
     * @param replica number of the replica, from 0
     */
    public void cutReplica(int replica) {
        PostgresServer server = cluster.replica(replica);
        try {
            cluster.cut(server);
        } catch (SQLException e) {
            throw failed(server.name() + " was not cut from its primary", e);
        }
        await(server, "has no WAL receiver", "SELECT count(*) FROM pg_stat_wal_receiver", "0");
    }

    /**
     * Makes a replica replay each commit so long after it was made ({@code recovery_min_apply_delay}). Returns when a commit has
     * been seen to wait; for that, and until then, commits are made on the server that the replica follows, which must run. Undone
     * by {@link #replayAtOnce(int)}; a restart does not.
     *
     * @param replica number of the replica, from 0
     * @param delay at least a millisecond
     * @throws IllegalArgumentException if it is shorter
     */
    public void delayReplay(int replica, Duration delay) {
        if (delay.toMillis() < 1) {
            throw new IllegalArgumentException("Faults.delayReplay must be at least a millisecond, but is " + delay);
        }
        PostgresServer server = cluster.replica(replica);
        setDelay(server, delay);
        boolean effective;
        try (Connection onLeader = cluster.leader(server).administer();
                Connection connection = server.administer()) {
            effective = Await.holds(EFFECT, () -> {
                try {
                    Jdbc.value(onLeader, "SELECT pg_logical_emit_message(true, 'sagaz.testkit', '')");
                    return Jdbc.value(
                                    connection,
                                    "SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'startup'")
                            .equals("RecoveryApplyDelay");
                } catch (SQLException e) {
                    throw failed(server.name() + " does not delay its replay", e);
                }
            });
        } catch (SQLException e) {
            throw failed(server.name() + " does not delay its replay", e);
        }
        if (!effective) {
            throw new TopologyException(server.name() + " does not delay its replay after " + Progress.seconds(EFFECT));
        }
    }

    /**
     * Ends the delay of {@link #delayReplay(int, Duration)}. Returns when the replica shows all that was committed before.
     *
     * @param replica number of the replica, from 0
     */
    public void replayAtOnce(int replica) {
        PostgresServer server = cluster.replica(replica);
        setDelay(server, Duration.ZERO);
        cluster.awaitReplay(server, EFFECT);
    }

    private static void setDelay(PostgresServer server, Duration delay) {
        try {
            server.set("recovery_min_apply_delay", delay.toMillis() + "ms");
            server.reload();
        } catch (SQLException e) {
            throw failed("The delay of " + server.name() + " was not set", e);
        }
    }

    /**
     * Hands the lead from the primary to a replica, and loses nothing: the primary stops in order, the replica is promoted, the
     * former primary comes back as its standby, and the other replicas that run follow it too. Returns when all of them stream.
     * The poolers stay where they are ({@link #pointWritePoolerAtReplica(int)}, {@link #pointReadPoolerAt(int...)}). Undone by
     * {@link #switchBack(int)}.
     *
     * <p>{@link Topology#primaryUrl()}, {@link #stopPrimary()} and the like go on to mean the same server, whatever it is now.
     *
     * @param replica number of the replica, from 0
     * @throws IllegalStateException if it does not follow the primary
     */
    public void switchOver(int replica) {
        handOver(cluster.primary(), cluster.replica(replica));
    }

    /**
     * Hands the lead back, in the same way, from a replica to the server that was the primary at the start. The histories that
     * were begun remain: it is on its third timeline then.
     *
     * @param replica number of the replica that leads, from 0
     * @throws IllegalStateException if the former primary does not follow it
     */
    public void switchBack(int replica) {
        handOver(cluster.replica(replica), cluster.primary());
    }

    private void handOver(PostgresServer from, PostgresServer to) {
        try {
            cluster.handOver(from, to);
        } catch (IOException e) {
            throw new TopologyException("The " + from.name() + " was not made a standby: " + e, e);
        } catch (SQLException e) {
            throw failed("The lead did not go from the " + from.name() + " to the " + to.name(), e);
        }
    }

    /**
     * Leads PgBouncer-RW to a replica. Returns when a login through it works; transactions that are open end where they
     * began. Undone by {@link #pointWritePoolerAtPrimary()}. {@link Topology#database()} and each {@link TestDatabase} are led
     * anew, other databases are not, here and below.
     *
     * @param replica number of the replica, from 0
     */
    public void pointWritePoolerAtReplica(int replica) {
        cluster.point(cluster.writes(), cluster.replica(replica));
    }

    /** Leads PgBouncer-RW to the server at {@link Topology#primaryUrl()}, as it does at the start. */
    public void pointWritePoolerAtPrimary() {
        cluster.point(cluster.writes(), cluster.primary());
    }

    /**
     * Leads PgBouncer-RW to the primary of another topology, as when services move to new servers: the application and whoever
     * else is to come in needs the same verifier of the password there. Returns when a login of the application through it
     * works; transactions that are open end where they began. Undone by {@link #pointWritePoolerAtPrimary()}.
     *
     * @param other where to, with its main database
     */
    public void pointWritePoolerAt(Topology other) {
        cluster.point(cluster.writes(), other.cluster().primaryTarget());
    }

    /**
     * Leads PgBouncer-RO to these replicas, in turn. Returns when a login through it works; sessions that are open stay where
     * they are ({@link #restartReadPooler()} ends them). Undone by the same with all replicas.
     *
     * @param replicas their numbers, from 0
     * @throws IllegalArgumentException if there are none
     */
    public void pointReadPoolerAt(int... replicas) {
        if (replicas.length == 0) {
            throw new IllegalArgumentException("Faults.pointReadPoolerAt needs at least one replica");
        }
        cluster.point(
                cluster.reads(),
                IntStream.of(replicas).mapToObj(cluster::replica).toList());
    }

    /**
     * Leads PgBouncer-RO to the replicas of another topology, in turn; the dashboards need the same verifier there. Returns when
     * a login of theirs works; sessions that are open stay where they are ({@link #restartReadPooler()} ends them). Undone by
     * {@link #pointReadPoolerAt(int...)} with all replicas.
     *
     * @param other where to, with its main database
     */
    public void pointReadPoolerAt(Topology other) {
        cluster.point(cluster.reads(), other.cluster().replicasTarget());
    }

    /** Leads PgBouncer-RO to the server at {@link Topology#primaryUrl()} alone, a standby after a {@link #switchOver(int)}. */
    public void pointReadPoolerAtPrimary() {
        cluster.point(cluster.reads(), cluster.primary());
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

    /**
     * Ends all sessions of a role on the primary, in the middle of whatever they do: transactions are rolled back, and clients get
     * SQLState 57P01, or see a connection break. Returns when they are gone. There is nothing to undo: clients connect again, and
     * poolers do so for theirs.
     *
     * @param of whose sessions
     * @return how many there were
     */
    public int terminateBackendsOnPrimary(Credentials of) {
        return terminate(cluster.primary(), of);
    }

    /**
     * The same on a replica.
     *
     * @param replica number of the replica, from 0
     * @param of whose sessions
     * @return how many there were
     */
    public int terminateBackendsOnReplica(int replica, Credentials of) {
        return terminate(cluster.replica(replica), of);
    }

    private static int terminate(PostgresServer server, Credentials of) {
        try {
            return Backends.terminate(server, of.user(), EFFECT);
        } catch (SQLException e) {
            throw failed("The sessions of " + of.user() + " on " + server.name() + " were not ended", e);
        }
    }

    /**
     * Begins a transaction on the primary that goes on reading {@link Topology#database()} from one snapshot, as a long report or a
     * forgotten session does: vacuum cannot remove what it may still see. Undone by closing it.
     *
     * @return the transaction, to be closed by the caller
     */
    public Hold holdSnapshotOnPrimary() {
        return holdSnapshot(cluster.primary());
    }

    /**
     * The same on a replica. With {@linkplain Topology.Builder#hotStandbyFeedback(boolean) feedback} this returns when the server
     * that the replica follows keeps what the snapshot shows. Without it, the replica stops replaying when it gets to a change that
     * the snapshot must not see, and after 30 seconds cancels the transaction instead: {@link Hold#check()} tells.
     *
     * @param replica number of the replica, from 0
     * @return the transaction, to be closed by the caller
     */
    public Hold holdSnapshotOnReplica(int replica) {
        PostgresServer server = cluster.replica(replica);
        try {
            if (cluster.hasLeader(server)) {
                Holds.awaitFeedback(server, cluster.leader(server), Cluster.slot(server), EFFECT);
            }
        } catch (SQLException e) {
            throw failed("No snapshot is held on " + server.name(), e);
        }
        return holdSnapshot(server);
    }

    private Hold holdSnapshot(PostgresServer server) {
        try {
            return Holds.snapshot(server, cluster.roles().reader());
        } catch (SQLException e) {
            throw failed("No snapshot is held on " + server.name(), e);
        }
    }

    /**
     * Takes all connections to the primary that PgBouncer-RW has for a user (25), each with a transaction that stays open: other
     * transactions of that user wait, for 10 seconds at most. Waits in the same way for what others have. Undone by closing it.
     *
     * @param of whose connections; PgBouncer has a pool for each user
     * @return the connections, to be closed by the caller
     * @throws TopologyException also if others keep theirs for longer
     */
    public Hold exhaustWritePool(Credentials of) {
        return Holds.pool(cluster.writes(), of);
    }

    /**
     * Takes all connections to replicas that PgBouncer-RO has for a user (50) and that no session of others has: new sessions of
     * that user wait, for 10 seconds at most. Others keep theirs, and who ends one makes room for another. Undone by closing it.
     *
     * @param of whose connections; PgBouncer has a pool for each user
     * @return the connections, to be closed by the caller
     */
    public Hold exhaustReadPool(Credentials of) {
        return Holds.pool(cluster.reads(), of);
    }

    /**
     * Fills the {@linkplain Topology.Builder#primaryDisk(int) disk} of the primary to the last byte: what needs a new page fails
     * with SQLState 53100, reads go on, and when WAL needs a new file the server crashes, and does not come up. Undone by {@link
     * #freePrimaryDisk()}.
     *
     * @throws IllegalStateException if it has no disk of its own
     */
    public void fillPrimaryDisk() {
        try {
            cluster.disk().fill();
        } catch (IOException e) {
            throw new TopologyException("The disk of the primary was not filled: " + e, e);
        }
    }

    /**
     * Gives the space back that {@link #fillPrimaryDisk()} took. A primary that has crashed needs {@link #startPrimary()}, too.
     *
     * @throws IllegalStateException if it was not filled, or has no disk of its own
     */
    public void freePrimaryDisk() {
        try {
            if (!cluster.disk().free()) {
                throw new IllegalStateException("The disk of the primary was not filled");
            }
        } catch (IOException e) {
            throw new TopologyException("The disk of the primary was not freed: " + e, e);
        }
    }

    private static TopologyException failed(String what, SQLException e) {
        return new TopologyException(what + ": " + e.getMessage(), e);
    }
}
