package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The package managers that can install what a test needs. */
enum PackageManager {
    APT("apt-get", "apt-get update && apt-get install -y --no-install-recommends "),
    DNF("dnf", "dnf install -y "),
    APK("apk", "apk add ");

    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(5);
    private static final Path POLICY = Path.of("/usr/sbin/policy-rc.d");

    private static final List<String> USUAL_PLACES = List.of(
            "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin");

    private final String program;
    private final String commands;

    PackageManager(String program, String commands) {
        this.program = program;
        this.commands = commands;
    }

    /**
     * A program that comes with a package.
     *
     * @param name how messages call it
     * @param apt the package's name there
     * @param others the package's name elsewhere
     * @param setting gives the path of the program
     */
    record Wanted(String name, String apt, String others, String setting) {}

    /**
     * Finds a program, and installs its package when the setting allows that and we are root.
     *
     * @param search looks where the program may be, now
     * @throws TopologyException if the program is not there and cannot be installed; it says what to do
     */
    static <T> T findOrInstall(
            Wanted wanted,
            Supplier<Optional<T>> search,
            Settings settings,
            Account account,
            Path cache,
            Progress progress)
            throws IOException {
        Optional<T> found = search.get();
        if (found.isPresent()) {
            return found.get();
        }
        Optional<PackageManager> manager = ofThisMachine();
        if (manager.isPresent()
                && account.ownUid() == 0
                && settings.get(Settings.INSTALL).filter("true"::equals).isPresent()) {
            return new FileMutex(cache.resolve("install.lock")).holding(() -> {
                Optional<T> meanwhile = search.get();
                if (meanwhile.isPresent()) {
                    return meanwhile.get();
                }
                manager.get().install(wanted, progress);
                return search.get().orElseThrow(() -> missing(wanted, manager));
            });
        }
        throw missing(wanted, manager);
    }

    /** Where a program may be, best first. */
    static Stream<Path> places(String program) {
        return Stream.concat(
                Command.onPath(program).stream(), USUAL_PLACES.stream().map(directory -> Path.of(directory, program)));
    }

    private static TopologyException missing(Wanted wanted, Optional<PackageManager> manager) {
        String command = manager.map(each -> each.command(wanted))
                .orElse("brew install " + wanted.others() + ", or the package of your system");
        return new TopologyException(wanted.name() + " is not installed. Install it with: " + command
                + " (as root, the system property " + Settings.INSTALL + "=true does that), or give its path in "
                + Settings.variable(wanted.setting()));
    }

    private static Optional<PackageManager> ofThisMachine() {
        return Stream.of(values())
                .filter(manager -> Command.onPath(manager.program).isPresent())
                .findFirst();
    }

    private String command(Wanted wanted) {
        return commands + (this == APT ? wanted.apt() : wanted.others());
    }

    private void install(Wanted wanted, Progress progress) throws IOException {
        boolean hold = this == APT && !Files.exists(POLICY);
        progress.announce("Installing " + wanted.name() + " on this machine: " + command(wanted)
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
            for (String command : command(wanted).split(" && ", -1)) {
                Command.Result result = Command.run(
                        INSTALL_TIMEOUT,
                        List.of(command.split(" ", -1)),
                        Optional.empty(),
                        Map.of("DEBIAN_FRONTEND", "noninteractive"));
                if (!result.succeeded()) {
                    throw new TopologyException("Cannot install " + wanted.name() + ": " + command
                            + " ended with exit status " + result.exitStatus() + ". It said:\n" + result.end());
                }
            }
        } finally {
            if (hold) {
                Files.deleteIfExists(POLICY);
            }
        }
    }
}
