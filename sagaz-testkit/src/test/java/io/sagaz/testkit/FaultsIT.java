package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class FaultsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static Topology topology;
    private static Faults faults;

    @BeforeAll
    static void start() throws SQLException {
        topology = Topology.builder().replicas(2).start();
        faults = topology.faults();
        Sql.execute(topology, topology.primaryUrl(), topology.owner(), "CREATE TABLE t (i integer)");
        topology.awaitReplicas(SOON);
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @AfterEach
    void everythingIsMended() throws SQLException {
        // After an outage PgBouncer waits for server_login_retry before it tries again.
        assertThat(Await.holds(SOON, () -> Sql.stateOf(() -> write(0)).equals("none")))
                .isTrue();
        Sql.execute(topology, topology.primaryUrl(), topology.owner(), "TRUNCATE t");
        topology.awaitReplicas(SOON);
    }

    @Test
    void aPausedReplicaShowsOldDataUntilItIsResumed() throws SQLException {
        faults.pauseReplay(0);
        write(1);
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> topology.awaitReplicas(Duration.ofMillis(300)))
                .withMessageMatching("replica-0 has not replayed [0-9A-F/]+ after 0.3 s, it is at [0-9A-F/]+");
        assertThat(rowsOn(topology.replicaUrl(0))).isZero();
        assertThat(rowsOn(topology.replicaUrl(1))).isOne();

        faults.resumeReplay(0);
        topology.awaitReplicas(SOON);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
    }

    @Test
    void readsGoOnThroughTheOtherReplicaWhenOneIsKilled() throws SQLException {
        faults.killReplica(1);
        assertThat(Sql.stateOf(() -> rowsOn(topology.replicaUrl(1)))).isEqualTo("08001");
        assertThat(Await.holds(SOON, () -> canUse(topology.roUrl()))).isTrue();
        write(1);

        faults.startReplica(1);
        topology.awaitReplicas(SOON);
        assertThat(rowsOn(topology.replicaUrl(1))).isOne();
    }

    @Test
    void aStoppedReplicaCatchesUpFromItsSlot() throws SQLException {
        faults.stopReplica(0);
        write(1);
        Sql.execute(topology, topology.primaryUrl(), topology.superuser(), "SELECT pg_switch_wal()", "CHECKPOINT");
        faults.startReplica(0);
        topology.awaitReplicas(SOON);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
        faults.restartReplica(0);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
    }

    @Test
    void whatWasCommittedSurvivesAKilledPrimary() throws SQLException {
        try (Connection open = topology.connect(topology.primaryUrl(), topology.app())) {
            open.setAutoCommit(false);
            Jdbc.execute(open, "INSERT INTO t VALUES (1)");
            write(2);
            faults.killPrimary();
            assertThat(Sql.stateOf(open::commit)).startsWith("08");
        }
        assertThat(canUse(topology.primaryUrl())).isFalse();
        assertThat(canUse(topology.replicaUrl(0))).isTrue();

        faults.startPrimary();
        assertThat(rowsOn(topology.primaryUrl())).isOne();
    }

    @Test
    void aStoppedPrimaryStartsAgain() throws SQLException {
        faults.stopPrimary();
        assertThat(canUse(topology.primaryUrl())).isFalse();
        faults.startPrimary();
        faults.restartPrimary();
        assertThat(canUse(topology.primaryUrl())).isTrue();
    }

    @Test
    void aReplicaStartsWithoutItsPrimary() throws SQLException {
        write(1);
        topology.awaitReplicas(SOON);
        faults.stopPrimary();
        faults.restartReplica(0);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
        faults.startPrimary();
    }

    @Test
    void poolersDieAndComeBack() throws SQLException {
        try (Connection client = topology.connect(topology.rwUrl(), topology.app())) {
            faults.killWritePooler();
            assertThat(Sql.stateOf(() -> Jdbc.value(client, "SELECT 1"))).startsWith("08");
        }
        faults.killReadPooler();
        assertThat(canUse(topology.rwUrl())).isFalse();
        assertThat(canUse(topology.roUrl())).isFalse();

        faults.startWritePooler();
        faults.startReadPooler();
        assertThat(canUse(topology.rwUrl())).isTrue();
        assertThat(canUse(topology.roUrl())).isTrue();

        try (Connection client = topology.connect(topology.roUrl(), topology.reader())) {
            faults.restartReadPooler();
            assertThat(Sql.stateOf(() -> Jdbc.value(client, "SELECT 1"))).startsWith("08");
        }
        faults.restartWritePooler();
        assertThat(canUse(topology.rwUrl())).isTrue();
    }

    @Test
    void aFaultThatFindsNothingToDoSaysSo() {
        assertThatIllegalStateException()
                .isThrownBy(() -> faults.startReplica(0))
                .withMessage("The replica-0 is running already");
        faults.stopReplica(0);
        assertThatIllegalStateException()
                .isThrownBy(() -> faults.killReplica(0))
                .withMessage("The replica-0 is not running");
        faults.startReplica(0);
        assertThatIllegalStateException()
                .isThrownBy(() -> faults.startWritePooler())
                .withMessage("PgBouncer-RW is running already");
        assertThatThrownBy(() -> faults.stopReplica(2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("There is no replica 2, only 0 to 1");
    }

    @Test
    void aPromotedReplicaTakesWritesBesideTheOldPrimary() throws SQLException {
        try (Topology split = Topology.builder().replicas(1).start()) {
            Sql.execute(split, split.primaryUrl(), split.owner(), "CREATE TABLE t (i integer)");
            split.awaitReplicas(SOON);
            split.faults().promote(0);
            Sql.execute(split, split.replicaUrl(0), split.app(), "INSERT INTO t VALUES (1)");
            Sql.execute(split, split.roUrl(), split.app(), "INSERT INTO t VALUES (2)");
            assertThat(Sql.value(split, split.primaryUrl(), split.app(), "SELECT count(*) FROM t"))
                    .isEqualTo("0");
            assertThat(Sql.value(split, split.replicaUrl(0), split.app(), "SELECT count(*) FROM t"))
                    .isEqualTo("2");
            split.faults().restartReplica(0);
            assertThat(Sql.value(split, split.replicaUrl(0), split.app(), "SELECT count(*) FROM t"))
                    .isEqualTo("2");
        }
    }

    private static void write(int i) throws SQLException {
        Sql.execute(topology, topology.rwUrl(), topology.app(), "INSERT INTO t VALUES (" + i + ")");
    }

    private static int rowsOn(String url) throws SQLException {
        return Integer.parseInt(Sql.value(topology, url, topology.reader(), "SELECT count(*) FROM t"));
    }

    private static boolean canUse(String url) {
        try {
            return rowsOn(url) >= 0;
        } catch (SQLException e) {
            return false;
        }
    }
}
