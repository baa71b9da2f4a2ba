package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The major versions, from the jars with binaries, that {@link SourcesIT} leaves out. */
@Timeout(300)
class VersionsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17})
    void startsWithAReplica(int major) throws SQLException {
        Settings ofThisProcess = Settings.ofThisProcess();
        Settings settings = Settings.of(name -> name.equals(Settings.INSTALLED)
                ? "false"
                : ofThisProcess.get(name).orElse(null));
        try (Topology topology =
                Topology.builder().postgres(major).settings(settings).start()) {
            assertThat(topology.sources().postgresVersion()).startsWith(major + ".");
            assertThat(topology.sources().postgresOrigin())
                    .isEqualTo(
                            "binaries from Maven Central " + topology.sources().postgresVersion() + ".0");
            assertThat(Sql.value(topology, topology.primaryUrl(), topology.app(), "SHOW server_version"))
                    .isEqualTo(topology.sources().postgresVersion());

            Sql.execute(
                    topology, topology.primaryUrl(), topology.owner(), "CREATE TABLE t (i integer)", "CREATE SCHEMA s");
            Sql.execute(topology, topology.rwUrl(), topology.app(), "INSERT INTO t VALUES (1)");
            topology.awaitReplicas(SOON);
            assertThat(Sql.value(topology, topology.roUrl(), topology.reader(), "SELECT i FROM t"))
                    .isEqualTo("1");

            topology.faults().pauseReplay(0);
            Sql.execute(topology, topology.rwUrl(), topology.app(), "INSERT INTO t VALUES (2)");
            assertThat(Sql.value(topology, topology.roUrl(), topology.reader(), "SELECT count(*) FROM t"))
                    .isEqualTo("1");
            topology.faults().resumeReplay(0);
            topology.awaitReplicas(SOON);
            assertThat(Sql.value(topology, topology.roUrl(), topology.reader(), "SELECT count(*) FROM t"))
                    .isEqualTo("2");
        }
    }
}
