package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.init.ComposeStack;
import io.sagaz.cli.init.PatroniStack;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever leads is killed under the load of the demo, again and again: another takes over, and the books balance. */
class PatroniFailoverIT {
    private static final int KILLS = Integer.getInteger("sagaz.failover.kills", 4);
    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final long SEED = 5;

    @TempDir
    private static Path empty;

    private static PatroniStack patroni;

    /** How the server that leads is struck. */
    private enum Fault {
        /** The whole container, which does not come back before another leads: its lease must run out. */
        CONTAINER,
        /** All that runs in the container, which is started again at once. */
        PROGRAMS,
        /** PostgreSQL alone: Patroni is there, sees it, and gives the lead away. */
        POSTGRES,
        /** It sleeps until another leads, and then wakes up and believes that it still does. */
        FROZEN
    }

    @BeforeAll
    static void bringUp() throws Exception {
        patroni = PatroniStack.up(empty);
    }

    @AfterAll
    static void takeDown() {
        if (patroni != null) {
            patroni.close();
        }
    }

    @Test
    void anotherTakesOverAndNothingThatWasAcknowledgedIsLostOrDoneTwice() throws Exception {
        Map<Fault, List<Duration>> outages = new EnumMap<>(Fault.class);
        try (Place place = DeploymentPlace.open(patroni.ways());
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
                for (int i = 0; i < KILLS; i++) {
                    Fault fault = Fault.values()[i % Fault.values().length];
                    Duration writes = strike(fault, outage);
                    outages.computeIfAbsent(fault, f -> new ArrayList<>()).add(writes);
                    System.out.printf("KILL %d | %s | %s | %s%n", i + 1, fault, outage, meter.troubles());
                }
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
                outages.forEach((fault, each) -> System.out.println("WRITE OUTAGE | " + fault + " | " + said(each)));
                System.out.println("WRITE OUTAGE | all | "
                        + said(outages.values().stream().flatMap(List::stream).toList()));
                System.out.printf(
                        "BOOKS | %d orders: %d lost, %d doubled, %d half done | %s | %s%n",
                        verdict.orders(),
                        verdict.lost(),
                        verdict.duplicated(),
                        verdict.halfDone(),
                        meter.troubles(),
                        meter.examples());
                assertThat(verdict.examples()).isEmpty();
                assertThat(verdict.isClean()).isTrue();
                assertThat(meter.troubles().staleViolations())
                        .as("reads that were too old")
                        .isZero();
                assertThat(meter.troubles().tornReads()).as("torn reads").isZero();
            }
        }
    }

    /** Strikes whoever leads, waits until another does and all goes on, and lets the former leader follow. */
    private static Duration strike(Fault fault, Outage outage) throws InterruptedException {
        patroni.awaitWhole();
        ComposeStack.await("orders and reads", () -> outage.isBusy(CALM));
        ComposeStack stack = patroni.stack();
        String leader = patroni.leader();
        outage.begin();
        switch (fault) {
            case CONTAINER -> stack.docker(leader, "kill");
            case PROGRAMS -> stack.crash(leader);
            case POSTGRES ->
                stack.compose(
                        "exec",
                        "-T",
                        leader,
                        "sh",
                        "-c",
                        "kill -9 \"$(head -n 1 /var/lib/postgresql/sagaz/postmaster.pid)\"");
            case FROZEN -> stack.docker(leader, "pause");
        }
        List<String> others = Stream.of("postgres-1", "postgres-2", "postgres-3")
                .filter(server -> !server.equals(leader))
                .toList();
        ComposeStack.await(
                "another leader",
                () -> others.stream()
                        .anyMatch(other -> stack.tryCompose(
                                        "exec",
                                        "-T",
                                        other,
                                        "psql",
                                        "-XAtqc",
                                        "SELECT pg_is_in_recovery()",
                                        "-d",
                                        "postgres")
                                .words()
                                .strip()
                                .equals("f")));
        if (fault == Fault.FROZEN) {
            stack.docker(leader, "unpause");
        }
        ComposeStack.await("orders, and reads from replicas, after it", () -> outage.isBusy(CALM));
        Duration writes = outage.writes();
        if (fault == Fault.CONTAINER) {
            stack.docker(leader, "start");
        }
        patroni.awaitWhole();
        assertThat(patroni.leader()).as("who leads now").isNotEqualTo(leader);
        return writes;
    }

    private static String said(List<Duration> outages) {
        List<Duration> sorted = outages.stream().sorted().toList();
        return String.format(
                "%d times, p50 %.1f s, max %.1f s",
                sorted.size(),
                sorted.get((sorted.size() - 1) / 2).toNanos() / 1e9,
                sorted.get(sorted.size() - 1).toNanos() / 1e9);
    }
}
