package io.sagaz.cli.demo;

import io.sagaz.cli.Stores;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Sources;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** A topology of the demo's own, which ends with it. */
record TopologyPlace(Topology topology) implements Place {
    @Override
    public RoutingSagaStore openStore() {
        return Stores.on(topology);
    }

    @Override
    public Connection owner() throws SQLException {
        return topology.connect(topology.primaryUrl(), topology.owner());
    }

    @Override
    public Connection replica(int index) throws SQLException {
        return topology.connect(topology.replicaUrl(index), topology.reader());
    }

    @Override
    public ShopTables shop() {
        return new ShopTables("public");
    }

    @Override
    public int replicas() {
        return topology.replicas();
    }

    @Override
    public boolean canPause() {
        return true;
    }

    @Override
    public void pause() {
        for (int i = 0; i < replicas(); i++) {
            topology.faults().pauseReplay(i);
        }
    }

    @Override
    public void resume() {
        for (int i = 0; i < replicas(); i++) {
            topology.faults().resumeReplay(i);
        }
    }

    @Override
    public void awaitReplicas(Duration atMost) {
        topology.awaitReplicas(atMost);
    }

    @Override
    public Sources sources() {
        return topology.sources();
    }

    @Override
    public Duration startedIn() {
        return topology.startedIn();
    }

    @Override
    public void close() {
        topology.close();
    }
}
