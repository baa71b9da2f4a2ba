package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
                .withMessageMatching("replica-1 has not replayed [0-9A-F/]+ after 0.3 s, it is at [0-9A-F/]+");
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
                .withMessage("The replica-1 is running already");
        faults.stopReplica(0);
        assertThatIllegalStateException()
                .isThrownBy(() -> faults.killReplica(0))
                .withMessage("The replica-1 is not running");
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

    @Test
    void replayIsPausedAndResumedOnEveryReplicaThatRuns() throws SQLException {
        faults.stopReplica(1);
        faults.pauseReplayEverywhere();
        faults.startReplica(1);
        write(1);
        assertThat(Await.holds(SOON, () -> canSee(1, 1))).isTrue();
        assertThat(rowsOn(topology.replicaUrl(0))).isZero();
        faults.pauseReplayEverywhere();
        write(2);
        faults.resumeReplayEverywhere();
        topology.awaitReplicas(SOON);
        assertThat(rowsOn(topology.replicaUrl(0))).isEqualTo(2);
        assertThat(rowsOn(topology.replicaUrl(1))).isEqualTo(2);
    }

    @Test
    void aDelayedReplicaShowsACommitLater() throws SQLException {
        faults.delayReplay(0, Duration.ofMinutes(10));
        write(1);
        assertThat(Await.holds(SOON, () -> canSee(1, 1))).isTrue();
        assertThat(rowsOn(topology.replicaUrl(0))).isZero();
        faults.replayAtOnce(0);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> faults.delayReplay(0, Duration.ZERO))
                .withMessage("Faults.delayReplay must be at least a millisecond, but is PT0S");
    }

    @Test
    void aReplicaThatIsCutReceivesNothingUntilItFollowsAgain() throws SQLException {
        topology.awaitReplicas(SOON);
        faults.cutReplica(0);
        write(1);
        assertThat(Await.holds(SOON, () -> canSee(1, 1))).isTrue();
        faults.restartReplica(0);
        assertThat(rowsOn(topology.replicaUrl(0))).isZero();
        faults.followPrimary(0);
        topology.awaitReplicas(SOON);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
    }

    @Test
    void aReplicaCanFollowAReplica() throws SQLException {
        faults.follow(0, 1);
        write(1);
        topology.awaitReplicas(SOON);
        faults.cutReplica(1);
        write(2);
        assertThat(rowsOn(topology.replicaUrl(0))).isOne();
        faults.followPrimary(1);
        assertThat(Await.holds(SOON, () -> canSee(0, 2))).isTrue();
        faults.followPrimary(0);
        assertThatIllegalStateException()
                .isThrownBy(() -> faults.follow(1, 1))
                .withMessage("replica-2 is no standby that could follow replica-2");
    }

    @Test
    void aPoolerIsLedToOtherServersAndBack() throws SQLException {
        try (Connection session = topology.connect(topology.roUrl(), topology.reader())) {
            String before = Jdbc.value(session, "SHOW cluster_name");
            String other = before.equals("replica-1") ? "replica-2" : "replica-1";
            faults.pointReadPoolerAt(other.equals("replica-1") ? 0 : 1);
            assertThat(namesThroughRo()).containsOnly(other);
            assertThat(Jdbc.value(session, "SHOW cluster_name"))
                    .as("a session stays where it is")
                    .isEqualTo(before);
        }
        faults.pointReadPoolerAtPrimary();
        assertThat(namesThroughRo()).containsOnly("primary");
        faults.restartReadPooler();
        assertThat(namesThroughRo()).containsOnly("primary");
        faults.pointReadPoolerAt(0, 1);
        assertThat(namesThroughRo()).containsOnly("replica-1", "replica-2").hasSizeGreaterThan(2);

        faults.pointWritePoolerAtReplica(1);
        assertThat(Sql.value(topology, topology.rwUrl(), topology.app(), "SHOW cluster_name"))
                .isEqualTo("replica-2");
        faults.killWritePooler();
        faults.pointWritePoolerAtPrimary();
        faults.startWritePooler();
        assertThat(Sql.value(topology, topology.rwUrl(), topology.app(), "SHOW cluster_name"))
                .isEqualTo("primary");
        assertThatIllegalArgumentException().isThrownBy(() -> faults.pointReadPoolerAt());
    }

    @Test
    void theLeadGoesOverAndComesBackWithoutLoss() throws SQLException {
        try (Topology pair = Topology.builder().replicas(2).start()) {
            Faults over = pair.faults();
            Sql.execute(pair, pair.primaryUrl(), pair.owner(), "CREATE TABLE t (i integer)");
            Sql.execute(pair, pair.rwUrl(), pair.app(), "INSERT INTO t VALUES (1)");
            over.switchOver(0);
            over.pointWritePoolerAtReplica(0);
            over.pointReadPoolerAt(1);
            Sql.execute(pair, pair.rwUrl(), pair.app(), "INSERT INTO t VALUES (2)");
            pair.awaitReplicas(SOON);
            assertThat(Sql.value(pair, pair.roUrl(), pair.reader(), "SELECT count(*) FROM t"))
                    .isEqualTo("2");
            assertThat(Sql.value(pair, pair.primaryUrl(), pair.reader(), "SELECT pg_is_in_recovery()"))
                    .isEqualTo("t");
            assertThatIllegalStateException()
                    .isThrownBy(() -> over.switchOver(1))
                    .withMessage("replica-2 does not follow primary, which leads");
            over.restartPrimary();
            over.restartReplica(1);

            over.switchBack(0);
            over.pointWritePoolerAtPrimary();
            over.pointReadPoolerAt(0, 1);
            Sql.execute(pair, pair.rwUrl(), pair.app(), "INSERT INTO t VALUES (3)");
            pair.awaitReplicas(SOON);
            for (String url : List.of(pair.primaryUrl(), pair.replicaUrl(0), pair.replicaUrl(1))) {
                assertThat(Sql.value(pair, url, pair.reader(), "SELECT count(*) FROM t"))
                        .isEqualTo("3");
            }
            assertThat(Sql.value(
                            pair,
                            pair.primaryUrl(),
                            pair.app(),
                            "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"))
                    .isEqualTo("00000003");
        }
    }

    @Test
    void aReplicaGoesOverToThePrimaryThatFollowsADeadOne() throws SQLException {
        try (Topology dead = Topology.builder().replicas(2).start()) {
            Sql.execute(dead, dead.primaryUrl(), dead.owner(), "CREATE TABLE t (i integer)");
            dead.awaitReplicas(SOON);
            dead.faults().killPrimary();
            dead.faults().promote(0);
            dead.faults().follow(1, 0);
            Sql.execute(dead, dead.replicaUrl(0), dead.app(), "INSERT INTO t VALUES (1)");
            dead.awaitReplicas(SOON);
            assertThat(Sql.value(dead, dead.replicaUrl(1), dead.reader(), "SELECT count(*) FROM t"))
                    .isEqualTo("1");
            assertThatIllegalStateException().isThrownBy(() -> dead.faults().followPrimary(0));
        }
    }

    @Test
    void aSnapshotOnThePrimaryKeepsWhatItMayStillSee() throws SQLException {
        write(1);
        try (Hold snapshot = faults.holdSnapshotOnPrimary()) {
            Sql.execute(topology, topology.primaryUrl(), topology.app(), "DELETE FROM t");
            assertThat(bytesAfterVacuum()).isPositive();
            snapshot.check();
        }
        assertThat(Await.holds(SOON, () -> bytesAfterVacuum() == 0)).isTrue();
    }

    /** An empty table is cut to nothing, unless vacuum must leave rows that somebody may still see. */
    private static int bytesAfterVacuum() {
        try {
            Sql.execute(topology, topology.primaryUrl(), topology.owner(), "VACUUM t");
            return Integer.parseInt(
                    Sql.value(topology, topology.primaryUrl(), topology.owner(), "SELECT pg_relation_size('t')"));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> namesThroughRo() throws SQLException {
        List<Connection> sessions = new ArrayList<>();
        List<String> names = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                Connection session = topology.connect(topology.roUrl(), topology.reader());
                sessions.add(session);
                names.add(Jdbc.value(session, "SHOW cluster_name"));
            }
        } finally {
            for (Connection session : sessions) {
                session.close();
            }
        }
        return names;
    }

    private static boolean canSee(int replica, int rows) {
        try {
            return rowsOn(topology.replicaUrl(replica)) == rows;
        } catch (SQLException e) {
            return false;
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
