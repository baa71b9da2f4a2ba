package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds of every deployment on hosts of one's own. */
class SelfhostPlanTest {
    private static final Stack STACK = Stacks.with(Setting.REPLICAS, 2, Setting.TLS, "on");

    private static List<PlannedFile> plan() {
        return SelfhostPlan.of(STACK, EnvFile.of(""), "sagaz init --with-ha --selfhost");
    }

    private static Map<String, String> files(String pattern) {
        Map<String, String> files = new TreeMap<>();
        plan().stream()
                .filter(file -> file.path().matches(pattern))
                .forEach(file -> files.put(file.path(), file.text()));
        return files;
    }

    private static String file(String path) {
        Map<String, String> found = files(Pattern.quote(path));
        assertThat(found).as(path).hasSize(1);
        return found.values().iterator().next();
    }

    @Test
    void eachServerAndEachPoolerIsAServiceOfItsOwn() {
        assertThat(files("systemd/.*").keySet())
                .containsExactly(
                        "systemd/pgbouncer-ro.service",
                        "systemd/pgbouncer-rw.service",
                        "systemd/postgres-primary.service",
                        "systemd/postgres-replica-2.service",
                        "systemd/postgres-replica.service",
                        "systemd/sagaz-migrate.service");
        assertThat(file("systemd/postgres-replica-2.service"))
                .contains(
                        "ExecStart=/bin/sh /etc/sagaz/postgres/start.sh replica postgres_replica_2 postgres-primary\n");
        assertThat(file("systemd/pgbouncer-ro.service"))
                .contains("ExecStart=/bin/sh /etc/sagaz/pgbouncer/start.sh ro\n");
    }

    @Test
    void noServiceRunsAsRootOrMayDoMoreThanItNeeds() {
        assertThat(files("systemd/.*"))
                .allSatisfy((path, text) -> assertThat(text.lines())
                        .as(path)
                        .anyMatch(line -> line.equals("User=postgres") || line.equals("DynamicUser=yes"))
                        .contains("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="));
    }

    @Test
    void aServerIsStoppedFastAndAPoolerWhenItsWorkIsDone() {
        assertThat(files("systemd/(postgres|pgbouncer)-.*"))
                .hasSize(5)
                .allSatisfy((path, text) -> assertThat(text.lines()).as(path).contains("KillSignal=SIGINT"));
    }

    @Test
    void passwordsAreInFilesOfTheirOwnThatOnlyRootReads() {
        for (PlannedFile file : plan()) {
            assertThat(file.text().contains("madeUp")).as(file.path()).isEqualTo(file.secret());
        }
        assertThat(file("setup.sh"))
                .contains("install -m 0600 \"secrets/$secret\"", "install -d -m 0700 /etc/sagaz/secrets");
        assertThat(file(".gitignore").lines()).contains(".env", "secrets/", "tls/*.key");
    }

    @Test
    void aServiceIsGivenTheSecretsThatItsScriptReadsAndThoseAreSetUp() {
        assertThat(credentials("systemd/postgres-primary.service"))
                .containsExactlyInAnyOrder("owner", "app", "reader", "replicator", "pooler", "metrics");
        assertThat(credentials("systemd/pgbouncer-rw.service"))
                .containsExactlyInAnyOrder("pooler", "metrics", "console");
        assertThat(file("setup.sh"))
                .contains("secrets='owner app reader replicator pooler metrics'", "secrets='pooler metrics console'");
    }

    private static List<String> credentials(String unit) {
        return file(unit)
                .lines()
                .filter(line -> line.startsWith("LoadCredential="))
                .map(line -> line.replaceFirst("LoadCredential=(\\w+):/etc/sagaz/secrets/\\1", "$1"))
                .toList();
    }

    @Test
    void whatTheServicesReadIsWhereTheSetUpPutsIt() {
        assertThat(file("pgbouncer/rw.ini")).contains("client_tls_key_file = /etc/sagaz/tls/server.key");
        assertThat(file("systemd/postgres-primary.service")).contains("SAGAZ_TLS_FILES=/etc/sagaz/tls");
        assertThat(file("setup.sh")).contains("/etc/sagaz/tls/").contains("\"/etc/sagaz/$part/\"");
    }

    @Test
    void imagesAndPortsOfComposeAreNotSpokenOf() {
        assertThat(file(".env").lines().filter(line -> line.contains("=")))
                .hasSize(12 + Stacks.with().secrets().size())
                .noneMatch(line -> line.contains("IMAGE") || line.contains("PORT"));
        assertThat(Stream.of(file("SAGAZ.md"), file("setup.sh"))).noneMatch(text -> text.contains("docker"));
    }
}
