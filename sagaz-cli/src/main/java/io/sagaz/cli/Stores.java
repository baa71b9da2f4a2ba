package io.sagaz.cli;

import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;

/** Connects a store to a topology as a service does: writes and reads through the poolers, migrations past them. */
public final class Stores {
    private Stores() {}

    /** A store on the topology, with its schema applied. */
    public static RoutingSagaStore on(Topology topology) {
        return RoutingSagaStore.builder()
                .write(pool(topology.rwUrl(), topology.app()).maximumSize(8))
                .read(pool(topology.roUrl(), topology.reader()).maximumSize(4))
                .direct(pool(topology.primaryUrl(), topology.owner()).maximumSize(2))
                .build();
    }

    private static PoolConfig pool(String url, Credentials credentials) {
        return PoolConfig.of(url, credentials.user(), credentials.password());
    }
}
