package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is broken shows in the state of a topology, and nothing shows any more when it is mended. */
@Timeout(120)
class StateIT {
    private static Topology topology;
    private static Map<String, String> whole;

    @BeforeAll
    static void start() {
        topology = Topology.builder().replicas(2).start();
        whole = topology.state();
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @AfterEach
    void itIsWhole() {
        assertThat(topology.state()).isEqualTo(whole);
    }

    @Test
    void aTopologyThatIsUsedStaysAsItIs() throws SQLException {
        Sql.execute(topology, topology.primaryUrl(), topology.owner(), "CREATE TABLE t (i integer)");
        topology.newDatabase();
        try (Connection idle = topology.connect(topology.roUrl(), topology.reader())) {
            assertThat(Jdbc.value(idle, "SELECT 1")).isEqualTo("1");
            assertThat(topology.state())
                    .isEqualTo(whole)
                    .containsEntry("primary role", "leads")
                    .containsEntry("replica-2 streams from", "primary")
                    .containsEntry("PgBouncer-RO setting pool_mode", "session");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aFaultShowsUntilItIsUndone(String fact, String value, Change broken, Change mended) throws SQLException {
        broken.make(topology.faults());
        assertThat(topology.state()).containsEntry(fact, value).isNotEqualTo(whole);
        mended.make(topology.faults());
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("replica-1 replay", "paused", f -> f.pauseReplay(0), f -> f.resumeReplay(0)),
                fault(
                        "replica-1 setting recovery_min_apply_delay",
                        "60000",
                        f -> f.delayReplay(0, Duration.ofMinutes(1)),
                        f -> f.replayAtOnce(0)),
                fault("replica-2 streams from", "nobody", f -> f.cutReplica(1), f -> f.followPrimary(1)),
                fault("replica-2 streams from", "replica-1", f -> f.follow(1, 0), f -> f.followPrimary(1)),
                fault("replica-2 runs", "no", f -> f.killReplica(1), f -> f.startReplica(1)),
                fault("primary runs", "no", Faults::stopPrimary, Faults::startPrimary),
                fault("PgBouncer-RW runs", "no", Faults::killWritePooler, Faults::startWritePooler),
                fault("PgBouncer-RW leads somewhere", "no", Faults::pauseWritePooler, Faults::resumeWritePooler),
                fault(
                        "PgBouncer-RO host",
                        "127.0.0.1",
                        Faults::pointReadPoolerAtPrimary,
                        f -> f.pointReadPoolerAt(0, 1)),
                fault(
                        "PgBouncer-RW setting default_pool_size",
                        "3",
                        f -> console("SET default_pool_size = 3"),
                        f -> console("SET default_pool_size = 25")),
                fault(
                        "primary setting work_mem",
                        "5120",
                        f -> set("ALTER SYSTEM SET work_mem = '5MB'"),
                        f -> set("ALTER SYSTEM RESET work_mem")));
    }

    @Test
    void aTransactionThatIsLeftOpenShows() throws SQLException {
        try (Connection open = topology.connect(topology.replicaUrl(1), topology.reader())) {
            open.setAutoCommit(false);
            Jdbc.value(open, "SELECT 1");
            assertThat(topology.state()).containsEntry("replica-2 open transactions", "1");
        }
    }

    @Test
    void aPromotionCannotBeUndone() {
        try (Topology own = Topology.builder().replicas(1).start()) {
            Map<String, String> before = own.state();
            own.faults().switchOver(0);
            assertThat(own.state())
                    .containsEntry("primary role", "standby")
                    .containsEntry("primary streams from", "replica-1");
            own.faults().switchBack(0);
            assertThat(own.state())
                    .containsEntry("primary role", "leads")
                    .containsEntry("primary timeline", "00000003")
                    .isNotEqualTo(before);
        }
    }

    private interface Change {
        void make(Faults faults) throws SQLException;
    }

    private static Arguments fault(String fact, String value, Change broken, Change mended) {
        return Arguments.of(fact, value, broken, mended);
    }

    private static void console(String command) throws SQLException {
        String console = topology.rwUrl().replace("/sagaz", "/pgbouncer") + "&preferQueryMode=simple&replication=false";
        Sql.execute(topology, console, topology.superuser(), command);
    }

    private static void set(String command) throws SQLException {
        Sql.execute(topology, topology.primaryUrl(), topology.superuser(), command);
    }
}
