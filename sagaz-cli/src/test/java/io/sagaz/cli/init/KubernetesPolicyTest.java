package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no pod may do, and what each must have. */
class KubernetesPolicyTest {
    private static final Pattern SCRIPT = Pattern.compile("/sagaz/([\\w.]+)");

    private static Manifests overlay(String name) {
        return new Manifests(Kustomization.documents(Stacks.kubernetes(), "k8s/overlays/" + name));
    }

    /** The pods that stay. */
    private static Map<String, V1PodTemplateSpec> services(Manifests manifests) {
        Map<String, V1PodTemplateSpec> pods = new LinkedHashMap<>();
        manifests
                .all("StatefulSet", V1StatefulSet.class)
                .forEach((name, set) -> pods.put(name, set.getSpec().getTemplate()));
        manifests
                .all("Deployment", V1Deployment.class)
                .forEach((name, deployment) ->
                        pods.put(name, deployment.getSpec().getTemplate()));
        return pods;
    }

    private static Map<String, V1PodTemplateSpec> pods(Manifests manifests) {
        Map<String, V1PodTemplateSpec> pods = services(manifests);
        manifests
                .all("Job", V1Job.class)
                .forEach((name, job) -> pods.put(name, job.getSpec().getTemplate()));
        manifests
                .all("CronJob", V1CronJob.class)
                .forEach((name, job) ->
                        pods.put(name, job.getSpec().getJobTemplate().getSpec().getTemplate()));
        assertThat(pods).isNotEmpty();
        return pods;
    }

    @ParameterizedTest
    @CsvSource({
        "pgbouncer-rw,     postgresql,   5432, true",
        "pgbouncer-ro,     postgresql,   5432, true",
        "postgresql,       postgresql,   5432, true",
        "sagaz-migrate,    postgresql,   5432, true",
        "sagaz-partitions, postgresql,   5432, true",
        "client,           pgbouncer-rw, 6432, true",
        "client,           pgbouncer-ro, 6433, true",
        "client elsewhere, pgbouncer-rw, 6432, true",
        "client elsewhere, pgbouncer-ro, 6433, true",
        "prometheus,       postgresql,   9187, true",
        "prometheus,       pgbouncer-rw, 9127, true",
        "prometheus,       pgbouncer-ro, 9127, true",
        "client,           postgresql,   5432, false",
        "client elsewhere, postgresql,   5432, false",
        "stranger,         postgresql,   5432, false",
        "stranger,         pgbouncer-rw, 6432, false",
        "stranger,         pgbouncer-rw, 9127, false",
        "prometheus,       postgresql,   5432, false",
        "prometheus,       pgbouncer-rw, 6432, false",
        "pgbouncer-rw,     pgbouncer-ro, 6433, false",
        "sagaz-migrate,    pgbouncer-rw, 6432, false",
        "postgresql,       stranger,     443,  false",
        "pgbouncer-rw,     stranger,     443,  false",
        "sagaz-migrate,    stranger,     443,  false",
        "stranger,         sagaz-migrate, 80,  false",
    })
    void whoMustReachAnotherMayAndNobodyElse(String from, String to, int port, boolean allowed) {
        assertThat(rules().allow(end(from), end(to), "TCP", port)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "pgbouncer-rw", "pgbouncer-ro", "sagaz-migrate", "sagaz-partitions"})
    void everyPodMayAskForNames(String pod) {
        NetworkRules.End dns = new NetworkRules.End("kube-system", Map.of(), Map.of("k8s-app", "kube-dns"));

        assertThat(rules().allow(end(pod), dns, "UDP", 53)).isTrue();
        assertThat(rules().allow(end(pod), dns, "TCP", 53)).isTrue();
    }

    private static NetworkRules rules() {
        return new NetworkRules(
                "sagaz",
                overlay("raw").all("NetworkPolicy", V1NetworkPolicy.class).values());
    }

    private static NetworkRules.End end(String name) {
        Map<String, String> client = Map.of("sagaz.io/client", "true");
        return switch (name) {
            case "client" -> new NetworkRules.End("sagaz", Map.of(), client);
            case "client elsewhere" -> new NetworkRules.End("shop", Map.of(), client);
            case "stranger" -> new NetworkRules.End("shop", Map.of(), Map.of("app", "shop"));
            case "prometheus" ->
                new NetworkRules.End("monitoring", Map.of("sagaz.io/monitoring", "true"), Map.of("app", "prometheus"));
            default -> new NetworkRules.End("sagaz", Map.of(), labels(name));
        };
    }

