package io.sagaz.cli.doctor;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.Ward;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What takes a restart of the primary to provoke. */
class DoctorAfterRestartsIT {
    @Test
    void preparedTransactionsAndSlotsThatHoldVacuumBackAreNamed() throws SQLException {
        try (Ward ward = Ward.start(Topology.builder().hotStandbyFeedback(true))) {
            Topology topology = ward.topology();
            ward.superuser("ALTER SYSTEM SET max_prepared_transactions = 2");
            ward.execute(
                    topology.replicaUrl(0), topology.superuser(), "ALTER SYSTEM SET max_prepared_transactions = 2");
            topology.faults().restartPrimary();
            topology.faults().restartReplica(0);
            ward.await(topology.primaryUrl(), "SELECT state FROM pg_stat_replication", "streaming");
            ward.owner("BEGIN; CREATE TABLE half_done (); PREPARE TRANSACTION 'forgotten'");
            try (Connection report = topology.connect(topology.replicaUrl(0), topology.reader());
                    Statement statement = report.createStatement()) {
                report.setAutoCommit(false);
                statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
                statement.execute("SELECT count(*) FROM saga_executions");
                for (int i = 0; i < 20; i++) {
                    ward.superuser("SELECT pg_current_xact_id()");
                }
                ward.await(
                        topology.primaryUrl(),
                        "SELECT age(xmin) >= 10 FROM pg_replication_slots WHERE slot_name = 'replica_1'",
                        "t");

                Found found = Found.of(
                        ward.asService().run("doctor", "--json", "--held-transactions", "10", "--held-for", "1h"));

                found.has(Id.HORIZON_HELD, Severity.WARNING, "prepared forgotten");
                found.has(Id.HORIZON_HELD, Severity.WARNING, "slot replica_1");
                report.rollback();
            }
            ward.owner("ROLLBACK PREPARED 'forgotten'");
        }
    }

    @Test
    void aServerThatCannotReplicateIsNamed() throws SQLException {
        try (Ward ward = Ward.start(Topology.builder())) {
            Topology topology = ward.topology();
            topology.faults().stopReplica(0);
            ward.superuser(
                    "SELECT pg_drop_replication_slot('replica_1')",
                    "ALTER SYSTEM SET wal_level = minimal",
                    "ALTER SYSTEM SET max_wal_senders = 0");
            topology.faults().restartPrimary();
            CliRun.Place alone = ward.asService()
                    .without("SAGAZ_REPLICA_URLS")
                    .without("SAGAZ_ANALYTICS_URL")
                    .with("SAGAZ_PGBOUNCER_URLS", Ward.console(topology.rwUrl()));
            ward.await(topology.rwUrl(), "SELECT 1", "1");

            Found found = Found.of(alone.run("doctor", "--json"));

            found.has(Id.SETTING_WAL_LEVEL, Severity.CRITICAL, "");
        }
    }
}
