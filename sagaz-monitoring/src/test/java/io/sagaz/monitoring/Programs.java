package io.sagaz.monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The programs that tests run: from the directory in {@code SAGAZ_MONITORING_PROGRAMS}, else from this machine, else from the
 * packages of Debian 13, which are unpacked below {@code target} and need no root and no installation. Debian 12 has a
 * pgbouncer_exporter, too, but of others, and it fails on every PgBouncer since 1.8.
 */
enum Programs {
    PROMTOOL("promtool", "promtool", "promtool, version"),
    PROMETHEUS("prometheus", "prometheus", "prometheus, version"),
    POSTGRES_EXPORTER("prometheus-postgres-exporter", "prometheus-postgres-exporter", "postgres_exporter, version"),
    PGBOUNCER_EXPORTER("prometheus-pgbouncer-exporter", "prometheus-pgbouncer-exporter", "pgbouncer_exporter, version");

    private static final String SETTING = "SAGAZ_MONITORING_PROGRAMS";
    private static final Path UNPACKED = Path.of("target", "programs").toAbsolutePath();
    private static final String SUITE = "trixie";

    private final String program;
    private final String debianPackage;
    private final String saysOfItself;

    Programs(String program, String debianPackage, String saysOfItself) {
        this.program = program;
        this.debianPackage = debianPackage;
        this.saysOfItself = saysOfItself;
    }

    /** What a command left behind. */
    record Result(int exitStatus, String output) {}

    /** Where the program is. */
    synchronized Path path() throws IOException {
        List<Path> places = new ArrayList<>();
        Optional.ofNullable(System.getenv(SETTING)).ifPresent(directory -> places.add(Path.of(directory, program)));
        for (String directory : System.getenv("PATH").split(":", -1)) {
            places.add(Path.of(directory, program));
        }
        Path unpacked = UNPACKED.resolve("root/usr/bin").resolve(program);
        places.add(unpacked);
        for (Path place : places) {
            if (isIt(place)) {
                return place;
            }
        }
        fetch();
        if (!isIt(unpacked)) {
            throw missing("the package of Debian " + SUITE + " has no such program");
        }
        return unpacked;
    }

    private boolean isIt(Path place) throws IOException {
        if (!Files.isExecutable(place) || Files.isDirectory(place)) {
            return false;
        }
        Result result = run(List.of(place.toString(), "--version"));
        return result.exitStatus() == 0 && result.output().contains(saysOfItself);
    }

    /** With lists and a cache of our own: the machine stays as it is. */
    private void fetch() throws IOException {
        if (!Boolean.getBoolean("sagaz.testkit.install")) {
            throw missing("sagaz.testkit.install is not true, so that it is not fetched");
        }
        Path lists = Files.createDirectories(UNPACKED.resolve("lists/partial"));
        Files.createDirectories(UNPACKED.resolve("cache/archives/partial"));
        Path configuration = UNPACKED.resolve("apt.conf");
        Files.writeString(
                UNPACKED.resolve("sources.list"),
                "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " + mirror() + " " + SUITE + " main\n");
        Files.writeString(configuration, """
            Dir::Etc::sourcelist "%1$s/sources.list";
            Dir::Etc::sourceparts "-";
            Dir::State::lists "%1$s/lists";
            Dir::Cache "%1$s/cache";
            APT::Sandbox::User "";
            """.formatted(UNPACKED));
        if (!Files.exists(lists.resolveSibling("done"))) {
            require(apt(configuration, "apt-get", "update", "-q"));
            Files.createFile(lists.resolveSibling("done"));
        }
        require(apt(configuration, "apt-get", "download", "-q", debianPackage));
        try (var packages = Files.newDirectoryStream(UNPACKED, debianPackage + "_*.deb")) {
            for (Path each : packages) {
                require(run(List.of(
                        "dpkg", "-x", each.toString(), UNPACKED.resolve("root").toString())));
            }
        }
    }

    /** That of this machine, whatever it is called. */
    private String mirror() throws IOException {
        Result sites = run(List.of("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"));
        return sites.output()
                .lines()
                .filter(site -> site.endsWith("/debian"))
                .findFirst()
                .orElseThrow(() -> missing("this is not a Debian whose packages could be taken"));
    }

    private static Result apt(Path configuration, String... command) throws IOException {
        return run(List.of(command), Map.of("APT_CONFIG", configuration.toString()), UNPACKED);
    }

    private void require(Result result) {
        if (result.exitStatus() != 0) {
            throw missing("its package could not be fetched:\n" + result.output());
        }
    }

    private IllegalStateException missing(String why) {
        return new IllegalStateException(program + " is not on this machine, and " + why + ". Install the package "
                + debianPackage + " of Debian 13 or later, or give the directory with it in " + SETTING);
    }

    /** Runs a command to its end. */
    static Result run(List<String> command) throws IOException {
        return run(command, Map.of(), Path.of("").toAbsolutePath());
    }

    private static Result run(List<String> command, Map<String, String> environment, Path directory)
            throws IOException {
        Path output = Files.createTempFile("sagaz-", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return new Result(-1, Files.readString(output) + "\n(stopped after 5 minutes)");
            }
            return new Result(process.exitValue(), Files.readString(output));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for " + command, e);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
