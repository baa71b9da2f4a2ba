package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpIT {
    @Test
    void everyWayInWorksUntilItIsTerminated() throws Exception {
        try (ChildSagaz up = ChildSagaz.start("up", "--json", "--replicas", "2")) {
            Map<String, Object> document = Json.object(up.awaitLine());
            ChildSagaz.Servers servers = up.servers();
            String rw = Json.text(document, "urls", "rw");
            String ro = Json.text(document, "urls", "ro");
            String primary = Json.text(document, "urls", "primary");
            List<String> replicas = new ArrayList<>();
            ((List<?>) Json.at(document, "urls", "replicas")).forEach(url -> replicas.add((String) url));

            assertThat(replicas).hasSize(2).doesNotHaveDuplicates();
            assertThat(Json.text(document, "database")).isEqualTo("sagaz");
            assertThat(query(
                            rw,
                            login(document, "app"),
                            "INSERT INTO saga_executions (saga_name, status)"
                                    + " VALUES ('order', 'PENDING') RETURNING NOT pg_is_in_recovery()"))
                    .isEqualTo("t");
            for (String[] login : List.of(login(document, "app"), login(document, "reader"), login(document))) {
                assertThat(query(rw, login, "SELECT pg_is_in_recovery()")).isEqualTo("f");
                assertThat(query(primary, login, "SELECT pg_is_in_recovery()")).isEqualTo("f");
                assertThat(query(ro, login, "SELECT pg_is_in_recovery()")).isEqualTo("t");
                for (String replica : replicas) {
                    assertThat(query(replica, login, "SELECT pg_is_in_recovery()"))
                            .isEqualTo("t");
                }
            }
            assertThat(((Map<?, ?>) Json.at(document, "psql"))
                            .keySet().stream().map(Object::toString).toList())
                    .containsExactly("rw", "ro", "primary", "replica-1", "replica-2");
            Map<String, String> environment = new HashMap<>();
            ((Map<?, ?>) Json.at(document, "env"))
                    .forEach((name, value) -> environment.put((String) name, (String) value));
            assertSilent(CliRun.in(environment).run("doctor"));
            assertThat(Json.text(document, "psql", "rw"))
                    .startsWith("psql postgresql://" + login(document, "app")[0] + ":");

            up.terminate();

            assertThat(up.awaitExit()).isEqualTo(143);
            assertThat(up.remainingOutput()).isEmpty();
            assertThat(servers.processes()).isNotEmpty();
            assertThat(servers.directories()).hasSizeGreaterThanOrEqualTo(3);
            assertThat(servers.left()).isEmpty();
        }
    }

    @Test
    void statusAndDoctorSeeAllOfItAndFindNothing(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("up.env");
        try (ChildSagaz up = ChildSagaz.start("up", "--replicas", "2", "--env", file.toString())) {
            List<String> said = up.awaitLines("Ctrl-C ends it, and " + file + " goes with it.");

            assertThat(said).contains("  sagaz status --env-file " + file, "  sagaz doctor --env-file " + file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            CliRun.Place nowhere = CliRun.in(Map.of());
            CliRun status = nowhere.run("status", "--env-file", file.toString());
            assertThat(status.status()).as(status.output()).isZero();
            assertThat(status.output()).contains("replica-2", "PgBouncer-RO").doesNotContain("not known");
            assertSilent(nowhere.run("doctor", "--env-file", file.toString()));
            assertSilent(CliRun.in(asAShellReads(file)).run("doctor"));

            up.terminate();

            assertThat(up.awaitExit()).isEqualTo(143);
            assertThat(file).doesNotExist();
        }
    }

    private static void assertSilent(CliRun doctor) {
        assertThat(doctor.status()).as(doctor.output()).isZero();
        assertThat(doctor.lines())
                .singleElement()
                .asString()
                .startsWith("✓ Nothing is wrong with primary, rw, replica-1, replica-2, ro, PgBouncer-RW")
                .doesNotContain("not looked at");
    }

    private static Map<String, String> asAShellReads(Path file) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", "set -a; . \"$0\"; env", file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return printed.lines()
                .filter(line -> line.startsWith("SAGAZ_"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1)));
    }

    /** User and password of a role, or those that stand outside of every role. */
    private static String[] login(Map<String, Object> document, String... role) {
        Map<?, ?> place = (Map<?, ?>) Json.at(document, role);
        return new String[] {(String) place.get("user"), (String) place.get("password")};
    }

    private static String query(String url, String[] login, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, login[0], login[1]);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
