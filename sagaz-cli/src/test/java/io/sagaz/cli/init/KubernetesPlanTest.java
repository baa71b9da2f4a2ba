package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every deployment on Kubernetes. The numbers are those of faults of the reference deployment. */
class KubernetesPlanTest {
    private static final String RAW = "raw";
    private static final List<String> OVERLAYS = List.of(RAW, "cnpg", "external");

    private static List<Node> overlay(String name, Object... settingsAndValues) {
        return Kustomization.documents(Stacks.kubernetes(settingsAndValues), "k8s/overlays/" + name);
    }

    private static String kind(Node document) {
        return document.at("kind").text();
    }

    private static String name(Node document) {
        return document.at("metadata").at("name").text();
    }

    private static List<Node> ofKind(List<Node> documents, String kind) {
        return documents.stream()
                .filter(document -> kind(document).equals(kind))
                .toList();
    }

    private static Node one(List<Node> documents, String kind, String name) {
        List<Node> found = ofKind(documents, kind).stream()
                .filter(document -> name(document).equals(name))
                .toList();
        assertThat(found).as(kind + " " + name).hasSize(1);
        return found.get(0);
    }

    /** The templates of all pods, by the kind and name of what makes them. */
    private static Map<String, Node> pods(List<Node> documents) {
        Map<String, Node> pods = new HashMap<>();
        for (Node document : documents) {
            switch (kind(document)) {
                case "StatefulSet", "Deployment", "Job" ->
                    pods.put(
                            kind(document) + " " + name(document),
                            document.at("spec").at("template"));
                case "CronJob" ->
                    pods.put(
                            kind(document) + " " + name(document),
                            document.at("spec").at("jobTemplate").at("spec").at("template"));
                default -> {
                    // It makes no pods.
                }
            }
        }
        assertThat(pods).isNotEmpty();
        return pods;
    }

