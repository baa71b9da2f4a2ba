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
 */
record PgBouncerProgram(Path path, String version) {
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
        Matcher version = VERSION.matcher(result.output());
        return result.succeeded() && version.find()
                ? Optional.of(new PgBouncerProgram(path, version.group().substring("PgBouncer ".length())))
                : Optional.empty();
    }
}
