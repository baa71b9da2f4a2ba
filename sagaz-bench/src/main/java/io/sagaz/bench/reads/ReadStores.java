package io.sagaz.bench.reads;

import io.sagaz.bench.Login;
import io.sagaz.bench.Stage;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PartitionPolicy;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;

/** Opens stores whose tables are there. */
final class ReadStores {
    private ReadStores() {}

    /** One that writes through PgBouncer-RW and reads as said, each with so many connections at most. */
    static RoutingSagaStore open(Stage stage, Login reads, int connections) {
        return RoutingSagaStore.builder()
                .write(pool(stage.through(), connections))
                .read(pool(reads, connections))
                .migrations(MigrationMode.OFF)
                .partitions(PartitionPolicy.leftToOthers())
                .build();
    }

    private static PoolConfig pool(Login login, int connections) {
        return PoolConfig.of(login.url(), login.user(), login.password()).maximumSize(connections);
    }
}
