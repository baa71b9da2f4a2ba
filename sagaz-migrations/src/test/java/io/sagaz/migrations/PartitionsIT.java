package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Lab
class PartitionsIT {
    private Database database;

    @BeforeEach
    void migrate(Database fresh) {
        database = fresh;
        database.migrations().migrate();
    }

    @Test
    void theContractsNamesAreKept() throws SQLException {
        try (Connection owner = database.owner()) {
            assertThat(Sql.value(owner, "SELECT create_saga_executions_partition('2031-12-31')"))
                    .isEqualTo("saga_executions_y2031m12");
            assertThat(Sql.value(owner, "SELECT create_saga_outbox_partition('2031-12-15')"))
                    .isEqualTo("saga_outbox_y2031m12d15");
            assertThat(Sql.value(owner, "SELECT create_saga_audit_log_partition('2032-02-29')"))
                    .isEqualTo("saga_audit_log_y2032m02");
            assertThat(Sql.rows(
                            owner,
                            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
                                    + " AND relname ~ 'y203' ORDER BY 1"))
                    .containsExactly(
                            "saga_audit_log_y2032m02",
                            "saga_executions_y2031m12",
                            "saga_outbox_y2031m12d15",
                            "saga_steps_y2031m12");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create_saga_executions_partition",
                "create_saga_outbox_partition",
                "create_saga_audit_log_partition"
            })
    void manyMayMakeTheSamePartitionAtOnce(String function) throws Exception {
        for (int round = 0; round < 4; round++) {
            String call = "SELECT " + function + "('2031-0" + (round + 1) + "-05')";
            List<String> names = Sql.together(8, () -> {
                try (Connection connection =
                        database.connect(database.pooled(), database.test().owner())) {
                    return Sql.value(connection, call);
                }
            });
            assertThat(names.stream().collect(Collectors.toSet())).hasSize(1);
        }
    }

    @Test
    void manyMayMaintainAtOnceAndEachPartitionIsReportedAsCreatedOnce() throws Exception {
        try (Connection owner = database.owner()) {
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 3 WHERE granularity <> 'NONE'");
        }
        List<List<String>> answers = Sql.together(8, () -> {
            try (Connection connection =
                    database.connect(database.pooled(), database.test().owner())) {
                return Sql.rows(connection, "SELECT action, partition_name FROM maintain_all_partitions()");
            }
        });

        // Whoever finds another at work on old partitions says BUSY besides.
        assertThat(answers)
                .allMatch(answer -> answer.stream()
                                .filter(row -> row.matches("(CREATE|EXISTS).*"))
                                .count()
                        == 24 + 4 * 3);
        assertThat(answers.stream().flatMap(List::stream).filter(row -> row.startsWith("CREATE|")))
                .hasSize(12)
                .doesNotHaveDuplicates();
    }

