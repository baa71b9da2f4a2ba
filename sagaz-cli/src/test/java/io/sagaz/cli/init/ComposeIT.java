package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagaz.cli.ManualPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A deployment out of an empty folder, brought up once; what is done to it is done in this order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComposeIT {
    private static final ManualPage PAGE = ManualPage.read("deploy-compose.md");

    @TempDir
    private static Path empty;

    private static ComposeStack stack;
    private static Deployed ways;

    @BeforeAll
    static void bringUp() throws Exception {
        stack = ComposeStack.in(empty);
        long begin = System.nanoTime();
        stack.compose("up", "-d", "--wait");
        System.out.printf("All healthy after %.1f s%n", (System.nanoTime() - begin) / 1e9);
        ways = Deployed.in(stack.folder());
    }

    @AfterAll
    static void takeDown() {
        if (stack != null) {
            stack.close();
        }
    }

    private static Connection connect(String url, Deployed.Login login) throws SQLException {
        return DriverManager.getConnection(url, login.user(), login.password());
    }

    private static String value(String url, Deployed.Login login, String sql) throws SQLException {
        try (Connection connection = connect(url, login);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private static String failure(String url, Deployed.Login login, String sql) {
        try {
            return "answered: " + value(url, login, sql);
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    @Test
    @Order(1)
    void everyServiceIsHealthy() {
        assertThat(stack.services())
                .containsExactly("pgbouncer-ro", "pgbouncer-rw", "postgres-primary", "postgres-replica")
                .allSatisfy(service -> assertThat(stack.health(service)).isEqualTo("healthy"));
    }

    @Test
    @Order(2)
    void theWritingPoolerLeadsToThePrimaryAndTheReadingOneToAReplica() throws SQLException {
        assertThat(value(ways.rw(), ways.app(), "SELECT pg_is_in_recovery()")).isEqualTo("f");
        assertThat(value(ways.ro(), ways.reader(), "SELECT pg_is_in_recovery()"))
                .isEqualTo("t");
        assertThat(failure(ways.ro(), ways.reader(), "SELECT txid_current()")).isEqualTo("25006");
    }

    @Test
    @Order(3)
    void theCommandsThatOperatorsKnowWork() {
        assertThat(stack.sql("postgres-primary", "SELECT count(*) FROM get_partition_statistics()"))
                .isEqualTo("4");
        assertThat(stack.sql("postgres-primary", "SELECT state FROM pg_stat_replication"))
                .isEqualTo("streaming");
        assertThat(stack.sql("postgres-replica", "SELECT pg_is_in_recovery()")).isEqualTo("t");
        assertThat(stack.compose("logs", "postgres-init")).contains("Schema 1.");
    }

    @Test
    @Order(4)
    void theCommandsOfTheReferenceDeploymentAreAnswered() {
        for (String command : PAGE.commands("reference")) {
            assertThat(typed(command).status()).as(command).isZero();
        }
        ComposeStack.await(
                "a healthy replica", () -> stack.health("postgres-replica").equals("healthy"));
        for (String command : PAGE.commands("reference-fails")) {
            Engine.Outcome outcome = typed(command);
            assertThat(outcome.status()).as(command).isNotZero();
            assertThat(outcome.words())
                    .containsPattern(
                            "column \"status\" .*does not exist|\"saga_outbox_y.*does not exist|Connection refused");
        }
        stack.sql(
                "postgres-primary", "DROP TABLE pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers");
    }

    @Test
    @Order(4)
    void theConsolesAnswerAsInTheReferenceDeployment() {
        assumeTrue(Engine.run(stack.folder(), "psql", "--version").status() == 0, "There is no psql on this machine");
        for (String command : PAGE.commands("reference-consoles")) {
            assertThat(typed(command).status()).as(command).isZero();
        }
    }

    /** Types a command as it stands on the page, but for the ports, and shows what comes of it. */
    private static Engine.Outcome typed(String command) {
        String here = command.replace("-p 6432", "-p " + port("SAGAZ_RW_PORT"))
                .replace("-p 6433", "-p " + port("SAGAZ_RO_PORT"));
        Engine.Outcome outcome = Engine.run(
                stack.folder(),
                "sh",
                "-c",
                "PGPASSWORD=$(sed -n 's/^SAGAZ_CONSOLE_PASSWORD=//p' .env)\nexport PGPASSWORD\n" + here);
        System.out.println("REFERENCE | $ " + command + "\n" + outcome.words());
        return outcome;
    }

    private static String port(String variable) {
        try {
            return EnvFile.of(Files.readString(stack.folder().resolve(".env")))
                    .get(variable)
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Order(4)
    void theSuperuserComesInFromNoNetworkAndRolesMayDoNoMoreThanTheirPart() {
        Deployed.Login superuser = new Deployed.Login("postgres", "");
        assertThat(failure(ways.primary(), superuser, "SELECT 1")).isEqualTo("28000");
        assertThat(failure(ways.primary(), new Deployed.Login("sagaz_app", "wrong"), "SELECT 1"))
                .isEqualTo("28P01");
        assertThat(failure(ways.rw(), new Deployed.Login("sagaz_app", "wrong"), "SELECT 1"))
                .as("by a pooler, which has a code of its own")
                .isEqualTo("08P01");
        assertThat(failure(ways.rw(), ways.app(), "CREATE TABLE mine (id int)")).isEqualTo("42501");
        assertThat(failure(ways.rw(), ways.app(), "DELETE FROM saga_outbox")).isEqualTo("42501");
        assertThat(failure(ways.primary(), ways.reader(), "DELETE FROM saga_executions"))
                .isEqualTo("42501");
        assertThat(stack.sql(
                        "postgres-primary",
                        "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin AND"
                                + " (rolsuper OR rolreplication OR rolcreaterole OR rolcreatedb)"))
                .isEqualTo("postgres sagaz_replicator");
        assertThat(stack.sql(
                        "postgres-primary",
                        "SELECT count(*) FROM pg_authid WHERE rolcanlogin"
                                + " AND rolpassword IS NOT NULL AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'"))
                .isEqualTo("0");
    }

    @Test
    @Order(5)
    void passwordsAreInNoEnvironmentAndNoLog() throws Exception {
        String logs = stack.compose("logs");
        String environment = Engine.run(stack.folder(), List.of("sh", "-c", "docker inspect $(docker compose ps -aq)"))
                .words();
        EnvFile env = EnvFile.of(Files.readString(stack.folder().resolve(".env")));

        assertThat(environment).contains("PATH=");
        for (Secret secret : Stacks.with().secrets()) {
            String password = env.get(secret.variable()).orElseThrow();
            assertThat(logs).doesNotContain(password);
            assertThat(environment).doesNotContain(password);
        }
    }

    @Test
    @Order(6)
    void prometheusScrapesEveryServerAndEveryPooler() throws Exception {
        stack.compose(
                "--profile",
                "monitoring",
                "up",
                "-d",
                "postgres-exporter-primary",
                "postgres-exporter-replica",
                "pgbouncer-exporter-rw",
                "pgbouncer-exporter-ro",
                "prometheus");

        ComposeStack.await("four servers and poolers that answer", () -> {
            String up = prometheus("pg_up==1 or pgbouncer_up==1");
            return List.of("postgres-primary", "postgres-replica", "\"pool\":\"rw\"", "\"pool\":\"ro\"").stream()
                    .allMatch(up::contains);
        });
        ComposeStack.await("the outbox and the partitions, of which the primary knows", () -> {
            String known = prometheus("count by (server, __name__) ({__name__=~\"sagaz_db_.+\"})");
            return List.of("sagaz_db_outbox_", "sagaz_db_partitions_", "postgres-primary").stream()
                    .allMatch(known::contains);
        });
        stack.compose("--profile", "monitoring", "rm", "-sf", "prometheus", "postgres-exporter-primary");
        stack.compose("--profile", "monitoring", "rm", "-sf", "postgres-exporter-replica");
        stack.compose("--profile", "monitoring", "rm", "-sf", "pgbouncer-exporter-rw", "pgbouncer-exporter-ro");
    }

    private static String prometheus(String query) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                            + EnvFile.of(Files.readString(stack.folder().resolve(".env")))
                                    .get("SAGAZ_PROMETHEUS_PORT")
                                    .orElseThrow()
                            + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)))
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    @Order(7)
    void aReplicaIsAddedAndTakesItsPartOfTheReads() throws Exception {
        String primary = stack.sql("postgres-primary", "SELECT pg_postmaster_start_time()");
        stack.init("--replicas", "2");
        stack.compose("up", "-d", "--wait");
        stack.compose("kill", "-s", "HUP", "pgbouncer-ro");

        assertThat(stack.health("postgres-replica-2")).isEqualTo("healthy");
        assertThat(stack.sql("postgres-primary", "SELECT pg_postmaster_start_time()"))
                .as("the primary went on")
                .isEqualTo(primary);
        assertThat(stack.sql("postgres-primary", "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"))
                .isEqualTo("2");
        ComposeStack.await("sessions on both replicas", () -> {
            try (Connection one = connect(ways.ro(), ways.reader());
                    Connection two = connect(ways.ro(), ways.reader());
                    Statement first = one.createStatement();
                    Statement second = two.createStatement()) {
                ResultSet here = first.executeQuery("SELECT current_setting('cluster_name')");
                ResultSet there = second.executeQuery("SELECT current_setting('cluster_name')");
                return here.next() && there.next() && !here.getString(1).equals(there.getString(1));
            } catch (SQLException e) {
                return false;
            }
        });
    }

    @Test
    @Order(8)
    void aReplicaIsClonedAnew() {
        String before = stack.sql("postgres-replica-2", "SELECT pg_postmaster_start_time()");
        stack.compose("rm", "-sf", "postgres-replica-2");
        assertThat(Engine.run(stack.folder(), "docker", "volume", "rm", stack.volume("postgres-replica-2"))
                        .status())
                .isZero();
        stack.compose("up", "-d", "--wait", "postgres-replica-2");

        assertThat(stack.sql("postgres-replica-2", "SELECT pg_postmaster_start_time()"))
                .isNotEqualTo(before);
        assertThat(stack.health("postgres-replica-2")).isEqualTo("healthy");
    }

    @Test
    @Order(9)
    void aReplicaIsTakenAwayAndItsSlotWithIt() {
        stack.init("--replicas", "1");
        stack.compose("kill", "-s", "HUP", "pgbouncer-ro");
        stack.compose("up", "-d", "--wait", "--remove-orphans");
        assertThat(Engine.run(stack.folder(), "docker", "volume", "rm", stack.volume("postgres-replica-2"))
                        .status())
                .isZero();
        stack.sql("postgres-primary", "SELECT pg_drop_replication_slot('postgres_replica_2')");

        assertThat(stack.services()).doesNotContain("postgres-replica-2");
        assertThat(stack.sql("postgres-primary", "SELECT string_agg(slot_name, ' ') FROM pg_replication_slots"))
                .isEqualTo("postgres_replica");
    }

    @Test
    @Order(10)
    void aReplicaThatReceivesNothingIsNotHealthy() throws InterruptedException {
        stack.docker("postgres-primary", "pause");
        ComposeStack.await(
                "an unhealthy replica", () -> stack.health("postgres-replica").equals("unhealthy"));
        ComposeStack.await(
                "an unhealthy pooler", () -> stack.health("pgbouncer-rw").equals("unhealthy"));
        stack.docker("postgres-primary", "unpause");
        ComposeStack.await(
                "a healthy replica", () -> stack.health("postgres-replica").equals("healthy"));
        ComposeStack.await(
                "a healthy pooler", () -> stack.health("pgbouncer-rw").equals("healthy"));
    }

    @Test
    @Order(11)
    void passwordsAreChanged() throws Exception {
        Path env = stack.folder().resolve(".env");
        Deployed before = ways;
        Map<String, String> changed = new TreeMap<>();
        for (Secret secret : Secret.values()) {
            if (secret != Secret.PATRONI) {
                changed.put(secret.variable(), "Changed" + Secret.random());
            }
        }
        Files.writeString(env, EnvFile.of(Files.readString(env)).with(changed).text());
        stack.compose("up", "-d", "--wait", "--no-deps", "--force-recreate", "postgres-primary");
        stack.compose(
                "exec",
                "-T",
                "postgres-primary",
                "psql",
                "-X",
                "-q",
                "-U",
                "postgres",
                "-d",
                "postgres",
                "-v",
                "ON_ERROR_STOP=1",
                "-f",
                "/sagaz/roles.sql");
        stack.compose("up", "-d", "--wait", "--force-recreate");
        ways = Deployed.in(stack.folder());

        for (Deployed.Login login : List.of(ways.owner(), ways.app())) {
            assertThat(value(ways.rw(), login, "SELECT 1")).isEqualTo("1");
        }
        assertThat(value(ways.ro(), ways.reader(), "SELECT 1")).isEqualTo("1");
        assertThat(failure(ways.primary(), before.app(), "SELECT 1")).isEqualTo("28P01");
    }

    @Test
    @Order(12)
    void afterAFailoverTheFormerPrimaryDoesNotLeadAgainAndFollowsWhenItIsClonedAnew() throws Exception {
        stack.compose("stop", "postgres-primary");
        stack.sql("postgres-replica", "SELECT pg_promote()");

        // Nobody told the former primary.
        stack.compose("start", "postgres-primary");
        ComposeStack.await(
                "its refusal",
                () -> stack.compose("logs", "--tail", "20", "postgres-primary")
                        .contains("postgres-replica is the primary already, and there must not be two"));
        assertThat(failure(ways.primary(), ways.owner(), "SELECT 1")).startsWith("08");

        stack.init("--primary", "postgres-replica");
        stack.compose("rm", "-sf", "postgres-primary");
        assertThat(Engine.run(stack.folder(), "docker", "volume", "rm", stack.volume("postgres-primary"))
                        .status())
                .isZero();
        stack.compose("up", "-d", "--wait");

        assertThat(stack.sql("postgres-primary", "SELECT pg_is_in_recovery()")).isEqualTo("t");
        assertThat(value(ways.rw(), ways.app(), "SELECT current_setting('cluster_name')"))
                .isEqualTo("postgres_replica");
        assertThat(value(ways.ro(), ways.reader(), "SELECT current_setting('cluster_name')"))
                .isEqualTo("postgres_primary");
    }

    @Test
    @Order(13)
    void aLostVolumeOfThePrimaryIsNotMadeUpForByAnEmptyOne() throws Exception {
        stack.compose("rm", "-sf", "postgres-replica");
        assertThat(Engine.run(stack.folder(), "docker", "volume", "rm", stack.volume("postgres-replica"))
                        .status())
                .isZero();
        stack.compose("up", "-d", "--no-deps", "postgres-replica");

        ComposeStack.await(
                "its refusal",
                () -> stack.compose("logs", "--tail", "20", "postgres-replica")
                        .contains("The volume of the primary is empty, but postgres-primary has data"));
    }
}
