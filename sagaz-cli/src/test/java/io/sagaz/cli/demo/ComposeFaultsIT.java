package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.init.ComposeStack;
import io.sagaz.cli.init.Deployed;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every container in turn is killed, frozen or cut off under the load of the demo: the service goes on, the books balance. */
class ComposeFaultsIT {
    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final Duration CALM = Duration.ofSeconds(3);
    /** How long a container is frozen or cut off. */
    private static final Duration FAULT = Duration.ofSeconds(8);

    private static final long SEED = 5;

    @TempDir
    private static Path empty;

    private static ComposeStack stack;

    @BeforeAll
    static void bringUp() throws Exception {
        stack = ComposeStack.in(empty);
        stack.compose("up", "-d", "--wait");
    }

    @AfterAll
    static void takeDown() {
        if (stack != null) {
            stack.close();
        }
    }

    @ParameterizedTest(name = "{1} {0}")
    @CsvSource({
        "postgres-primary, kill", "postgres-primary, pause", "postgres-primary, cut",
        "postgres-replica, kill", "postgres-replica, pause", "postgres-replica, cut",
        "pgbouncer-rw, kill", "pgbouncer-rw, pause", "pgbouncer-rw, cut",
        "pgbouncer-ro, kill", "pgbouncer-ro, pause", "pgbouncer-ro, cut",
    })
    void theServiceGoesOnAndTheBooksBalance(String service, String fault) throws Exception {
        try (Place place = DeploymentPlace.open(Deployed.in(stack.folder()));
                RoutingSagaStore store = place.openStore()) {
            try (Connection owner = place.owner()) {
                place.shop().create(owner);
            }
            Ledger ledger = new Ledger(System::nanoTime);
            Meter meter = new Meter(LONGEST);
            OrderService shop = new OrderService(store, place.shop(), ledger, meter, SEED, LONGEST);
            Dashboard dashboard = new Dashboard(store, ledger, meter, SEED);
            Outage outage = new Outage(ledger, meter);
            try (outage) {
                shop.open(Demo.WORKERS);
                dashboard.open();
                ComposeStack.await("orders and reads", () -> outage.isBusy(CALM));
                outage.begin();
                strike(service, fault);
                ComposeStack.await("orders, and reads from replicas, after it", () -> outage.isBusy(CALM));
            } finally {
                shop.close();
                assertThat(shop.awaitIdle(LONGEST))
                        .as("all orders are finished")
                        .isTrue();
                dashboard.close();
                dashboard.awaitIdle(LONGEST);
            }
            place.awaitReplicas(LONGEST);
            try (Connection owner = place.owner()) {
                Verdict verdict = BooksReader.check(owner, ledger.lines());
                System.out.printf(
                        "FAULT | %s | %s | %s | %s | %d orders: %d lost, %d doubled, %d half done | %s%n",
                        service,
                        fault,
                        outage,
                        meter.troubles(),
                        verdict.orders(),
                        verdict.lost(),
                        verdict.duplicated(),
                        verdict.halfDone(),
                        meter.examples());
                assertThat(verdict.examples()).isEmpty();
                assertThat(verdict.isClean()).isTrue();
                assertThat(meter.troubles().staleViolations())
                        .as("reads that were too old")
                        .isZero();
                assertThat(meter.troubles().tornReads()).as("torn reads").isZero();
            }
        }
        ComposeStack.await(
                "all healthy",
                () -> stack.services().stream()
                        .allMatch(each -> stack.health(each).equals("healthy")));
    }

    private static void strike(String service, String fault) throws InterruptedException {
        switch (fault) {
            case "kill" -> stack.crash(service);
            case "pause" -> {
                stack.docker(service, "pause");
                Thread.sleep(FAULT.toMillis());
                stack.docker(service, "unpause");
            }
            case "cut" -> {
                stack.docker(service, "network", "disconnect", stack.network());
                Thread.sleep(FAULT.toMillis());
                stack.docker(service, "network", "connect", "--alias", service, stack.network());
            }
            default -> throw new AssertionError(fault);
        }
    }
}
