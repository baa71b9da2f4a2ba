package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One PostgreSQL, primary or replica, that can be started, stopped and killed again and again. Thread-safe. */
final class PostgresServer {
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration INITDB = Duration.ofMinutes(2);

    private final String name;
    private final int stage;
    private final String host;
    private final Path home;
    private final Path data;
    private final PostgresPrograms programs;
    private final Account account;
    private final Children children;
    private final Roles roles;

    private int port;
    private @Nullable Child child;

    PostgresServer(
            String name,
            int stage,
            String host,
            Path home,
            PostgresPrograms programs,
            Account account,
            Children children,
            Roles roles) {
        this.name = name;
        this.stage = stage;
        this.host = host;
        this.home = home;
        this.data = home.resolve(name);
        this.programs = programs;
        this.account = account;
        this.children = children;
        this.roles = roles;
    }

    /** Makes its directory. */
    void prepare() throws IOException {
        account.newPrivateDirectory(data);
    }

    /** Makes an empty cluster of databases in its directory. */
    void initialize() throws IOException {
        Path password = account.newPrivateFile(
                home.resolve("superuser.pass"), roles.superuser().password() + "\n");
        List<String> command = List.of(
                programs.initdb(),
                "--pgdata=" + data,
                "--username=" + roles.superuser().user(),
                "--auth=scram-sha-256",
                "--pwfile=" + password,
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions");
        children.start(new Children.Program(
                        "initdb",
                        "makes the " + name,
                        stage,
                        "TERM",
                        programs.image(),
                        command,
                        home.resolve("initdb.log")))
                .awaitSuccess(INITDB);
        Files.delete(password);
    }

    /** Adds to postgresql.conf; the last value of a setting counts. */
    void configure(String settings) throws IOException {
        Files.writeString(data.resolve("postgresql.conf"), "\n" + settings, StandardOpenOption.APPEND);
    }

    /** Sets what is written down by the server itself, and counts more than postgresql.conf; {@link #reload()} makes it so. */
    void set(String setting, String value) throws SQLException {
        try (Connection connection = administer()) {
            Jdbc.execute(connection, "ALTER SYSTEM SET " + setting + " = " + Jdbc.literal(value));
        }
    }

    /** Tells all its processes to read the settings, and does not wait for them. */
    void reload() throws SQLException {
        try (Connection connection = administer()) {
            Jdbc.execute(connection, "SELECT pg_reload_conf()");
        }
    }

    void allow(String hostBasedAuthentication) throws IOException {
        Files.writeString(data.resolve("pg_hba.conf"), hostBasedAuthentication);
    }

    Path data() {
        return data;
    }

    String name() {
        return name;
    }

    String host() {
        return host;
    }

    synchronized int port() {
        return port;
    }

    String url() {
        return url(Roles.DATABASE);
    }

    String url(String database) {
        return Jdbc.url(host, port(), database);
    }

    Path log() {
        return home.resolve(name + ".log");
    }

    /** A connection of the superuser to the maintenance database, with short timeouts. */
    Connection administer() throws SQLException {
        return Jdbc.connectImpatiently(url("postgres"), roles.superuser());
    }

    /** The same for one question; a server that stands still is not waited for. */
    Connection ask() throws SQLException {
        return Jdbc.connectBriefly(url("postgres"), roles.superuser());
    }

    /** Starts it without waiting. */
    synchronized void launch(int onPort) {
        port = onPort;
        List<String> command = List.of(
                programs.postgres(), "-D", data.toString(), "-c", "listen_addresses=" + host, "-c", "port=" + onPort);
        child = children.start(new Children.Program(
                "PostgreSQL " + programs.version() + " " + name,
                "serves the database at " + host + ":" + onPort,
                stage,
                "INT",
                programs.image(),
                command,
                log()));
    }

    /** Waits until it takes connections. */
    synchronized void awaitReady() {
        Child started = required();
        try {
            started.awaitReady(START, this::answers);
        } catch (TopologyException e) {
            throw PortTakenException.orElse(started, e);
        }
    }

    private boolean answers() {
        try (Connection connection = administer()) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Starts it again where it was before, and waits until it takes connections. */
    synchronized void start() {
        if (isRunning()) {
            throw new IllegalStateException("The " + name + " is running already");
        }
        launch(port);
        try {
            awaitReady();
        } catch (PortTakenException e) {
            throw e.failure();
        }
    }

    synchronized void stop() {
        Child running = required();
        running.requestStop();
        running.awaitStop();
    }

    synchronized void kill() {
        required().kill();
    }

    synchronized boolean isRunning() {
        return child != null && child.isRunning();
    }

    /** Fails, with the end of its log, if it ended by itself. */
    synchronized void requireRunning() {
        if (child != null) {
            child.requireRunning();
        }
    }

    private Child required() {
        if (child == null || !isRunning()) {
            throw new IllegalStateException("The " + name + " is not running");
        }
        return child;
    }
}
