package io.sagaz.cli.demo;

import static io.sagaz.storage.ReadConsistency.any;
import static io.sagaz.storage.ReadConsistency.atLeast;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.ManualPage;
import io.sagaz.cli.Stores;
import io.sagaz.cli.Ward;
import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The upgrade of docs/operations/upgrade.md to a later major version by logical replication, while the shop is at work. */
class MajorUpgradeIT {
    /** The blocks of the page that are run here. */
    static final List<String> BLOCKS = List.of(
            "without-key",
            "prepare",
            "publish",
            "schema",
            "verifiers",
            "partitions",
            "empty",
            "numbers",
            "subscribe",
            "copied",
            "analyze",
            "behind",
            "fence",
            "end",
            "confirmed",
            "sequences",
            "end-copy");

    private static final ManualPage PAGE = ManualPage.read("upgrade.md");
    private static final int OLD = 14;
    private static final int NEW = 18;
    private static final Duration CALM = Duration.ofSeconds(1);
    private static final long SEED = 11;
    private static final long ORDERS = 100;
    private static final long LITTLE = 1L << 18;

    private Topology before;
    private Topology after;
    private Seat old;
    private Seat young;
    private Seat youngOwner;
    private final Set<String> run = new LinkedHashSet<>();

    @BeforeEach
    void start() {
        before = Topology.builder().postgres(OLD).replicas(1).start();
        after = Topology.builder().postgres(NEW).replicas(1).start();
        old = new Seat(before.primaryUrl(), before.superuser());
        young = new Seat(after.primaryUrl(), after.superuser());
        youngOwner = new Seat(after.primaryUrl(), before.owner());
    }

    @AfterEach
    void stop() {
        after.close();
        before.close();
    }

    /** Who runs SQL somewhere. */
    private final class Seat {
        private final String url;
        private final Credentials role;

        Seat(String url, Credentials role) {
            this.url = url;
            this.role = role;
        }

        /** Runs statements one by one; the first column of what the last of them says. */
        List<String> run(String statements) throws SQLException {
            List<String> said = new ArrayList<>();
            try (Connection connection = before.connect(url, role);
                    Statement statement = connection.createStatement()) {
                for (String sql : statements.strip().split(";\n", -1)) {
                    said.clear();
                    if (statement.execute(sql)) {
                        ResultSet rows = statement.getResultSet();
                        while (rows.next()) {
                            said.add(rows.getString(1));
                        }
                    }
                }
            }
            return said;
        }

        /** The one value that a question gives. */
        String value(String question) throws SQLException {
            List<String> said = run(question);
            assertThat(said).as(question).hasSize(1);
            return said.get(0);
        }

        /** Runs what a block has printed elsewhere. */
        void runPrinted(List<String> statements) throws SQLException {
            assertThat(statements).isNotEmpty();
            run(String.join("\n", statements));
        }
    }

    private String block(String name) {
        run.add(name);
        return PAGE.block(name);
    }

    @Test
    void theShopWorksOnAndItsBooksBalance() throws Exception {
        InProcessPublisher broker = new InProcessPublisher();
        try (RoutingSagaStore store = Stores.on(before);
                Connection owner = before.connect(before.primaryUrl(), before.owner());
                Workload workload = Workload.open(store, owner, SEED);
                OutboxRelay relay =
                        OutboxRelay.builder(store.outboxLog()).publisher(broker).build()) {
            relay.start();
            writeAuditEntry("-60 days");
            workload.awaitFinished(ORDERS);
            step("wal_level and a restart", workload, () -> {
                assertThat(old.run(block("without-key"))).isEmpty();
                old.run(block("prepare"));
                before.faults().restartPrimary();
                old.run(block("publish"));
            });
            step("the copy", workload, this::copy);
            step("a partition that is made meanwhile", workload, this::addPartition);
            CausalToken token = store.causalToken();
            step("the switch", workload, () -> switchOver(workload));
            long finished = workload.ledger().totals().finished();
            workload.awaitFinished(finished + ORDERS);
            assertThat(run).containsExactlyElementsOf(BLOCKS);

            before.faults().stopPrimary();
            before.faults().stopReplica(0);
            workload.awaitFinished(finished + 2 * ORDERS);
            Await.until(
                    "the new replica answers who was not restarted",
                    () -> receipt(store, ReadConsistency.atMost(Duration.ofSeconds(5)))
                                    .source()
                            == ReadSource.REPLICA);
            assertThat(receipt(store, atLeast(token)).reason()).isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
            try (RoutingSagaStore restarted = restartedStore()) {
                Await.until(
                        "replicas answer who was restarted",
                        () -> receipt(restarted, any()).source() == ReadSource.REPLICA);
                assertThat(receipt(restarted, atLeast(token)).reason()).isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
            }
            workload.finish();
            after.awaitReplicas(Duration.ofMinutes(1));
            for (String url : List.of(after.primaryUrl(), after.replicaUrl(0))) {
                try (Connection server = before.connect(url, before.owner())) {
                    System.out.printf("MAJOR | %s %s%n", workload.check(server), workload.troubles());
                }
            }
            assertThat(workload.troubles().staleViolations()).isZero();
            assertThat(workload.troubles().tornReads()).isZero();
            assertThat(workload.troubles().errors()).isZero();
            assertThat(youngOwner.value("SELECT count(*) FROM saga_audit_log WHERE event_type = 'TEST'"))
                    .isEqualTo("2");
            assertThat(youngOwner.value("""
                            SELECT count(*) FROM saga_outbox WHERE tx_id >= pg_snapshot_xmax(pg_current_snapshot())"""))
                    .as("events of transactions that are still to come")
                    .isEqualTo("0");
            everyEventIsPublished(broker);
        }
    }

