package io.sagaz.cli.init;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.sagaz.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs the pods of the overlay {@code raw} with a container engine: what they run, as whom, with what files, volumes, names and
 * limits is taken from the manifests. It does what a controller and kubelet do with them when it is told to. There is one pod
 * of each pooler; no Service between pods, but names; no NetworkPolicy. Everything is gone when it is closed.
 */
final class Cluster implements AutoCloseable {
    private static final String SERVERS = "postgresql";

    private final Path folder;
    private final Path mounts;
    private final String namespace =
            "sagaz-k8s-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 30), 36);
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final Map<String, String> volumes = new HashMap<>();
    private final Set<String> unwanted = new LinkedHashSet<>();
    private final Map<String, Integer> rollouts = new HashMap<>();
    private Manifests manifests = new Manifests(List.of());
    private int made;

    private Cluster(Path folder, Path mounts) {
        this.folder = folder;
        this.mounts = mounts;
    }

    /** Makes the files, and starts nothing. Skips the test, with the reason, where there is no engine. */
    static Cluster in(Path empty) throws IOException {
        Map<String, String> images = Engine.requireImages();
        Cluster cluster = new Cluster(
                Files.createDirectory(empty.resolve("deployment")), Files.createDirectory(empty.resolve("mounts")));
        Path home = empty.resolve("home");
        ComposeStack.pack(home);
        List<String> options = new ArrayList<>(List.of("--with-ha", "--k8s", "--project", cluster.namespace));
        options.addAll(List.of("--sagaz-home", home.toString(), "--sagaz-image", cluster.namespace + ":it"));
        for (String image : List.of("postgres", "pgbouncer", "java", "postgres-exporter", "pgbouncer-exporter")) {
            options.addAll(List.of("--" + image + "-image", images.getOrDefault(image, "")));
        }
        for (String image : List.of("postgres", "pgbouncer")) {
            String named = images.getOrDefault(image, "");
            options.addAll(List.of(
                    "--" + image + "-uid",
                    cluster.engine("run", "--rm", "--network", "none", "--entrypoint", "id", named, "-u", "postgres")));
        }
        cluster.init(options);
        cluster.engine("network", "create", cluster.namespace);
        return cluster;
    }

    /** Runs {@code sagaz init} with these words. */
    void init(List<String> words) {
        List<String> arguments = new ArrayList<>(words);
        arguments.addAll(List.of("--dir", folder.toString()));
        if (InitCommand.commandLine().execute(arguments.toArray(new String[0])) != 0) {
            throw new AssertionError("sagaz init failed: " + arguments);
        }
    }

    /** Runs a command here, and fails if it does. */
    String command(List<String> command) {
        Engine.Outcome outcome = Engine.run(folder, command);
        if (outcome.status() != 0) {
            throw new AssertionError(String.join(" ", command) + ": " + outcome.words());
        }
        return outcome.words().strip();
    }

