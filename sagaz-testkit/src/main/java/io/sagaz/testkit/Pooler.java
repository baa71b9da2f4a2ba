package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One PgBouncer that can be started and killed again and again. Thread-safe. */
final class Pooler {
    static final String HOST = "127.0.0.1";
    static final String CONFIGURATION = "pgbouncer.ini";

    private static final Duration START = Duration.ofSeconds(30);
    private static final int STAGE = 1;

    private final Kind kind;
    private final Path home;
    private final Path directory;
    private final PgBouncerProgram program;
    private final Account account;
    private final Children children;
    private final Roles roles;
    private final Credentials probe;

    private final Set<String> databases = new ConcurrentSkipListSet<>(Set.of(Roles.DATABASE));
    private String target = "";
    private int port;
    private @Nullable Child child;

    /** What the two poolers differ in. */
    enum Kind {
        WRITES("PgBouncer-RW", "rw", "transaction", 25, 200, ""),
        READS(
                "PgBouncer-RO",
                "ro",
                "session",
                50,
                300,
                // Round robin: else the connection released last is taken first, and with it always the same replica.
                "server_reset_query = DISCARD ALL\nserver_round_robin = 1\n");

        private final String title;
        private final String directory;
        private final String mode;
        private final int poolSize;
        private final int clients;
        private final String more;

        Kind(String title, String directory, String mode, int poolSize, int clients, String more) {
            this.title = title;
            this.directory = directory;
            this.mode = mode;
            this.poolSize = poolSize;
            this.clients = clients;
            this.more = more;
        }

        String title() {
            return title;
        }
    }

    Pooler(
            Kind kind,
            Path home,
            PgBouncerProgram program,
            Account account,
            Children children,
            Roles roles,
            Credentials probe) {
        this.kind = kind;
        this.home = home;
        this.directory = home.resolve(kind.directory);
        this.program = program;
        this.account = account;
        this.children = children;
        this.roles = roles;
        this.probe = probe;
    }

    String title() {
        return kind.title;
    }

    String mode() {
        return kind.mode;
    }

    /** How many connections to servers it opens for one user at most. */
    int poolSize() {
        return kind.poolSize;
    }

    /** Whether a client keeps its connection to a server until it leaves. */
    boolean lendsSessions() {
        return kind == Kind.READS;
    }

    /** How many connections to servers clients of a user have at this moment. */
    int lent(String user) throws SQLException {
        try (Connection connection = console();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW POOLS")) {
            while (rows.next()) {
                if (rows.getString("database").equals(Roles.DATABASE)
                        && rows.getString("user").equals(user)) {
                    return rows.getInt("sv_active");
                }
            }
            return 0;
        }
    }

    synchronized int port() {
        return port;
    }

    String url() {
        return url(Roles.DATABASE);
    }

    String url(String database) {
        return Jdbc.url(HOST, port(), database);
    }

    Path log() {
        return home.resolve(kind.directory + ".log");
    }

    /** Lets a further database take part when it is {@linkplain #point led} to other servers. */
    void add(String database) {
        databases.add(database);
    }

    /** Forgets a database that is gone. */
    void remove(String database) {
        databases.remove(database);
    }

    /**
     * Prepares its directory.
     *
     * @param verifiers the users that may log in
     * @param servers what the configuration says of the servers behind it
     */
    synchronized void configure(String verifiers, String servers) throws IOException {
        account.newPrivateDirectory(directory);
        account.newPrivateFile(directory.resolve("users.txt"), verifiers);
        target = servers;
    }

