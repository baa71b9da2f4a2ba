package io.sagaz.cli.demo;

import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Sources;
import io.sagaz.testkit.TopologyException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Where a demo runs: a primary, replicas and two poolers. */
interface Place extends AutoCloseable {
    /** Opens a store as a service does; the caller closes it. */
    RoutingSagaStore openStore();

    /** Opens a connection of the owner to the primary, in the schema of the sagas; the caller closes it. */
    Connection owner() throws SQLException;

    /** Opens a connection of a reader to a replica, in the schema of the sagas; the caller closes it. */
    Connection replica(int index) throws SQLException;

    /** The tables of the shop. */
    ShopTables shop();

    int replicas();

    /** Whether replay can be paused here. */
    boolean canPause();

    /** Pauses replay on all replicas. */
    void pause();

    /** Lets replay go on. */
    void resume();

    /**
     * Blocks until each replica shows what the primary has committed.
     *
     * @throws TopologyException when one has not caught up in time
     */
    void awaitReplicas(Duration atMost) throws SQLException, InterruptedException;

    Sources sources();

    Duration startedIn();

    /** Leaves nothing behind. */
    @Override
    void close();
}
