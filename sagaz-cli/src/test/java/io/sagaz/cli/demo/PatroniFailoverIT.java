package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.init.ComposeStack;
import io.sagaz.cli.init.PatroniStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever leads is killed under the load of the demo, again and again: another takes over, and the books balance. */
class PatroniFailoverIT {
    private static final int KILLS = Integer.getInteger("sagaz.failover.kills", 4);

    @TempDir
    private static Path empty;

    private static PatroniStack patroni;

    /** How the server that leads is struck. */
    private enum Fault {
        /** The whole container, which does not come back before another leads: its lease must run out. */
        CONTAINER(false),
        /** All that runs in the container, which is started again at once. */
        PROGRAMS(true),
        /** PostgreSQL alone: Patroni is there, sees it, and gives the lead away; it may have it again when it is up first. */
        POSTGRES(true),
        /** It sleeps until another leads, and then wakes up and believes that it still does. */
        FROZEN(false),
        /** Nobody reaches it and it reaches nobody, until another leads. */
        CUT_OFF(false);

        private final boolean mayLeadAgain;

        Fault(boolean mayLeadAgain) {
            this.mayLeadAgain = mayLeadAgain;
        }
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
        try (ShopAtWork work = ShopAtWork.on(patroni.ways())) {
            for (int i = 0; i < KILLS; i++) {
                Fault fault = Fault.values()[i % Fault.values().length];
                outages.computeIfAbsent(fault, f -> new ArrayList<>()).add(strike(fault, work));
                System.out.printf("KILL %d | %s | %s | %s%n", i + 1, fault, work.outage(), work.troubles());
            }
            System.out.println("BOOKS | " + work.balance());
        }
        outages.forEach((fault, each) -> System.out.println("WRITE OUTAGE | " + fault + " | " + said(each)));
        System.out.println("WRITE OUTAGE | all | "
                + said(outages.values().stream().flatMap(List::stream).toList()));
    }

    /** Strikes whoever leads, waits until another does and all goes on, and lets the former leader follow. */
    private static Duration strike(Fault fault, ShopAtWork work) throws InterruptedException {
        patroni.awaitWhole();
        work.awaitBusy();
        ComposeStack stack = patroni.stack();
        String leader = patroni.leader();
        work.outage().begin();
        switch (fault) {
            case CONTAINER -> stack.docker(leader, "kill");
            case PROGRAMS -> stack.crash(leader);
            case POSTGRES -> {
                String kill = "kill -9 \"$(head -n 1 /var/lib/postgresql/sagaz/postmaster.pid)\"";
                stack.compose("exec", "-T", leader, "sh", "-c", kill);
            }
            case FROZEN -> stack.docker(leader, "pause");
            case CUT_OFF -> patroni.cutOff(leader);
        }
        ComposeStack.await(
                "another leader",
                () -> patroni.othersThan(leader).stream().anyMatch(patroni::takesWrites)
                        || (fault.mayLeadAgain && patroni.takesWrites(leader)));
        if (fault == Fault.FROZEN) {
            stack.docker(leader, "unpause");
        } else if (fault == Fault.CUT_OFF) {
            System.out.println("CUT OFF | still believes that it leads: " + patroni.takesWrites(leader));
            patroni.reconnect(leader);
        }
        work.awaitBusy();
        Duration writes = work.outage().writes();
        if (fault == Fault.CONTAINER) {
            stack.docker(leader, "start");
        }
        patroni.awaitWhole();
        if (!fault.mayLeadAgain) {
            assertThat(patroni.leader()).as("who leads now").isNotEqualTo(leader);
        }
        return writes;
    }

    @Test
    void withoutEtcdWritesGoOnWhileAllServersAreThereAndStopWhenOneIsNot() throws Exception {
        ComposeStack stack = patroni.stack();
        patroni.awaitWhole();
        String leader = patroni.leader();
        String replica = patroni.othersThan(leader).get(0);
        try (ShopAtWork work = ShopAtWork.on(patroni.ways())) {
            work.awaitBusy();
            work.outage().begin();
            stack.compose("stop", "etcd");
            ComposeStack.await("a leader without etcd", () -> patroni.leadsWithoutEtcd(leader));
            work.awaitBusy();
            System.out.printf("ETCD | stopped | %s | %s%n", work.outage(), work.troubles());

            stack.docker(replica, "kill");
            ComposeStack.await(
                    "nobody leads", () -> patroni.othersThan(replica).stream().noneMatch(patroni::takesWrites));
            work.outage().begin();
            stack.compose("start", "etcd");
            work.awaitBusy();
            System.out.printf("ETCD | back | %s | %s%n", work.outage(), work.troubles());
            stack.docker(replica, "start");
            patroni.awaitWhole();
            System.out.println("BOOKS | " + work.balance());
        }
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