    /** Starts it and waits until a login through it works. */
    synchronized void start(int onPort) throws IOException {
        if (isRunning()) {
            throw new IllegalStateException(kind.title + " is running already");
        }
        port = onPort;
        Path file = writeConfiguration();
        Child started = children.start(new Children.Program(
                kind.title + " " + program.version(),
                kind.mode + " pooling at " + HOST + ":" + onPort,
                STAGE,
                // Since 1.23 SIGTERM waits for clients and SIGINT for servers, but a second SIGINT ends it at once.
                // So would SIGQUIT, were it not blocked in every process that a JVM starts.
                program.isAtLeast(23) ? "INT" : "TERM",
                program.image(),
                List.of(program.path().toString(), file.toString()),
                log()));
        child = started;
        try {
            started.awaitReady(START, this::answers);
        } catch (TopologyException e) {
            throw PortTakenException.orElse(started, e);
        }
    }

    /** Starts it again where it was before, and waits until a login through it works. */
    synchronized void start() {
        try {
            start(port);
        } catch (PortTakenException e) {
            throw e.failure();
        } catch (IOException e) {
            throw new TopologyException("Cannot configure " + kind.title + ": " + e, e);
        }
    }

    private Path writeConfiguration() throws IOException {
        Path file = directory.resolve(CONFIGURATION);
        Files.deleteIfExists(file);
        return account.newPrivateFile(file, configuration());
    }

    /**
     * Leads it to other servers from now on, and waits until a login through it works. What is in use goes on: a session in
     * session mode, a transaction in transaction mode. One that is down takes the other way when it is started.
     */
    synchronized void point(String servers) {
        target = servers;
        if (isRunning()) {
            Child running = required();
            try {
                writeConfiguration();
                reload();
            } catch (IOException | SQLException e) {
                throw new TopologyException("Cannot lead " + kind.title + " to " + servers + ": " + e.getMessage(), e);
            }
            running.awaitReady(START, this::answers);
        }
    }

    /** Returns when the new configuration is in force: connections to servers that it does not name are closed when unused. */
    private void reload() throws SQLException {
        try (Connection connection = console()) {
            Jdbc.execute(connection, "RELOAD");
        }
    }

    /** Its console, for one question. */
    Connection ask() throws SQLException {
        return Jdbc.connectBriefly(consoleUrl(), roles.superuser());
    }

    /** Whether a login through it comes to a server that answers. */
    boolean leadsSomewhere() {
        try (Connection connection = Jdbc.connectBriefly(url(), probe)) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private Connection console() throws SQLException {
        return Jdbc.connectImpatiently(consoleUrl(), roles.superuser());
    }

    /** The driver asks questions at a login that the console does not answer, unless it thinks that it replicates. */
    private String consoleUrl() {
        DriverWarnings.leaveOutConsoles();
        return url("pgbouncer") + "?preferQueryMode=simple&replication=false";
    }

    private boolean answers() {
        try (Connection connection = Jdbc.connectImpatiently(url(), probe)) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    synchronized void stop() {
        Child running = required();
        running.requestStop();
        running.awaitStop();
    }

    /** Its console can do the same, but would wait for it. */
    synchronized void pause() {
        required().signal("USR1");
    }

    synchronized void resume() {
        required().signal("USR2");
    }

    synchronized void kill() {
        required().kill();
    }

    synchronized boolean isRunning() {
        return child != null && child.isRunning();
    }

    private Child required() {
        if (child == null || !isRunning()) {
            throw new IllegalStateException(kind.title + " is not running");
        }
        return child;
    }

    private String configuration() {
        String routes =
                databases.stream().map(name -> name + " = " + target + "\n").collect(Collectors.joining());
        return "[databases]\n" + routes
                + """
                * = %s
                [pgbouncer]
                listen_addr = %s
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                admin_users = postgres
                stats_users = postgres, sagaz_owner
                pool_mode = %s
                default_pool_size = %d
                min_pool_size = 0
                max_client_conn = %d
                server_login_retry = 1
                server_connect_timeout = 5
                query_wait_timeout = 10
                server_tls_sslmode = disable
                ignore_startup_parameters = extra_float_digits
                """.formatted(
                        target, HOST, port, directory.resolve("users.txt"), kind.mode, kind.poolSize, kind.clients)
                + kind.more
                + (program.isAtLeast(21) ? "max_prepared_statements = 0\n" : "");
    }
}
