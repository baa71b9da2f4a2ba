package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every deployment on Compose in which Patroni sees to it that one server leads. */
class PatroniPlanTest {
    private static Stack patroni(Object... settingsAndValues) {
        Object[] all = new Object[settingsAndValues.length + 2];
        all[0] = Setting.FAILOVER;
        all[1] = "patroni";
        System.arraycopy(settingsAndValues, 0, all, 2, settingsAndValues.length);
        return Stacks.with(all);
    }

    private static Node service(Stack stack, String name) {
        return compose(stack).at("services").at(name);
    }

    private static Node compose(Stack stack) {
        return Node.yaml(Stacks.file(stack, "compose.yaml"));
    }

    private static Node dcs(Stack stack) {
        return Node.yaml(Stacks.file(stack, "postgres/patroni.yml"))
                .at("bootstrap")
                .at("dcs");
    }

    private static int seconds(Stack stack, String name) {
        return Integer.parseInt(dcs(stack).at(name).text());
    }

    @Test
    void threeServersOfEqualRankAreWhatOneGetsWithoutSaying() {
        Stack stack = patroni();

        assertThat(stack.servers())
                .extracting(Stack.Server::name)
                .containsExactly("postgres-1", "postgres-2", "postgres-3");
        assertThat(stack.servers().stream().map(Stack.Server::portVariable).map(stack::value))
                .containsExactly("5432", "5433", "5434");
        assertThat(patroni(Setting.REPLICAS, 1).servers()).hasSize(2);
        List<Node> services = stack.servers().stream()
                .map(server -> service(stack, server.name()))
                .toList();
        assertThat(services).allSatisfy(service -> {
            assertThat(service.at("entrypoint").text()).contains("/sagaz/start.sh");
            assertThat(service.at("command").texts()).hasSize(1);
        });
    }

    @Test
    void everyYamlFileIsWellFormedAndNoTemplateIsLeft() {
        Map<String, String> files = new TreeMap<>(Stacks.files(patroni(Setting.REPLICAS, 4)));

        assertThat(files)
                .containsKeys("postgres/patroni.yml", "haproxy/haproxy.cfg", "patroni/Dockerfile", "compose.yaml");
        files.forEach((path, text) -> {
            if (path.matches(".*\\.ya?ml")) {
                assertThat(Node.yaml(text).entries()).as(path).isNotEmpty();
            }
            if (!path.startsWith("monitoring/")) {
                assertThat(text).as(path).doesNotContain("{{", "}}");
            }
            if (path.endsWith(".sh")) {
                assertThat(text).as(path).contains("set -eu").doesNotContain("[[", "<<<", "function ", "local ");
            }
        });
    }

    @Test
    void everyVariableThatComposeReadsIsInEnvAndHasAValue() {
        Stack stack = patroni();
        EnvFile env = EnvFile.of(Stacks.file(stack, ".env"));
        Matcher matcher = Pattern.compile("\\$\\{(\\w+):\\?}|environment: (SAGAZ_\\w+)")
                .matcher(Stacks.file(stack, "compose.yaml"));
        int read = 0;
        while (matcher.find()) {
            String name = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            assertThat(env.get(name)).as(name).isPresent();
            read++;
        }

        assertThat(read).isGreaterThan(20);
        assertThat(env.get("SAGAZ_PRIMARY"))
                .as("which server leads is not for init to say")
                .isEmpty();
    }

    @Test
    void withoutPatroniNothingOfItIsThere() {
        Map<String, String> files = Stacks.files(Stacks.with());

        assertThat(files).doesNotContainKeys("postgres/patroni.yml", "haproxy/haproxy.cfg", "patroni/Dockerfile");
        files.forEach((path, text) -> {
            if (!path.startsWith("monitoring/") && !path.equals(".env")) {
                assertThat(text).as(path).doesNotContainIgnoringCase("patroni").doesNotContain("etcd", "haproxy");
            }
        });
        assertThat(files.get(".env")).doesNotContain("SAGAZ_PATRONI", "SAGAZ_ETCD", "SAGAZ_SYNCHRONOUS");
    }

