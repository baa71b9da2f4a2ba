package io.sagaz.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Where {@code initdb} and {@code postgres} are.
 *
 * @param bin directory of the programs
 * @param version such as {@code 15.18}
 * @param origin where they came from, for people
 * @param image what holds them; empty when this machine does
 */
record PostgresPrograms(Path bin, String version, String origin, Optional<String> image) {
    static final int OLDEST = 14;
    static final int NEWEST = 18;

    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+\\.\\d+)");

    /** Programs that are on this machine. */
    PostgresPrograms(Path bin, String version, String origin) {
        this(bin, version, origin, Optional.empty());
    }

    /** Programs in an image: the path of one of them, and what that says of its version. */
    static PostgresPrograms inImage(String image, Path postgres, String said) {
        Matcher version = VERSION.matcher(said);
        Path bin = postgres.getParent();
        if (bin == null || !version.find()) {
            throw new TopologyException("The image " + image + " holds no PostgreSQL of a known version, but " + said);
        }
        return new PostgresPrograms(bin, version.group(1), "image " + image, Optional.of(image));
    }

    int major() {
        return Integer.parseInt(version.substring(0, version.indexOf('.')));
    }

    String initdb() {
        return bin.resolve("initdb").toString();
    }

    String postgres() {
        return bin.resolve("postgres").toString();
    }

    /** The major version that the settings ask for. */
    static OptionalInt asked(Settings settings) {
        return settings.get(Settings.POSTGRES).stream()
                .mapToInt(value -> {
                    if (!value.matches("\\d{1,3}")
                            || Integer.parseInt(value) < OLDEST
                            || Integer.parseInt(value) > NEWEST) {
                        throw new TopologyException(Settings.POSTGRES + " (or the variable "
                                + Settings.variable(Settings.POSTGRES) + ") must be a major version of PostgreSQL from "
                                + OLDEST + " to " + NEWEST + ", or not be set, but is " + value);
                    }
                    return Integer.parseInt(value);
                })
                .findFirst();
    }

    /**
     * The programs installed on this machine: those of the asked major version, else the newest that is supported.
     * A directory given by the setting comes before all others.
     */
    static Optional<PostgresPrograms> installed(OptionalInt major, Settings settings) {
        Optional<String> given = settings.get(Settings.POSTGRES_BIN);
        if (given.isPresent()) {
            PostgresPrograms programs = in(Path.of(given.get()))
                    .orElseThrow(() -> new TopologyException("No initdb and postgres of a known version in "
                            + given.get() + ", the directory given by " + Settings.POSTGRES_BIN + " (or the variable "
                            + Settings.variable(Settings.POSTGRES_BIN) + ")"));
            if (programs.suits(major)) {
                return Optional.of(programs);
            }
        }
        return directories().stream()
                .flatMap(directory -> in(directory).stream())
                .filter(programs -> programs.suits(major))
                .max(Comparator.comparingInt(PostgresPrograms::major));
    }

    static Optional<PostgresPrograms> in(Path directory) {
        Path postgres = directory.resolve("postgres");
        if (!Files.isExecutable(postgres) || !Files.isExecutable(directory.resolve("initdb"))) {
            return Optional.empty();
        }
        Command.Result result = Command.run(VERSION_TIMEOUT, postgres.toString(), "--version");
        Matcher version = VERSION.matcher(result.output());
        return result.succeeded() && version.find()
                ? Optional.of(
                        new PostgresPrograms(directory, version.group(1), "programs on this machine: " + directory))
                : Optional.empty();
    }

    boolean suits(OptionalInt asked) {
        return asked.isPresent() ? major() == asked.getAsInt() : major() >= OLDEST && major() <= NEWEST;
    }

    private static List<Path> directories() {
        List<Path> directories = new ArrayList<>();
        Command.onPath("postgres").map(Path::getParent).ifPresent(directories::add);
        IntStream.rangeClosed(OLDEST, NEWEST)
                .boxed()
                .sorted(Comparator.reverseOrder())
                .flatMap(major -> List.of(
                        "/usr/lib/postgresql/" + major + "/bin",
                        "/usr/pgsql-" + major + "/bin",
                        "/usr/libexec/postgresql" + major,
                        "/opt/homebrew/opt/postgresql@" + major + "/bin",
                        "/usr/local/opt/postgresql@" + major + "/bin",
                        "/Library/PostgreSQL/" + major + "/bin",
                        "/Applications/Postgres.app/Contents/Versions/" + major + "/bin")
                        .stream())
                .map(Path::of)
                .forEach(directories::add);
        return directories;
    }
}
