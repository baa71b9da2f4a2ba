package io.sagaz.cli.demo;

import static io.sagaz.storage.ReadConsistency.atLeast;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.ManualPage;
import io.sagaz.cli.ServerShell;
import io.sagaz.cli.Stores;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code pg_upgrade} as docs/operations/upgrade.md has it, from the oldest version that Debian's packages have put on this machine
 * to the newest; where there is one, to itself.
 */
class PgUpgradeIT {
    private static final ManualPage PAGE = ManualPage.read("upgrade.md");
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final int OLDEST = 14;
    private static final long SEED = 7;

    private Topology topology;

    @BeforeEach
    void start() throws IOException {
        Topology.Builder builder = Topology.builder().replicas(1);
        majors().stream().min(Integer::compare).ifPresent(builder::postgres);
        topology = builder.start();
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    private static List<Integer> majors() throws IOException {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(version -> Files.isExecutable(version.resolve("bin/pg_upgrade")))
                    .map(version -> String.valueOf(version.getFileName()))
                    .filter(major -> major.matches("\\d+"))
                    .map(Integer::valueOf)
                    .filter(major -> major >= OLDEST)
                    .toList();
        }
    }

    private static String newest(ServerShell shell) throws IOException {
        return majors().stream()
                .max(Integer::compare)
                .map(major -> DEBIAN.resolve(major + "/bin").toString())
                .orElse(shell.bin());
    }

    private String identity(String url) throws SQLException {
        try (Connection superuser = topology.connect(url, topology.superuser());
                Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT system_identifier, current_setting('server_version') FROM pg_control_system()")) {
            row.next();
            System.out.printf("PG_UPGRADE | %s%n", row.getString(2));
            return row.getString(1);
        }
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
            shell.set("NEW_BIN", newest(shell));
            shell.set("REPLICATION", ServerShell.libpq(topology.primaryUrl(), new Credentials("sagaz_replicator", "")));
            shell.run("""
                    pg_basebackup --dbname="$REPLICATION" --pgdata="$OLD" --checkpoint=fast --no-password
                    pg_ctl --pgdata="$OLD" --log=old.log --options="-p %d" --wait start
                    sed -n 's/.*:postgres://p' "$PGPASSFILE" > password
                    "$NEW_BIN/initdb" --pgdata="$NEW" --username=postgres --pwfile=password --encoding=UTF8 --locale=C --no-sync > initdb.log
                    """.formatted(port));
            long begun = System.nanoTime();
            shell.run(PAGE.block("major"));
            System.out.printf("PG_UPGRADE | %.1f s%n", (System.nanoTime() - begun) / 1e9);
            shell.run("\"$NEW_BIN/pg_ctl\" --pgdata=\"$NEW\" --log=upgraded.log --wait start" + " --options=\"-p "
                    + after + " -c unix_socket_directories=''\"");

            String url = shell.url(after);
            assertThat(identity(url)).isNotEqualTo(identity(topology.primaryUrl()));
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
                        "PG_UPGRADE | published again: %d of %d%n",
                        before.size() + published.size() - atLeastOnce.size(), before.size());
                assertThat(before).isNotEmpty().hasSizeLessThan((int) events);
                assertThat(atLeastOnce).hasSize((int) events + 3);
            }
        }
    }
}
