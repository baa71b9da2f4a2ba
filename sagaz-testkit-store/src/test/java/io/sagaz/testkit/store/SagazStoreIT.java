package io.sagaz.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The extension as JUnit runs it: each test here is a run of its own, of classes that stand below it. */
@Timeout(180)
class SagazStoreIT {
    @Test
    void eachTestHasAnEmptyStoreOfItsOwn() {
        Events tests = run(Fresh.class);
        assertThat(messages(tests)).isEmpty();
        tests.assertStatistics(counts -> counts.succeeded(3));
    }

    @SagazStore
    static class Fresh {
        private final RoutingSagaStore mine;

        Fresh(RoutingSagaStore store) {
            mine = store;
        }

        @BeforeEach
        void isTheSameWithinATest(RoutingSagaStore store) {
            assertThat(store).isSameAs(mine);
        }

        @RepeatedTest(2)
        void isEmptyAndCanBeUsed(RoutingSagaStore store, RoutingSagaStore.Builder second) {
            assertThat(store).isSameAs(mine);
            assertThat(count(store)).isZero();
            store.start(NewSaga.named("order"));
            try (RoutingSagaStore other = second.build()) {
                assertThat(count(other)).isOne();
            }
        }

        @Test
        void canBreak(RoutingSagaStore store, Faults faults) {
            store.start(NewSaga.named("order"));
            faults.killPrimary();
        }
    }

    @Test
    void whatIsNotClosedMakesItsTestFail() {
        assertThat(messages(run(Leaking.class)))
                .hasSize(2)
                .anyMatch(
                        message -> message.contains("were not closed") && message.contains("sagaz_app at the primary"))
                .anyMatch(message ->
                        message.contains("were not closed") && message.contains("sagaz_app through PgBouncer-RW"));
    }

    @SagazStore
    static class Leaking {
        private static final List<AutoCloseable> LEAKED = new ArrayList<>();

        @Test
        void leavesAConnectionOpen(RoutingSagaStore store, TestDatabase database) throws SQLException {
            Connection connection = database.connect(database.primaryUrl(), database.app());
            LEAKED.add(connection);
        }

        @Test
        void leavesAStoreOpen(RoutingSagaStore.Builder builder) {
            RoutingSagaStore store = builder.build();
            store.start(NewSaga.named("order"));
            LEAKED.add(store);
        }

        @Test
        void closesEverything(RoutingSagaStore store) {
            store.start(NewSaga.named("order"));
        }

        @AfterAll
        static void closeAfterAll() throws Exception {
            for (AutoCloseable leaked : LEAKED) {
                leaked.close();
            }
        }
    }

    @Test
    void aThreadThatIsLeftMakesItsTestFail() {
        Events tests = run(LeavingThreads.class);
        tests.assertStatistics(counts -> counts.succeeded(1).failed(1));
        assertThat(messages(tests))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("Threads were not ended")
                .contains("\"sagaz-relay-default\" (daemon, WAITING)");
        run(LeavingThreadsOnPurpose.class).assertStatistics(counts -> counts.succeeded(2));
        EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .selectors(selectClass(LeavingThreads.class))
                .execute()
                .testEvents()
                .assertStatistics(counts -> counts.succeeded(2));
    }

    @SagazStore
    static class LeavingThreads {
        private static final CompletableFuture<Void> END = new CompletableFuture<>();

        @Test
        void leavesAThread(RoutingSagaStore store) {
            Thread thread = new Thread(END::join, "sagaz-relay-default");
            thread.setDaemon(true);
            thread.start();
            Await.until("it waits", () -> thread.getState() == Thread.State.WAITING);
        }

        @Test
        void endsItsThread(RoutingSagaStore store) throws InterruptedException {
            Thread thread = new Thread(() -> store.start(NewSaga.named("order")), "worker");
            thread.start();
            thread.join();
        }
    }

    @SagazStore(threads = false)
    static class LeavingThreadsOnPurpose extends LeavingThreads {}

    @Test
    void thePageShowsTheTestsThatRun() throws IOException {
        assertThat(Files.readString(Path.of("../docs/testing.md")))
                .contains(sample("OrderSagaIT"), sample("OrdersIT"), sample("OrderHelpersIT"));
    }

    @Test
    void thePageShowsTheExampleWithSpringBoot() throws IOException {
        Path code = Path.of("../examples/shop-spring-boot/src/test/java/com/example/shop");
        String topology = Files.readString(code.resolve("TestTopology.java"));
        String tests = Files.readString(code.resolve("OrdersIT.java"));

        assertThat(Files.readString(Path.of("../docs/testing.md")))
                .contains("```java\n" + topology.substring(topology.indexOf("@TestConfiguration")) + "```\n")
                .contains("```java\n"
                        + tests.substring(
                                        tests.indexOf("    @Test\n    void anOrderIsFoundWhile"),
                                        tests.indexOf("    private SagaStatus now"))
                                .indent(-4)
                        + tests.substring(tests.indexOf("    /** Where a read"), tests.lastIndexOf("}"))
                                .indent(-4)
                        + "```\n");
    }

    private static String sample(String type) throws IOException {
        String code = Files.readString(Path.of("src/test/java/io/sagaz/testkit/store", type + ".java"));
        return "```java\n"
                + code.substring(code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("// end"))
                        .stripTrailing()
                + "\n```\n";
    }

    private static long count(RoutingSagaStore store) {
        return store.reads(ReadConsistency.strong()).countByStatus(SagaFilter.named("order")).value().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Of each failed test; JUnit wraps what is thrown at its end. */
    private static List<String> messages(Events tests) {
        return tests.failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .map(failure -> failure.getCause() == null ? failure.getMessage() : failure + ": " + failure.getCause())
                .toList();
    }

    private static Events run(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .execute()
                .testEvents();
    }
}
