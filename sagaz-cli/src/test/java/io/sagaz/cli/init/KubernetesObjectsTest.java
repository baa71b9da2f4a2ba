package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every object has only fields that Kubernetes knows, of the types that it wants, as its official client has them. */
class KubernetesObjectsTest {
    private static final Map<String, Class<?>> MODELS = Map.ofEntries(
            Map.entry("v1 Namespace", V1Namespace.class),
            Map.entry("v1 ConfigMap", V1ConfigMap.class),
            Map.entry("v1 Secret", V1Secret.class),
            Map.entry("v1 Service", V1Service.class),
            Map.entry("apps/v1 StatefulSet", V1StatefulSet.class),
            Map.entry("apps/v1 Deployment", V1Deployment.class),
            Map.entry("batch/v1 Job", V1Job.class),
            Map.entry("batch/v1 CronJob", V1CronJob.class),
            Map.entry("policy/v1 PodDisruptionBudget", V1PodDisruptionBudget.class),
            Map.entry("networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy.class),
            Map.entry("autoscaling/v2 HorizontalPodAutoscaler", V2HorizontalPodAutoscaler.class));
    /** The fields that we use of what operators bring: their client has no model of it. */
    private static final Map<String, Set<String>> OF_OPERATORS = Map.of(
            "postgresql.cnpg.io/v1 Cluster",
            Set.of(
                    "instances",
                    "imageName",
                    "enableSuperuserAccess",
                    "enablePDB",
                    "bootstrap",
                    "managed",
                    "postgresql",
                    "replicationSlots",
                    "storage",
                    "resources",
                    "affinity",
                    "monitoring"),
            "postgresql.cnpg.io/v1 Pooler",
            Set.of("cluster", "instances", "type", "deploymentStrategy", "pgbouncer", "template"),
            "monitoring.coreos.com/v1 PodMonitor",
            Set.of("selector", "podMetricsEndpoints"));

    private static void load(Node document) {
        String kind =
                document.at("apiVersion").text() + " " + document.at("kind").text();
        Class<?> model = MODELS.get(kind);
        if (model != null) {
            Gson gson = JSON.getGson();
            assertThat(gson.<Object>fromJson(gson.toJsonTree(document.value()), model))
                    .as(kind)
                    .isNotNull();
        } else {
            assertThat(OF_OPERATORS).containsKey(kind);
            assertThat(OF_OPERATORS.get(kind))
                    .as(kind)
                    .containsAll(document.at("spec").entries().keySet());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "cnpg", "external"})
    void everyObjectOfAnOverlayLoads(String overlay) {
        List<Node> documents = Kustomization.documents(Stacks.kubernetes(), "k8s/overlays/" + overlay);

        assertThat(documents).hasSizeGreaterThan(5);
        documents.forEach(KubernetesObjectsTest::load);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secrets.yaml",
                "secrets-example.yaml",
                "postgresql-ha.yaml",
                "pgbouncer.yaml",
                "components/podmonitors/podmonitors.yaml"
            })
    void everyObjectOfAFileLoads(String file) {
        List<Node> documents = Node.documents(Stacks.kubernetes().getOrDefault("k8s/" + file, ""));

        assertThat(documents).isNotEmpty();
        documents.forEach(KubernetesObjectsTest::load);
    }

    @ParameterizedTest
    @ValueSource(strings = {"immage: postgres:18", "image: [postgres]", "ports: [{containerPort: many}]"})
    void whatIsWrongDeepInsideDoesNotLoad(String wrong) {
        Node document = Node.yaml("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: a}
                spec:
                  selector: {matchLabels: {a: b}}
                  template:
                    spec:
                      containers:
                        - name: a
                          %s
                """.formatted(wrong));

        assertThatThrownBy(() -> load(document)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void everyKindThatIsKnownHereIsUsed() {
        List<Node> documents =
                new ArrayList<>(Node.documents(Stacks.kubernetes().getOrDefault("k8s/secrets.yaml", "")));
        for (String overlay : List.of("raw", "cnpg")) {
            documents.addAll(Kustomization.documents(Stacks.kubernetes(), "k8s/overlays/" + overlay));
        }

        assertThat(documents)
                .extracting(document -> document.at("apiVersion").text() + " "
                        + document.at("kind").text())
                .containsAll(MODELS.keySet())
                .containsAll(OF_OPERATORS.keySet());
    }
}
