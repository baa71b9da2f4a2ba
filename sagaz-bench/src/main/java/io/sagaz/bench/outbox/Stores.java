package io.sagaz.bench.outbox;

import io.sagaz.bench.Login;
import io.sagaz.bench.Stage;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PartitionPolicy;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;

/** Opens stores whose tables are there; the caller closes them. */
final class Stores {
    private Stores() {}

    /** One that goes through PgBouncer-RW, with so many connections at most. */
    static RoutingSagaStore open(Stage stage, int connections) {
        return describe(stage, connections).build();
    }

    /** The same; it tells the relays of other stores, and hears of their events. */
    static RoutingSagaStore openNotifying(Stage stage, int connections) {
        return describe(stage, connections)
                .direct(pool(stage.pastAsOwner()))
                .notifyRelays()
                .build();
    }

    private static RoutingSagaStore.Builder describe(Stage stage, int connections) {
        return RoutingSagaStore.builder()
                .write(pool(stage.through()).maximumSize(connections))
                .migrations(MigrationMode.OFF)
                .partitions(PartitionPolicy.leftToOthers());
    }

    private static PoolConfig pool(Login login) {
        return PoolConfig.of(login.url(), login.user(), login.password());
    }
}
