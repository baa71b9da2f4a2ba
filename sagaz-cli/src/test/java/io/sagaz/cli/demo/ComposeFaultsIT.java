package io.sagaz.cli.demo;

import io.sagaz.cli.init.ComposeStack;
import io.sagaz.cli.init.Deployed;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every container in turn is killed, frozen or cut off under the load of the demo: the service goes on, the books balance. */
class ComposeFaultsIT {
    /** How long a container is frozen or cut off. */
    private static final Duration FAULT = Duration.ofSeconds(8);

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
        try (ShopAtWork work = ShopAtWork.on(Deployed.in(stack.folder()))) {
            work.awaitBusy();
            work.outage().begin();
            strike(service, fault);
            work.awaitBusy();
            System.out.println("FAULT | " + service + " | " + fault + " | " + work.outage() + " | " + work.balance());
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
