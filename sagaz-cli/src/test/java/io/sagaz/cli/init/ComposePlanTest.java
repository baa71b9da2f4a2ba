package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every deployment on Compose, whatever it was told. */
class ComposePlanTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):\\?}");

    private static Node compose(Stack stack) {
        return Node.yaml(Stacks.file(stack, "compose.yaml"));
    }

    private static Map<String, Node> services(Stack stack) {
        return compose(stack).at("services").entries();
    }

    private static boolean isOneShot(String name) {
        return name.equals("postgres-init");
    }

    private static boolean isOptional(Node service) {
        return service.has("profiles");
    }

    @Test
    void everyYamlFileIsWellFormedAndNoKeyIsThereTwice() {
        Map<String, String> files = new TreeMap<>(Stacks.files(Stacks.with(Setting.REPLICAS, 3)));
        files.keySet().removeIf(path -> !path.matches(".*\\.ya?ml"));

        assertThat(files).hasSize(7);
        files.forEach(
                (path, text) -> assertThat(Node.yaml(text).entries()).as(path).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void theServicesBearTheirUsualNames(int replicas) {
        Set<String> servers = new TreeSet<>(Set.of("postgres-primary", "postgres-replica"));
        for (int i = 2; i <= replicas; i++) {
            servers.add("postgres-replica-" + i);
        }

        assertThat(services(Stacks.with(Setting.REPLICAS, replicas)).keySet())
                .containsAll(servers)
                .contains("pgbouncer-rw", "pgbouncer-ro", "postgres-init", "prometheus", "grafana")
                .filteredOn(name -> name.matches("postgres-(primary|replica.*)"))
                .hasSameElementsAs(servers);
    }

    @Test
    void everythingListensOnLoopbackOnlyAtASettablePort() {
        services(Stacks.with(Setting.REPLICAS, 3)).forEach((name, service) -> {
            if (service.has("ports")) {
                assertThat(service.at("ports").texts())
                        .as(name)
                        .allSatisfy(
                                port -> assertThat(port).matches("127\\.0\\.0\\.1:\\$\\{SAGAZ_\\w+_PORT:\\?}:\\d+"));
            }
        });
    }

    @Test
    void everyVariableThatComposeReadsIsInEnvAndHasAValue() {
        Stack stack = Stacks.with(Setting.REPLICAS, 3);
        EnvFile env = EnvFile.of(Stacks.file(stack, ".env"));
        Set<String> read = new TreeSet<>();
        Matcher matcher = VARIABLE.matcher(Stacks.file(stack, "compose.yaml"));
        while (matcher.find()) {
            read.add(matcher.group(1));
        }
        compose(stack)
                .at("secrets")
                .entries()
                .values()
                .forEach(secret -> read.add(secret.at("environment").text()));

        assertThat(read)
                .hasSizeGreaterThan(15)
                .allSatisfy(name -> assertThat(env.get(name)).as(name).isPresent());
    }

    @Test
    void noPasswordIsInAFileThatOthersMayRead() {
        Stack stack = Stacks.with();

        for (PlannedFile file : ComposePlan.of(stack, EnvFile.of(""), Path.of("/srv/shop"), "sagaz init --with-ha")) {
            boolean holds = file.text().contains("madeUp");
            assertThat(holds).as(file.path()).isEqualTo(file.secret());
        }
        assertThat(Stacks.file(stack, ".gitignore").lines()).contains(".env", "sagaz.env");
    }

    @Test
    void passwordsReachContainersAsSecretsAndNeverByTheirEnvironment() {
        services(Stacks.with()).forEach((name, service) -> {
            String environment =
                    service.has("environment") ? service.at("environment").text() : "";
            assertThat(environment.replaceAll("\\w*(PASS_FILE|PASSWORD__FILE)=/run/secrets/\\w+", ""))
                    .as(name)
                    .doesNotContainIgnoringCase("pass");
        });
    }

    @Test
    void nobodyIsTrustedAndNobodyLogsInWithLessThanScram() {
        Stack stack = Stacks.with();

        Stacks.files(stack)
                .forEach((path, text) -> assertThat(text).as(path).doesNotContainPattern("(?i)\\btrust\\b|\\bmd5\\b"));
        assertThat(Stacks.file(stack, "postgres/pg_hba.conf").lines().filter(line -> !line.startsWith("#")))
                .isNotEmpty()
                .allMatch(line -> line.matches(".*\\s(scram-sha-256|reject)|local\\s+all\\s+postgres\\s+peer"));
        assertThat(Stacks.file(stack, "pgbouncer/rw.ini")).contains("auth_type = scram-sha-256");
        assertThat(Stacks.file(stack, "pgbouncer/ro.ini")).contains("auth_type = scram-sha-256");
    }

    @Test
    void theSuperuserComesInByNoNetwork() {
        assertThat(Stacks.file(Stacks.with(), "postgres/pg_hba.conf")
                        .lines()
                        .filter(line -> line.startsWith("host"))
                        .findFirst())
                .hasValueSatisfying(line -> assertThat(line).matches("host\\s+all\\s+postgres\\s+all\\s+reject"));
    }

    @Test
    void everythingThatStaysHasAHealthCheckThatDoesMoreThanLookAtThePort() {
        services(Stacks.with(Setting.REPLICAS, 2)).forEach((name, service) -> {
            if (!isOneShot(name) && !isOptional(service)) {
                assertThat(service.at("healthcheck").at("test").text()).as(name).contains("/sagaz/health.sh");
            }
        });
        assertThat(Stacks.file(Stacks.with(), "postgres/health.sh"))
                .contains("pg_stat_wal_receiver")
                .contains("streaming");
        assertThat(Stacks.file(Stacks.with(), "pgbouncer/health.sh"))
                .contains("pg_is_in_recovery")
                .contains("127.0.0.1");
    }

    @Test
    void eachImageIsAParameter() {
        services(Stacks.with())
                .forEach((name, service) ->
                        assertThat(service.at("image").text()).as(name).matches("\\$\\{SAGAZ_\\w+_IMAGE:\\?}"));
    }

    @Test
    void nothingRunsWithMoreRightsThanItNeeds() {
        services(Stacks.with()).forEach((name, service) -> {
            assertThat(service.at("cap_drop").texts()).as(name).containsExactly("ALL");
            assertThat(service.at("security_opt").texts()).as(name).containsExactly("no-new-privileges:true");
            assertThat(service.entries()).as(name).doesNotContainKeys("privileged", "cap_add", "network_mode", "pid");
            // Grafana's image has a user of its own.
            if (!name.equals("grafana")) {
                assertThat(service.at("user").text()).as(name).isIn("postgres", "65534:65534");
            }
        });
    }

    @Test
    void theOrderIsPrimaryMigrationPoolers() {
        Stack stack = Stacks.with(Setting.REPLICAS, 2);

        assertThat(dependencies(stack, "postgres-replica-2")).containsEntry("postgres-primary", "service_healthy");
        assertThat(dependencies(stack, "postgres-init")).containsEntry("postgres-primary", "service_healthy");
        for (String pooler : List.of("pgbouncer-rw", "pgbouncer-ro")) {
            assertThat(dependencies(stack, pooler)).containsEntry("postgres-init", "service_completed_successfully");
        }
        assertThat(service(stack, "postgres-init").has("restart")).isFalse();
    }

    private static Map<String, String> dependencies(Stack stack, String name) {
        Map<String, String> conditions = new TreeMap<>();
        service(stack, name)
                .at("depends_on")
                .entries()
                .forEach((other, how) ->
                        conditions.put(other, how.at("condition").text()));
        return conditions;
    }

    private static Node service(Stack stack, String name) {
        return compose(stack).at("services").at(name);
    }

    @Test
    void eachServerKnowsItsLeaderAndAllOthers() {
        Stack stack = Stacks.with(Setting.REPLICAS, 2, Setting.PRIMARY, "postgres-replica");

        assertThat(service(stack, "postgres-replica").at("command").texts())
                .containsExactly("primary", "postgres_replica", "postgres-replica");
        assertThat(service(stack, "postgres-primary").at("command").texts())
                .containsExactly("replica", "postgres_primary", "postgres-replica");
        assertThat(Stacks.file(stack, "postgres/servers").lines())
                .containsExactly("postgres-primary", "postgres-replica", "postgres-replica-2");
    }

    @Test
    void oneMoreReplicaIsNoReasonToStartTheOthersAgain() {
        Map<String, Node> before = services(Stacks.with(Setting.REPLICAS, 1));
        Map<String, Node> after = services(Stacks.with(Setting.REPLICAS, 2));

        assertThat(before).isNotEmpty();
        before.forEach((name, service) -> assertThat(after.get(name)).as(name).isEqualTo(service));
        assertThat(Stacks.file(Stacks.with(Setting.REPLICAS, 2), "postgres/postgresql.conf"))
                .isEqualTo(Stacks.file(Stacks.with(Setting.REPLICAS, 1), "postgres/postgresql.conf"));
    }

    @Test
    void eachPoolerLeadsWhereItsNameSays() {
        Stack stack = Stacks.with(Setting.REPLICAS, 2);

        assertThat(Stacks.file(stack, "pgbouncer/rw.ini"))
                .contains("sagaz = host=postgres-primary port=5432", "pool_mode = transaction", "listen_port = 6432");
        assertThat(Stacks.file(stack, "pgbouncer/ro.ini"))
                .contains(
                        "sagaz = host=postgres-replica,postgres-replica-2 port=5432",
                        "pool_mode = session",
                        "server_round_robin = 1",
                        "listen_port = 6433");
        assertThat(List.of(Stacks.file(stack, "pgbouncer/rw.ini"), Stacks.file(stack, "pgbouncer/ro.ini")))
                .allSatisfy(text -> assertThat(text).contains("ignore_startup_parameters = extra_float_digits"));
    }

    @Test
    void aPoolerCannotOpenMoreThanTheBudgetGivesIt() {
        Stack stack = Stacks.with(Setting.RW_POOL, 40, Setting.RW_RESERVE, 7);

        assertThat(Stacks.file(stack, "pgbouncer/rw.ini"))
                .contains("default_pool_size = 40", "reserve_pool_size = 7", "max_db_connections = 49");
        assertThat(Stacks.file(stack, "postgres/postgresql.conf"))
                .contains("max_connections = 200", stack.budget().sum());
    }

    @Test
    void aReplicaThatIsAwayDoesNotFillTheDisk() {
        assertThat(Stacks.file(Stacks.with(Setting.SLOT_WAL, "2GB"), "postgres/postgresql.conf"))
                .contains("max_slot_wal_keep_size = 2GB");
    }

    @Test
    void whatPrometheusScrapesIsThere() {
        Stack stack = Stacks.with(Setting.REPLICAS, 2);
        List<String> targets = new ArrayList<>();
        Node prometheus = Node.yaml(Stacks.file(stack, "monitoring/prometheus.yml"));
        for (Node job : prometheus.at("scrape_configs").items()) {
            for (Node group : job.at("static_configs").items()) {
                targets.addAll(group.at("targets").texts());
            }
        }

        assertThat(targets)
                .hasSize(5)
                .allSatisfy(
                        target -> assertThat(services(stack)).containsKey(target.substring(0, target.indexOf(':'))));
    }

    @Test
    void dashboardsRulesAndQueriesAreThere() {
        assertThat(Stacks.files(Stacks.with()))
                .containsKeys(
                        "monitoring/rules/sagaz-alerts.yml",
                        "monitoring/rules/sagaz-recordings.yml",
                        "monitoring/exporter/queries.yml",
                        "monitoring/dashboards/sagaz-outbox.json");
    }

    @Test
    void whatIsMountedIsMade() {
        Stack stack = Stacks.with();
        Set<String> made = Stacks.files(stack).keySet();

        services(stack).forEach((name, service) -> {
            for (String volume : service.has("volumes") ? service.at("volumes").texts() : List.<String>of()) {
                String source = volume.split(":", 2)[0];
                if (source.startsWith("./")) {
                    assertThat(made).as(name + " mounts " + source).anyMatch(path -> ("./" + path).startsWith(source));
                }
            }
        });
    }

    @Test
    void scriptsAreInTheLanguageOfEveryShellAndStopAtTheFirstFailure() {
        Stacks.files(Stacks.with()).forEach((path, text) -> {
            if (path.endsWith(".sh")) {
                assertThat(text).as(path).contains("set -eu").doesNotContain("[[", "<<<", "function ", "local ");
            }
        });
    }

    @Test
    void markersOfAMergeOrATemplateAreInNoFile() {
        Stacks.files(Stacks.with(Setting.REPLICAS, 2)).forEach((path, text) -> {
            assertThat(text).as(path).doesNotContain("<<<<<<<", ">>>>>>>");
            // Prometheus and Grafana have templates of their own.
            if (!path.startsWith("monitoring/")) {
                assertThat(text).as(path).doesNotContain("{{", "}}");
            }
        });
    }

    @Test
    void withTlsNobodyComesInWithoutItAndEverybodyLooksAtTheCertificate() {
        Stack stack = Stacks.with(Setting.TLS, "on", Setting.REPLICAS, 2);

        assertThat(Stacks.file(stack, "postgres/pg_hba.conf").lines())
                .filteredOn(line -> line.contains("scram") && !line.startsWith("local"))
                .hasSize(2)
                .allMatch(line -> line.startsWith("hostssl "));
        for (String file : List.of("pgbouncer/rw.ini", "pgbouncer/ro.ini")) {
            assertThat(Stacks.file(stack, file))
                    .contains("client_tls_sslmode = require", "server_tls_sslmode = verify-full");
        }
        assertThat(Stacks.file(stack, "compose.yaml"))
                .contains("sslmode=verify-full")
                .doesNotContain("sslmode=disable");
        assertThat(Stacks.file(stack, "sagaz.env").lines().filter(line -> line.contains("_URL")))
                .hasSize(5)
                .allMatch(line -> line.contains("sslmode=verify-full&sslrootcert=/srv/shop/tls/ca.crt"));
        assertThat(Stacks.file(stack, "tls/make.sh"))
                .contains("DNS:postgres-primary", "DNS:postgres-replica-2", "DNS:pgbouncer-ro");
        assertThat(Stacks.file(stack, ".gitignore").lines()).contains("tls/*.key");
    }

    @Test
    void aCertificateThatIsNotThereIsNoFolder() {
        services(Stacks.with(Setting.TLS, "on")).forEach((name, service) -> {
            for (Node volume : service.has("volumes") ? service.at("volumes").items() : List.<Node>of()) {
                if (volume.text().contains("tls/")) {
                    assertThat(volume.at("bind").at("create_host_path").text())
                            .as(name)
                            .isEqualTo("false");
                }
            }
        });
    }
}