    /** An entry of a time for which there is no partition yet. */
    private void writeAuditEntry(String sinceNow) throws SQLException {
        String time = "now() + interval '" + sinceNow + "'";
        old.run("SELECT create_saga_audit_log_partition(((" + time + ") AT TIME ZONE 'UTC')::date);"
                + " INSERT INTO saga_audit_log (created_at, saga_id, event_type)"
                + " VALUES (" + time + ", sagaz_uuid7(" + time + "), 'TEST')");
    }

    private void copy() throws SQLException {
        CliRun.Place place = CliRun.in(Map.of(
                "SAGAZ_PRIMARY_URL", after.primaryUrl(),
                "SAGAZ_DB_USER", after.owner().user(),
                "SAGAZ_DB_PASSWORD", after.owner().password()));
        run.add("schema");
        assertThat(PAGE.sagaz("schema", place)).extracting(CliRun::status).containsExactly(0);
        try (Connection owner = before.connect(after.primaryUrl(), after.owner())) {
            new ShopTables("public").create(owner);
        }
        young.runPrinted(old.run(block("verifiers")));
        youngOwner.runPrinted(old.run(block("partitions")));
        youngOwner.run(block("empty"));
        youngOwner.run(block("numbers"));
        URI from = URI.create(before.primaryUrl().substring("jdbc:".length()));
        young.run(block("subscribe")
                .replace("host=old-primary port=5432", "host=" + from.getHost() + " port=" + from.getPort()));
        Await.until(
                "all tables are copied",
                Duration.ofMinutes(3),
                () -> young.run(block("copied")).isEmpty());
    }

    private void addPartition() throws SQLException {
        writeAuditEntry("300 days");
        old.run("SELECT create_saga_outbox_partition(current_date + 30)");
        Await.until(
                "the new server misses it",
                () -> !young.value("SELECT apply_error_count FROM pg_stat_subscription_stats")
                        .equals("0"));
        youngOwner.runPrinted(old.run(block("partitions")));
        assertThat(young.value(
                        "SELECT count(*) FROM pg_trigger WHERE tgname = 'number_of_upgrade' AND tgenabled = 'R'"))
                .as("partitions whose events are numbered, and their table")
                .isEqualTo(
                        young.value("SELECT 1 + count(*) FROM pg_inherits WHERE inhparent = 'saga_outbox'::regclass"))
                .isEqualTo(old.value("SELECT 1 + count(*) FROM pg_inherits WHERE inhparent = 'saga_outbox'::regclass"));
        young.run(block("analyze"));
        Await.until("the new server has caught up", () -> bytesBehind() < LITTLE);
    }

    private long bytesBehind() throws SQLException {
        return Long.parseLong(old.value(block("behind")));
    }

