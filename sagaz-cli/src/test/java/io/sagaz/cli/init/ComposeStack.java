package io.sagaz.cli.init;

import io.sagaz.testkit.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** A deployment made by {@code sagaz init} and brought up with Compose; gone, with its data, when it is closed. */
public final class ComposeStack implements AutoCloseable {
    private static final Set<String> OF_PATRONI = Set.of("patroni", "etcd", "haproxy");

    private final Path folder;
    private final Path home;
    private final boolean patroni;
    private final Map<String, String> images;
    private final String project =
            "sagaz-it-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 30), 36);

    private ComposeStack(Path folder, Path home, boolean patroni, Map<String, String> images) {
        this.folder = folder;
        this.home = home;
        this.patroni = patroni;
        this.images = images;
    }

    /** Makes the files, and starts nothing. */
    public static ComposeStack in(Path empty, String... more) throws IOException {
        Map<String, String> images = Engine.requireImages();
        ComposeStack stack = new ComposeStack(
                Files.createDirectory(empty.resolve("stack")),
                empty.resolve("home"),
                List.of(more).contains("patroni"),
                images);
        pack(stack.home);
        stack.init(more);
        return stack;
    }

    /** Runs {@code sagaz init} with the images and with free ports; those of {@code .env}, the next time. */
    public void init(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--with-ha", "--force", "--dir", folder.toString()));
        arguments.addAll(List.of("--project", project, "--sagaz-home", home.toString()));
        images.forEach((name, image) -> {
            // What SelfhostIT runs on; what goes with Patroni only.
            if (!name.equals("host") && (patroni || !OF_PATRONI.contains(name))) {
                arguments.addAll(List.of("--" + name + "-image", image));
            }
        });
        if (!Files.exists(folder.resolve(".env"))) {
            for (Setting setting : Setting.values()) {
                if (setting.label().equals("PORT")) {
                    arguments.addAll(List.of(setting.option(), Integer.toString(freePort())));
                }
            }
        }
        arguments.addAll(List.of(more));
        if (InitCommand.commandLine().execute(arguments.toArray(new String[0])) != 0) {
            throw new AssertionError("sagaz init failed: " + arguments);
        }
    }

    /** Runs Compose here, and fails if it does. */
    public String compose(String... arguments) {
        Engine.Outcome outcome = tryCompose(arguments);
        if (outcome.status() != 0) {
            throw new AssertionError("docker compose " + String.join(" ", arguments) + ": " + outcome.words() + "\n"
                    + Engine.run(folder, "docker", "compose", "logs", "--tail", "15")
                            .words());
        }
        return outcome.words();
    }

    /** Runs Compose here. */
    public Engine.Outcome tryCompose(String... arguments) {
        return Engine.run(
                folder,
                Stream.concat(Stream.of("docker", "compose"), Stream.of(arguments))
                        .toList());
    }

    /** Runs docker on the container of a service: the name comes last. */
    public void docker(String service, String... arguments) {
        Engine.Outcome outcome = Engine.run(
                folder,
                Stream.of(Stream.of("docker"), Stream.of(arguments), Stream.of(container(service)))
                        .flatMap(each -> each)
                        .toList());
        if (outcome.status() != 0) {
            throw new AssertionError("docker " + String.join(" ", arguments) + " " + service + ": " + outcome.words());
        }
    }

    /** Kills the program of a service, which the engine then starts again; where that is not allowed, starts it here. */
    public void crash(String service) {
        String process = Engine.run(folder, "docker", "inspect", "--format", "{{.State.Pid}}", container(service))
                .words()
                .strip();
        if (Engine.run(folder, "kill", "-9", process).status() != 0) {
            docker(service, "kill");
            docker(service, "start");
        }
    }

    /** One answer of a server, as its superuser. */
    public String sql(String service, String sql) {
        return compose("exec", "-T", service, "psql", "-XAtq", "-U", "postgres", "-d", "sagaz", "-c", sql)
                .strip();
    }

    /** What Compose says of the health of a service. */
    public String health(String service) {
        return Engine.run(
                        folder,
                        "docker",
                        "inspect",
                        "--format",
                        "{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}",
                        container(service))
                .words()
                .strip();
    }

    /** The names of the containers that stay. */
    public List<String> services() {
        return compose("ps", "--services").lines().sorted().toList();
    }

    public Path folder() {
        return folder;
    }

    public String network() {
        return project + "_default";
    }

    public String volume(String service) {
        return project + "_" + service;
    }

    private String container(String service) {
        return project + "-" + service + "-1";
    }

    /** Waits, with a name for what it waits for. */
    public static void await(String what, BooleanSupplier condition) {
        Await.until(what, Duration.ofMinutes(3), condition::getAsBoolean);
    }

    @Override
    public void close() {
        compose("--profile", "monitoring", "down", "--volumes", "--remove-orphans", "--timeout", "5");
    }

    /** Puts this class path where the migration job looks for the jars of Sagaz. */
    static void pack(Path home) throws IOException {
        Path lib = Files.createDirectories(home.resolve("lib"));
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            // Beside what it needs, as in a release: here those are classes, and libraries.
            Path jar = (Files.isDirectory(path) ? home : lib).resolve(number++ + ".jar");
            if (Files.isRegularFile(path)) {
                Files.copy(path, jar);
            } else if (!entry.isEmpty()
                    && Files.isDirectory(path)
                    && ToolProvider.findFirst("jar")
                                    .orElseThrow()
                                    .run(System.out, System.err, "cf", jar.toString(), "-C", entry, ".")
                            != 0) {
                throw new IOException("Cannot pack " + entry);
            }
        }
        // The job runs as nobody.
        try (Stream<Path> all = Files.walk(home)) {
            for (Path each : all.toList()) {
                Files.setPosixFilePermissions(
                        each, PosixFilePermissions.fromString(Files.isDirectory(each) ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
