package io.sagaz.cli.connect;

import io.sagaz.cli.connect.Settings.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say where a deployment is. Each is a variable of the environment too, or a line of a file. */
public final class ConnectionOptions {
    private static final String DEFAULT_SCHEMA = "public";
    /** Behind the options that only one command has. */
    private static final int ORDER = 1;

    private final Map<String, String> environment;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before it parses.
    private CommandSpec command;

    @Option(
            names = "--rw-url",
            order = ORDER,
            paramLabel = "URL",
            description = "PgBouncer-RW, for example jdbc:postgresql://host:6432/sagaz?prepareThreshold=0."
                    + " Variable: SAGAZ_STORAGE_URL.")
    private @Nullable String rw;

    @Option(
            names = "--ro-url",
            order = ORDER,
            paramLabel = "URL",
            description = "PgBouncer-RO, for example jdbc:postgresql://host:6433/sagaz. Variable: SAGAZ_ANALYTICS_URL.")
    private @Nullable String ro;

    @Option(
            names = "--primary-url",
            order = ORDER,
            paramLabel = "URL",
            description = "The primary itself, past the poolers. Variable: SAGAZ_PRIMARY_URL.")
    private @Nullable String primary;

    @Option(
            names = "--replica-url",
            order = ORDER,
            paramLabel = "URL",
            description = "A replica itself; once for each. Variable: SAGAZ_REPLICA_URLS, with spaces in between.")
    private List<String> replicas = new ArrayList<>();

    @Option(
            names = "--pgbouncer-url",
            order = ORDER,
            paramLabel = "URL",
            description =
                    "The admin console of a pooler, for example jdbc:postgresql://host:6432/pgbouncer; once for each."
                            + " Variable: SAGAZ_PGBOUNCER_URLS.")
    private List<String> consoles = new ArrayList<>();

    @Option(names = "--user", order = ORDER, paramLabel = "ROLE", description = "Variable: SAGAZ_DB_USER, else PGUSER.")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            order = ORDER,
            paramLabel = "FILE",
            description =
                    "A file whose first line is the password. Else it comes from SAGAZ_DB_PASSWORD or PGPASSWORD.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--pgbouncer-user",
            order = ORDER,
            paramLabel = "ROLE",
            description = "Who may look at the consoles, with the password in SAGAZ_PGBOUNCER_PASSWORD. Variable:"
                    + " SAGAZ_PGBOUNCER_USER. Default: the same role and password as for the servers.")
    private @Nullable String consoleUser;

    @Option(
            names = "--schema",
            order = ORDER,
            paramLabel = "NAME",
            description = "Where the tables are. Variable: SAGAZ_SCHEMA. Default: public.")
    private @Nullable String schema;

    @Option(
            names = "--env-file",
            order = ORDER,
            paramLabel = "FILE",
            description =
                    "A file of lines NAME=value with such variables. An option goes before the environment, and that"
                            + " before the file.")
    private @Nullable Path envFile;

    /** In this environment. */
    public ConnectionOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * What the options, the environment and the file come to.
     *
     * @throws ParameterException if there is no way to the primary, no role or no password, or one of them is not as it must be
     */
    public Deployment deployment() {
        try {
            Settings settings = Settings.of(environment, envFile);
            Optional<Way> writes = way(settings, "--rw-url", rw, "SAGAZ_STORAGE_URL");
            Optional<Way> direct = way(settings, "--primary-url", primary, "SAGAZ_PRIMARY_URL");
            if (writes.isEmpty() && direct.isEmpty()) {
                throw new IllegalArgumentException("No way to the primary: give --rw-url (or set SAGAZ_STORAGE_URL), or"
                        + " --primary-url (SAGAZ_PRIMARY_URL)");
            }
            Login login = login(settings);
            return new Deployment(
                    writes,
                    way(settings, "--ro-url", ro, "SAGAZ_ANALYTICS_URL"),
                    direct,
                    ways(settings, "--replica-url", replicas, "SAGAZ_REPLICA_URLS"),
                    ways(settings, "--pgbouncer-url", consoles, "SAGAZ_PGBOUNCER_URLS").stream()
                            .map(ConnectionOptions::toConsole)
                            .toList(),
                    login,
                    consoleLogin(settings, login),
                    checkedSchema(settings.find("--schema", schema, "SAGAZ_SCHEMA")));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<Way> way(Settings settings, String option, @Nullable String value, String name) {
        return settings.find(option, value, name).map(setting -> Urls.way(setting.name(), setting.value()));
    }

    private static List<Way> ways(Settings settings, String option, List<String> values, String name) {
        if (!values.isEmpty()) {
            return values.stream().map(value -> Urls.way(option, value)).toList();
        }
        return settings.find(option, null, name).stream()
                .flatMap(setting ->
                        Stream.of(setting.value().strip().split("\\s+")).map(value -> Urls.way(setting.name(), value)))
                .toList();
    }

    /** The console is a database of its own name, whatever else the URL says. */
    private static Way toConsole(Way way) {
        return new Way(way.setting(), "jdbc:postgresql://" + way.address() + "/pgbouncer");
    }

    private Login login(Settings settings) {
        Setting role = settings.find("--user", user, "SAGAZ_DB_USER")
                .or(() -> settings.find("--user", null, "PGUSER"))
                .orElseThrow(
                        () -> new IllegalArgumentException("No role to log in as: give --user, or set SAGAZ_DB_USER"));
        Setting password = password(settings);
        return new Login(role.value(), password.value(), password.name());
    }

    private Setting password(Settings settings) {
        if (passwordFile != null) {
            return Settings.text("--password-file", passwordFile)
                    .lines()
                    .findFirst()
                    .filter(line -> !line.isEmpty())
                    .map(line -> new Setting("--password-file " + passwordFile, line))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--password-file " + passwordFile + " must have the password in its first line"));
        }
        return settings.find("--password-file", null, "SAGAZ_DB_PASSWORD")
                .or(() -> settings.find("--password-file", null, "PGPASSWORD"))
                .orElseThrow(() -> new IllegalArgumentException(
                        "No password: set SAGAZ_DB_PASSWORD or PGPASSWORD, or give --password-file"));
    }

    private Login consoleLogin(Settings settings, Login login) {
        String name = settings.find("--pgbouncer-user", consoleUser, "SAGAZ_PGBOUNCER_USER")
                .map(Setting::value)
                .orElse(login.user());
        Optional<Setting> own = settings.find("", null, "SAGAZ_PGBOUNCER_PASSWORD");
        if (own.isEmpty() && !name.equals(login.user())) {
            throw new IllegalArgumentException(
                    "No password for --pgbouncer-user " + name + ": set SAGAZ_PGBOUNCER_PASSWORD");
        }
        return own.map(password -> new Login(name, password.value(), password.name()))
                .orElseGet(() -> new Login(name, login.password(), login.passwordSetting()));
    }

    private static String checkedSchema(Optional<Setting> given) {
        given.ifPresent(setting -> {
            if (!setting.value().matches("[a-z_][a-z0-9_]{0,40}")) {
                throw new IllegalArgumentException(setting.name()
                        + " must be lower-case letters, digits and underscores, at most 41, but is "
                        + setting.value());
            }
        });
        return given.map(Setting::value).orElse(DEFAULT_SCHEMA);
    }
}
