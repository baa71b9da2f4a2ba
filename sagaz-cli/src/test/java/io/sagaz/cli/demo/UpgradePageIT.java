package io.sagaz.cli.demo;

import static io.sagaz.storage.ReadConsistency.atLeast;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.ManualPage;
import io.sagaz.cli.ServerShell;
import io.sagaz.cli.Stores;
import io.sagaz.cli.Ward;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The upgrades of docs/operations/upgrade.md, from a version to itself. */
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
                .as("blocks that are run here, and the last one below")
                .containsExactly("stop-pooler", "rights", "streaming", "checkpoint", "pause", "resume", "major");
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

    @Test
    void aMajorUpgradeKeepsTheBooksAndPublishesNoLessThanBefore() throws Exception {
        try (ServerShell shell = ServerShell.on(topology, "pg_basebackup", "pg_upgrade", "initdb", "pg_ctl");
                RoutingSagaStore store = Stores.on(topology);
                Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                Workload workload = Workload.open(store, owner, SEED)) {
            workload.awaitFinished(40);
            workload.finish();
            List<UUID> before = Publishing.batches(store.outboxLog(), 2);
            CausalToken token = store.causalToken();

            Path old = shell.path("old");
            Path upgraded = shell.path("upgraded");
            int port = shell.serves(old);
            int after = shell.serves(upgraded);
            shell.set("OLD", old.toString());
            shell.set("NEW", upgraded.toString());
            shell.set("OLD_BIN", shell.bin());
            shell.set("NEW_BIN", shell.bin());
            shell.set("REPLICATION", ServerShell.libpq(topology.primaryUrl(), new Credentials("sagaz_replicator", "")));
            shell.run("""
                    pg_basebackup --dbname="$REPLICATION" --pgdata="$OLD" --checkpoint=fast --no-password
                    pg_ctl --pgdata="$OLD" --log=old.log --options="-p %d" --wait start
                    sed -n 's/.*:postgres://p' "$PGPASSFILE" > password
                    initdb --pgdata="$NEW" --username=postgres --pwfile=password --encoding=UTF8 --locale=C --no-sync > initdb.log
                    """.formatted(port));
            shell.run(PAGE.block("major"));
            shell.run("pg_ctl --pgdata=\"$NEW\" --log=upgraded.log --wait start" + " --options=\"-p " + after
                    + " -c unix_socket_directories=''\"");

            String url = shell.url(after);
            assertThat(values(url, topology.superuser(), "SELECT system_identifier FROM pg_control_system()"))
                    .isNotEqualTo(primary("SELECT system_identifier FROM pg_control_system()"));
            long events;
            try (Connection server = topology.connect(url, topology.owner())) {
                events = workload.check(server).events();
            }
            assertThat(shell.sagaz(after).run("migrate", "--check").status()).isZero();
            try (RoutingSagaStore there = RoutingSagaStore.builder()
                    .write(PoolConfig.of(
                                    url, topology.app().user(), topology.app().password())
                            .maximumSize(4))
                    .migrations(MigrationMode.CHECK)
                    .build()) {
                assertThat(there.reads(atLeast(token))
                                .countByStatus(SagaFilter.all())
                                .receipt()
                                .reason())
                        .isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
                there.emit(Stream.generate(() -> OutboxEvent.to("new")).limit(3).toList());
                List<UUID> published = Publishing.all(there.outboxLog());
                assertThat(published).doesNotHaveDuplicates();
                Set<UUID> atLeastOnce = new HashSet<>(before);
                atLeastOnce.addAll(published);
                System.out.printf(
                        "UPGRADE | published again: %d of %d%n",
                        before.size() + published.size() - atLeastOnce.size(), before.size());
                assertThat(before).isNotEmpty().hasSizeLessThan((int) events);
                assertThat(atLeastOnce).hasSize((int) events + 3);
            }
        }
    }
}