    private String engine(String... arguments) {
        return command(Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
    }

    /**
     * Reads the files and does what they want: makes the pods that are missing, changes files that are mounted, takes new
     * poolers for those whose template has changed. Pods of servers are left alone.
     */
    void apply() throws IOException {
        manifests = Manifests.in(folder);
        for (Pod pod : pods.values()) {
            mount(pod);
        }
        servers().stream().filter(name -> !pods.containsKey(name)).forEach(this::start);
        for (String deployment : deployments()) {
            Pod current = pods.get(podOf(deployment));
            if (current == null || !current.template().equals(template(deployment))) {
                rollOut(deployment);
            }
        }
    }

    private Set<String> deployments() {
        return manifests.all("Deployment", V1Deployment.class).keySet();
    }

    /** The pods of the servers, as many as are wanted. */
    List<String> servers() {
        int replicas = manifests
                .one("StatefulSet", SERVERS, V1StatefulSet.class)
                .getSpec()
                .getReplicas();
        return Stream.iterate(0, i -> i + 1)
                .limit(replicas)
                .map(i -> SERVERS + "-" + i)
                .toList();
    }

    /** The pod of a pooler now. */
    String podOf(String deployment) {
        return deployment + "-" + rollouts.getOrDefault(deployment, 0);
    }

    private V1PodTemplateSpec template(String deployment) {
        return manifests
                .one("Deployment", deployment, V1Deployment.class)
                .getSpec()
                .getTemplate();
    }

    /** A new pod of a pooler; the last one, if there is one, goes when the new one is ready. */
    void rollOut(String deployment) {
        String before = podOf(deployment);
        rollouts.merge(deployment, 1, Integer::sum);
        start(podOf(deployment));
        if (pods.containsKey(before)) {
            awaitReady(podOf(deployment), "pgbouncer");
            delete(before);
        }
    }

    /** Makes a pod, with the volumes that are its own, as the manifests say now. */
    void start(String name) {
        Pod pod = define(name);
        pods.put(name, pod);
        List<String> first = new ArrayList<>(List.of("run", "--detach", "--name", container(name, "pause")));
        first.addAll(List.of("--hostname", name, "--network", namespace, "--ipc", "shareable"));
        first.addAll(pod.shared());
        pod.aliases(manifests, namespace).forEach(alias -> first.addAll(List.of("--network-alias", alias)));
        first.addAll(List.of("--entrypoint", "sleep", pod.containers().get(0).getImage(), "infinity"));
        engine(first.toArray(new String[0]));
        mount(pod);
        for (V1Container container : pod.containers()) {
            List<String> words = containerOf(pod, container, "run", "--detach", "--restart", "always");
            engine(words.toArray(new String[0]));
        }
    }

    private List<String> containerOf(Pod pod, V1Container container, String... how) {
        List<String> words = new ArrayList<>(List.of(how));
        words.addAll(List.of("--name", container(pod.name(), container.getName())));
        words.addAll(List.of("--network", "container:" + container(pod.name(), "pause")));
        words.addAll(List.of("--ipc", "container:" + container(pod.name(), "pause")));
        words.addAll(pod.run(container, manifests, volume -> source(pod, volume)));
        return words;
    }

    private Pod define(String name) {
        V1StatefulSet set = manifests.one("StatefulSet", SERVERS, V1StatefulSet.class);
        if (!name.matches(SERVERS + "-\\d+")) {
            return new Pod(name, template(name.replaceFirst("-\\d+$", "")), "", Map.of());
        }
        Map<String, String> claims = new HashMap<>();
        set.getSpec()
                .getVolumeClaimTemplates()
                .forEach(claim -> claims.put(
                        claim.getMetadata().getName(), claim.getMetadata().getName() + "-" + name));
        return new Pod(name, set.getSpec().getTemplate(), set.getSpec().getServiceName(), claims);
    }

    private String container(String pod, String name) {
        return namespace + "-" + pod + "-" + name;
    }

    /** Where a volume of a pod is: a folder of files, or a volume of the engine. */
    private String source(Pod pod, String volume) {
        if (pod.claims().containsKey(volume)) {
            return volumes.computeIfAbsent(pod.claims().get(volume), claim -> namespace + "-" + claim + "-" + made++);
        }
        return pod.scratch().contains(volume)
                ? container(pod.name(), volume)
                : mounts.resolve(pod.name()).resolve(volume).toString();
    }

    /** Writes the files of a pod, and gives files and volumes to its group, as kubelet does. */
    private void mount(Pod pod) {
        List<String> words = new ArrayList<>(List.of("run", "--rm", "--user", "0", "--network", "none"));
        Map<MountedFiles, Path> made = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Map<String, String>> volume :
                    pod.files(manifests).entrySet()) {
                MountedFiles files = new MountedFiles(mounts.resolve(pod.name()).resolve(volume.getKey()));
                made.put(files, files.write(volume.getValue(), pod.permissions(volume.getKey())));
                words.addAll(List.of("--volume", files.folder() + ":/files/" + volume.getKey()));
            }
            Stream.concat(pod.scratch().stream(), pod.claims().keySet().stream())
                    .forEach(volume ->
                            words.addAll(List.of("--volume", source(pod, volume) + ":/volumes/" + volume + ":nocopy")));
            words.addAll(List.of("--entrypoint", "sh", pod.containers().get(0).getImage(), "-c"));
            words.add("chgrp -R " + pod.group() + " /files; cd /volumes 2>/dev/null && chgrp " + pod.group()
                    + " * && chmod 2775 *; true");
            engine(words.toArray(new String[0]));
            for (Map.Entry<MountedFiles, Path> files : made.entrySet()) {
                files.getKey().show(files.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends a pod as kubelet does: what is to run before, then a signal, then, when its time is over, by force. It is not
     * made anew. Tells the status of each container.
     */
    List<Integer> stop(String name) {
        Pod pod = pod(name);
        // All at once: a pooler waits for its exporter, too, which is one of its clients.
        List<CompletableFuture<Integer>> ends = pod.containers().stream()
                .map(container ->
                        CompletableFuture.supplyAsync(() -> stop(pod, container), task -> new Thread(task).start()))
                .toList();
        return ends.stream().map(CompletableFuture::join).toList();
    }

    private int stop(Pod pod, V1Container container) {
        String here = container(pod.name(), container.getName());
        // Refused in the moment in which the program ends by itself.
        Await.until(
                here + " is not to be started again",
                () -> Engine.run(folder, "docker", "update", "--restart", "no", here)
                                .status()
                        == 0);
        if (running(here)
                && container.getLifecycle() != null
                && container.getLifecycle().getPreStop() != null) {
            exec(
                    pod.name(),
                    container.getName(),
                    container.getLifecycle().getPreStop().getExec().getCommand());
        }
        String grace =
                pod.template().getSpec().getTerminationGracePeriodSeconds().toString();
        engine("stop", "-t", grace, here);
        return Integer.parseInt(engine("inspect", "--format", "{{.State.ExitCode}}", here));
    }

    /** Ends a pod, and takes it away with all but the volumes of its own; of those, the ones whose claims were deleted. */
    void delete(String name) {
        stop(name);
        Pod pod = pod(name);
        pod.containers().forEach(container -> engine("rm", container(name, container.getName())));
        engine("rm", "--force", container(name, "pause"));
        pod.scratch().forEach(volume -> engine("volume", "rm", container(name, volume)));
        pods.remove(name);
        for (String claim : pod.claims().values()) {
            if (unwanted.remove(claim)) {
                lose(claim);
            }
        }
    }

    /** Deletes a claim; its volume goes with its pod. */
    void deleteClaim(String claim) {
        unwanted.add(claim);
    }

    /** The next pod that has this claim has an empty volume. The volume itself is not destroyed: its name is the answer. */
    String lose(String claim) {
        String volume = volumes.remove(claim);
        if (volume == null) {
            throw new AssertionError("There is no volume of " + claim);
        }
        return volume;
    }

    /** The next pod that has this claim has this volume. */
    void bringBack(String claim, String volume) {
        engine("volume", "rm", lose(claim));
        volumes.put(claim, volume);
    }

    /** The power of its machine is cut off. */
    void cutPower(String name) {
        for (V1Container container : pod(name).containers()) {
            engine("kill", container(name, container.getName()));
        }
    }

    /** The machine is on again: the same pod runs again. */
    void power(String name) {
        for (V1Container container : pod(name).containers()) {
            engine("start", container(name, container.getName()));
        }
    }

    private Pod pod(String name) {
        Pod pod = pods.get(name);
        if (pod == null) {
            throw new AssertionError("There is no pod " + name);
        }
        return pod;
    }

    private boolean running(String container) {
        return engine("inspect", "--format", "{{.State.Running}} {{.State.Restarting}}", container)
                .equals("true false");
    }

    /** What a program in a container says. */
    Engine.Outcome exec(String pod, String container, List<String> command) {
        List<String> words = new ArrayList<>(List.of("docker", "exec", container(pod, container)));
        words.addAll(command);
        return Engine.run(folder, words);
    }

    /** The status of a probe; not 0 where there is nothing to ask. */
    int probe(String pod, String container, Function<V1Container, V1Probe> which) {
        V1Probe probe = which.apply(pod(pod).container(container));
        List<String> command = probe.getExec() != null
                ? probe.getExec().getCommand()
                : List.of("bash", "-c", "</dev/tcp/127.0.0.1/" + port(pod, container, probe));
        List<String> words = new ArrayList<>(List.of(
                "timeout",
                probe.getTimeoutSeconds() == null
                        ? "1"
                        : probe.getTimeoutSeconds().toString()));
        words.addAll(command);
        return exec(pod, container, words).status();
    }

    private int port(String pod, String container, V1Probe probe) {
        String port = probe.getTcpSocket().getPort().getStrValue();
        return pod(pod).container(container).getPorts().stream()
                .filter(each -> port.equals(each.getName()))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
    }

    boolean ready(String pod, String container) {
        return probe(pod, container, V1Container::getReadinessProbe) == 0;
    }

    void awaitReady(String pod, String container) {
        ComposeStack.await(pod + " is ready", () -> ready(pod, container));
    }

    void awaitServers() {
        servers().forEach(server -> awaitReady(server, SERVERS));
    }

    /** Everything that a container has said since its pod was made. */
    String log(String pod, String container) {
        return engine("logs", container(pod, container));
    }

    /** What the engine was told of the containers of all pods. */
    String inspect() {
        List<String> words = new ArrayList<>(List.of("docker", "inspect"));
        pods.values()
                .forEach(pod ->
                        pod.containers().forEach(container -> words.add(container(pod.name(), container.getName()))));
        return command(words);
    }

    String log(String server) {
        return log(server, SERVERS);
    }

    /** One answer of a server, as its superuser. */
    String sql(String server, String sql) {
        Engine.Outcome outcome =
                exec(server, SERVERS, List.of("psql", "-XAtq", "-U", "postgres", "-d", "sagaz", "-c", sql));
        if (outcome.status() != 0) {
            throw new AssertionError(server + ": " + sql + ": " + outcome.words());
        }
        return outcome.words().strip();
    }

    /** Runs the pod of the migration Job once, to its end. */
    Engine.Outcome migrate() {
        Map<String, V1Job> jobs = manifests.all("Job", V1Job.class);
        return once(jobs.values().iterator().next().getSpec().getTemplate());
    }

    /** Runs the pod of a CronJob once, to its end. */
    Engine.Outcome runNow(String cronJob) {
        return once(manifests
                .one("CronJob", cronJob, V1CronJob.class)
                .getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate());
    }

    private Engine.Outcome once(V1PodTemplateSpec template) {
        Pod pod = new Pod("job-" + made++, template, "", Map.of());
        V1Container container = pod.containers().get(0);
        pods.put(pod.name(), pod);
        mount(pod);
        List<String> words = new ArrayList<>(List.of("docker", "run", "--name", container(pod.name(), "pause")));
        words.addAll(List.of("--hostname", pod.name(), "--network", namespace));
        words.addAll(pod.run(container, manifests, volume -> source(pod, volume)));
        Engine.Outcome outcome = Engine.run(folder, words);
        pods.remove(pod.name());
        engine("rm", "--force", container(pod.name(), "pause"));
        pod.scratch().forEach(volume -> engine("volume", "rm", container(pod.name(), volume)));
        return outcome;
    }

    Path folder() {
        return folder;
    }

    String namespace() {
        return namespace;
    }

    @Override
    public void close() {
        Engine.Outcome ours = Engine.run(folder, "docker", "ps", "-aq", "--filter", "name=^" + namespace + "-");
        ours.words().lines().forEach(id -> Engine.run(folder, "docker", "rm", "--force", id));
        Engine.Outcome kept =
                Engine.run(folder, "docker", "volume", "ls", "-q", "--filter", "name=^" + namespace + "-");
        kept.words().lines().forEach(volume -> Engine.run(folder, "docker", "volume", "rm", volume));
        Engine.run(folder, "docker", "network", "rm", namespace);
        Engine.run(folder, "docker", "image", "rm", namespace + ":it");
    }
}
