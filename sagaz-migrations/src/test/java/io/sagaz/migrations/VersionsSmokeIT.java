package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.internal.schema.Scripts;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionsSmokeIT {
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void theOldestAndTheNewestPostgresAreMigratedAndMaintained(int major) throws SQLException {
        try (Topology topology = Topology.builder().postgres(major).replicas(1).start()) {
            Database database = new Database(topology, topology.database());
            assertThat(SagazMigrations.of(database.config(Route.POOLED))
                            .migrate()
                            .applied())
                    .isEqualTo(Scripts.NAMES.size());
            SagazMigrations.of(database.config(Route.DIRECT)).check();
            try (Connection owner = database.owner();
                    Connection app = database.app()) {
                assertThat(Sql.value(owner, "SHOW server_version_num")).startsWith(Integer.toString(major));
                Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE granularity <> 'NONE'");
                assertThat(Sql.rows(owner, "SELECT * FROM maintain_all_partitions() WHERE action = 'CREATE'"))
                        .hasSize(4);
                assertThat(Sql.rows(owner, "SELECT DISTINCT action FROM maintain_all_partitions()"))
                        .containsExactly("EXISTS");
                Sql.run(
                        app,
                        "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING'), ('b', 'PENDING')");
                Sql.run(app, "INSERT INTO saga_outbox (topic, payload, partition_key) VALUES ('t', '{}', 'key 42')");
                assertThat(Sql.value(app, "SELECT shard FROM saga_outbox")).isEqualTo("2");
                assertThat(Sql.value(app, "SELECT cleanup_consumer_inbox()")).isEqualTo("0");
                assertThat(Sql.rows(app, "SELECT * FROM get_partition_statistics()"))
                        .hasSize(4);
            }
        }
    }
}