    @Test
    void partitionsAreMadeWhileOthersReadAndWriteAndNobodyWaits() throws SQLException {
        try (Connection writer = database.app();
                Connection reader = database.reader();
                Connection maintainer = database.owner();
                Connection other = database.app()) {
            writer.setAutoCommit(false);
            Sql.run(writer, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING')");
            Sql.run(writer, "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')");
            reader.setAutoCommit(false);
            Sql.value(reader, "SELECT (SELECT count(*) FROM saga_executions) + (SELECT count(*) FROM saga_outbox)");

            // Not committed yet, so that it holds all its locks while the others go on.
            maintainer.setAutoCommit(false);
            Sql.run(maintainer, "UPDATE partition_settings SET ahead = ahead + 2 WHERE granularity <> 'NONE'");
            assertThat(Sql.rows(maintainer, "SELECT * FROM maintain_all_partitions() WHERE action = 'CREATE'"))
                    .hasSize(8);

            Sql.run(other, "SET lock_timeout = '1ms'");
            Sql.run(other, "INSERT INTO saga_executions (saga_name, status) VALUES ('b', 'RUNNING')");
            Sql.run(other, "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')");
            Sql.value(other, "SELECT count(*) FROM saga_executions");
            Sql.run(writer, "UPDATE saga_executions SET version = 2");
            maintainer.commit();
            writer.commit();
            reader.commit();
        }
    }

    @Test
    void storageOptionsAreOnTheChildren() throws SQLException {
        try (Connection owner = database.owner()) {
            assertThat(
                            Sql.rows(
                                    owner,
                                    "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
                                            + " AND NOT coalesce(array_to_string(reloptions, ' ') ~ 'fillfactor=.*autovacuum', false)"))
                    .isEmpty();
        }
    }

    @Test
    void anImpossibleDayIsRefused() throws SQLException {
        try (Connection owner = database.owner()) {
            for (String day : List.of("NULL", "'infinity'", "'-infinity'", "'1969-12-31'", "'10000-01-01'")) {
                assertThat(Sql.failure(owner, "SELECT create_saga_outbox_partition(" + day + ")"))
                        .as(day)
                        .isEqualTo("22023");
            }
        }
    }

    @Test
    void aTableThatHappensToHaveTheNameIsNotTakenForThePartition() throws SQLException {
        try (Connection owner = database.owner()) {
            Sql.run(owner, "CREATE TABLE saga_outbox_y2031m01d01 (LIKE saga_outbox INCLUDING ALL)");
            assertThat(Sql.failure(owner, "SELECT create_saga_outbox_partition('2031-01-01')"))
                    .isEqualTo("55000");

            Sql.run(owner, "CREATE SCHEMA elsewhere");
            Sql.run(owner, "CREATE TABLE elsewhere.saga_outbox_y2031m01d02 (LIKE saga_outbox)");
            Sql.run(owner, "SET search_path = elsewhere, public");
            Sql.run(owner, "SELECT create_saga_outbox_partition('2031-01-02')");
            assertThat(Sql.value(
                            owner,
                            "SELECT inhparent::regclass FROM pg_inherits"
                                    + " WHERE inhrelid = 'public.saga_outbox_y2031m01d02'::regclass"))
                    .isEqualTo("saga_outbox");
        }
    }

    @Test
    void aDetachedPartitionIsNamedInTheError() throws SQLException {
        try (Connection owner = database.owner()) {
            Sql.run(owner, "SELECT create_saga_outbox_partition('2031-01-01')");
            Sql.run(owner, "ALTER TABLE saga_outbox DETACH PARTITION saga_outbox_y2031m01d01 CONCURRENTLY");

            assertThat(Sql.message(owner, "SELECT create_saga_outbox_partition('2031-01-01')"))
                    .contains("saga_outbox_y2031m01d01")
                    .contains("detached");
        }
    }

    @Test
    void anOldSnapshotDoesNotMislead() throws SQLException {
        try (Connection early = database.owner();
                Connection late = database.owner()) {
            early.setAutoCommit(false);
            Sql.run(early, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            Sql.value(early, "SELECT count(*) FROM saga_outbox");
            Sql.run(late, "SELECT create_saga_outbox_partition('2031-01-01')");

            assertThat(Sql.value(early, "SELECT create_saga_outbox_partition('2031-01-01')"))
                    .isEqualTo("saga_outbox_y2031m01d01");
        }
    }

    @Test
    void lookingUpByIdAndTimeTouchesOnePartition() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING')");
            String id = Sql.value(app, "SELECT saga_id FROM saga_executions");
            String time = Sql.value(app, "SELECT created_at FROM saga_executions");

            assertThat(String.join(
                            " ",
                            Sql.rows(
                                    app,
                                    "EXPLAIN SELECT * FROM saga_executions WHERE saga_id = '" + id
                                            + "' AND created_at = '" + time + "'")))
                    .containsOnlyOnce("on saga_executions_y");
        }
    }
}
