package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where PgBouncer is.
 *
 * @param path the program
 * @param version such as {@code 1.18.0}
 * @param image what holds it; empty when this machine does
 */
record PgBouncerProgram(Path path, String version, Optional<String> image) {
    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)[.\\w]*");

    private static final PackageManager.Wanted PACKAGE =
            new PackageManager.Wanted("PgBouncer", "pgbouncer", "pgbouncer", Settings.PGBOUNCER);

    /** Finds PgBouncer, and installs it when the setting allows that and we are root. */
    static PgBouncerProgram find(Settings settings, Account account, Path cache, Progress progress) throws IOException {
        Optional<String> given = settings.get(Settings.PGBOUNCER);
        if (given.isPresent()) {
            return of(Path.of(given.get()))
                    .orElseThrow(() -> new TopologyException(given.get() + ", given by " + Settings.PGBOUNCER
                            + " (or the variable " + Settings.variable(Settings.PGBOUNCER) + "), is not PgBouncer"));
        }
        return PackageManager.findOrInstall(PACKAGE, PgBouncerProgram::search, settings, account, cache, progress);
    }

    /** Whether the version is at least {@code 1.minor}. */
    boolean isAtLeast(int minor) {
        Matcher matcher = Pattern.compile("(\\d+)\\.(\\d+)").matcher(version);
        return matcher.find()
                && (Integer.parseInt(matcher.group(1)) > 1 || Integer.parseInt(matcher.group(2)) >= minor);
    }

    private static Optional<PgBouncerProgram> search() {
        return PackageManager.places("pgbouncer")
                .flatMap(path -> of(path).stream())
                .findFirst();
    }

    private static Optional<PgBouncerProgram> of(Path path) {
        if (!Files.isExecutable(path)) {
            return Optional.empty();
        }
        Command.Result result = Command.run(VERSION_TIMEOUT, path.toString(), "--version");
        return result.succeeded()
                ? version(result.output()).map(version -> new PgBouncerProgram(path, version, Optional.empty()))
                : Optional.empty();
    }

    /** The program in an image: its path, and what it says of its version. */
    static PgBouncerProgram inImage(String image, Path path, String said) {
        return version(said)
                .map(version -> new PgBouncerProgram(path, version, Optional.of(image)))
                .orElseThrow(() -> new TopologyException(
                        "The image " + image + " holds no PgBouncer of a known version, but " + said));
    }

    private static Optional<String> version(String said) {
        Matcher version = VERSION.matcher(said);
        return version.find() ? Optional.of(version.group().substring("PgBouncer ".length())) : Optional.empty();
    }

    /** Where it came from, for people. */
    String origin() {
        return image.map(name -> "image " + name).orElse(path.toString());
    }
}
