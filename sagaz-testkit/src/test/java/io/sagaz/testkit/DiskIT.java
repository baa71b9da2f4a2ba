package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A primary whose disk is full. Skipped where nothing can be mounted. */
@Timeout(90)
class DiskIT {
    private Base base;

    @BeforeEach
    void requireMounts() throws IOException {
        base = new Base();
        try {
            Disk.mount(Files.createDirectory(base.path().resolve("probe")), 1, Account.ofServers());
        } catch (TopologyException e) {
            base.close();
            abort(String.valueOf(e.getMessage()));
        }
        Disk.unmountBelow(base.path());
    }

    @AfterEach
    void removeBase() throws IOException {
        Processes.killServersFrom(base.path(), Account.ofServers());
        Disk.unmountBelow(base.path());
        base.close();
    }

    @Test
    void aPrimaryWhoseDiskIsFullRefusesRowsUntilItIsFreed() throws SQLException, IOException {
        String rows = "INSERT INTO t SELECT * FROM generate_series(1, 10000)";
        try (Topology topology =
                Topology.builder().directory(base.path()).primaryDisk(512).start()) {
            Sql.execute(topology, topology.primaryUrl(), topology.owner(), "CREATE TABLE t (i integer)");
            Map<String, String> before = topology.state();
            topology.faults().fillPrimaryDisk();
            assertThat(topology.state()).containsEntry("primary disk", "full");
            assertThat(Sql.stateOf(() -> Sql.execute(topology, topology.rwUrl(), topology.app(), rows)))
                    .isEqualTo("53100");
            assertThat(Sql.value(topology, topology.rwUrl(), topology.app(), "SELECT count(*) FROM t"))
                    .isEqualTo("0");

            topology.faults().freePrimaryDisk();
            assertThat(topology.state()).isEqualTo(before);
            Sql.execute(topology, topology.rwUrl(), topology.app(), rows);
            assertThatIllegalStateException()
                    .isThrownBy(() -> topology.faults().freePrimaryDisk())
                    .withMessage("The disk of the primary was not filled");
        }
        assertNothingIsMounted();
        assertThat(base.homes()).isEmpty();
    }

    @Test
    void aFullDiskDoesNotKeepATopologyFromClosing() throws IOException {
        Topology topology =
                Topology.builder().directory(base.path()).primaryDisk(256).start();
        topology.faults().fillPrimaryDisk();
        topology.close();
        assertNothingIsMounted();
        assertThat(base.homes()).isEmpty();
    }

    @Test
    void whatAKilledJvmHadMountedIsUnmountedByTheNextStart() throws IOException {
        Account account = Account.ofServers();
        Workspace workspace = Workspace.open(base.path(), account);
        Path orphan = Files.createDirectory(workspace.path().resolve("t-1-2-3"));
        Disk.mount(Files.createDirectory(orphan.resolve("primary")), 1, account).fill();
        workspace.newHome(new Progress(line -> {})).delete();
        assertNothingIsMounted();
        assertThat(base.homes()).isEmpty();
    }

    @Test
    void aPrimaryWithoutADiskOfItsOwnIsNotFilled() {
        try (Topology topology = Topology.builder().directory(base.path()).start()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> topology.faults().fillPrimaryDisk())
                    .withMessage("The primary has no disk of its own: start the topology with"
                            + " Topology.builder().primaryDisk(…)");
        }
    }

    private void assertNothingIsMounted() throws IOException {
        assertThat(Files.readString(Path.of("/proc/self/mounts")))
                .doesNotContain(base.path().toString());
    }
}
