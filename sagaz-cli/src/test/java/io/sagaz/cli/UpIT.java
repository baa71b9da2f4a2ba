package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