    private static Map<String, String> labels(String name) {
        return pods(overlay("raw")).values().stream()
                .map(pod -> pod.getMetadata().getLabels())
                .filter(labels -> name.equals(labels.get("app.kubernetes.io/name")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyProgramThatStaysIsAskedWhetherItLivesAndTheMainOneAlsoWhetherItIsReady() {
        services(overlay("raw"))
                .forEach((name, pod) -> pod.getSpec().getContainers().forEach(container -> {
                    assertThat(container.getLivenessProbe()).as(name).isNotNull();
                    if (!container.getName().equals("exporter")) {
                        assertThat(container.getStartupProbe()).as(name).isNotNull();
                        assertThat(container.getReadinessProbe()).as(name).isNotNull();
                        // What says that a pod is of no use for now must not start it again.
                        assertThat(container.getLivenessProbe()).as(name).isNotEqualTo(container.getReadinessProbe());
                        assertThat(container.getLivenessProbe().getFailureThreshold())
                                .as(name)
                                .isGreaterThan(container.getReadinessProbe().getFailureThreshold());
                    }
                }));
    }

    @Test
    void aProbeGivesItsScriptTimeToSayWhatIsWrong() {
        // The longest that a script waits for a connection.
        int script = 3;
        services(overlay("raw"))
                .forEach((name, pod) -> pod.getSpec().getContainers().stream()
                        .flatMap(container -> Stream.of(container.getReadinessProbe(), container.getLivenessProbe()))
                        .filter(probe -> probe != null && probe.getExec() != null)
                        .map(V1Probe::getTimeoutSeconds)
                        .forEach(timeout -> assertThat(timeout).as(name).isGreaterThan(script)));
    }

    @Test
    void everyScriptThatAPodRunsIsAFileThatItHas() {
        Manifests manifests = overlay("raw");
        services(manifests)
                .forEach((name, pod) -> pod.getSpec().getContainers().forEach(container -> {
                    List<String> scripts = SCRIPT.matcher(String.join(" ", commands(container)))
                            .results()
                            .map((MatchResult match) -> match.group(1))
                            .toList();
                    assertThat(files(manifests, pod.getSpec(), container))
                            .as(name)
                            .containsAll(scripts);
                }));
    }

    private static List<String> commands(V1Container container) {
        List<String> words = new ArrayList<>(Pod.list(container.getCommand()));
        for (V1Probe probe :
                new V1Probe[] {container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe()
                }) {
            if (probe != null && probe.getExec() != null) {
                words.addAll(probe.getExec().getCommand());
            }
        }
        if (container.getLifecycle() != null) {
            words.addAll(container.getLifecycle().getPreStop().getExec().getCommand());
        }
        return words;
    }

    private static Set<String> files(Manifests manifests, V1PodSpec pod, V1Container container) {
        String volume = container.getVolumeMounts().stream()
                .filter(mount -> mount.getMountPath().equals("/sagaz"))
                .map(V1VolumeMount::getName)
                .findFirst()
                .orElse("");
        return pod.getVolumes().stream()
                .filter(each -> each.getName().equals(volume))
                .map(each -> manifests
                        .one("ConfigMap", each.getConfigMap().getName(), V1ConfigMap.class)
                        .getData()
                        .keySet())
                .findFirst()
                .orElse(Set.of());
    }

    @Test
    void oneOfEachKindMayBeTakenAwayAtATimeAndOneThatIsOfNoUseAlways() {
        Map<String, V1PodDisruptionBudget> budgets =
                overlay("raw").all("PodDisruptionBudget", V1PodDisruptionBudget.class);

        assertThat(budgets).hasSize(3);
        budgets.forEach((name, budget) -> {
            assertThat(budget.getSpec().getMaxUnavailable().getIntValue())
                    .as(name)
                    .isEqualTo(1);
            assertThat(budget.getSpec().getUnhealthyPodEvictionPolicy())
                    .as(name)
                    .isEqualTo("AlwaysAllow");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "cnpg", "external"})
    void noPodReachesOutOfItself(String overlay) {
        pods(overlay(overlay)).forEach((name, template) -> {
            V1PodSpec pod = template.getSpec();
            assertThat(Pod.list(pod.getInitContainers())).as(name).isEmpty();
            assertThat(pod.getServiceAccountName()).as(name).isNull();
            assertThat(pod.getEnableServiceLinks()).as(name).isFalse();
            assertThat(Pod.list(pod.getSecurityContext().getSysctls())).as(name).isEmpty();
            for (V1Volume volume : Pod.list(pod.getVolumes())) {
                assertThat(Stream.of(
                                        volume.getConfigMap(),
                                        volume.getSecret(),
                                        volume.getProjected(),
                                        volume.getEmptyDir())
                                .filter(source -> source != null))
                        .as(name + " " + volume.getName())
                        .hasSize(1);
            }
            for (V1Container container : pod.getContainers()) {
                assertThat(container.getSecurityContext().getPrivileged())
                        .as(name)
                        .isNull();
                assertThat(Pod.list(
                                container.getSecurityContext().getCapabilities().getAdd()))
                        .as(name)
                        .isEmpty();
                assertThat(Long.valueOf(0).equals(container.getSecurityContext().getRunAsUser()))
                        .as(name)
                        .isFalse();
                assertThat(Pod.list(container.getPorts()))
                        .as(name)
                        .allSatisfy(port -> assertThat(port.getHostPort()).isNull());
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "cnpg", "external"})
    void passwordsAreFilesThatOnlyTheGroupReadsAndNobodyWrites(String overlay) {
        pods(overlay(overlay)).forEach((name, template) -> {
            Map<String, V1Volume> volumes = new HashMap<>();
            Pod.list(template.getSpec().getVolumes()).forEach(volume -> volumes.put(volume.getName(), volume));
            for (V1Container container : template.getSpec().getContainers()) {
                for (V1VolumeMount mount : Pod.list(container.getVolumeMounts())) {
                    V1Volume volume = volumes.get(mount.getName());
                    if (volume != null && volume.getEmptyDir() == null) {
                        assertThat(mount.getReadOnly())
                                .as(name + " " + mount.getName())
                                .isTrue();
                    }
                }
                assertThat(Pod.list(container.getEnvFrom())).as(name).isEmpty();
                assertThat(Pod.list(container.getEnv()))
                        .as(name)
                        .allSatisfy(variable -> assertThat(variable.getValueFrom() == null
                                        || variable.getValueFrom().getSecretKeyRef() == null)
                                .isTrue());
            }
            for (V1Volume volume : volumes.values()) {
                if (volume.getSecret() != null) {
                    assertThat(volume.getSecret().getDefaultMode()).as(name).isEqualTo(0440);
                }
                if (volume.getProjected() != null) {
                    assertThat(volume.getProjected().getDefaultMode()).as(name).isEqualTo(0440);
                }
            }
        });
    }
}
