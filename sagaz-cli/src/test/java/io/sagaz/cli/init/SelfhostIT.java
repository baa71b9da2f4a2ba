package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three hosts with a systemd each, which are containers here, set up as the README says; what is done to them, in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SelfhostIT {
    private static final String NETWORK =
            "sagaz-hosts-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 30), 36);
    private static final String FIRST = NETWORK + "-1";
    private static final String SECOND = NETWORK + "-2";
    private static final String POOLERS = NETWORK + "-3";

    @TempDir
    private static Path empty;

    private static Path folder;
    private static EnvFile env;

    @BeforeAll
    static void setUp() throws Exception {
        Map<String, String> images = Engine.requireImages();
        assumeTrue(images.containsKey("host"), "No image of a host with systemd is named (host=…)");
        folder = Files.createDirectory(empty.resolve("deployment"));
        init("--tls", "on");
        Engine.Outcome made = Engine.run(folder, "sh", "tls/make.sh");
        assertThat(made.status()).as(made.words()).isZero();
        env = EnvFile.of(Files.readString(folder.resolve(".env")));

        docker("network", "create", NETWORK);
        start(images.get("host"), FIRST, "postgres-primary");
        start(images.get("host"), SECOND, "postgres-replica");
        start(images.get("host"), POOLERS, "pgbouncer-rw", "pgbouncer-ro");
        ComposeStack.pack(empty.resolve("home"));
        docker("cp", empty.resolve("home") + "/.", POOLERS + ":/opt/sagaz");

        long begin = System.nanoTime();
        assertThat(setUp(FIRST, "postgres-primary")).contains("postgres-primary runs.");
        assertThat(setUp(SECOND, "postgres-replica")).contains("postgres-replica runs.");
        setUp(POOLERS, "sagaz-migrate");
        on(POOLERS, "systemctl start sagaz-migrate");
        assertThat(setUp(POOLERS, "pgbouncer-rw")).contains("pgbouncer-rw runs.");
        assertThat(setUp(POOLERS, "pgbouncer-ro")).contains("pgbouncer-ro runs.");
        System.out.printf("All set up after %.1f s%n", (System.nanoTime() - begin) / 1e9);
    }

    @AfterAll
    static void takeDown() {
        Stream.of(FIRST, SECOND, POOLERS)
                .forEach(host -> Engine.run(empty, "docker", "rm", "--force", "--volumes", host));
        Engine.run(empty, "docker", "network", "rm", NETWORK);
    }

    private static void init(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("--with-ha", "--selfhost", "--force", "--dir", folder.toString()));
        arguments.addAll(List.of(more));
        assertThat(InitCommand.commandLine().execute(arguments.toArray(new String[0])))
                .isZero();
    }

    /** A systemd in a container needs to mount what it gives to services, and to make groups of processes. */
    private static void start(String image, String host, String... names) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("run", "--detach", "--name", host, "--hostname", host));
        command.addAll(List.of("--network", NETWORK, "--cgroupns", "host", "--security-opt", "seccomp=unconfined"));
        command.addAll(List.of("--cap-add", "SYS_ADMIN", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw"));
        command.addAll(List.of("--tmpfs", "/run:exec,mode=755", "--tmpfs", "/tmp", "--env", "container=docker"));
        command.addAll(List.of("--env", "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"));
        for (String name : names) {
            command.addAll(List.of("--network-alias", name));
        }
        command.addAll(List.of(image, "sh", "-c", "mount --make-rshared / && exec /sbin/init"));
        docker(command.toArray(new String[0]));
        ComposeStack.await(
                "systemd on " + host,
                () -> Engine.run(empty, "docker", "exec", host, "systemctl", "is-system-running")
                        .words()
                        .startsWith("running"));
    }

    private static String docker(String... arguments) {
        Engine.Outcome outcome = Engine.run(
                empty, Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
        assertThat(outcome.status())
                .as("docker " + String.join(" ", arguments) + ": " + outcome.words())
                .isZero();
        return outcome.words().strip();
    }

    private static String on(String host, String script) {
        return docker("exec", host, "sh", "-c", script);
    }

    /** The folder goes to the host, the set-up runs, and the folder is taken away. */
    private static String setUp(String host, String name) {
        docker("cp", folder.toString(), host + ":/root/deployment");
        return on(host, "sh /root/deployment/setup.sh " + name + " && rm -rf /root/deployment");
    }

    private static String sql(String host, String sql) {
        return on(host, "runuser -u postgres -- psql -XAtq -d sagaz -c \"" + sql + "\"");
    }

    private static String through(String pooler, int port, String role, Secret secret, String sql) {
        return on(
                POOLERS,
                "PGPASSWORD=" + env.get(secret.variable()).orElseThrow() + " PGSSLMODE=verify-full"
                        + " PGSSLROOTCERT=/etc/sagaz/tls/ca.crt psql -XAtq -h " + pooler + " -p " + port + " -U " + role
                        + " -d sagaz -c \"" + sql + "\"");
    }

    @Test
    @Order(1)
    void thePoolersLeadToThePrimaryAndToTheReplica() {
        assertThat(through("pgbouncer-rw", 6432, "sagaz_app", Secret.APP, "SHOW cluster_name"))
                .isEqualTo("postgres_primary");
        assertThat(through("pgbouncer-ro", 6433, "sagaz_reader", Secret.READER, "SHOW cluster_name"))
                .isEqualTo("postgres_replica");
        assertThat(sql(FIRST, "SELECT count(*) FROM get_partition_statistics()"))
                .isEqualTo("4");
        assertThat(sql(FIRST, "SELECT bool_and(s.ssl) FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)"))
                .isEqualTo("t");
    }

    @Test
    @Order(2)
    void aHostHasOnlyTheSecretsOfItsPart() {
        assertThat(on(FIRST, "ls /etc/sagaz/secrets").lines())
                .containsExactly("app", "metrics", "owner", "pooler", "reader", "replicator");
        assertThat(on(FIRST, "stat -c '%a %U' /etc/sagaz/secrets /etc/sagaz/secrets/owner")
                        .lines())
                .containsExactly("700 root", "600 root");
        assertThat(on(FIRST, "ps -o user= -C postgres | sort -u")).isEqualTo("postgres");
    }

    @Test
    @Order(3)
    void aServerThatIsKilledIsStartedAgain() throws InterruptedException {
        String before = sql(FIRST, "SELECT pg_postmaster_start_time()");
        on(FIRST, "systemctl kill --signal=KILL postgres-primary");

        ComposeStack.await("another start", () -> {
            Engine.Outcome now = Engine.run(
                    empty,
                    "docker",
                    "exec",
                    FIRST,
                    "runuser",
                    "-u",
                    "postgres",
                    "--",
                    "psql",
                    "-XAtqc",
                    "SELECT pg_postmaster_start_time()");
            return now.status() == 0 && !now.words().strip().equals(before);
        });
        ComposeStack.await(
                "streaming",
                () -> sql(FIRST, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
                        .equals("1"));
    }

    @Test
    @Order(4)
    void aFormerPrimaryDoesNotLeadAgainAndFollowsWhenItIsClonedAnew() throws Exception {
        on(FIRST, "systemctl stop postgres-primary");
        sql(SECOND, "SELECT pg_promote()");
        // Nobody told the former primary.
        on(FIRST, "systemctl start --no-block postgres-primary");
        ComposeStack.await(
                "its refusal",
                () -> on(FIRST, "journalctl --no-pager -u postgres-primary")
                        .contains("postgres-replica is the primary already, and there must not be two"));

        init("--primary", "postgres-replica");
        on(FIRST, "systemctl stop postgres-primary && rm -rf /var/lib/sagaz/sagaz");
        assertThat(setUp(SECOND, "postgres-replica")).contains("has read its files again");
        on(SECOND, "systemctl restart postgres-replica");
        assertThat(setUp(FIRST, "postgres-primary")).contains("postgres-primary runs.");
        setUp(POOLERS, "pgbouncer-rw");
        setUp(POOLERS, "pgbouncer-ro");

        ComposeStack.await(
                "the poolers",
                () -> through("pgbouncer-rw", 6432, "sagaz_app", Secret.APP, "SHOW cluster_name")
                                .equals("postgres_replica")
                        && through("pgbouncer-ro", 6433, "sagaz_reader", Secret.READER, "SHOW cluster_name")
                                .equals("postgres_primary"));
        assertThat(sql(FIRST, "SELECT pg_is_in_recovery()")).isEqualTo("t");
    }
}
