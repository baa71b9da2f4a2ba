package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.ManualPage;
import io.sagaz.cli.Stores;
import io.sagaz.cli.Ward;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The upgrades of poolers and servers in docs/operations/upgrade.md, from a version to itself. */
class UpgradePageIT {
    private static final ManualPage PAGE = ManualPage.read("upgrade.md");
    private static final Duration CALM = Duration.ofSeconds(1);
    private static final long SEED = 7;
    private static final int LEADER = 0;
    private static final int OTHER = 1;

    private Topology topology;
    private String console = "";

    @BeforeEach
    void start() {
        topology = Topology.builder().replicas(2).start();
        console = Ward.console(topology.rwUrl()) + "?preferQueryMode=simple&replication=false";
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    private List<String> primary(String sql) throws SQLException {
        return values(topology.primaryUrl(), topology.superuser(), sql);
    }

    private List<String> values(String url, Credentials as, String sql) throws SQLException {
        try (Connection connection = topology.connect(url, as);
                Statement statement = connection.createStatement()) {
            List<String> values = new ArrayList<>();
            if (statement.execute(sql)) {
                ResultSet rows = statement.getResultSet();
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
            }
            return values;
        }
    }

    /** Commands the console of PgBouncer-RW. */
    private void console(List<String> commands) throws SQLException {
        try (Connection connection = topology.connect(console, topology.superuser());
                Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        } catch (SQLException e) {
            if (!commands.get(commands.size() - 1).equals("SHUTDOWN")) { // after which it cannot answer
                throw e;
            }
        }
    }

    /** Whether PgBouncer-RW has read that it leads to this server. */
    private boolean leadsTo(String url) throws SQLException {
        try (Connection connection = topology.connect(console, topology.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW DATABASES")) {
            while (row.next()) {
                if (row.getString("name").equals(topology.database())) {
                    return url.contains("//" + row.getString("host") + ":" + row.getString("port") + "/");
                }
            }
            return false;
        }
    }

    @Test
    void poolersAndServersAreUpgradedInTheirOrderAndTheBooksBalance() throws Exception {
        Faults faults = topology.faults();
        assertThat(PAGE.names())
                .as("blocks that are run here, those of MajorUpgradeIT, and that of PgUpgradeIT")
                .startsWith("stop-pooler", "rights", "streaming", "checkpoint", "pause", "resume")
                .containsSequence(MajorUpgradeIT.BLOCKS)
                .endsWith("major")
                .hasSize(6 + MajorUpgradeIT.BLOCKS.size() + 1);
        primary(PAGE.block("rights"));
        try (RoutingSagaStore store = Stores.on(topology);
                Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                Workload workload = Workload.open(store, owner, SEED)) {
            step("one replica after the other", workload, () -> {
                for (int i = 0; i < topology.replicas(); i++) {
                    faults.restartReplica(i);
                    assertThat(primary(PAGE.block("streaming"))).hasSize(topology.replicas());
                }
            });
            step("PgBouncer-RO", workload, faults::restartReadPooler);
            step("PgBouncer-RW", workload, () -> {
                console(PAGE.commands("stop-pooler"));
                Await.passes("PgBouncer-RW is started again", faults::startWritePooler);
            });
            step("the primary", workload, () -> {
                faults.pointReadPoolerAt(OTHER);
                primary(PAGE.block("checkpoint"));
                console(PAGE.commands("pause"));
                faults.switchOver(LEADER);
                String leader = topology.replicaUrl(LEADER);
                // Which returns when a login through it works: after it was resumed.
                CompletableFuture<Void> pointed =
                        CompletableFuture.runAsync(() -> faults.pointWritePoolerAtReplica(LEADER));
                Await.until("PgBouncer-RW leads there", () -> leadsTo(leader));
                console(PAGE.commands("resume"));
                pointed.join();
            });
            step("the former primary, which follows", workload, faults::restartPrimary);
            workload.finish();

            topology.awaitReplicas(Duration.ofMinutes(1));
            for (String url : List.of(topology.replicaUrl(LEADER), topology.primaryUrl(), topology.replicaUrl(OTHER))) {
                try (Connection server = topology.connect(url, topology.owner())) {
                    System.out.println("UPGRADE | " + workload.check(server) + " " + workload.troubles());
                }
            }
            assertThat(workload.troubles().staleViolations()).isZero();
            assertThat(workload.troubles().tornReads()).isZero();
            assertThat(workload.troubles().errors()).isZero();
        }
    }

    /** Something that is done to a topology at work. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static void step(String name, Workload workload, Step step) throws Exception {
        Await.until("orders and reads before " + name, () -> workload.outage().isBusy(CALM));
        workload.outage().begin();
        step.run();
        Await.until("orders and reads after " + name, () -> workload.outage().isBusy(CALM));
        System.out.println("UPGRADE | " + name + " | " + workload.outage());
    }
}
