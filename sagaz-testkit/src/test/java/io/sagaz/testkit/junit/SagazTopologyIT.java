package io.sagaz.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.slf4j.LoggerFactory;

/** The extension as JUnit runs it: each test here is a run of its own, of classes that stand below it. */
@Timeout(180)
class SagazTopologyIT {
    private static final Queue<String> SEEN = new ConcurrentLinkedQueue<>();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        SEEN.clear();
        log.start();
        ((Logger) LoggerFactory.getLogger(TopologyExtension.class)).addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ((Logger) LoggerFactory.getLogger(TopologyExtension.class)).detachAppender(log);
    }

    @Test
    void classesWithTheSameSettingsShareATopologyThatEndsWithTheRun() {
        run(First.class, Second.class, Two.class, Own.class).testEvents().assertStatistics(tests -> tests.succeeded(5));

        List<String> urls = List.copyOf(SEEN);
        assertThat(urls).hasSize(5);
        assertThat(urls.subList(0, 3)).containsOnly(urls.get(0));
        assertThat(Stream.of(urls.get(0), urls.get(3), urls.get(4)).distinct()).hasSize(3);
        assertThat(urls).noneMatch(SagazTopologyIT::answers);
    }

    @SagazTopology
    static class Base {
        @Test
        void inherited(Topology topology) {
            SEEN.add(topology.primaryUrl());
        }
    }

    static final class First extends Base {}

    static final class Second extends Base {
        @Nested
        class Inner {
            @Test
            void nested(Topology topology) {
                SEEN.add(topology.primaryUrl());
            }
        }
    }

    @SagazTopology(replicas = 2)
    static final class Two extends Base {
        @Override
        @Test
        void inherited(Topology topology) {
            assertThat(topology.replicas()).isEqualTo(2);
            super.inherited(topology);
        }
    }

    /** Its own topology is there until its last test, whatever the first one does. */
    @SagazTopology(fresh = true)
    static final class Own {
        @BeforeAll
        static void breakIt(Faults faults) {
            faults.killReplica(0);
        }

        @Test
        void isBroken(Topology topology, TestDatabase database) {
            SEEN.add(topology.primaryUrl());
            assertThat(topology.state()).containsEntry("replica-1 runs", "no");
            topology.faults().startReplica(0);
        }
    }

    @Test
    void eachTestHasADatabaseOfItsOwn() {
        Schema.PREPARED.set(0);
        run(Fresh.class, Prepared.class).testEvents().assertStatistics(tests -> tests.succeeded(6));

        assertThat(SEEN).hasSize(6);
        assertThat(Schema.PREPARED).hasValue(1);
    }

    @SagazTopology
    static class Fresh {
        final TestDatabase mine;

        Fresh(TestDatabase database) {
            mine = database;
        }

        @BeforeEach
        void isTheSameWithinATest(TestDatabase database) {
            assertThat(database).isSameAs(mine);
        }

        @RepeatedTest(3)
        void isThereAndThoseBeforeAreNot(TestDatabase database) throws SQLException {
            assertThat(database).isSameAs(mine);
            try (Connection connection = database.connect(database.primaryUrl(), database.owner());
                    Statement statement = connection.createStatement()) {
                assertThat(texts(statement, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
                        .isEqualTo(expectedTables());
                statement.execute("CREATE TABLE mine (i integer)");
                assertThat(texts(statement, "SELECT datname FROM pg_database"))
                        .contains(database.name())
                        .noneMatch(SEEN::contains);
            }
            SEEN.add(database.name());
        }

        List<String> expectedTables() {
            return List.of();
        }

        private static List<String> texts(Statement statement, String query) throws SQLException {
            List<String> texts = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    texts.add(rows.getString(1));
                }
            }
            return texts;
        }
    }

    @DatabaseTemplate(Schema.class)
    static final class Prepared extends Fresh {
        Prepared(TestDatabase database) {
            super(database);
        }

        @Override
        List<String> expectedTables() {
            return List.of("prepared");
        }
    }

    static final class Schema implements TestDatabase.Preparation {
        static final AtomicInteger PREPARED = new AtomicInteger();

        @Override
        public void prepare(TestDatabase database) throws SQLException {
            PREPARED.incrementAndGet();
            try (Connection connection = database.connect(database.primaryUrl(), database.owner());
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE prepared (i integer)");
            }
        }
    }

    @Test
    void aTopologyThatIsLeftBrokenIsReplacedAndOneThatIsMendedGoesOn() {
        run(Breaking.class).testEvents().assertStatistics(tests -> tests.succeeded(6));

        List<String> urls = List.copyOf(SEEN);
        assertThat(urls.subList(0, 4)).containsOnly(urls.get(0));
        assertThat(urls.subList(4, 6)).containsOnly(urls.get(4)).doesNotContain(urls.get(0));
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .satisfiesExactly(
                        first -> assertThat(first)
                                .endsWith("Breaking.mends(Topology, Faults, TestDatabase) has undone its faults: the"
                                        + " topology goes on"),
                        second -> assertThat(second)
                                .contains(
                                        "Breaking.leavesItBroken(Faults, TestDatabase, Topology) leaves a topology that"
                                                + " is not as it was, which is closed: the next test gets a new one.")
                                .contains("replica-1 replay: not paused, now paused")
                                .contains("PgBouncer-RW runs: yes, now no"),
                        third -> assertThat(third)
                                .contains("Breaking.mendsAgain(")
                                .endsWith("goes on"));
    }

    @SagazTopology
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static final class Breaking {
        @Test
        @Order(1)
        void uses(Topology topology) {
            SEEN.add(topology.primaryUrl());
        }

        @Test
        @Order(2)
        void mends(Topology topology, Faults faults, TestDatabase database) {
            SEEN.add(topology.primaryUrl());
            faults.pauseReplay(0);
            faults.killWritePooler();
            faults.startWritePooler();
            faults.resumeReplay(0);
        }

        @Test
        @Order(3)
        void hasTheSame(Topology topology) {
            SEEN.add(topology.primaryUrl());
        }

        @Test
        @Order(4)
        void leavesItBroken(Faults faults, TestDatabase database, Topology topology) {
            SEEN.add(topology.primaryUrl());
            faults.pauseReplay(0);
            faults.killWritePooler();
        }

        @Test
        @Order(5)
        void hasAnotherThatIsWhole(Topology topology, TestDatabase database) throws SQLException {
            SEEN.add(topology.primaryUrl());
            database.connect(database.rwUrl(), database.app()).close();
        }

        @Test
        @Order(6)
        void mendsAgain(Topology topology, Faults faults) {
            SEEN.add(topology.primaryUrl());
            faults.restartReplica(0);
        }
    }

    @Test
    void testsInParallelShareATopology() {
        Sharing.met = new CountDownLatch(2);
        inParallel(Sharing.class, AlsoSharing.class).testEvents().assertStatistics(tests -> tests.succeeded(2));
    }

    @SagazTopology
    static class Sharing {
        static CountDownLatch met = new CountDownLatch(2);

        @Test
        void meetsAnother(TestDatabase database) throws InterruptedException {
            met.countDown();
            assertThat(met.await(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    static final class AlsoSharing extends Sharing {}

    @Test
    void inParallelATestWithFaultsIsAlone() {
        inParallel(Quiet.class, AlsoQuiet.class, Wild.class, AlsoWild.class)
                .testEvents()
                .assertStatistics(tests -> tests.succeeded(10));
        assertThat(Stage.present).hasValue(0);
    }

    /** Who is there at a time. */
    static final class Stage {
        static final AtomicInteger present = new AtomicInteger();
        static final AtomicInteger wild = new AtomicInteger();
    }

    @SagazTopology
    static class Quiet {
        @RepeatedTest(3)
        void worksUndisturbed(TestDatabase database) throws SQLException {
            Stage.present.incrementAndGet();
            assertThat(Stage.wild).hasValue(0);
            database.connect(database.roUrl(), database.reader()).close();
            assertThat(Stage.wild).hasValue(0);
            Stage.present.decrementAndGet();
        }
    }

    static final class AlsoQuiet extends Quiet {}

    @SagazTopology
    static class Wild {
        @RepeatedTest(2)
        void breaksIt(Faults faults, TestDatabase database) {
            assertThat(Stage.present.incrementAndGet()).isEqualTo(1);
            Stage.wild.incrementAndGet();
            faults.killReplica(0);
            mend(faults);
            Stage.wild.decrementAndGet();
            assertThat(Stage.present.decrementAndGet()).isZero();
        }

        void mend(Faults faults) {
            faults.startReplica(0);
        }
    }

    static final class AlsoWild extends Wild {
        @Override
        void mend(Faults faults) {
            // The next test gets another topology.
        }
    }

    @Test
    void aTestThatFailsCarriesTheLogsOnce() {
        List<Throwable> failures = failures(run(Failing.class));

        assertThat(failures)
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .satisfies(logs -> assertThat(logs)
                                .hasMessageStartingWith("The ends of the logs of the topology:\nprimary\n")
                                .hasMessageContaining("\nreplica-1\n")
                                .hasMessageContaining("\nPgBouncer-RW\n")
                                .hasMessageContaining("\nPgBouncer-RO\n")
                                .hasMessageContaining("nothing_there")));
    }

    @SagazTopology
    static final class Failing {
        @BeforeEach
        void asksForWhatIsNotThere(TestDatabase database) throws SQLException {
            try (Connection connection = database.connect(database.rwUrl(), database.app());
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT * FROM nothing_there");
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("42P01");
            }
        }

        @Test
        void fails() {
            fail("on purpose");
        }

        @Test
        void failsToo(Faults faults) {
            fail("on purpose, without having broken anything");
        }

        @Test
        void isSkipped() {
            Assumptions.abort("no failure");
        }

        @Test
        void isFine() {}
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongClasses")
    void whatIsAskedForWronglyIsNamed(Class<?> wrong, String message) {
        assertThat(failures(run(wrong)))
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasMessageContaining(message));
    }

    static Stream<Arguments> wrongClasses() {
        String prefix = SagazTopologyIT.class.getName() + "$";
        return Stream.of(
                Arguments.of(
                        NoReplica.class,
                        "@SagazTopology of " + prefix + "NoReplica: Topology.replicas must be from 1 to 16, but is 0"),
                Arguments.of(
                        Ancient.class,
                        "@SagazTopology of " + prefix + "Ancient: Topology.postgres must be from 14 to 18, but is 9"),
                Arguments.of(
                        WithoutAnnotation.class,
                        "TopologyExtension is used without its annotation: put @SagazTopology on " + prefix
                                + "WithoutAnnotation"),
                Arguments.of(
                        FaultsForAll.class,
                        "Faults for all tests of " + prefix + "FaultsForAll would break a topology that other classes"
                                + " use: take them in @BeforeEach or in a test, or give the class its own with"
                                + " @SagazTopology(fresh = true)"),
                Arguments.of(
                        KeptAndBroken.class,
                        "A Topology for all tests of " + prefix + "KeptAndBroken, some of which take Faults, would be"
                                + " closed when one of them leaves it broken"),
                Arguments.of(
                        DatabaseForAll.class,
                        "A TestDatabase is for one test, not for all of " + prefix
                                + "DatabaseForAll: take it in @BeforeEach or in a test"),
                Arguments.of(BreaksWhatIsLent.class, "a test that breaks it takes a parameter of type Faults"));
    }

    @SagazTopology(replicas = 0)
    static class NoReplica {
        @Test
        void isNotReached() {}
    }

    @SagazTopology(postgres = 9)
    static class Ancient {
        @Test
        void isNotReached() {}
    }

    @ExtendWith(TopologyExtension.class)
    static class WithoutAnnotation {
        @Test
        void isNotReached() {}
    }

    @SagazTopology
    static class FaultsForAll {
        @BeforeAll
        static void breakIt(Faults faults) {}

        @Test
        void isNotReached() {}
    }

    @SagazTopology
    static class KeptAndBroken {
        @BeforeAll
        static void keep(Topology topology) {}

        @Test
        void isNotReached(Faults faults) {}
    }

    @SagazTopology
    static class DatabaseForAll {
        @BeforeAll
        static void keep(TestDatabase database) {}

        @Test
        void isNotReached() {}
    }

    @SagazTopology
    static class BreaksWhatIsLent {
        @Test
        void breaks(Topology topology) {
            topology.faults();
        }
    }

    @Test
    void whatHasChangedIsTold() {
        Map<String, String> before = Map.of("a runs", "yes", "b runs", "yes", "b port", "1");
        assertThat(TopologyUse.changes(before, before)).isEmpty();
        assertThat(TopologyUse.changes(before, Map.of("a runs", "yes", "b runs", "no")))
                .containsExactly("b runs: yes, now no");
        assertThat(TopologyUse.changes(before, Map.of("a runs", "yes", "b runs", "yes", "c port", "2")))
                .containsExactly("b port: 1, now (unknown)", "c port: (unknown), now 2");
    }

    private static EngineExecutionResults run(Class<?>... classes) {
        return engine(classes).execute();
    }

    private static EngineExecutionResults inParallel(Class<?>... classes) {
        return engine(classes)
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
                .execute();
    }

    private static EngineTestKit.Builder engine(Class<?>... classes) {
        EngineTestKit.Builder engine = EngineTestKit.engine("junit-jupiter");
        for (Class<?> each : classes) {
            engine.selectors(selectClass(each));
        }
        return engine;
    }

    private static List<Throwable> failures(EngineExecutionResults results) {
        return results.allEvents()
                .failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .toList();
    }

    /** Whether a server is there, which refuses us then. */
    private static boolean answers(String url) {
        try (Connection connection = DriverManager.getConnection(url, "nobody", "none")) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return !"08001".equals(e.getSQLState());
        }
    }
}
