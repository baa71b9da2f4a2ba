package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that are ended sessions, or something that is held. */
@Timeout(90)
class HeldFaultsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int WRITE_POOL = 25;

    private static Topology topology;
    private static Faults faults;

    @BeforeAll
    static void start() throws SQLException {
        topology = Topology.builder().hotStandbyFeedback(true).start();
        faults = topology.faults();
        Sql.execute(topology, topology.primaryUrl(), topology.owner(), "CREATE TABLE t (i integer)");
        topology.awaitReplicas(SOON);
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        Sql.execute(topology, topology.primaryUrl(), topology.owner(), "TRUNCATE t");
        topology.awaitReplicas(SOON);
    }

    @Test
    void sessionsOfOneRoleEndInTheMiddleOfTheirTransactions() throws SQLException {
        faults.terminateBackendsOnPrimary(topology.app());
        try (Connection app = topology.connect(topology.primaryUrl(), topology.app());
                Connection pooled = topology.connect(topology.rwUrl(), topology.app());
                Connection reader = topology.connect(topology.primaryUrl(), topology.reader())) {
            app.setAutoCommit(false);
            Jdbc.execute(app, "INSERT INTO t VALUES (1)");
            pooled.setAutoCommit(false);
            Jdbc.execute(pooled, "INSERT INTO t VALUES (2)");

            assertThat(faults.terminateBackendsOnPrimary(topology.app())).isEqualTo(2);

            assertThat(Sql.stateOf(app::commit)).isIn("57P01", "08006");
            assertThat(Sql.stateOf(pooled::commit)).isNotEqualTo("none");
            assertThat(Jdbc.value(reader, "SELECT count(*) FROM t"))
                    .as("another role's session goes on")
                    .isEqualTo("0");
        }
        assertThat(faults.terminateBackendsOnPrimary(topology.app())).isZero();
        write("INSERT INTO t VALUES (3)");
    }

    @Test
    void sessionsOnAReplicaEnd() throws SQLException {
        try (Connection reader = topology.connect(topology.replicaUrl(0), topology.reader())) {
            Jdbc.value(reader, "SELECT 1");
            assertThat(faults.terminateBackendsOnReplica(0, topology.reader())).isPositive();
            assertThat(Sql.stateOf(() -> Jdbc.value(reader, "SELECT 1"))).isIn("57P01", "08006");
        }
        assertThatThrownBy(() -> faults.terminateBackendsOnReplica(1, topology.reader()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aSnapshotOnAReplicaKeepsRowsOnThePrimary() throws SQLException {
        write("INSERT INTO t SELECT * FROM generate_series(1, 100)");
        topology.awaitReplicas(SOON);
        Hold snapshot = faults.holdSnapshotOnReplica(0);
        String oldest = Sql.value(
                topology,
                topology.replicaUrl(0),
                topology.superuser(),
                "SELECT backend_xmin FROM pg_stat_activity WHERE usename = 'sagaz_reader'"
                        + " AND state = 'idle in transaction'");
        write("DELETE FROM t");
        assertThat(Await.holds(SOON, () -> keptByThePrimary().equals(oldest)))
                .as("what the primary keeps goes up to the snapshot and no further")
                .isTrue();
        assertThat(bytesAfterVacuum()).isPositive();
        snapshot.check();
        snapshot.close();
        snapshot.close();
        assertThat(Await.holds(SOON, () -> bytesAfterVacuum() == 0)).isTrue();
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(snapshot::check)
                .withMessageStartingWith("The snapshot on replica-1 is not held any more: ");
    }

    @Test
    void aSnapshotThatItsServerTookAwayIsReported() {
        try (Hold snapshot = faults.holdSnapshotOnPrimary()) {
            snapshot.check();
            faults.terminateBackendsOnPrimary(topology.reader());
            assertThatExceptionOfType(TopologyException.class)
                    .isThrownBy(snapshot::check)
                    .withMessageStartingWith("The snapshot on primary is not held any more: ");
        }
    }

    @Test
    void nobodyGetsThroughAnExhaustedWritePoolUntilItIsGivenBack() throws Exception {
        try (Connection client = topology.connect(topology.rwUrl(), topology.app())) {
            Hold pool = faults.exhaustWritePool(topology.app());
            assertThat(onServers("idle in transaction")).isEqualTo(WRITE_POOL);
            write(topology.owner(), "INSERT INTO t VALUES (1)");

            FutureTask<Void> late = start(() -> Jdbc.execute(client, "INSERT INTO t VALUES (2)"));
            awaitWaiting(topology.rwUrl(), topology.app());
            assertThat(Sql.value(
                            topology,
                            topology.primaryUrl(),
                            topology.reader(),
                            "SELECT string_agg(i::text, ',') FROM t"))
                    .isEqualTo("1");
            pool.check();
            pool.close();
            late.get();
        }
        assertThat(onServers("idle in transaction")).isZero();
        assertThat(onServers("idle")).as("given back, not thrown away").isEqualTo(WRITE_POOL);
    }

    @Test
    void aPoolThatOthersKeepIsNotExhausted() throws SQLException {
        try (Connection other = topology.connect(topology.rwUrl(), topology.app())) {
            other.setAutoCommit(false);
            Jdbc.execute(other, "INSERT INTO t VALUES (1)");
            assertThatExceptionOfType(TopologyException.class)
                    .isThrownBy(() -> faults.exhaustWritePool(topology.app()))
                    .withMessageStartingWith("PgBouncer-RW lent 24 of its 25 connections of sagaz_app and no more;");
            other.commit();
        }
        assertThat(onServers("idle in transaction")).isZero();
    }

    @Test
    void sessionsThatAreOpenGoOnBesideAnExhaustedReadPool() throws Exception {
        try (Connection session = topology.connect(topology.roUrl(), topology.reader())) {
            assertThat(Jdbc.value(session, "SELECT 1")).isEqualTo("1");
            Hold pool = faults.exhaustReadPool(topology.reader());
            assertThat(Jdbc.value(session, "SELECT 2")).isEqualTo("2");

            String url = topology.roUrl();
            FutureTask<Void> late = start(() -> Sql.execute(topology, url, topology.reader(), "SELECT 3"));
            awaitWaiting(url, topology.reader());
            pool.check();
            pool.close();
            late.get();
        }
    }

    private interface Work {
        void run() throws SQLException;
    }

    private static FutureTask<Void> start(Work work) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        Thread thread = new Thread(task, "late");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** Waits until a client of a user waits at a pooler. */
    private static void awaitWaiting(String url, Credentials user) {
        String console = url.replaceAll("/sagaz.*", "/pgbouncer?preferQueryMode=simple&replication=false");
        assertThat(Await.holds(SOON, () -> {
                    try (Connection connection = topology.connect(console, topology.superuser());
                            Statement statement = connection.createStatement();
                            ResultSet pools = statement.executeQuery("SHOW POOLS")) {
                        boolean waits = false;
                        while (pools.next()) {
                            waits |= pools.getString("user").equals(user.user()) && pools.getInt("cl_waiting") > 0;
                        }
                        return waits;
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                }))
                .as("a client waits")
                .isTrue();
    }

    private static void write(String sql) throws SQLException {
        write(topology.app(), sql);
    }

    private static void write(Credentials as, String sql) throws SQLException {
        Sql.execute(topology, topology.rwUrl(), as, sql);
    }

    /** What the replica has told the primary to keep. */
    private static String keptByThePrimary() {
        return ask("SELECT xmin FROM pg_replication_slots");
    }

    /** An empty table is cut to nothing, unless vacuum must leave rows that somebody may still see. */
    private static int bytesAfterVacuum() {
        try {
            Sql.execute(topology, topology.primaryUrl(), topology.owner(), "VACUUM t");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return Integer.parseInt(ask("SELECT pg_relation_size('t')"));
    }

    /** How many sessions of the app are in a state on the primary. */
    private static int onServers(String state) {
        return Integer.parseInt(
                ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'sagaz_app' AND state = '" + state + "'"));
    }

    private static String ask(String sql) {
        try {
            return Sql.value(topology, topology.primaryUrl(), topology.superuser(), sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
