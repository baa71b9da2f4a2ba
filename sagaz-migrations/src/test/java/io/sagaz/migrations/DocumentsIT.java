package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What docs/partitions.md and docs/schema.md tell people to type, typed. The adoption guide has a test of its own. */
@Lab
class DocumentsIT {
    @Test
    void theCommandsAndSettingsOfAnOperatorWork(Database database) throws SQLException {
        database.migrations().migrate();
        Guide page = Guide.read("partitions.md");
        assertThat(page.names()).containsExactly("commands", "settings");
        try (Connection owner = database.owner()) {
            for (String name : page.names()) {
                for (String statement : statements(page.block(name))) {
                    Sql.run(owner, statement);
                }
            }
            assertThat(Sql.rows(owner, "SELECT table_name, ahead, retention, when_expired FROM partition_settings"))
                    .contains(
                            "saga_executions|3|2 years|DROP",
                            "saga_outbox|14|30 days|DROP",
                            "saga_audit_log|3|1 year|ARCHIVE");
        }
    }

    @Test
    void theTablesOfTheOperatorsPageAreTrue(Database database) throws SQLException {
        database.migrations().migrate();
        Guide page = Guide.read("partitions.md");
        try (Connection owner = database.owner()) {
            List<String> settings =
                    Sql.rows(owner, "SELECT table_name, ahead, retention FROM partition_settings ORDER BY 1");
            assertThat(settings)
                    .containsExactly(
                            "consumer_inbox|null|90 days",
                            "saga_audit_log|3|1 year",
                            "saga_executions|3|1 year",
                            "saga_outbox|7|30 days");
        }
        assertThat(page.table("table").stream().map(row -> row.get(0) + "|" + row.get(2) + "|" + row.get(3)))
                .containsExactly(
                        "`saga_executions`, and `saga_steps` with it|3|12 months",
                        "`saga_outbox`|7|30 days",
                        "`saga_audit_log`|3|12 months",
                        "`consumer_inbox`||90 days");
        String actions = page.table("action").toString();
        assertThat(Arrays.stream(PartitionAction.Kind.values()).filter(kind -> !actions.contains("`" + kind + "`")))
                .as("actions that the page does not explain")
                .isEmpty();
    }

    @Test
    void aNewInstallationGetsItsRolesAndRights(Database database) throws SQLException {
        Guide page = Guide.read("schema.md");
        assertThat(page.names()).containsExactly("grants", "from-nothing");
        try (Connection superuser = database.superuser()) {
            try {
                for (String statement : statements(page.block("from-nothing"))) {
                    Sql.run(superuser, statement);
                }
                assertThat(Sql.value(superuser, "SELECT has_database_privilege('shop_dashboard', 'shop', 'CONNECT')"))
                        .isEqualTo("t");
            } finally {
                Sql.run(superuser, "DROP DATABASE IF EXISTS shop");
                Sql.run(superuser, "DROP ROLE IF EXISTS shop_owner, shop_service, shop_dashboard");
            }
        }
        SagazMigrations.of(database.config(Lab.Route.DIRECT, database.test().owner()))
                .migrate();
        try (Connection owner = database.owner()) {
            for (String statement : statements(page.block("grants"))) {
                Sql.run(owner, statement);
            }
        }
        database.migrations().check();
    }

    private static List<String> statements(String block) {
        return Arrays.stream(block.split(";[^\\n]*\\n"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }
}