    private static Map<String, String> texts(Node node) {
        return node.entries().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().text()));
    }

    private static List<Node> list(Node node, String key) {
        return node.has(key) ? node.at(key).items() : List.of();
    }

    private static Node container(Node pod, String name) {
        return pod.at("spec").at("containers").items().stream()
                .filter(container -> container.at("name").text().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static int number(Node node, String key) {
        return Integer.parseInt(node.at(key).text());
    }

    private static Node pod(List<Node> documents, String maker) {
        Node pod = pods(documents).get(maker);
        if (pod == null) {
            throw new AssertionError("There is no " + maker);
        }
        return pod;
    }

    private static Node postgres(List<Node> documents) {
        return pod(documents, "StatefulSet postgresql");
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void x14EveryOverlayNamesFilesThatAreThereAndNoObjectIsThereTwice(String overlay) {
        assertThat(overlay(overlay))
                .isNotEmpty()
                .extracting(document -> kind(document) + " " + name(document))
                .doesNotHaveDuplicates();
    }

    @Test
    void x14TheFilesHaveTheirUsualNamesAndAreTheOverlayRaw() {
        Map<String, String> files = Stacks.kubernetes();
        List<Object> whole = new ArrayList<>();
        for (String file : List.of("k8s/postgresql-ha.yaml", "k8s/pgbouncer.yaml")) {
            Node.documents(files.getOrDefault(file, "")).forEach(document -> whole.add(document.value()));
        }

        assertThat(files).containsKey("k8s/secrets-example.yaml");
        assertThat(whole)
                .containsExactlyInAnyOrderElementsOf(
                        overlay(RAW).stream().map(Node::value).toList());
    }

    @Test
    void x15EveryServerIsStartedByTheScriptThatMakesReplicas() {
        List<Node> documents = overlay(RAW, Setting.REPLICAS, 2);
        Node set = one(documents, "StatefulSet", "postgresql").at("spec");
        Node server = container(postgres(documents), "postgresql");
        Map<String, String> files =
                texts(one(documents, "ConfigMap", "postgresql-files").at("data"));

        assertThat(number(set, "replicas")).isEqualTo(3);
        assertThat(server.at("command").texts()).containsExactly("sh", "/sagaz/pod.sh");
        assertThat(files.get("pod.sh")).contains("exec sh /sagaz/start.sh", "hostname");
        assertThat(files.get("start.sh"))
                .isEqualTo(Stacks.file(Stacks.with(), "postgres/start.sh"))
                .contains("config_file=", "hba_file=", "pg_basebackup", "refuse_second_primary");
        assertThat(files.getOrDefault("servers", "").lines())
                .containsExactly(
                        "postgresql-0.postgresql-headless",
                        "postgresql-1.postgresql-headless",
                        "postgresql-2.postgresql-headless");
        assertThat(files).containsEntry("leader", "postgresql-0\n");
    }

    @Test
    void x15NoPodThatIsNotReadyKeepsAnotherFromStarting() {
        List<Node> documents = overlay(RAW);
        Node set = one(documents, "StatefulSet", "postgresql").at("spec");
        Node names = one(documents, "Service", set.at("serviceName").text()).at("spec");

        assertThat(set.at("podManagementPolicy").text()).isEqualTo("Parallel");
        assertThat(names.at("clusterIP").text()).isEqualTo("None");
        assertThat(names.at("publishNotReadyAddresses").text()).isEqualTo("true");
    }

    @Test
    void x15TheUserIsTheOneOfTheImage() {
        assertThat(postgres(overlay(RAW, Setting.POSTGRES_UID, 70, Setting.POSTGRES_IMAGE, "postgres:18-alpine"))
                        .at("spec")
                        .at("securityContext")
                        .at("runAsUser")
                        .text())
                .isEqualTo("70");
        assertThatThrownBy(() -> Stacks.kubernetes(Setting.POSTGRES_IMAGE, "postgres:18-alpine"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--postgres-uid (SAGAZ_POSTGRES_UID) is 999, but in postgres:18-alpine")
                .hasMessageContaining("is 70");
    }

    @Test
    void afterAFailoverTheOtherPodLeadsForScriptsServicesAndPoolers() {
        List<Node> documents = overlay(RAW, Setting.PRIMARY, "postgresql-1");

        assertThat(texts(one(documents, "ConfigMap", "postgresql-files").at("data")))
                .containsEntry("leader", "postgresql-1\n");
        assertThat(texts(one(documents, "Service", "postgresql-primary")
                        .at("spec")
                        .at("selector")))
                .containsEntry("statefulset.kubernetes.io/pod-name", "postgresql-1");
        Map<String, String> poolers =
                texts(one(documents, "ConfigMap", "pgbouncer-files").at("data"));
        assertThat(poolers.get("rw.ini")).contains("host=postgresql-1.postgresql-headless port");
        assertThat(poolers.get("ro.ini"))
                .contains("host=postgresql-0.postgresql-headless,postgresql-2.postgresql-headless port");
    }

    @Test
    void aFileThatChangesMakesItsPodsStale() {
        String before = postgres(overlay(RAW)).at("metadata").at("annotations").text();

        assertThat(postgres(overlay(RAW, Setting.SLOT_WAL, "2GB"))
                        .at("metadata")
                        .at("annotations")
                        .text())
                .isNotEqualTo(before);
        assertThat(postgres(overlay(RAW)).at("metadata").at("annotations").text())
                .isEqualTo(before);
    }

    @Test
    void aHashIsTextAlsoWhenItHasDigitsOnly() {
        // 12345678 and 1234e567 are numbers, which no annotation may be.
        for (String file : List.of("postgresql-ha.yaml", "pgbouncer.yaml")) {
            assertThat(Stacks.kubernetes().get("k8s/overlays/raw/" + file))
                    .containsPattern("sagaz.io/files: \"[0-9a-f]{8}\"")
                    .doesNotContainPattern("sagaz.io/files: [^\"]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg"})
    void x16EveryUrlLeadsToAServiceThatIsThereAtAPortThatItHas(String overlay) {
        List<Node> documents = overlay(overlay);
        Map<String, String> urls =
                texts(one(documents, "ConfigMap", "sagaz-database").at("data"));

        assertThat(urls).containsOnlyKeys("SAGAZ_STORAGE_URL", "SAGAZ_ANALYTICS_URL", "SAGAZ_PRIMARY_URL");
        urls.forEach((variable, url) -> {
            assertThat(url).as(variable).matches("jdbc:postgresql://[a-z-]+\\.sagaz:\\d+/sagaz(\\?.*)?");
            String host = url.replaceFirst("jdbc:postgresql://([^.]+)\\..*", "$1");
            String port = url.replaceFirst(".*:(\\d+)/.*", "$1");
            assertThat(one(documents, "Service", host).at("spec").at("ports").items())
                    .extracting(each -> each.at("port").text())
                    .contains(port);
        });
    }

    @Test
    void allOverlaysHaveTheSameServicesAndPorts() {
        for (String name : List.of("postgresql-primary", "postgresql-read", "pgbouncer-rw", "pgbouncer-ro")) {
            assertThat(one(overlay("cnpg"), "Service", name)
                            .at("spec")
                            .at("ports")
                            .items()
                            .get(0)
                            .at("port")
                            .text())
                    .isEqualTo(one(overlay(RAW), "Service", name)
                            .at("spec")
                            .at("ports")
                            .items()
                            .get(0)
                            .at("port")
                            .text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void x17JobsFailWhenTheirWorkFails(String overlay) {
        List<Node> documents = overlay(overlay);
        Map<String, Node> pods = pods(documents);
        pods.keySet().removeIf(key -> !key.matches("(Job|CronJob) .*"));

        assertThat(pods).hasSize(2);
        pods.forEach((key, pod) -> {
            assertThat(pod.at("spec").at("restartPolicy").text()).as(key).isEqualTo("Never");
            Node container = pod.at("spec").at("containers").items().get(0);
            // No shell is between Kubernetes and the status of the command.
            assertThat(container.at("command").texts().get(0)).as(key).isEqualTo("java");
        });
        Node cron =
                one(documents, "CronJob", "postgresql-partition-maintenance").at("spec");
        assertThat(cron.at("concurrencyPolicy").text()).isEqualTo("Forbid");
        assertThat(cron.at("schedule").text()).isEqualTo("0 2 * * *");
        assertThat(number(cron, "failedJobsHistoryLimit")).isPositive();
    }

    @Test
    void anotherImageIsAnotherMigrationJob() {
        assertThat(name(ofKind(overlay(RAW, Setting.SAGAZ_IMAGE, "sagaz-cli:2"), "Job")
                        .get(0)))
                .isNotEqualTo(name(ofKind(overlay(RAW), "Job").get(0)));
    }

    @Test
    void x18PoolersReadTheFilesThatAreMountedAndTrustNobody() {
        List<Node> documents = overlay(RAW);
        Map<String, String> files =
                texts(one(documents, "ConfigMap", "pgbouncer-files").at("data"));

        for (String kind : List.of("rw", "ro")) {
            Node pooler = container(pod(documents, "Deployment pgbouncer-" + kind), "pgbouncer");
            assertThat(pooler.at("command").texts()).containsExactly("sh", "/sagaz/start.sh", kind);
            assertThat(pooler.at("volumeMounts").items())
                    .extracting(mount -> mount.at("mountPath").text())
                    .contains("/sagaz", "/run/secrets", "/tmp");
            assertThat(files.get(kind + ".ini"))
                    .contains("auth_type = scram-sha-256", "ignore_startup_parameters = extra_float_digits")
                    .doesNotContainPattern("(?i)\\btrust\\b");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 12})
    void x19AsManyPodsAsThereMayBeFitIntoTheServers(int pods) {
        Stack stack = Stacks.onKubernetes(Setting.RO_PODS, pods);
        List<Node> documents = overlay(RAW, Setting.RO_PODS, pods);
        Node autoscaler =
                one(documents, "HorizontalPodAutoscaler", "pgbouncer-ro").at("spec");
        int most = number(autoscaler, "maxReplicas") + 2;
        String ini =
                texts(one(documents, "ConfigMap", "pgbouncer-files").at("data")).getOrDefault("ro.ini", "");
        int each = Integer.parseInt(ini.replaceFirst("(?s).*max_db_connections = (\\d+).*", "$1"));

        assertThat(number(autoscaler, "minReplicas")).isEqualTo(2);
        assertThat(number(autoscaler, "maxReplicas")).isEqualTo(pods);
        assertThat(most * each).isEqualTo(stack.budget().ro().connections());
        assertThat(stack.budget().needed()).isLessThanOrEqualTo(stack.budget().maxConnections());
    }

    @Test
    void x19MorePodsThanTheServersHaveRoomForAreRefused() {
        assertThatThrownBy(() -> Stacks.onKubernetes(Setting.RO_PODS, 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("22 pods of 10 + 2 in reserve")
                .hasMessageContaining("Raise it to 411");
    }

    @Test
    void x19TheAutoscalerShrinksSlowlyAndNobodyElseSetsTheNumber() {
        List<Node> documents = overlay(RAW);
        Node autoscaler =
                one(documents, "HorizontalPodAutoscaler", "pgbouncer-ro").at("spec");
        Node down = autoscaler.at("behavior").at("scaleDown");

        assertThat(number(down, "stabilizationWindowSeconds")).isGreaterThanOrEqualTo(900);
        assertThat(down.at("policies").items()).singleElement().satisfies(policy -> {
            assertThat(number(policy, "value")).isEqualTo(1);
            assertThat(number(policy, "periodSeconds")).isGreaterThanOrEqualTo(600);
        });
        assertThat(one(documents, "Deployment", "pgbouncer-ro").at("spec").has("replicas"))
                .isFalse();
        // A share of what was asked for says nothing of a program that has one thread; and its memory nothing of its
        // load.
        assertThat(autoscaler.at("metrics").items()).singleElement().satisfies(metric -> {
            Node resource = metric.at("containerResource");
            assertThat(resource.at("name").text()).isEqualTo("cpu");
            assertThat(resource.at("container").text()).isEqualTo("pgbouncer");
            assertThat(resource.at("target").at("type").text()).isEqualTo("AverageValue");
        });
    }

    @Test
    void x19PoolersLetTheirClientsGoAndOnlyOneIsOnItsWayOut() {
        for (String name : List.of("pgbouncer-rw", "pgbouncer-ro")) {
            Node deployment = one(overlay(RAW), "Deployment", name).at("spec");
            Node pod = deployment.at("template");
            assertThat(container(pod, "pgbouncer")
                            .at("lifecycle")
                            .at("preStop")
                            .at("exec")
                            .at("command")
                            .texts())
                    .as(name)
                    .startsWith("sh", "/sagaz/drain.sh");
            assertThat(number(deployment, "minReadySeconds"))
                    .as(name)
                    .isGreaterThan(number(pod.at("spec"), "terminationGracePeriodSeconds"));
            assertThat(texts(deployment.at("strategy").at("rollingUpdate")))
                    .as(name)
                    .containsEntry("maxSurge", "1")
                    .containsEntry("maxUnavailable", "0");
        }
    }

    @Test
    void x19NoServiceKeepsAClientWithOnePod() {
        for (String overlay : OVERLAYS) {
            assertThat(ofKind(overlay(overlay), "Service"))
                    .as(overlay)
                    .noneMatch(service -> service.at("spec").has("sessionAffinity"));
        }
    }

    @Test
    void readsOnTheUsualPortDoNotReachThePrimary() {
        assertThat(texts(one(overlay(RAW), "Service", "postgresql-read")
                        .at("spec")
                        .at("selector")))
                .containsEntry("app.kubernetes.io/name", "pgbouncer-ro");
        assertThat(texts(one(overlay("cnpg"), "Service", "postgresql-read")
                        .at("spec")
                        .at("selector")))
                .containsEntry("cnpg.io/instanceRole", "replica");
    }

    @Test
    void x20AServerIsReadyWhenItIsWhatItIsToBeAndLivesWhileItAnswers() {
        List<Node> documents = overlay(RAW);
        Node server = container(postgres(documents), "postgresql");
        Map<String, String> files =
                texts(one(documents, "ConfigMap", "postgresql-files").at("data"));

        assertThat(server.at("readinessProbe").at("exec").at("command").texts())
                .containsExactly("sh", "/sagaz/ready.sh");
        assertThat(files.get("ready.sh")).contains("wanted=primary", "wanted=streaming", "/sagaz/leader");
        assertThat(files.get("health.sh")).contains("pg_stat_wal_receiver", "pg_is_in_recovery");
        for (String probe : List.of("startupProbe", "livenessProbe")) {
            assertThat(server.at(probe).at("exec").at("command").texts()).containsExactly("sh", "/sagaz/alive.sh");
        }
        Node startup = server.at("startupProbe");
        assertThat(number(startup, "periodSeconds") * number(startup, "failureThreshold"))
                .isGreaterThanOrEqualTo(3_600);
    }

    @Test
    void x20APoolerIsReadyWhenALoginThroughItLeadsSomewhere() {
        for (String kind : List.of("rw", "ro")) {
            Node pooler = container(pod(overlay(RAW), "Deployment pgbouncer-" + kind), "pgbouncer");
            assertThat(pooler.at("readinessProbe").at("exec").at("command").texts())
                    .containsExactly("sh", "/sagaz/health.sh", kind);
            assertThat(pooler.at("livenessProbe").has("tcpSocket")).isTrue();
        }
    }

    @Test
    void noExporterTakesADatabaseOutOfService() {
        pods(overlay(RAW))
                .forEach((key, pod) -> pod.at("spec").at("containers").items().forEach(container -> {
                    if (container.at("name").text().equals("exporter")) {
                        assertThat(container.has("readinessProbe")).as(key).isFalse();
                    }
                }));
    }

    @Test
    void x21EveryPortThatIsNamedIsOneOfTheContainers() {
        List<Node> documents = overlay(RAW);
        Map<String, Node> pods = pods(documents);
        for (Node service : ofKind(documents, "Service")) {
            List<String> ports = selected(pods, service.at("spec").at("selector")).stream()
                    .flatMap(pod -> ports(pod, "name"))
                    .toList();
            assertThat(service.at("spec").at("ports").items())
                    .as(name(service))
                    .isNotEmpty()
                    .allSatisfy(port ->
                            assertThat(ports).contains(port.at("targetPort").text()));
        }
        for (Node policy : ofKind(documents, "NetworkPolicy")) {
            List<String> ports = selected(
                            pods,
                            policy.at("spec").at("podSelector").has("matchLabels")
                                    ? policy.at("spec").at("podSelector").at("matchLabels")
                                    : new Node("", Map.of("app.kubernetes.io/name", "none")))
                    .stream()
                    .flatMap(pod -> ports(pod, "containerPort"))
                    .toList();
            for (Node rule : list(policy.at("spec"), "ingress")) {
                assertThat(rule.at("ports").items())
                        .as(name(policy))
                        .allSatisfy(port ->
                                assertThat(ports).contains(port.at("port").text()));
            }
        }
        for (Node monitor :
                Node.documents(Stacks.kubernetes().getOrDefault("k8s/components/podmonitors/podmonitors.yaml", ""))) {
            assertThat(selected(pods, monitor.at("spec").at("selector").at("matchLabels")))
                    .as(name(monitor))
                    .isNotEmpty()
                    .allSatisfy(pod -> assertThat(ports(pod, "name")).contains("metrics"));
        }
    }

    private static Stream<String> ports(Node pod, String key) {
        return pod.at("spec").at("containers").items().stream()
                .flatMap(container -> list(container, "ports").stream())
                .map(port -> port.at(key).text());
    }

    private static List<Node> selected(Map<String, Node> pods, Node selector) {
        Map<String, String> wanted = new HashMap<>(texts(selector));
        // The StatefulSet gives it to its pods.
        wanted.remove("statefulset.kubernetes.io/pod-name");
        return pods.values().stream()
                .filter(pod -> texts(pod.at("metadata").at("labels")).entrySet().containsAll(wanted.entrySet()))
                .toList();
    }

    @Test
    void everySelectorMatchesThePodsThatItIsFor() {
        List<Node> documents = overlay(RAW);
        Map<String, Node> pods = pods(documents);
        for (Node document : documents) {
            switch (kind(document)) {
                case "StatefulSet", "Deployment" ->
                    assertThat(selected(pods, document.at("spec").at("selector").at("matchLabels")))
                            .as(name(document))
                            .containsExactly(document.at("spec").at("template"));
                case "PodDisruptionBudget" ->
                    assertThat(selected(pods, document.at("spec").at("selector").at("matchLabels")))
                            .as(name(document))
                            .hasSize(1);
                case "Service" ->
                    assertThat(selected(pods, document.at("spec").at("selector")))
                            .as(name(document))
                            .hasSize(1);
                case "HorizontalPodAutoscaler" ->
                    assertThat(one(
                                    documents,
                                    "Deployment",
                                    document.at("spec")
                                            .at("scaleTargetRef")
                                            .at("name")
                                            .text()))
                            .isNotNull();
                default -> {
                    // It selects nothing.
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void x22ImagesHaveATagThatIsNotLatestAndMayBePulled(String overlay) {
        pods(overlay(overlay))
                .forEach((key, pod) -> assertThat(
                                pod.at("spec").at("containers").items())
                        .as(key)
                        .allSatisfy(container -> {
                            assertThat(container.at("image").text())
                                    .contains(":")
                                    .isNotEqualTo(container.at("image").text().replaceFirst(":[^:]*$", ":latest"));
                            assertThat(container.at("imagePullPolicy").text()).isEqualTo("IfNotPresent");
                        }));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POSTGRES_IMAGE | postgres:latest | --postgres-image (SAGAZ_POSTGRES_IMAGE) must have a tag",
                "SAGAZ_IMAGE    | registry:5000/sagaz | --sagaz-image (SAGAZ_IMAGE) must have a tag",
                "PROJECT        | my_shop         | --project (COMPOSE_PROJECT_NAME) is the namespace",
                "TLS            | on              | --tls (SAGAZ_TLS) must be off for --k8s",
                "PRIMARY        | postgresql-7    | must be one of [postgresql-0, postgresql-1, postgresql-2]",
                "STORAGE        | 20GB            | --storage (SAGAZ_STORAGE) must be a number and Mi, Gi or Ti",
                "RO_PODS        | 1               | --ro-pods (SAGAZ_RO_PODS) must be from 2 to 50, but is 1",
                "SHARED_BUFFERS | 1GB             | --shared-buffers (SAGAZ_SHARED_BUFFERS) must be at most half of",
                "MEMORY         | 511Mi           | (SAGAZ_MEMORY), of which sessions need the rest, but is 256MB of",
                "POSTGRES_UID   | 0               | --postgres-uid (SAGAZ_POSTGRES_UID) must be from 1 to 65535",
            })
    void badValuesAreNamedWithWhatIsWanted(Setting setting, String value, String message) {
        assertThatThrownBy(() -> Stacks.kubernetes(setting, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void x23ServersAndPoolersAreApartAndNotAllTakenAwayAtOnce() {
        List<Node> documents = overlay(RAW);
        Node server = postgres(documents).at("spec");

        assertThat(ofKind(documents, "PodDisruptionBudget"))
                .extracting(KubernetesPlanTest::name)
                .containsExactlyInAnyOrder("postgresql", "pgbouncer-rw", "pgbouncer-ro");
        assertThat(server.at("affinity")
                        .at("podAntiAffinity")
                        .at("requiredDuringSchedulingIgnoredDuringExecution")
                        .items())
                .singleElement()
                .satisfies(term -> assertThat(term.at("topologyKey").text()).isEqualTo("kubernetes.io/hostname"));
        assertThat(server.has("topologySpreadConstraints")).isTrue();
    }

    @Test
    void x23EveryPodHasANetworkPolicyAndClientsReachThePoolersOnly() {
        List<Node> documents = overlay(RAW);
        Set<String> covered = new TreeSet<>();
        for (Node policy : ofKind(documents, "NetworkPolicy")) {
            Node selector = policy.at("spec").at("podSelector");
            if (selector.has("matchLabels")) {
                covered.add(
                        selector.at("matchLabels").at("app.kubernetes.io/name").text());
            } else {
                covered.addAll(selector.at("matchExpressions")
                        .items()
                        .get(0)
                        .at("values")
                        .texts());
            }
        }

        assertThat(pods(documents).values())
                .allSatisfy(pod -> assertThat(covered)
                        .contains(pod.at("metadata")
                                .at("labels")
                                .at("app.kubernetes.io/name")
                                .text()));
        assertThat(one(documents, "NetworkPolicy", "postgresql")
                        .at("spec")
                        .at("ingress")
                        .text())
                .doesNotContain("sagaz.io/client");
    }

    @Test
    void x23NoStorageClassIsNamedAndNobodyIsTrusted() {
        Stacks.kubernetes().forEach((path, text) -> {
            assertThat(text).as(path).doesNotContain("storageClass");
            assertThat(text).as(path).doesNotContainPattern("(?m)^(?!\\s*[#;]).*\\btrust\\b");
        });
    }

    @Test
    void aVolumeIsForOnePodAndStaysWhenThePodsGo() {
        Node set = one(overlay(RAW), "StatefulSet", "postgresql").at("spec");

        assertThat(set.at("volumeClaimTemplates")
                        .items()
                        .get(0)
                        .at("spec")
                        .at("accessModes")
                        .texts())
                .containsExactly("ReadWriteOncePod");
        assertThat(texts(set.at("persistentVolumeClaimRetentionPolicy")))
                .containsEntry("whenDeleted", "Retain")
                .containsEntry("whenScaled", "Retain");
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void everyPodIsAllowedWhereOnlyRestrictedOnesAre(String overlay) {
        List<Node> documents = overlay(overlay);
        assertThat(texts(one(documents, "Namespace", "sagaz").at("metadata").at("labels")))
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        pods(documents).forEach((key, pod) -> {
            Node spec = pod.at("spec");
            Node context = spec.at("securityContext");
            assertThat(context.at("runAsNonRoot").text()).as(key).isEqualTo("true");
            assertThat(number(context, "runAsUser")).as(key).isPositive();
            assertThat(context.at("seccompProfile").at("type").text()).as(key).isEqualTo("RuntimeDefault");
            assertThat(spec.at("automountServiceAccountToken").text()).as(key).isEqualTo("false");
            assertThat(spec.entries()).as(key).doesNotContainKeys("hostNetwork", "hostPID", "hostIPC");
            spec.at("containers").items().forEach(container -> {
                Node own = container.at("securityContext");
                assertThat(own.at("allowPrivilegeEscalation").text()).as(key).isEqualTo("false");
                assertThat(own.at("readOnlyRootFilesystem").text()).as(key).isEqualTo("true");
                assertThat(own.at("capabilities").at("drop").texts()).as(key).containsExactly("ALL");
            });
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void everyContainerAsksForWhatItNeedsAndHasALimitOfMemory(String overlay) {
        pods(overlay(overlay))
                .forEach((key, pod) -> assertThat(
                                pod.at("spec").at("containers").items())
                        .as(key)
                        .allSatisfy(container -> {
                            Node resources = container.at("resources");
                            assertThat(resources.at("requests").entries()).containsKeys("cpu", "memory");
                            // A limit of processor time would only make it slow.
                            assertThat(resources.at("limits").entries()).containsOnlyKeys("memory");
                        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void everythingThatIsReferredToIsThere(String overlay) {
        Map<String, String> files = Stacks.kubernetes();
        List<Node> documents = new ArrayList<>(overlay(overlay));
        documents.addAll(Node.documents(files.getOrDefault("k8s/secrets.yaml", "")));
        Set<String> there = documents.stream()
                .map(document -> kind(document) + " " + name(document))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> wanted = new TreeSet<>();
        documents.forEach(document -> references(document.value(), wanted));

        assertThat(wanted).isNotEmpty();
        assertThat(there).containsAll(wanted);
    }

    private static void references(Object value, Set<String> found) {
        if (value instanceof Map<?, ?> map) {
            named(map, "configMap", "name", "ConfigMap", found);
            named(map, "configMapKeyRef", "name", "ConfigMap", found);
            named(map, "configMapRef", "name", "ConfigMap", found);
            named(map, "secret", "secretName", "Secret", found);
            named(map, "secret", "name", "Secret", found);
            named(map, "secretKeyRef", "name", "Secret", found);
            named(map, "passwordSecret", "name", "Secret", found);
            if (map.get("serviceName") != null) {
                found.add("Service " + map.get("serviceName"));
            }
            if (map.get("customQueriesConfigMap") instanceof List<?> queries) {
                queries.forEach(query -> found.add("ConfigMap " + ((Map<?, ?>) query).get("name")));
            }
            map.values().forEach(child -> references(child, found));
        } else if (value instanceof List<?> list) {
            list.forEach(child -> references(child, found));
        }
    }

    private static void named(Map<?, ?> map, String key, String name, String kind, Set<String> found) {
        if (map.get(key) instanceof Map<?, ?> reference && reference.get(name) != null) {
            found.add(kind + " " + reference.get(name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RAW, "cnpg", "external"})
    void everyMountIsOfAVolumeAndEveryVolumeIsMounted(String overlay) {
        List<Node> documents = overlay(overlay);
        pods(documents).forEach((key, pod) -> {
            Set<String> volumes = list(pod.at("spec"), "volumes").stream()
                    .map(volume -> volume.at("name").text())
                    .collect(Collectors.toCollection(TreeSet::new));
            if (key.startsWith("StatefulSet")) {
                volumes.add("data");
            }
            Set<String> mounted = pod.at("spec").at("containers").items().stream()
                    .flatMap(container -> container.at("volumeMounts").items().stream())
                    .map(mount -> mount.at("name").text())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(mounted).as(key).isEqualTo(volumes);
        });
    }

    @Test
    void passwordsAreMadeUpAndStandInFilesThatOnlyTheirOwnerReads() {
        for (PlannedFile file :
                KubernetesPlan.of(Stacks.onKubernetes(), EnvFile.of(""), "sagaz init --with-ha --k8s")) {
            assertThat(file.text().contains("madeUp")).as(file.path()).isEqualTo(file.secret());
        }
        assertThat(Stacks.kubernetes().getOrDefault("k8s/.gitignore", "").lines())
                .contains(".env", "secrets.yaml");
    }

    @Test
    void theExampleOfSecretsHasTheSameNamesAndNoPassword() {
        List<Node> real = Node.documents(Stacks.kubernetes().getOrDefault("k8s/secrets.yaml", ""));
        List<Node> example = Node.documents(Stacks.kubernetes().getOrDefault("k8s/secrets-example.yaml", ""));

        assertThat(example.stream().map(document -> kind(document) + " " + name(document)))
                .containsExactlyElementsOf(real.stream()
                        .map(document -> kind(document) + " " + name(document))
                        .toList());
        assertThat(ofKind(example, "Secret"))
                .isNotEmpty()
                .allSatisfy(secret -> assertThat(
                                secret.at("stringData").at("password").text())
                        .isEmpty());
        assertThat(ofKind(real, "Secret").stream()
                        .map(secret -> secret.at("stringData").at("password").text()))
                .doesNotHaveDuplicates()
                .allMatch(password -> password.startsWith("madeUp"));
    }

    @Test
    void aPodSeesOnlyThePasswordsThatItNeeds() {
        Map<String, Set<String>> seen = new HashMap<>();
        pods(overlay(RAW)).forEach((key, pod) -> {
            Set<String> found = new TreeSet<>();
            references(pod.value(), found);
            found.removeIf(reference -> !reference.startsWith("Secret "));
            seen.put(key, found);
        });

        assertThat(seen.get("CronJob postgresql-partition-maintenance")).containsExactly("Secret sagaz-owner");
        assertThat(seen.get("Deployment pgbouncer-ro"))
                .containsExactly("Secret sagaz-console", "Secret sagaz-metrics", "Secret sagaz-pooler");
        assertThat(seen.get("StatefulSet postgresql")).doesNotContain("Secret sagaz-console");
    }

    @Test
    void filesArriveInPodsAsTheyAre() {
        Map<String, String> mounted =
                texts(one(overlay(RAW), "ConfigMap", "postgresql-files").at("data"));
        Stack stack = Stacks.onKubernetes();

        assertThat(mounted)
                .containsEntry("roles.sql", filled(stack, "postgres/roles.sql"))
                .containsEntry("postgresql.conf", filled(stack, "postgres/postgresql.conf"))
                .containsEntry("alive.sh", Templates.text("kubernetes/postgres/alive.sh"));
    }

    private static String filled(Stack stack, String path) {
        return new Common(stack, "", "/tls")
                .files().stream()
                        .filter(file -> file.path().equals(path))
                        .map(PlannedFile::text)
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void aReplicaThatIsAwayDoesNotFillTheVolume() {
        assertThat(texts(one(overlay(RAW, Setting.SLOT_WAL, "2GB"), "ConfigMap", "postgresql-files")
                                .at("data"))
                        .get("postgresql.conf"))
                .contains("max_slot_wal_keep_size = 2GB");
        assertThat(one(overlay("cnpg", Setting.SLOT_WAL, "2GB"), "Cluster", "postgresql")
                        .at("spec")
                        .at("postgresql")
                        .at("parameters")
                        .at("max_slot_wal_keep_size")
                        .text())
                .isEqualTo("2GB");
    }

    @Test
    void whereNobodyPromotesItSaysSo() {
        for (String file : List.of("overlays/raw/kustomization.yaml", "postgresql-ha.yaml", "pgbouncer.yaml")) {
            assertThat(Stacks.kubernetes().getOrDefault("k8s/" + file, ""))
                    .as(file)
                    .contains("NO automatic failover");
        }
    }

    @Test
    void poolersOfTheOperatorHaveTheSamePoolsAndNoAutoscaler() {
        List<Node> documents = overlay("cnpg", Setting.RO_POOL, 8);
        Node ro = one(documents, "Pooler", "sagaz-pgbouncer-ro").at("spec");

        assertThat(ro.at("type").text()).isEqualTo("ro");
        assertThat(ro.at("pgbouncer").at("poolMode").text()).isEqualTo("session");
        assertThat(ro.at("pgbouncer").at("parameters").at("default_pool_size").text())
                .isEqualTo("8");
        assertThat(one(documents, "Pooler", "sagaz-pgbouncer-rw")
                        .at("spec")
                        .at("pgbouncer")
                        .at("poolMode")
                        .text())
                .isEqualTo("transaction");
        assertThat(ofKind(documents, "HorizontalPodAutoscaler")).isEmpty();
        assertThat(ofKind(documents, "PodMonitor")).hasSize(3);
    }

    @Test
    void anExternalDatabaseIsNamedByItsOwnerAndTheFileStaysHis() {
        assertThat(KubernetesPlan.of(Stacks.onKubernetes(), EnvFile.of(""), "").stream()
                        .filter(file -> file.path().endsWith("database.env")))
                .singleElement()
                .satisfies(file -> assertThat(file.kind()).isEqualTo(PlannedFile.Kind.ONCE));
        assertThat(texts(one(overlay("external"), "ConfigMap", "sagaz-database").at("data")))
                .containsOnlyKeys("SAGAZ_STORAGE_URL", "SAGAZ_ANALYTICS_URL", "SAGAZ_PRIMARY_URL");
        assertThat(pods(overlay("external"))).hasSize(2);
    }
}
