package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where PgBouncer is.
 *
 * @param path the program
 * @param version such as {@code 1.18.0}
 */
record PgBouncerProgram(Path path, String version) {
    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(5);
    private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)[.\\w]*");

    private static final List<String> USUAL_PLACES = List.of(
            "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin");

    /** Finds PgBouncer, and installs it when the setting allows that and we are root. */
    static PgBouncerProgram find(Settings settings, Account account, Path cache, Progress progress) throws IOException {
        Optional<String> given = settings.get(Settings.PGBOUNCER);
        if (given.isPresent()) {
            return of(Path.of(given.get()))
                    .orElseThrow(() -> new TopologyException(given.get() + ", given by " + Settings.PGBOUNCER
                            + " (or the variable " + Settings.variable(Settings.PGBOUNCER) + "), is not PgBouncer"));
        }
        Optional<PgBouncerProgram> found = search();
        if (found.isPresent()) {
            return found.get();
        }
        Optional<Installer> installer = Installer.ofThisMachine();
        if (installer.isPresent()
                && account.ownUid() == 0
                && settings.get(Settings.INSTALL).filter("true"::equals).isPresent()) {
            return new FileMutex(cache.resolve("install.lock")).holding(() -> {
                Optional<PgBouncerProgram> meanwhile = search();
                if (meanwhile.isPresent()) {
                    return meanwhile.get();
                }
                installer.get().install(progress);
                return search().orElseThrow(() -> missing(installer));
            });
        }
        throw missing(installer);
    }

    /** Whether the version is at least {@code 1.minor}. */
    boolean isAtLeast(int minor) {
        Matcher matcher = Pattern.compile("(\\d+)\\.(\\d+)").matcher(version);
        return matcher.find()
                && (Integer.parseInt(matcher.group(1)) > 1 || Integer.parseInt(matcher.group(2)) >= minor);
    }

    private static TopologyException missing(Optional<Installer> installer) {
        String command =
                installer.map(Installer::command).orElse("brew install pgbouncer, or the package of your system");
        return new TopologyException("PgBouncer is not installed. Install it with: " + command
                + " (as root, the system property " + Settings.INSTALL + "=true does that), or give its path in "
                + Settings.variable(Settings.PGBOUNCER));
    }

    private static Optional<PgBouncerProgram> search() {
        return Stream.concat(
                        Command.onPath("pgbouncer").stream(),
                        USUAL_PLACES.stream().map(directory -> Path.of(directory, "pgbouncer")))
                .flatMap(path -> of(path).stream())
                .findFirst();
    }

    private static Optional<PgBouncerProgram> of(Path path) {
        if (!Files.isExecutable(path)) {
            return Optional.empty();
        }
        Command.Result result = Command.run(VERSION_TIMEOUT, path.toString(), "--version");
        Matcher version = VERSION.matcher(result.output());
        return result.succeeded() && version.find()
                ? Optional.of(new PgBouncerProgram(path, version.group().substring("PgBouncer ".length())))
                : Optional.empty();
    }

    /** The package managers that can install PgBouncer. */
    private enum Installer {
        APT("apt-get", "apt-get update && apt-get install -y --no-install-recommends pgbouncer"),
        DNF("dnf", "dnf install -y pgbouncer"),
        APK("apk", "apk add pgbouncer");

        private static final Path POLICY = Path.of("/usr/sbin/policy-rc.d");

        private final String program;
        private final String commands;

        Installer(String program, String commands) {
            this.program = program;
            this.commands = commands;
        }

        static Optional<Installer> ofThisMachine() {
            return Stream.of(values())
                    .filter(installer -> Command.onPath(installer.program).isPresent())
                    .findFirst();
        }

        String command() {
            return commands;
        }

        void install(Progress progress) throws IOException {
            boolean hold = this == APT && !Files.exists(POLICY);
            progress.announce("Installing PgBouncer on this machine: " + command()
                    + (hold ? " (with a temporary " + POLICY + ", so that its service is not started)" : ""));
            if (hold) {
                Files.createFile(
                        POLICY, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
            try {
                if (hold) {
                    // 101 is "action forbidden by policy": packages then leave their services stopped.
                    Files.writeString(POLICY, "#!/bin/sh\nexit 101\n");
                }
                for (String command : commands.split(" && ", -1)) {
                    Command.Result result = Command.run(
                            INSTALL_TIMEOUT,
                            List.of(command.split(" ", -1)),
                            Optional.empty(),
                            Map.of("DEBIAN_FRONTEND", "noninteractive"));
                    if (!result.succeeded()) {
                        throw new TopologyException("Cannot install PgBouncer: " + command + " ended with exit status "
                                + result.exitStatus() + ". It said:\n" + result.end());
                    }
                }
            } finally {
                if (hold) {
                    Files.deleteIfExists(POLICY);
                }
            }
        }
    }
}
