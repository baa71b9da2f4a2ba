package io.sagaz.cli.init;

import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1KeyToPath;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.kubernetes.client.openapi.models.V1VolumeProjection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pod as its manifest has it, in the words of a container engine. What a manifest says and this does not know is a failure.
 *
 * @param name also of its host
 * @param template what it is made of
 * @param domain under which its name is known; empty if it is not
 * @param claims the volume of its own for each name that is mounted
 */
record Pod(String name, V1PodTemplateSpec template, String domain, Map<String, String> claims) {
    private static final String MEMORY = "/dev/shm";

    Pod {
        claims = Map.copyOf(claims);
        V1PodSpec spec = template.getSpec();
        if (list(spec.getInitContainers()).size()
                        + list(spec.getEphemeralContainers()).size()
                > 0) {
            throw new AssertionError(name + " has containers that are not run here");
        }
        if (!spec.getSecurityContext().getSeccompProfile().getType().equals("RuntimeDefault")) {
            throw new AssertionError(name + " has a seccomp profile that is not the engine's");
        }
    }

    static <T> List<T> list(@Nullable List<T> values) {
        return values == null ? List.of() : values;
    }

    List<V1Container> containers() {
        return template.getSpec().getContainers();
    }

    V1Container container(String wanted) {
        return containers().stream()
                .filter(container -> container.getName().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " has no container " + wanted));
    }

    /** Under which names others find it: its own, and those of the Services that select it. */
    List<String> aliases(Manifests manifests, String namespace) {
        Map<String, String> labels = new HashMap<>(template.getMetadata().getLabels());
        labels.put("statefulset.kubernetes.io/pod-name", name);
        List<String> aliases = new ArrayList<>();
        if (!domain.isEmpty()) {
            aliases.add(name + "." + domain);
        }
        manifests.all("Service", V1Service.class).forEach((service, object) -> {
            if (labels.entrySet().containsAll(object.getSpec().getSelector().entrySet())) {
                aliases.add(service);
                aliases.add(service + "." + namespace);
            }
        });
        return aliases;
    }

    /** The group to which all files belong that are mounted. */
    String group() {
        return template.getSpec().getSecurityContext().getFsGroup().toString();
    }

    /** How much memory programs of this pod may share; the engine's default if nothing is said. */
    List<String> shared() {
        for (V1Volume volume : list(template.getSpec().getVolumes())) {
            if (volume.getEmptyDir() != null
                    && "Memory".equals(volume.getEmptyDir().getMedium())) {
                return List.of("--shm-size", bytes(volume.getEmptyDir().getSizeLimit()));
            }
        }
        return List.of();
    }

    /** The files of each volume that is a ConfigMap or Secrets, by the name of the volume. */
    Map<String, Map<String, String>> files(Manifests manifests) {
        Map<String, Map<String, String>> files = new LinkedHashMap<>();
        for (V1Volume volume : list(template.getSpec().getVolumes())) {
            if (volume.getConfigMap() != null) {
                files.put(
                        volume.getName(),
                        manifests
                                .one("ConfigMap", volume.getConfigMap().getName(), V1ConfigMap.class)
                                .getData());
            } else if (volume.getSecret() != null) {
                files.put(
                        volume.getName(),
                        items(
                                manifests,
                                volume.getSecret().getSecretName(),
                                volume.getSecret().getItems()));
            } else if (volume.getProjected() != null) {
                Map<String, String> all = new LinkedHashMap<>();
                for (V1VolumeProjection source : volume.getProjected().getSources()) {
                    all.putAll(items(
                            manifests,
                            source.getSecret().getName(),
                            source.getSecret().getItems()));
                }
                files.put(volume.getName(), all);
            }
        }
        return files;
    }

    private static Map<String, String> items(Manifests manifests, String secret, List<V1KeyToPath> items) {
        Map<String, String> data =
                manifests.one("Secret", secret, V1Secret.class).getStringData();
        Map<String, String> files = new LinkedHashMap<>();
        items.forEach(item -> files.put(item.getPath(), data.getOrDefault(item.getKey(), "")));
        return files;
    }

    /** What these files may be: their mode, as {@code ls} shows it. */
    String permissions(String volume) {
        V1Volume found = volume(volume);
        Integer mode = found.getSecret() != null
                ? found.getSecret().getDefaultMode()
                : found.getProjected() != null ? found.getProjected().getDefaultMode() : null;
        return mode == null ? "rw-r--r--" : symbols(mode);
    }

    private static String symbols(int mode) {
        StringBuilder symbols = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            symbols.append((mode >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
        }
        return symbols.toString();
    }

    private V1Volume volume(String wanted) {
        return list(template.getSpec().getVolumes()).stream()
                .filter(volume -> volume.getName().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " has no volume " + wanted));
    }

    /** The volumes that are empty when the pod is made, and stay while its containers come and go. */
    List<String> scratch() {
        return list(template.getSpec().getVolumes()).stream()
                .filter(volume -> volume.getEmptyDir() != null
                        && !"Memory".equals(volume.getEmptyDir().getMedium()))
                .map(V1Volume::getName)
                .toList();
    }

    /**
     * How the engine runs a container of it, from {@code --user} to the last argument of its program.
     *
     * @param source of what is mounted, for the name of a volume
     */
    List<String> run(V1Container container, Manifests manifests, Function<String, String> source) {
        V1PodSpec spec = template.getSpec();
        Long own = container.getSecurityContext().getRunAsUser();
        List<String> words = new ArrayList<>(List.of(
                "--user",
                (own == null ? spec.getSecurityContext().getRunAsUser() : own) + ":"
                        + spec.getSecurityContext().getRunAsGroup(),
                "--group-add",
                group(),
                "--memory",
                bytes(container.getResources().getLimits().get("memory"))));
        when(container.getSecurityContext().getReadOnlyRootFilesystem(), words, "--read-only");
        when(
                !container.getSecurityContext().getAllowPrivilegeEscalation(),
                words,
                "--security-opt",
                "no-new-privileges");
        container.getSecurityContext().getCapabilities().getDrop().forEach(capability -> {
            words.add("--cap-drop");
            words.add(capability);
        });
        for (V1EnvVar variable : list(container.getEnv())) {
            words.add("--env");
            words.add(variable.getName() + "=" + value(variable, manifests));
        }
        for (V1VolumeMount mount : list(container.getVolumeMounts())) {
            // The memory that they share is the pod's.
            if (!mount.getMountPath().equals(MEMORY)) {
                words.add("--volume");
                words.add(source.apply(mount.getName()) + ":" + mount.getMountPath()
                        + (Boolean.TRUE.equals(mount.getReadOnly()) ? ":ro" : ":nocopy"));
            }
        }
        words.add("--entrypoint");
        words.add(container.getCommand().get(0));
        words.add(container.getImage());
        words.addAll(container.getCommand().subList(1, container.getCommand().size()));
        words.addAll(list(container.getArgs()));
        return words;
    }

    private static String value(V1EnvVar variable, Manifests manifests) {
        if (variable.getValueFrom() == null) {
            return variable.getValue();
        }
        Supplier<AssertionError> unknown = () -> new AssertionError(variable.getName() + " is not of a ConfigMap");
        if (variable.getValueFrom().getConfigMapKeyRef() == null) {
            throw unknown.get();
        }
        return manifests
                .one("ConfigMap", variable.getValueFrom().getConfigMapKeyRef().getName(), V1ConfigMap.class)
                .getData()
                .getOrDefault(variable.getValueFrom().getConfigMapKeyRef().getKey(), "");
    }

    private static void when(boolean wanted, List<String> words, String... more) {
        if (wanted) {
            words.addAll(List.of(more));
        }
    }

    private static String bytes(@Nullable Quantity quantity) {
        if (quantity == null) {
            throw new AssertionError("No quantity is given");
        }
        return quantity.getNumber().toBigInteger().toString();
    }
}
