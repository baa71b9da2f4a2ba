package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Programs in images. What knows Testcontainers is behind {@link Engine}, for it may be missing. */
final class ContainerPrograms {
    static final String TESTCONTAINERS = "org.testcontainers:testcontainers:2.0.5";

    private static final String PGBOUNCER = "edoburu/pgbouncer:v1.25.1-p0";
    private static final String HERE = "here";
    private static final String NOT_OURS =
            ". Does the container engine run on this machine, as root, and see its files? It said:\n";
    private static final Duration PROBE = Duration.ofMinutes(1);

    private final Settings settings;
    private final Account account;
    private final Path workspace;
    private final Path cache;
    private final Engine engine;

    private ContainerPrograms(Settings settings, Account account, Path workspace, Path cache, Engine engine) {
        this.settings = settings;
        this.account = account;
        this.workspace = workspace;
        this.cache = cache;
        this.engine = engine;
    }

    static Programs find(Plan plan, Account account, Path workspace, Path cache) throws IOException {
        requireSupport(System.getProperty("os.name", ""), ContainerPrograms.class.getClassLoader());
        Engine engine = Engine.connect();
        ContainerPrograms images = new ContainerPrograms(plan.settings(), account, workspace, cache, engine);
        return new Programs(
                images.postgres(plan),
                images.pgbouncer(),
                home -> new ContainerLauncher(engine, account, workspace, home));
    }

    /** Fails unless the system and the classes are there. */
    static void requireSupport(String system, ClassLoader loader) {
        String wanted = ProgramSource.CONTAINERS.said();
        if (!system.toLowerCase(Locale.ROOT).startsWith("linux")) {
            throw new TopologyException(
                    wanted + " needs Linux, for the containers share this machine's network and files,"
                            + " but this is " + system + ": leave it unset");
        }
        try {
            Testcontainers.require(loader);
        } catch (ClassNotFoundException e) {
            throw new TopologyException(
                    wanted + " needs Testcontainers, which is not on the class path: add " + TESTCONTAINERS
                            + ", scope test (1.21.4 will do where a build has the line 1.x)",
                    e);
        }
    }

    private PostgresPrograms postgres(Plan plan) throws IOException {
        String standard = "postgres:" + plan.postgres().orElse(PostgresPrograms.NEWEST);
        Found found = look(settings.get(Settings.POSTGRES_IMAGE).orElse(standard), "postgres", Settings.POSTGRES_IMAGE);
        PostgresPrograms programs = PostgresPrograms.inImage(found.image(), found.path(), found.said());
        if (!programs.suits(plan.postgres())) {
            String wanted = plan.postgres().isPresent()
                    ? "PostgreSQL " + plan.postgres().getAsInt()
                    : "PostgreSQL " + PostgresPrograms.OLDEST + " to " + PostgresPrograms.NEWEST;
            throw new TopologyException("The image " + found.image() + ", given by " + Settings.POSTGRES_IMAGE
                    + ", holds PostgreSQL " + programs.version() + ", but " + wanted + " is asked for");
        }
        return programs;
    }

    private PgBouncerProgram pgbouncer() throws IOException {
        Found found =
                look(settings.get(Settings.PGBOUNCER_IMAGE).orElse(PGBOUNCER), "pgbouncer", Settings.PGBOUNCER_IMAGE);
        return PgBouncerProgram.inImage(found.image(), found.path(), found.said());
    }

    /** Where a program is in an image, and what it says of its version. */
    private record Found(String image, Path path, String said) {}

    /** Runs a container that finds a program and asks it, and that answers through a file, as all of them will. */
    private Found look(String wanted, String program, String setting) throws IOException {
        String image = engine.require(wanted, setting);
        Path directory = Files.createTempDirectory(cache, "probe-");
        try {
            Files.setPosixFilePermissions(directory, account.passage());
            Path log = directory.resolve(program + ".log");
            int exitStatus = probe(image, program, directory, log);
            List<String> lines = Files.readAllLines(log);
            if (lines.isEmpty() || !lines.get(0).equals(HERE)) {
                throw new TopologyException("What a container of " + image + " writes does not arrive in " + directory
                        + NOT_OURS + Command.lastLines(String.join("\n", lines)));
            }
            if (lines.size() < 3 || exitStatus != 0) {
                throw new TopologyException("No " + program + " was found in the image " + image + ", given by "
                        + setting + ". A container ended with exit status " + exitStatus + " and said:\n"
                        + Command.lastLines(String.join("\n", lines.subList(1, lines.size()))));
            }
            return new Found(image, Path.of(lines.get(1)), lines.get(2));
        } finally {
            FileTree.delete(directory);
        }
    }

    private int probe(String image, String program, Path directory, Path log) throws IOException {
        String script = "echo " + HERE + "; for p in $(command -v " + program + ") /usr/lib/postgresql/*/bin/" + program
                + "; do p=$(readlink -f \"$p\"); echo \"$p\"; exec \"$p\" --version; done";
        Children.Program probe = new Children.Program(
                image, "looks for " + program, 0, "KILL", Optional.of(image), List.of("sh", "-c", script), log);
        try {
            Execution execution = new ContainerLauncher(engine, account, workspace, directory).launch(probe);
            if (!execution.endsWithin(PROBE)) {
                execution.kill();
            }
            return execution.exitStatus();
        } catch (TopologyException e) {
            throw new TopologyException("A container of " + image + " does not run" + NOT_OURS + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw Await.interrupted(e);
        }
    }
}