    @Test
    void aLeaseFitsTheTimesOfPatroniAndIsTheShortestThatItAllows() {
        Stack stack = patroni();

        assertThat(seconds(stack, "ttl")).isEqualTo(20);
        assertThat(seconds(stack, "loop_wait") + 2 * seconds(stack, "retry_timeout"))
                .isLessThanOrEqualTo(seconds(stack, "ttl"));
        assertThat(service(stack, "postgres-1").at("dns_opt").texts())
                .as("the replicas are asked twice, and their names are looked for that long")
                .containsExactly("timeout:1", "attempts:2");
        assertThat(seconds(stack, "loop_wait")).isPositive();
        assertThat(seconds(stack, "retry_timeout")).isGreaterThanOrEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"on, true, false", "strict, true, true", "off, false, false"})
    void commitsWaitForAReplicaUnlessToldOtherwise(String synchronous, String mode, String strict) {
        Node dcs = dcs(patroni(Setting.SYNCHRONOUS, synchronous));

        assertThat(dcs.at("synchronous_mode").text()).isEqualTo(mode);
        assertThat(dcs.at("synchronous_mode_strict").text()).isEqualTo(strict);
        assertThat(dcs(patroni()).at("synchronous_mode").text()).isEqualTo("true");
        // One of any would let a replica that has voted for another acknowledge what the former leader still writes.
        assertThat(dcs.at("synchronous_mode").text()).isNotEqualTo("quorum");
    }

    @Test
    void aFormerLeaderIsRewoundAndItsDataAreNotThrownAwayUnasked() {
        Stack stack = patroni();
        Node postgresql = Node.yaml(Stacks.file(stack, "postgres/patroni.yml")).at("postgresql");

        assertThat(dcs(stack).at("postgresql").at("use_pg_rewind").text()).isEqualTo("true");
        assertThat(Stacks.file(stack, "postgres/patroni.yml")).contains("data-checksums");
        assertThat(postgresql.entries())
                .doesNotContainKeys(
                        "remove_data_directory_on_rewind_failure", "remove_data_directory_on_diverged_timelines");
    }

    @Test
    void whatEveryServerMustHaveAlikeIsInTheCommonSettings() {
        Node parameters =
                dcs(patroni(Setting.MAX_CONNECTIONS, 300)).at("postgresql").at("parameters");

        assertThat(parameters.at("max_connections").text()).isEqualTo("300");
        for (String name : List.of("max_wal_senders", "max_replication_slots", "wal_keep_size")) {
            String value = parameters.at(name).text();
            assertThat(Stacks.file(patroni(), "postgres/postgresql.conf")).contains(name + " = " + value);
        }
    }

    @Test
    void whatPatroniReadsOnlyOnceItMustBeToldByHand() {
        EnvFile there = EnvFile.of(Stacks.file(patroni(), ".env"));

        assertThat(ComposePlan.forPatroni(patroni(Setting.MAX_CONNECTIONS, 300, Setting.SYNCHRONOUS, "off"), there))
                .containsExactly(
                        "docker compose exec postgres-1 patronictl edit-config --force -p max_connections=300"
                                + " -s synchronous_mode=false -s synchronous_mode_strict=false",
                        "docker compose exec postgres-1 patronictl restart sagaz --force --pending");
        assertThat(ComposePlan.forPatroni(patroni(Setting.REPLICAS, 3), there)).isEmpty();
        assertThat(ComposePlan.forPatroni(patroni(Setting.MAX_CONNECTIONS, 300), EnvFile.of("")))
                .as("at the first start")
                .isEmpty();
        assertThat(ComposePlan.forPatroni(
                        Stacks.with(Setting.MAX_CONNECTIONS, 300), EnvFile.of(Stacks.file(Stacks.with(), ".env"))))
                .as("without Patroni")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "null", "123", "1e5", "0x1f"})
    void aNameThatYamlTakesForSomethingElseStaysAName(String project) {
        assertThat(Stacks.file(patroni(Setting.PROJECT, project), "postgres/patroni.yml"))
                .contains("\nscope: '" + project + "'\n");
    }

    @Test
    void poolersFindTheLeaderAndTheReplicasByHAProxyWhichAsksPatroni() {
        Stack stack = patroni(Setting.REPLICAS, 3);
        String haproxy = Stacks.file(stack, "haproxy/haproxy.cfg");

        assertThat(Stacks.file(stack, "pgbouncer/rw.ini")).contains("sagaz = host=haproxy port=5000");
        assertThat(Stacks.file(stack, "pgbouncer/ro.ini")).contains("sagaz = host=haproxy port=5001");
        assertThat(section(haproxy, "listen primary")).contains("bind :5000", "uri /primary", "expect status 200");
        assertThat(section(haproxy, "listen replicas")).contains("bind :5001", "uri /replica", "expect status 200");
        for (String part : List.of("listen primary", "listen replicas")) {
            assertThat(section(haproxy, part).lines().filter(line -> line.startsWith("  server")))
                    .containsExactly(
                            "  server postgres-1 postgres-1:5432",
                            "  server postgres-2 postgres-2:5432",
                            "  server postgres-3 postgres-3:5432",
                            "  server postgres-4 postgres-4:5432");
        }
        assertThat(section(haproxy, "listen primary")).contains("reject if { nbsrv(primary) gt 1 }");
        assertThat(haproxy).contains("on-marked-down shutdown-sessions", "check port 8008");
        assertThat(section(haproxy, "defaults"))
                .as("who tries again at a server that is gone keeps others waiting")
                .contains("  retries 0\n");
    }

    private static String section(String text, String head) {
        int begin = text.indexOf(head + "\n");
        assertThat(begin).as(head).isNotNegative();
        int end = text.indexOf("\n\n", begin);
        return text.substring(begin, end < 0 ? text.length() : end);
    }

    @Test
    void onlyServersReachEtcdAndNothingOfPatroniIsPublished() {
        Stack stack = patroni();

        assertThat(compose(stack).at("networks").at("dcs").at("internal").text())
                .isEqualTo("true");
        compose(stack).at("services").entries().forEach((name, service) -> {
            boolean server = name.matches("postgres-\\d+");
            boolean inside =
                    service.has("networks") && service.at("networks").texts().contains("dcs");
            assertThat(inside).as(name).isEqualTo(server || name.equals("etcd"));
            if (service.has("ports")) {
                assertThat(service.at("ports").texts())
                        .as(name)
                        .allMatch(port -> port.matches("127\\.0\\.0\\.1:\\$\\{SAGAZ_\\w+_PORT:\\?}:\\d+"))
                        .noneMatch(port -> port.matches(".*:(2379|2380|8008|8404|5000|5001)"));
            }
        });
        assertThat(service(stack, "etcd").at("networks").texts()).containsExactly("dcs");
        assertThat(service(stack, "etcd").has("ports")).isFalse();
        assertThat(service(stack, "haproxy").has("ports")).isFalse();
    }

    @Test
    void nothingRunsWithMoreRightsThanItNeeds() {
        Stack stack = patroni();

        compose(stack).at("services").entries().forEach((name, service) -> {
            assertThat(service.at("cap_drop").texts()).as(name).containsExactly("ALL");
            assertThat(service.at("security_opt").texts()).as(name).containsExactly("no-new-privileges:true");
            assertThat(service.entries())
                    .as(name)
                    .doesNotContainKeys("privileged", "cap_add", "network_mode", "devices");
            assertThat(service.at("image").text()).as(name).matches("\\$\\{SAGAZ_\\w+_IMAGE:\\?}");
        });
    }

    @Test
    void thePasswordsAreSecretAndNobodyChangesPatroniWithoutOne() {
        Stack stack = patroni();

        for (PlannedFile file : ComposePlan.of(stack, EnvFile.of(""), Path.of("/srv/shop"), "sagaz init --with-ha")) {
            assertThat(file.text().contains("madeUp")).as(file.path()).isEqualTo(file.secret());
        }
        assertThat(stack.secrets()).contains(Secret.PATRONI);
        assertThat(service(stack, "postgres-2").at("secrets").texts()).contains("patroni", "replicator");
        assertThat(service(stack, "pgbouncer-rw").at("secrets").texts()).doesNotContain("patroni", "replicator");
        assertThat(Stacks.file(stack, "postgres/start.sh")).contains("restapi:", "username: patroni", "umask 077");
    }

    @Test
    void theSuperuserComesInByNoNetworkAndReplicasSeeNoDataOfSagaz() {
        List<String> rules = Stacks.file(patroni(), "postgres/pg_hba.conf")
                .lines()
                .filter(line -> line.startsWith("host"))
                .map(line -> line.replaceAll("\\s+", " "))
                .toList();

        assertThat(rules)
                .containsExactly(
                        "host all postgres all reject",
                        "host replication sagaz_replicator all scram-sha-256",
                        "host postgres sagaz_replicator all scram-sha-256",
                        "host all sagaz_replicator all reject",
                        "host all all all scram-sha-256");
    }

    @Test
    void theOrderIsEtcdServersHAProxyMigrationPoolers() {
        Stack stack = patroni();

        assertThat(condition(stack, "postgres-1", "etcd")).isEqualTo("service_healthy");
        assertThat(condition(stack, "postgres-3", "etcd")).isEqualTo("service_healthy");
        assertThat(condition(stack, "postgres-init", "haproxy")).isEqualTo("service_healthy");
        assertThat(condition(stack, "pgbouncer-rw", "postgres-init")).isEqualTo("service_completed_successfully");
        assertThat(service(stack, "postgres-init").at("command").texts())
                .contains("jdbc:postgresql://haproxy:5000/sagaz");
        for (String name : List.of("postgres-1", "haproxy", "pgbouncer-rw", "pgbouncer-ro", "etcd")) {
            assertThat(service(stack, name).at("healthcheck").at("test").text())
                    .as(name)
                    .matches(".*(/sagaz/health\\.sh|endpoint, health).*");
        }
    }

    private static String condition(Stack stack, String name, String other) {
        return service(stack, name).at("depends_on").at(other).at("condition").text();
    }

    @Test
    void oneMoreReplicaIsNoReasonToStartTheOthersAgain() {
        Map<String, Node> before =
                compose(patroni(Setting.REPLICAS, 2)).at("services").entries();
        Map<String, Node> after =
                compose(patroni(Setting.REPLICAS, 3)).at("services").entries();

        assertThat(before).hasSizeGreaterThan(10);
        before.forEach((name, service) -> assertThat(after.get(name)).as(name).isEqualTo(service));
        assertThat(after).containsKey("postgres-4");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void operatorsReachTheLeaderAndTheOthersWhicheverLeads(int replicas) {
        Stack stack = patroni(Setting.REPLICAS, replicas);
        Deployed ways = Deployed.of(stack, Path.of("/srv/shop"));

        assertThat(hosts(ways.primary())).hasSize(replicas + 1);
        assertThat(ways.primary()).endsWith("/sagaz?targetServerType=primary");
        assertThat(ways.replicas()).hasSize(replicas);
        for (String leader : hosts(ways.primary())) {
            List<String> reached = ways.replicas().stream()
                    .map(url -> hosts(url).stream()
                            .filter(host -> !host.equals(leader))
                            .findFirst()
                            .orElseThrow())
                    .toList();
            assertThat(Set.copyOf(reached))
                    .as("with " + leader + " leading")
                    .hasSizeGreaterThanOrEqualTo(Math.min(2, replicas));
        }
        assertThat(ways.replicas()).allMatch(url -> url.endsWith("/sagaz?targetServerType=secondary"));
    }

    private static List<String> hosts(String url) {
        return List.of(url.replaceFirst("^jdbc:postgresql://", "")
                .replaceFirst("/.*", "")
                .split(",", -1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FAILOVER    | raft       | must be none or patroni, but is raft",
                "TLS         | on         | is on, but must be off with --failover patroni",
                "PRIMARY     | postgres-2 | is postgres-2, but with --failover patroni the servers agree on who leads",
                "SYNCHRONOUS | often      | must be on, off or strict, but is often",
            })
    void whatDoesNotGoTogetherIsRefused(Setting setting, String value, String message) {
        assertThatThrownBy(() -> patroni(setting, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatIsOfPatroniGoesWithPatroniOnly() {
        assertThatThrownBy(() -> Stacks.with(Setting.SYNCHRONOUS, "strict"))
                .hasMessage(
                        "--synchronous (SAGAZ_SYNCHRONOUS) is strict, which goes with --failover patroni only: say that"
                                + " too, or leave it away");
    }

    @Test
    void onKubernetesOthersPromote() {
        assertThatThrownBy(() -> Stacks.onKubernetes(Setting.FAILOVER, "patroni"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--failover (SAGAZ_FAILOVER) is patroni, which is for Compose only");
    }

    @Test
    void aDeploymentStaysOfItsKind() {
        String patroni = Stacks.file(patroni(), ".env");
        String plain = Stacks.file(Stacks.with(), ".env");

        assertThat(Stacks.on(patroni).patroni()).isTrue();
        assertThat(Stacks.on(patroni).value("SAGAZ_PATRONI_PASSWORD")).startsWith("madeUp");
        assertThatThrownBy(() -> Stacks.on(patroni, Setting.FAILOVER, "none"))
                .hasMessageContaining("--failover (SAGAZ_FAILOVER) is patroni here");
        assertThatThrownBy(() -> Stacks.on(plain, Setting.FAILOVER, "patroni"))
                .hasMessageContaining("make another deployment");
        assertThatThrownBy(() -> Stacks.on("SAGAZ_OWNER_PASSWORD=made\n", Setting.FAILOVER, "patroni"))
                .as("made before there was a choice")
                .hasMessageContaining("is none here");
    }
}
