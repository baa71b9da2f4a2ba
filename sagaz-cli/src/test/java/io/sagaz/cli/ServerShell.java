package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagaz.cli.init.Engine;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The shell of an operator on the host of a topology's servers: under their user, with their programs, a file of passwords, and
 * a folder that goes, with the servers in it, when this is closed.
 */
public final class ServerShell implements AutoCloseable {
    private final Topology topology;
    private final Path bin;
    private final List<String> become;
    private final Path folder;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final List<Path> servers = new ArrayList<>();

    private ServerShell(Topology topology, Path bin, List<String> become, Path folder) {
        this.topology = topology;
        this.bin = bin;
        this.become = become;
        this.folder = folder;
    }

    /** Opens one, or skips the test where the programs are not all there. */
    public static ServerShell on(Topology topology, String... programs) throws IOException, SQLException {
        Path bin = Path.of(value(topology, "SELECT setting FROM pg_config WHERE name = 'BINDIR'"));
        for (String program : programs) {
            assumeTrue(
                    Files.isExecutable(bin.resolve(program)),
                    () -> "There is no " + bin.resolve(program) + ": binaries from Maven Central have servers only");
        }
        Path folder = Files.createTempDirectory("sagaz-manual");
        List<String> become = List.of();
        if (answer("id", "-u").equals("0")) {
            String user = Engine.run(folder, "id", "-u", "postgres").status() == 0 ? "postgres" : "nobody";
            String uid = answer("id", "-u", user);
            String gid = answer("id", "-g", user);
            become = List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--");
            answer("chown", uid + ":" + gid, folder.toString());
        }
        ServerShell shell = new ServerShell(topology, bin, become, folder);
        shell.set("PATH", bin + ":" + System.getenv("PATH"));
        shell.set("PGPASSFILE", folder.resolve("passwords").toString());
        shell.set("PRIMARY", libpq(topology.primaryUrl(), topology.superuser()));
        shell.run("umask 077; cat > \"$PGPASSFILE\" <<'END'\n*:*:*:"
                + topology.superuser().user() + ":" + topology.superuser().password() + "\n" + replicator(topology)
                + "END");
        return shell;
    }

    /** The line of those who replicate, from where the replica has it. */
    private static String replicator(Topology topology) throws SQLException {
        return value(topology, topology.replicaUrl(0), """
                SELECT pg_read_file((regexp_match(current_setting('primary_conninfo'), 'passfile=''([^'']+)'''))[1])""");
    }

    private static String answer(String... command) {
        Engine.Outcome outcome = Engine.run(Path.of("."), command);
        assertThat(outcome.status()).as(outcome.words()).isZero();
        return outcome.words().strip();
    }

    private static String value(Topology topology, String sql) throws SQLException {
        return value(topology, topology.primaryUrl(), sql);
    }

    private static String value(Topology topology, String url, String sql) throws SQLException {
        try (Connection superuser = topology.connect(url, topology.superuser());
                Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    /** The URL of libpq for one of the driver's. */
    public static String libpq(String url, Credentials as) {
        return url.replaceFirst("jdbc:postgresql://", "postgresql://" + as.user() + "@")
                .replaceFirst("\\?.*", "");
    }

    /** Sets a variable of the environment. */
    public void set(String name, String value) {
        variables.put(name, value);
    }

    /** Where the programs of the servers are. */
    public String bin() {
        return bin.toString();
    }

    /** A place in its folder. */
    public Path path(String name) {
        return folder.resolve(name);
    }

    /** Runs a script of a page, whose {@code /backup} is a place in the folder; fails if a command of it does. */
    public String run(String script) {
        Engine.Outcome outcome = tryRun(script);
        assertThat(outcome.status()).as(script + "\n" + outcome.words()).isZero();
        return outcome.words();
    }

    /** The same, whatever comes of it. */
    public Engine.Outcome tryRun(String script) {
        List<String> command = new ArrayList<>(become);
        command.add("env");
        variables.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of("LC_ALL=C", "sh", "-eu", "-c", here(script)));
        return Engine.run(folder, command.toArray(new String[0]));
    }

    /** What a page says, with places of this folder. */
    public String here(String text) {
        return text.replace("/backup", path("backup").toString());
    }

    /** Says that there will be a server in a directory, which is stopped in the end; its free port. */
    public int serves(Path data) throws IOException {
        servers.add(data);
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Where the driver finds a server of this folder. */
    public String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + topology.database();
    }

    /** The environment of {@code sagaz} for a server of this folder, as the owner of its tables. */
    public CliRun.Place sagaz(int port) {
        return CliRun.in(Map.of(
                "SAGAZ_PRIMARY_URL",
                url(port),
                "SAGAZ_DB_USER",
                topology.owner().user(),
                "SAGAZ_DB_PASSWORD",
                topology.owner().password()));
    }

    @Override
    public void close() throws IOException {
        for (Path data : servers) {
            if (Files.exists(data.resolve("postmaster.pid"))) {
                tryRun("pg_ctl --pgdata='" + data + "' --mode=immediate --wait stop");
            }
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(each);
            }
        }
    }
}
