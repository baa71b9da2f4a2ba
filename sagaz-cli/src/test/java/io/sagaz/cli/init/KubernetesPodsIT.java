package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Probe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The pods of the overlay {@code raw} as a node would run them, brought up once; what is done to them, in this order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KubernetesPodsIT {
    private static final String SERVER = "postgresql";
    private static final String FIRST = "postgresql-0";
    private static final String SECOND = "postgresql-1";
    private static final String THIRD = "postgresql-2";
    private static final String LOST = "The primary is lost (raw)";

    @TempDir
    private static Path empty;

    private static Cluster cluster;
    private static Handbook handbook;

    @BeforeAll
    static void bringUp() throws Exception {
        cluster = Cluster.in(empty);
        handbook = new Handbook(cluster);
        handbook.runOne(handbook.commands("Set up").get(0));
        long begin = System.nanoTime();
        cluster.apply();
        cluster.awaitServers();
        System.out.printf("All servers ready after %.1f s%n", (System.nanoTime() - begin) / 1e9);
    }

    @AfterAll
    static void takeDown() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static Engine.Outcome through(String pooler, String role, Secret secret, String sql) throws IOException {
        return Engine.run(empty, client(pooler, role, secret, "-c", sql));
    }

    /** A client of a pooler, in a container of its own that is gone afterwards. */
    private static List<String> client(String pooler, String role, Secret secret, String... more) throws IOException {
        EnvFile env = EnvFile.of(Files.readString(cluster.folder().resolve("k8s/.env")));
        int port = pooler.endsWith("rw") ? 6432 : 6433;
        List<String> words = new ArrayList<>(List.of("docker", "run", "--rm", "--interactive"));
        words.addAll(List.of("--network", cluster.namespace()));
        words.addAll(List.of("--env", "PGPASSWORD=" + env.get(secret.variable()).orElseThrow()));
        words.addAll(
                List.of("--entrypoint", "psql", env.get("SAGAZ_PGBOUNCER_IMAGE").orElseThrow()));
        words.addAll(List.of("-XAtq", "-h", pooler + "." + cluster.namespace(), "-p", "" + port));
        words.addAll(List.of("-U", role, "-d", "sagaz"));
        words.addAll(List.of(more));
        return words;
    }

    private static String where(String pooler, String role, Secret secret) throws IOException {
        return through(pooler, role, secret, "SELECT current_setting('cluster_name'), pg_is_in_recovery()")
                .words()
                .strip();
    }

    private static int count(String text, String part) {
        return Pattern.compile(Pattern.quote(part))
                        .splitAsStream(text + " ")
                        .toList()
                        .size()
                - 1;
    }

    private static void assertWhole(String leader) {
        for (String server : cluster.servers()) {
            assertThat(cluster.sql(server, "SELECT pg_is_in_recovery()"))
                    .as(server)
                    .isEqualTo(server.equals(leader) ? "f" : "t");
        }
        assertThat(cluster.sql(
                        leader,
                        "SELECT string_agg(application_name, ' ' ORDER BY application_name)"
                                + " FROM pg_stat_replication WHERE state = 'streaming'"))
                .isEqualTo(String.join(
                        " ",
                        cluster.servers().stream()
                                .filter(server -> !server.equals(leader))
                                .map(server -> server.replace('-', '_'))
                                .toList()));
    }

    /** Its rows are in all servers. */
    private static void assertEverywhere(String leader, int rows) {
        String position = cluster.sql(leader, "SELECT pg_current_wal_lsn()");
        for (String server : cluster.servers()) {
            if (!server.equals(leader)) {
                ComposeStack.await(
                        server + " has what was written",
                        () -> cluster.sql(server, "SELECT pg_last_wal_replay_lsn() >= '" + position + "'")
                                .equals("t"));
            }
            assertThat(cluster.sql(server, "SELECT count(*) FROM kept"))
                    .as(server)
                    .isEqualTo("" + rows);
        }
    }

    @Test
    @Order(1)
    void threeServersComeUpFromEmptyVolumesAndTheirProbesPass() {
        Map<String, Function<V1Container, V1Probe>> probes = Map.of(
                "startup", V1Container::getStartupProbe,
                "liveness", V1Container::getLivenessProbe,
                "readiness", V1Container::getReadinessProbe);
        for (String server : cluster.servers()) {
            probes.forEach((name, probe) -> assertThat(cluster.probe(server, SERVER, probe))
                    .as(server + " " + name)
                    .isZero());
            ComposeStack.await(
                    "the exporter of " + server,
                    () -> cluster.probe(server, "exporter", V1Container::getLivenessProbe) == 0);
        }
        assertThat(cluster.servers()).containsExactly(FIRST, SECOND, THIRD);
        assertWhole(FIRST);
        assertThat(cluster.sql(
                        FIRST, "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin"))
                .isEqualTo("postgres sagaz_app sagaz_metrics sagaz_owner sagaz_pooler sagaz_reader sagaz_replicator");
        assertThat(cluster.sql(
                        FIRST,
                        "SELECT string_agg(slot_name || ' ' || active, ', ' ORDER BY slot_name)"
                                + " FROM pg_replication_slots"))
                .isEqualTo("postgresql_1 true, postgresql_2 true");
    }

    @Test
    @Order(2)
    void aJobThatTheDatabaseRefusesFailsAndElseItDoesNot() {
        cluster.sql(FIRST, "ALTER ROLE sagaz_owner NOLOGIN");
        Engine.Outcome refused = cluster.migrate();
        assertThat(refused.status()).as(refused.words()).isNotZero();
        assertThat(refused.words()).contains("sagaz_owner");
        Engine.Outcome refusedToo = cluster.runNow("postgresql-partition-maintenance");
        assertThat(refusedToo.status()).as(refusedToo.words()).isNotZero();

        cluster.sql(FIRST, "ALTER ROLE sagaz_owner LOGIN");
        Engine.Outcome unready = cluster.runNow("postgresql-partition-maintenance");
        assertThat(unready.status())
                .as("nothing is migrated: " + unready.words())
                .isNotZero();
        Engine.Outcome migrated = cluster.migrate();
        assertThat(migrated.status()).as(migrated.words()).isZero();
        Engine.Outcome maintained = cluster.runNow("postgresql-partition-maintenance");
        assertThat(maintained.status()).as(maintained.words()).isZero();

        assertThat(cluster.sql(FIRST, "SELECT count(*) FROM get_partition_statistics()"))
                .isEqualTo("4");
        cluster.sql(FIRST, "CREATE TABLE kept (id int)");
        cluster.sql(FIRST, "INSERT INTO kept VALUES (1)");
        cluster.sql(FIRST, "GRANT SELECT, INSERT ON kept TO sagaz_app");
        assertEverywhere(FIRST, 1);
    }

    @Test
    @Order(3)
    void poolersLeadToThePrimaryAndToTheReplicas() throws IOException {
        for (String pooler : List.of("pgbouncer-rw", "pgbouncer-ro")) {
            cluster.awaitReady(cluster.podOf(pooler), "pgbouncer");
            assertThat(cluster.probe(cluster.podOf(pooler), "pgbouncer", V1Container::getLivenessProbe))
                    .isZero();
        }
        assertThat(where("pgbouncer-rw", "sagaz_app", Secret.APP)).isEqualTo("postgresql_0|f");
        assertThat(where("pgbouncer-ro", "sagaz_reader", Secret.READER)).matches("postgresql_[12]\\|t");
        assertThat(through("pgbouncer-rw", "sagaz_app", Secret.READER, "SELECT 1")
                        .status())
                .as("with the password of another role")
                .isNotZero();
    }

    @Test
    @Order(4)
    void exportersTellOfServersAndPoolers() {
        ComposeStack.await("figures of the primary", () -> metrics(FIRST, 9187, "pg_up 1", "sagaz_db_"));
        ComposeStack.await("figures of a replica", () -> metrics(SECOND, 9187, "pg_up 1"));
        for (String pooler : List.of("pgbouncer-rw", "pgbouncer-ro")) {
            ComposeStack.await("figures of " + pooler, () -> metrics(cluster.podOf(pooler), 9127, "pgbouncer_up 1"));
        }
    }

    private static boolean metrics(String pod, int port, String... wanted) {
        String words = cluster.exec(
                        pod,
                        "exporter",
                        List.of(
                                "bash",
                                "-c",
                                "exec 3<>/dev/tcp/127.0.0.1/" + port
                                        + "; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"))
                .words();
        return List.of(wanted).stream().allMatch(words::contains);
    }

    /** A session whose words and answers go back and forth. */
    private record Session(Process process, BufferedReader answers, Writer words) {
        static Session of(List<String> command) throws IOException {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return new Session(
                    process, process.inputReader(StandardCharsets.UTF_8), process.outputWriter(StandardCharsets.UTF_8));
        }

        String ask(String sql) throws IOException {
            words.write(sql + "\n");
            words.flush();
            return String.valueOf(answers.readLine());
        }
    }

    @Test
    @Order(5)
    void aNewPoolerTakesOverWhenTransactionsOrSessionsOfTheLastHaveEnded() throws Exception {
        Session writing = Session.of(client("pgbouncer-rw", "sagaz_app", Secret.APP));
        Session reading = Session.of(client("pgbouncer-ro", "sagaz_reader", Secret.READER));
        assertThat(writing.ask("BEGIN; INSERT INTO kept VALUES (2); SELECT 'written';"))
                .isEqualTo("written");
        assertThat(reading.ask("SELECT 'read';")).isEqualTo("read");

        takesOver("pgbouncer-rw", writing, "SIGINT", "COMMIT;");
        takesOver("pgbouncer-ro", reading, "SIGTERM", "");

        assertThat(cluster.sql(FIRST, "SELECT count(*) FROM kept WHERE id = 2")).isEqualTo("1");
    }

    private static void takesOver(String pooler, Session session, String signal, String last) throws Exception {
        String before = cluster.podOf(pooler);
        CompletableFuture<Void> rollout = CompletableFuture.runAsync(() -> cluster.rollOut(pooler));
        ComposeStack.await(
                "its end begins",
                () -> !cluster.podOf(pooler).equals(before)
                        && cluster.log(before, "pgbouncer").contains("got " + signal));

        assertThat(through(pooler, "sagaz_metrics", Secret.METRICS, "SELECT 'in'")
                        .words()
                        .strip())
                .as("a login in the meantime")
                .isEqualTo("in");
        assertThat(rollout).as("it waits").isNotDone();
        assertThat(session.ask("SELECT 'still there';")).isEqualTo("still there");
        session.words().write(last);
        session.words().close();
        rollout.join();
    }

    @Test
    @Order(6)
    void aServerEndsFastWhileItHasSessionsAndItsDataAreClean() throws Exception {
        Session idle = Session.of(client("pgbouncer-rw", "sagaz_app", Secret.APP));
        assertThat(idle.ask("BEGIN; SELECT 'idle';")).isEqualTo("idle");
        for (String server : List.of(SECOND, FIRST)) {
            assertThat(cluster.stop(server).get(0)).as(server).isZero();
            assertThat(cluster.log(server))
                    .contains("received fast shutdown request", "database system is shut down")
                    .contains(server.equals(FIRST) ? "checkpoint starting: shutdown immediate" : "shutting down");
            cluster.delete(server);
            cluster.start(server);
            cluster.awaitReady(server, SERVER);
            assertThat(cluster.log(server))
                    .containsPattern("database system was shut down (in recovery )?at")
                    .doesNotContain("interrupted");
        }
        idle.process().destroy();
        cluster.awaitServers();
        assertEverywhere(FIRST, 2);
    }

    @Test
    @Order(7)
    void aServerThatCrashesRecoversInItsPod() {
        for (String server : List.of(FIRST, THIRD)) {
            cluster.cutPower(server);
            assertThat(cluster.ready(server, SERVER)).isFalse();
            cluster.power(server);
            cluster.awaitReady(server, SERVER);
            assertThat(cluster.log(server)).containsPattern("database system was (not properly shut|interrupted)");
        }
        cluster.awaitServers();
        assertEverywhere(FIRST, 2);
    }

    @Test
    @Order(8)
    void aReplicaWithoutItsVolumeCopiesThePrimaryByItself() throws IOException {
        cluster.deleteClaim("data-" + THIRD);
        cluster.delete(THIRD);
        cluster.start(THIRD);
        cluster.awaitReady(THIRD, SERVER);
        assertThat(cluster.log(THIRD)).contains("Waiting for postgresql-0.postgresql-headless, to copy it.");

        handbook.run("A replica anew (raw)");
        assertThat(cluster.log(SECOND)).contains("Waiting for postgresql-0.postgresql-headless, to copy it.");
        assertWhole(FIRST);
        assertEverywhere(FIRST, 2);
    }

    @Test
    @Order(9)
    void aReplicaThatWaitsForItsPrimaryIsNotReadyAndEndsWhenItIsTold() {
        cluster.delete(FIRST);
        cluster.deleteClaim("data-" + THIRD);
        cluster.delete(THIRD);
        cluster.start(THIRD);
        ComposeStack.await("it waits", () -> cluster.log(THIRD).contains("to copy it"));
        assertThat(cluster.ready(THIRD, SERVER)).isFalse();
        assertThat(cluster.ready(SECOND, SERVER)).as("it receives nothing").isFalse();
        assertThat(cluster.probe(SECOND, SERVER, V1Container::getLivenessProbe)).isZero();
        assertThat(cluster.stop(THIRD).get(0)).isZero();

        cluster.delete(THIRD);
        cluster.start(FIRST);
        cluster.start(THIRD);
        cluster.awaitServers();
        assertWhole(FIRST);
        assertEverywhere(FIRST, 2);
    }

    @Test
    @Order(10)
    void aLostVolumeIsNotMadeUpForAlsoWhenAllPodsStartAtOnce() {
        cluster.servers().forEach(cluster::delete);
        String volume = cluster.lose("data-" + FIRST);
        cluster.servers().forEach(cluster::start);

        ComposeStack.await("its refusal", () -> cluster.log(FIRST).contains("The volume of the primary is empty, but"));
        assertThat(cluster.log(FIRST)).doesNotContain("Making a new primary");
        cluster.delete(FIRST);
        cluster.bringBack("data-" + FIRST, volume);
        cluster.start(FIRST);
        cluster.awaitServers();
        assertWhole(FIRST);
        assertEverywhere(FIRST, 2);
    }

    @Test
    @Order(11)
    void aPrimaryThatHasLostItsVolumeRefusesAndAReplicaIsPromoted() throws IOException {
        String identifier = cluster.sql(FIRST, "SELECT system_identifier FROM pg_control_system()");
        cluster.deleteClaim("data-" + FIRST);
        cluster.delete(FIRST);
        cluster.start(FIRST);

        ComposeStack.await(
                "its refusal",
                () -> cluster.log(FIRST)
                        .contains("The volume of the primary is empty, but postgresql-1.postgresql-headless has data:"
                                + " bring the volume back, or promote postgresql-1.postgresql-headless (SAGAZ.md)."));
        assertThat(cluster.log(FIRST)).doesNotContain("Making a new primary");
        assertThat(cluster.ready(FIRST, SERVER)).isFalse();
        assertThat(cluster.sql(SECOND, "SELECT pg_is_in_recovery()")).isEqualTo("t");

        handbook.run(LOST);
        cluster.awaitServers();
        assertWhole(SECOND);
        cluster.sql(SECOND, "INSERT INTO kept VALUES (3)");
        assertEverywhere(SECOND, 3);
        assertThat(cluster.servers())
                .allSatisfy(
                        server -> assertThat(cluster.sql(server, "SELECT system_identifier FROM pg_control_system()"))
                                .isEqualTo(identifier));
        assertThat(where("pgbouncer-rw", "sagaz_app", Secret.APP)).isEqualTo("postgresql_1|f");
        assertThat(where("pgbouncer-ro", "sagaz_reader", Secret.READER)).matches("postgresql_[02]\\|t");
    }

    @Test
    @Order(12)
    void aFormerPrimaryDoesNotLeadBesideTheNewOneAndFollowsWhenItIsClonedAnew() throws IOException {
        List<String> commands = handbook.commands(LOST);
        assertThat(commands.get(0)).contains("exec " + FIRST).contains("pg_promote");
        cluster.cutPower(SECOND);
        handbook.runOne(commands.get(0));
        cluster.sql(FIRST, "INSERT INTO kept VALUES (4)");

        // Nobody told the former primary.
        String ready = "database system is ready to accept connections";
        int lives = count(cluster.log(SECOND), ready);
        cluster.power(SECOND);
        ComposeStack.await(
                "its refusal",
                () -> cluster.log(SECOND)
                        .contains(
                                "postgresql-0.postgresql-headless is the primary already, and there must not be two"));
        assertThat(cluster.ready(SECOND, SERVER)).isFalse();

        handbook.runOne(commands.get(1));
        handbook.runOne(commands.get(2));
        ComposeStack.await(
                "its refusal, told who leads",
                () -> cluster.log(SECOND)
                        .contains("The data here are those of a former primary, and postgresql-0.postgresql-headless"
                                + " leads now: clone this server anew (SAGAZ.md)."));
        assertThat(count(cluster.log(SECOND), ready)).isEqualTo(lives);
        assertThat(cluster.ready(SECOND, SERVER)).isFalse();

        // Nor while it sees nobody.
        cluster.delete(SECOND);
        cluster.cutPower(FIRST);
        cluster.start(SECOND);
        ComposeStack.await(
                "its refusal, alone", () -> cluster.log(SECOND).contains("which is to lead now, is not seen to do so"));
        assertThat(cluster.log(SECOND)).doesNotContain(ready);
        cluster.power(FIRST);
        cluster.awaitReady(FIRST, SERVER);

        for (String command : commands.subList(3, commands.size())) {
            handbook.runOne(command);
        }
        cluster.awaitServers();
        assertWhole(FIRST);
        assertEverywhere(FIRST, 4);
        assertThat(where("pgbouncer-rw", "sagaz_app", Secret.APP)).isEqualTo("postgresql_0|f");
    }

    @Test
    @Order(13)
    void aReplicaThatWasPromotedByHandMayStartAgainBeforeThatIsSaid() {
        cluster.cutPower(FIRST);
        cluster.sql(SECOND, "SELECT pg_promote()");
        cluster.delete(SECOND);
        cluster.start(SECOND);
        ComposeStack.await("it runs", () -> cluster.probe(SECOND, SERVER, V1Container::getLivenessProbe) == 0);
        ComposeStack.await(
                "it leads",
                () -> cluster.sql(SECOND, "SELECT pg_is_in_recovery()").equals("f"));
        assertThat(cluster.log(SECOND)).contains("sagaz init, with --primary postgresql-1 --force");
        assertThat(cluster.ready(SECOND, SERVER))
                .as("a second primary is not ready")
                .isFalse();
    }

    @Test
    @Order(14)
    void passwordsAreInNoLogAndNoManifestOfAPod() throws IOException {
        EnvFile env = EnvFile.of(Files.readString(cluster.folder().resolve("k8s/.env")));
        String inspected = cluster.inspect();
        assertThat(inspected).contains("PATH=");
        for (Secret secret : List.of(Secret.OWNER, Secret.APP, Secret.REPLICATOR, Secret.METRICS, Secret.CONSOLE)) {
            String password = env.get(secret.variable()).orElseThrow();
            assertThat(inspected).doesNotContain(password);
            for (String server : cluster.servers()) {
                assertThat(cluster.log(server)).doesNotContain(password);
            }
        }
    }
}
