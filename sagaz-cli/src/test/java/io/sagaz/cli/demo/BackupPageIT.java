package io.sagaz.cli.demo;

import static io.sagaz.storage.ReadConsistency.atLeast;
import static io.sagaz.storage.ReadConsistency.atMost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.ManualPage;
import io.sagaz.cli.ServerShell;
import io.sagaz.cli.Stores;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What docs/operations/backup.md tells an operator to type, typed. Orders are taken, half of their events are published, and all of
 * it is backed up; then the rest is published, more happens, and the orders are deleted.
 */
class BackupPageIT {
    private static final ManualPage PAGE = ManualPage.read("backup.md");
    private static final long SEED = 3;
    private static final int LATER = 5;
    /** So that events have numbers of transactions that a new server has not given yet. */
    private static final int TRANSACTIONS = 10_000;

    private static Topology topology;
    private static ServerShell shell;
    private static Workload workload;
    private static String until = "";
    private static CausalToken token;
    private static final List<UUID> BEFORE = new ArrayList<>();
    private static final List<UUID> SINCE = new ArrayList<>();

    @BeforeAll
    static void backUpAndHaveAnAccident() throws Exception {
        topology = Topology.builder().durable(true).start();
        shell = ServerShell.on(
                topology, "pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "pg_verifybackup", "psql");
        shell.set("REPLICATION", ServerShell.libpq(topology.primaryUrl(), new Credentials("sagaz_replicator", "")));
        superuser("""
                DO $$ BEGIN
                    PERFORM set_config('synchronous_commit', 'off', false);
                    FOR i IN 1..%d LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
                END $$""".formatted(TRANSACTIONS));
        for (String statement : PAGE.commands("archive")) {
            superuser(shell.here(statement));
        }
        topology.faults().restartPrimary();
        shell.run(PAGE.block("base-backup"));
        try (RoutingSagaStore store = Stores.on(topology);
                Connection owner = topology.connect(topology.primaryUrl(), topology.owner())) {
            workload = Workload.open(store, owner, SEED);
            workload.awaitFinished(60);
            workload.finish();
            BEFORE.addAll(Publishing.batches(store.outboxLog(), 3));
            shell.run(PAGE.block("dump"));
            until = value(topology.primaryUrl(), "SELECT clock_timestamp()");

            SINCE.addAll(Publishing.all(store.outboxLog()));
            store.emit(
                    Stream.generate(() -> OutboxEvent.to("later")).limit(LATER).toList());
            token = store.causalToken();
            superuser("DELETE FROM demo_orders");
        }
        String segment = value(topology.primaryUrl(), "SELECT pg_walfile_name(pg_switch_wal())");
        Await.until(
                "the accident is archived",
                () -> value(topology.primaryUrl(), "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")
                                .compareTo(segment)
                        >= 0);
        assertThat(BEFORE).isNotEmpty();
        assertThat(SINCE).isNotEmpty().doesNotContainAnyElementsOf(BEFORE);
    }

    @AfterAll
    static void stop() throws Exception {
        if (workload != null) {
            workload.close();
        }
        if (shell != null) {
            shell.close();
        }
        topology.close();
    }

    private static void superuser(String sql) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(String url, String sql) throws SQLException {
        try (Connection connection = topology.connect(url, topology.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private static PoolConfig pool(String url, Credentials as) {
        return PoolConfig.of(url, as.user(), as.password()).maximumSize(4);
    }

    private static RoutingSagaStore.Builder storeOn(String url) {
        return RoutingSagaStore.builder().write(pool(url, topology.app())).migrations(MigrationMode.CHECK);
    }

    private static void booksBalance(String url) throws SQLException {
        try (Connection owner = topology.connect(url, topology.owner())) {
            System.out.println("Restored: " + workload.check(owner));
        }
    }

    /** The commands at the end of the page; what the doctor has found is for the caller to judge. */
    private static CliRun checked(CliRun.Place place) {
        assertThat(PAGE.commands("check"))
                .containsExactly("sagaz migrate --check", "sagaz partition maintain", "sagaz doctor");
        List<CliRun> runs = PAGE.sagaz("check", place);
        assertThat(runs.get(0).status()).as(runs.toString()).isZero();
        assertThat(runs.get(1).status()).as(runs.toString()).isZero();
        return runs.get(2);
    }

    private static void tokenIsOfAnotherHistory(RoutingSagaStore store) {
        ReadReceipt receipt =
                store.reads(atLeast(token)).countByStatus(SagaFilter.all()).receipt();

        assertThat(receipt.source()).isEqualTo(ReadSource.PRIMARY);
        assertThat(receipt.reason()).isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
    }

    @Test
    void allBlocksOfThePageAreRun() {
        assertThat(PAGE.names())
                .containsExactly("dump", "restore", "renumber", "archive", "base-backup", "point-in-time", "check");
    }

    @Test
    void theBytesOfARowAreToldForEachTable() throws SQLException {
        String bytes = ManualPage.read("sizing.md").block("bytes").strip().replaceFirst(";$", "");

        assertThat(value(topology.primaryUrl(), "SELECT count(*) FROM (" + bytes + ") tables WHERE bytes_a_row > 0"))
                .isEqualTo("4");
    }

    @Test
    void aDumpComesBackOnAnotherServer() throws Exception {
        Path data = shell.path("new");
        int port = shell.serves(data);
        String url = shell.url(port);
        shell.set("DATA", data.toString());
        shell.set("NEW", "postgresql://postgres@127.0.0.1:" + port);
        shell.run("""
                sed -n 's/.*:postgres://p' "$PGPASSFILE" > password
                initdb --pgdata="$DATA" --username=postgres --pwfile=password --auth=scram-sha-256 \
                    --encoding=UTF8 --locale=C --no-sync > initdb.log
                pg_ctl --pgdata="$DATA" --log=new.log --wait start \
                    --options="-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
                """.formatted(port));
        shell.run(PAGE.block("restore"));

        booksBalance(url);
        CliRun.Place place = shell.sagaz(port);
        assertThat(checked(place).words() + checked(place).output()).doesNotContain("schema.out-of-step");
        assertThat(place.with("SAGAZ_REPLICA_URLS", topology.replicaUrl(0))
                        .run("doctor", "--json")
                        .output())
                .contains("cluster.differs");
        assertThatThrownBy(() -> storeOn(url)
                        .read(pool(topology.replicaUrl(0), topology.reader()))
                        .build())
                .hasMessageContaining("Both must lead to servers of one cluster");
        try (RoutingSagaStore store = storeOn(url).build()) {
            tokenIsOfAnotherHistory(store);
            assertThatThrownBy(() -> store.session().include(token)).isInstanceOf(IllegalArgumentException.class);

            assertThatThrownBy(() -> Publishing.all(store.outboxLog()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("from another database cluster")
                    .hasMessageContaining("docs/operations/backup.md");
            try (Connection owner = topology.connect(url, topology.owner());
                    Statement statement = owner.createStatement()) {
                assertThat(statement.executeUpdate(PAGE.block("renumber"))).isPositive();
            }
            List<UUID> again = Publishing.all(store.outboxLog());
            assertThat(again).as("each once").doesNotHaveDuplicates();
            assertThat(again).as("what was not published by the backup").containsAll(SINCE);
            assertThat(again)
                    .isSubsetOf(Stream.concat(BEFORE.stream(), SINCE.stream()).toList());

            store.emit(List.of(OutboxEvent.to("new")));
            assertThat(Publishing.all(store.outboxLog()))
                    .as("what comes after it")
                    .hasSize(1);
        }
    }

    @Test
    void aBaseBackupComesBackToTheMomentBeforeTheAccident() throws Exception {
        Path data = shell.path("restored");
        int port = shell.serves(data);
        String url = shell.url(port);
        shell.set("DATA", data.toString());
        shell.set("UNTIL", until);
        shell.set("PORT", Integer.toString(port));
        shell.run(PAGE.block("point-in-time"));
        Await.until(
                "the restored server takes writes",
                () -> value(url, "SELECT pg_is_in_recovery()").equals("f"));

        booksBalance(url);
        assertThat(value(topology.primaryUrl(), "SELECT count(*) FROM demo_orders"))
                .isEqualTo("0");
        assertThat(value(url, "SELECT count(*) FROM saga_outbox WHERE topic = 'later'"))
                .isEqualTo("0");
        assertThat(checked(shell.sagaz(port)).output()).doesNotContain("schema.out-of-step");
        try (RoutingSagaStore store = storeOn(url).build()) {
            tokenIsOfAnotherHistory(store);
            assertThat(Publishing.all(store.outboxLog()))
                    .as("what was published after that moment, with the same identifiers")
                    .containsExactlyInAnyOrderElementsOf(SINCE);
        }
        try (RoutingSagaStore store = storeOn(url)
                .read(pool(topology.replicaUrl(0), topology.reader()))
                .build()) {
            assertThat(store.reads(atMost(Duration.ofHours(1)))
                            .countByStatus(SagaFilter.all())
                            .receipt()
                            .source())
                    .as("a replica of the history that was left")
                    .isEqualTo(ReadSource.PRIMARY);
        }
    }
}
