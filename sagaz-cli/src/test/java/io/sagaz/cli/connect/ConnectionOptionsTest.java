package io.sagaz.cli.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.CliRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ConnectionOptionsTest {
    private static final String URL = "jdbc:postgresql://h:6432/sagaz";
    private static final Map<String, String> LOGIN = Map.of("SAGAZ_DB_USER", "app", "SAGAZ_DB_PASSWORD", "geheim");

    @TempDir
    private Path directory;

    @Command
    private static final class Bare implements Runnable {
        @Mixin
        private final ConnectionOptions options;

        private @Nullable Deployment deployment;

        Bare(Map<String, String> environment) {
            options = new ConnectionOptions(environment);
        }

        @Override
        public void run() {
            deployment = options.deployment();
        }
    }

    private static Deployment parse(Map<String, String> environment, String... arguments) {
        Bare bare = new Bare(environment);
        CommandLine line = new CommandLine(bare);
        line.setExecutionExceptionHandler((failure, command, result) -> {
            throw failure;
        });
        line.setParameterExceptionHandler((mistake, given) -> {
            throw mistake;
        });
        line.execute(arguments);
        return Optional.ofNullable(bare.deployment).orElseThrow();
    }

    private static String mistake(Map<String, String> environment, String... arguments) {
        List<String> all = new ArrayList<>(List.of("status"));
        all.addAll(List.of(arguments));
        CliRun run = CliRun.in(environment).run(all.toArray(String[]::new));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        return run.words();
    }

    private static Map<String, String> login(String... more) {
        Map<String, String> environment = new HashMap<>(LOGIN);
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }

    @Test
    void anOptionGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Path file = Files.writeString(directory.resolve("prod.env"), """
                # of production
                SAGAZ_STORAGE_URL=jdbc:postgresql://file:1/sagaz
                export SAGAZ_ANALYTICS_URL="jdbc:postgresql://file:2/sagaz"
                SAGAZ_SCHEMA='orders'
                """);

        Deployment deployment = parse(
                login("SAGAZ_ANALYTICS_URL", "jdbc:postgresql://environment:2/sagaz", "SAGAZ_SCHEMA", "shop"),
                "--env-file",
                file.toString(),
                "--schema",
                "audit");

        assertThat(deployment.rw()).map(Way::address).contains("file:1");
        assertThat(deployment.ro()).map(Way::address).contains("environment:2");
        assertThat(deployment.schema()).isEqualTo("audit");
        assertThat(deployment.login()).isEqualTo(new Login("app", "geheim", "SAGAZ_DB_PASSWORD"));
        assertThat(deployment.consoleLogin()).isEqualTo(deployment.login());
    }

    @Test
    void severalReplicasAndConsolesAreGivenOnceEach() {
        Deployment options = parse(
                login(),
                "--rw-url",
                URL,
                "--replica-url",
                "jdbc:postgresql://a/s",
                "--replica-url",
                "jdbc:postgresql://b/s");
        Deployment variables = parse(
                login(
                        "SAGAZ_REPLICA_URLS",
                        "jdbc:postgresql://a/s  jdbc:postgresql://b/s",
                        "SAGAZ_PGBOUNCER_URLS",
                        "jdbc:postgresql://p:6432/anything?ssl=true"),
                "--rw-url",
                URL);

        assertThat(options.replicas()).extracting(Way::address).containsExactly("a:5432", "b:5432");
        assertThat(variables.replicas()).extracting(Way::address).containsExactly("a:5432", "b:5432");
        assertThat(variables.consoles()).extracting(Way::url).containsExactly("jdbc:postgresql://p:6432/pgbouncer");
    }

    @Test
    void urlsOfLibpqAreUnderstood() {
        assertThat(parse(login(), "--rw-url", "postgresql://h:6432/sagaz?prepareThreshold=0")
                        .rw())
                .map(Way::url)
                .contains(URL + "?prepareThreshold=0");
    }

    @Test
    void passwordsComeFromTheEnvironmentOrAFileOfTheirOwn() throws IOException {
        Path file = Files.writeString(directory.resolve("password"), "aus der Datei\n");

        assertThat(parse(Map.of("PGUSER", "me", "PGPASSWORD", "pg"), "--rw-url", URL)
                        .login())
                .isEqualTo(new Login("me", "pg", "PGPASSWORD"));
        assertThat(parse(login(), "--rw-url", URL, "--password-file", file.toString())
                        .login())
                .isEqualTo(new Login("app", "aus der Datei", "--password-file " + file));
        assertThat(parse(login("SAGAZ_PGBOUNCER_PASSWORD", "konsole"), "--rw-url", URL, "--pgbouncer-user", "stats")
                        .consoleLogin())
                .isEqualTo(new Login("stats", "konsole", "SAGAZ_PGBOUNCER_PASSWORD"));
    }

    @Test
    void textsHaveNoPassword() {
        assertThat(parse(login(), "--rw-url", URL + "?sslpassword=geheim").toString())
                .doesNotContain("geheim");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:postgresql://app:geheim@h/s | must not carry a user or password",
                "postgresql://app:geheim@h/s | must not carry a user or password",
                "jdbc:postgresql://h/s?user=app&password=geheim | must not carry a user or password",
                "jdbc:mysql://h/s?password=geheim | must look like jdbc:postgresql://host:port/database",
                "h:6432 | must look like jdbc:postgresql://host:port/database",
            })
    void aUrlThatIsNoneOrTellsSecretsIsNamedWithoutThem(String url, String message) {
        assertThat(mistake(LOGIN, "--rw-url", url))
                .contains("--rw-url " + message)
                .contains("Try: sagaz status --help")
                .doesNotContain("geheim");
        assertThat(mistake(login("SAGAZ_STORAGE_URL", url)))
                .contains("SAGAZ_STORAGE_URL " + message)
                .doesNotContain("geheim");
    }

    @Test
    void whatIsMissingIsNamedWithItsVariable() {
        assertThat(mistake(LOGIN)).contains("give --rw-url (or set SAGAZ_STORAGE_URL), or --primary-url");
        assertThat(mistake(Map.of(), "--rw-url", URL)).contains("give --user, or set SAGAZ_DB_USER");
        assertThat(mistake(Map.of(), "--rw-url", URL, "--user", "app"))
                .contains("set SAGAZ_DB_PASSWORD or PGPASSWORD, or give --password-file");
        assertThat(mistake(LOGIN, "--rw-url", URL, "--pgbouncer-user", "stats"))
                .contains("No password for --pgbouncer-user stats: set SAGAZ_PGBOUNCER_PASSWORD");
    }

    @Test
    void filesThatDoNotDoAreNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("broken.env"), "geheim\n");
        Path empty = Files.writeString(directory.resolve("empty"), "");

        assertThat(mistake(LOGIN, "--env-file", "/nowhere.env")).contains("--env-file /nowhere.env does not exist");
        assertThat(mistake(LOGIN, "--env-file", file.toString()))
                .contains("must hold lines NAME=value")
                .doesNotContain("geheim");
        assertThat(mistake(LOGIN, "--rw-url", URL, "--password-file", empty.toString()))
                .contains("must have the password in its first line");
        assertThat(mistake(LOGIN, "--rw-url", URL, "--schema", "Orders"))
                .contains("--schema must be lower-case letters, digits and underscores, at most 41, but is Orders");
    }
}
