package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.CREATE;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.RetentionIT.Way;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Somebody keeps a transaction open, the maintenance would like to take partitions away, and others read and write. Those
 * others give up when they wait for a lock: the limit is well above what the maintenance may cost them (50 ms), and far
 * below how long the first one stays. How long they wait is measured by {@code ./bench partitions}.
 */
@Lab
class NobodyWaitsIT {
    private static final String LIMIT = "SET lock_timeout = '1s'";

    private static final List<String> WORK = List.of(
            "INSERT INTO saga_executions (saga_name, status) VALUES ('mine %d', 'RUNNING')",
            "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')",
            "INSERT INTO saga_audit_log (saga_id, event_type) VALUES (sagaz_uuid7(now()), 'CHANGED')",
            "SELECT count(*) FROM saga_executions WHERE created_at >= now() - interval '1 day'",
            "SELECT count(*) FROM saga_steps",
            "SELECT count(*) FROM saga_outbox",
            "UPDATE saga_executions SET version = version + 1"
                    + " WHERE saga_name = 'mine %d' AND created_at >= now() - interval '1 second'",
            "SELECT count(*) FROM saga_audit_log");

    @ParameterizedTest
    @CsvSource({
        // Reads everything, hence uses every partition; writes a current one; reads a current one.
        "OWNER_DIRECT, SELECT count(*) FROM saga_executions UNION ALL SELECT count(*) FROM saga_outbox",
        "OWNER_POOLED, SELECT count(*) FROM saga_executions UNION ALL SELECT count(*) FROM saga_outbox",
        "WRITER_DIRECT, INSERT INTO saga_executions (saga_name) VALUES ('x')",
        "OWNER_DIRECT, SELECT 1 FROM saga_executions WHERE created_at >= now() - interval '1 hour'",
        "OWNER_POOLED, SELECT 1 FROM saga_executions WHERE created_at >= now() - interval '1 hour'"
    })
    void othersGoOnWhileAnOpenTransactionIsInTheWay(Way way, String held, Database database) throws Exception {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection holder = database.app()) {
            String old = expiredPartitions(owner);
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE granularity <> 'NONE'");
            holder.setAutoCommit(false);
            Sql.run(
                    holder,
                    held.startsWith("INSERT")
                            ? "INSERT INTO saga_executions (saga_name, status) VALUES ('x', 'RUNNING')"
                            : held);

            MaintenanceReport report = whileOthersWork(
                    database, () -> way.of(database, Duration.ofSeconds(1)).run());

            assertThat(report.of(CREATE))
                    .as("what is missing is made all the same")
                    .hasSize(4);
            assertThat(report.of(FAIL)).isEmpty();
            assertThat(report.of(LATER)).extracting(PartitionAction::partition).contains(old);
            holder.commit();
            MaintenanceReport next = whileOthersWork(
                    database, () -> way.of(database, Duration.ofSeconds(30)).run());
            assertThat(next.of(DROP)).extracting(PartitionAction::partition).contains(old);
            assertThat(next.of(FAIL)).isEmpty();
            assertThat(next.of(LATER)).isEmpty();
        }
    }

    @Test
    void anOldSnapshotThatComesLateIsNotInTheWayOfOthers(Database database) throws Exception {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection holder = database.reader()) {
            String old = expiredPartitions(owner);
            holder.setAutoCommit(false);
            Sql.run(holder, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            Sql.value(holder, "SELECT count(*) FROM consumer_inbox");

            MaintenanceReport report = whileOthersWork(
                    database, () -> Way.OWNER_DIRECT.of(database).run());

            // It holds no lock on the tables, so nothing waits for it; its later queries do not find what is gone.
            assertThat(report.of(DROP)).extracting(PartitionAction::partition).contains(old);
            assertThat(Sql.value(holder, "SELECT count(*) FROM saga_executions"))
                    .isEqualTo("0");
            holder.rollback();
        }
    }

    /** One expired month of everything, and three expired days of events; the name of the month of sagas. */
    private static String expiredPartitions(Connection owner) throws SQLException {
        Rows.relay(owner, "kafka");
        Rows.audit(owner, Rows.monthsAgo(owner, 20), Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS"));
        for (int days = 40; days < 43; days++) {
            Rows.event(owner, Rows.daysAgo(owner, days));
        }
        Rows.publishAll(owner, "kafka");
        return Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions");
    }

    /** Does something while four others read and write, and fails if one of them had to wait for too long. */
    private static MaintenanceReport whileOthersWork(Database database, Callable<MaintenanceReport> task)
            throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int first = i;
                others.add(executor.submit(() -> work(database, first, over)));
            }
            MaintenanceReport report;
            try {
                report = task.call();
            } finally {
                over.set(true);
            }
            for (Future<Integer> other : others) {
                assertThat(other.get()).as("statements of another").isPositive();
            }
            return report;
        } finally {
            executor.shutdownNow();
        }
    }

    private static int work(Database database, int first, AtomicBoolean over) throws SQLException {
        try (Connection connection = database.app()) {
            Sql.run(connection, LIMIT);
            int done = 0;
            do {
                Sql.run(connection, WORK.get((first + done) % WORK.size()).formatted(first));
                done++;
            } while (!over.get());
            return done;
        }
    }
}