    private void switchOver(Workload workload) throws SQLException {
        before.faults().pointReadPoolerAt(after);
        before.faults().restartReadPooler();
        Seat console = new Seat(
                Ward.console(before.rwUrl()) + "?preferQueryMode=simple&replication=false", before.superuser());
        Stopwatch stopwatch = new Stopwatch();
        console.run(PAGE.block("pause"));
        stopwatch.print("PAUSE");
        old.run(block("fence"));
        stopwatch.print("fence");
        String end = old.value(block("end"));
        String confirmed = block("confirmed").replace("END", end);
        Await.until(
                "the new server has all of the old one",
                () -> old.value(confirmed).equals("t"));
        stopwatch.print("confirmed");
        young.runPrinted(old.run(block("sequences")));
        young.run(block("end-copy"));
        stopwatch.print("sequences, end of the copy");
        // Which returns when a login through it works: after it was resumed.
        CompletableFuture<Void> pointed =
                CompletableFuture.runAsync(() -> before.faults().pointWritePoolerAt(after));
        URI to = URI.create(after.primaryUrl().substring("jdbc:".length()));
        Await.until("PgBouncer-RW leads there", () -> leadsTo(console, to));
        console.run(PAGE.block("resume"));
        stopwatch.print("RESUME");
        long acknowledged = workload.ledger().totals().transactions();
        Await.until("writes go on", () -> workload.ledger().totals().transactions() > acknowledged);
        stopwatch.print("a write");
        pointed.join();
    }

    private boolean leadsTo(Seat console, URI server) throws SQLException {
        try (Connection connection = before.connect(console.url, console.role);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW DATABASES")) {
            while (row.next()) {
                if (row.getString("name").equals(before.database())) {
                    return row.getString("host").equals(server.getHost()) && row.getInt("port") == server.getPort();
                }
            }
            return false;
        }
    }

    /** Tells what took how long while writes wait. */
    private static final class Stopwatch {
        private final long begun = System.nanoTime();

        void print(String what) {
            System.out.printf("MAJOR | after %.1f s: %s%n", (System.nanoTime() - begun) / 1e9, what);
        }
    }

    /** Through the same poolers, and past them to the new primary. */
    private RoutingSagaStore restartedStore() {
        return RoutingSagaStore.builder()
                .write(pool(before.rwUrl(), before.app()))
                .read(pool(before.roUrl(), before.reader()))
                .direct(pool(after.primaryUrl(), before.owner()))
                .build();
    }

    private static PoolConfig pool(String url, Credentials role) {
        return PoolConfig.of(url, role.user(), role.password()).maximumSize(2);
    }

    private static ReadReceipt receipt(RoutingSagaStore store, ReadConsistency consistency) {
        return store.reads(consistency).countByStatus(SagaFilter.all()).receipt();
    }

    /** Each at least once, and those of one key in their order when they come for the first time. */
    private void everyEventIsPublished(InProcessPublisher broker) throws SQLException {
        Map<UUID, Long> numbers = new HashMap<>();
        try (Connection owner = before.connect(after.primaryUrl(), before.owner());
                Statement statement = owner.createStatement();
                ResultSet row = statement.executeQuery("SELECT event_id, seq FROM saga_outbox")) {
            while (row.next()) {
                numbers.put(row.getObject(1, UUID.class), row.getLong(2));
            }
        }
        assertThat(numbers.values()).as("numbers of events").doesNotHaveDuplicates();
        Await.until(
                "every event is published",
                () -> broker.published().stream()
                        .map(event -> event.event().id())
                        .collect(Collectors.toSet())
                        .containsAll(numbers.keySet()));
        Map<UUID, Long> first = new HashMap<>();
        Map<String, Long> last = new HashMap<>();
        broker.published().forEach(event -> {
            long number = Objects.requireNonNull(numbers.get(event.event().id()));
            if (first.put(event.event().id(), number) == null) {
                Long earlier = last.put(event.orderingKey(), number);
                assertThat(earlier == null || earlier < number)
                        .as("%s: %d after %d", event.orderingKey(), number, earlier)
                        .isTrue();
            }
        });
        System.out.printf(
                "MAJOR | %d events, of which %d were published again%n",
                numbers.size(), broker.published().size() - first.size());
    }

    /** Something that is done while the shop is at work. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static void step(String name, Workload workload, Step step) throws Exception {
        Await.until("orders and reads before " + name, () -> workload.outage().isBusy(CALM));
        workload.outage().begin();
        step.run();
        long finished = workload.ledger().totals().finished();
        workload.awaitFinished(finished + Demo.WORKERS);
        System.out.printf("MAJOR | %s | %s%n", name, workload.outage());
    }
}
