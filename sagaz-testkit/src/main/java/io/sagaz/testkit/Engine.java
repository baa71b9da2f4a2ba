package io.sagaz.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The container engine that Testcontainers finds. Thread-safe. */
final class Engine {
    private static final String HOME = "io.sagaz.testkit.home";
    private static final long SHARED_MEMORY = 256L << 20;

    /** Its output goes to the log from within, for what a program said is there as soon as it has ended. */
    private static final String TO_LOG = "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1";

    private final DockerClient client;

    private Engine(DockerClient client) {
        this.client = client;
    }

    static Engine connect() {
        DockerClient client;
        Info info;
        try {
            client = Testcontainers.client();
            info = client.infoCmd().exec();
        } catch (TopologyException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new TopologyException(
                    ProgramSource.CONTAINERS.said()
                            + " needs a container engine on this machine, and Testcontainers has" + " none: "
                            + e.getMessage() + ". Start one, or name its socket in DOCKER_HOST",
                    e);
        }
        unfit(info).ifPresent(why -> {
            throw new TopologyException(ProgramSource.CONTAINERS.said()
                    + " needs a container engine that runs on this machine as root, but " + why
                    + ". Start another one, and name its socket in DOCKER_HOST");
        });
        return new Engine(client);
    }

    /** What an engine says of itself that keeps its containers from sharing users, files and addresses with this machine. */
    static Optional<String> unfit(Info info) {
        List<String> options = Optional.ofNullable(info.getSecurityOptions()).orElse(List.of());
        if (options.contains("name=rootless")) {
            return Optional.of("that of " + info.getName() + " is rootless");
        }
        if (options.contains("name=userns")) {
            return Optional.of("that of " + info.getName() + " gives other users to containers (userns-remap)");
        }
        if (String.valueOf(info.getOperatingSystem()).equals("Docker Desktop")) {
            return Optional.of("that of Docker Desktop runs in a virtual machine");
        }
        return Optional.empty();
    }

    /** Removes the containers of topologies below a workspace whose directories are gone: their JVMs were killed. */
    void removeOrphans(Path workspace) {
        for (Container container : client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(HOME))
                .exec()) {
            Path home = Path.of(container.getLabels().getOrDefault(HOME, ""));
            if (home.startsWith(workspace) && !Files.exists(home)) {
                remove(container.getId());
            }
        }
    }

    /** Makes sure that an image is here, pulls it if it is not, and returns its name, which may be that of a mirror. */
    String require(String image, String setting) {
        try {
            return Testcontainers.image(image);
        } catch (RuntimeException e) {
            throw new TopologyException(
                    "The image " + image + " cannot be had: " + e.getMessage() + ". Name another one in " + setting
                            + " (or the variable " + Settings.variable(setting) + ")",
                    e);
        }
    }

    /**
     * Starts a program in a container.
     *
     * @param program has an image
     * @param account the user
     * @param directory is at the same path inside
     * @param users what is {@code /etc/passwd} inside
     */
    Execution run(Children.Program program, Account account, Path directory, Path users) {
        String image = program.image()
                .orElseThrow(
                        () -> new TopologyException("No image holds " + program.name() + ", which is to run in one"));
        Map<String, String> labels = Testcontainers.labels();
        labels.put(HOME, directory.toString());
        HostConfig sharing = HostConfig.newHostConfig()
                .withNetworkMode("host")
                .withShmSize(SHARED_MEMORY)
                // Where SELinux is, it would keep the program from the directory.
                .withSecurityOpts(List.of("label=disable"))
                .withBinds(
                        new Bind(directory.toString(), new Volume(directory.toString())),
                        new Bind(users.toString(), new Volume("/etc/passwd"), AccessMode.ro));
        try {
            return start(client.createContainerCmd(image)
                    .withLabels(labels)
                    .withUser(account.uid() + ":" + account.gid())
                    .withWorkingDir(directory.toString())
                    .withEnv("LC_ALL=C")
                    .withEntrypoint("sh", "-c", TO_LOG, "sh", program.log().toString())
                    .withCmd(program.command())
                    .withHostConfig(sharing)
                    .exec()
                    .getId());
        } catch (DockerException e) {
            throw new TopologyException(
                    "Cannot start " + program.name() + " (" + program.purpose() + ") in a container of " + image + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private Execution start(String id) {
        boolean started = false;
        try {
            client.startContainerCmd(id).exec();
            started = true;
            return new ContainerExecution(client, id, () -> remove(id));
        } finally {
            if (!started) {
                remove(id);
            }
        }
    }

    private void remove(String id) {
        try {
            client.removeContainerCmd(id)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        } catch (NotFoundException e) {
            // Somebody else has removed it: it is gone.
        }
    }
}
