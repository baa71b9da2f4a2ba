package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The statements that the store sends, as the server plans them with rows in several partitions: docs/schema.md. */
class HotStatementsIT {
    private static final Pattern SCAN = Pattern.compile(
            "(Seq Scan|Index Scan|Index Only Scan|Bitmap Heap Scan)(?: Backward)?(?: using (\\S+))? on (\\S+)");

    @Test
    void eachStatementFindsItsRowsByAnIndexOfOnePartition() throws Exception {
        try (Topology topology = Topology.builder().replicas(1).start()) {
            run(
                    topology,
                    "ALTER ROLE sagaz_app SET session_preload_libraries = 'auto_explain'",
                    "ALTER ROLE sagaz_app SET auto_explain.log_min_duration = 0");
            topology.faults().restartWritePooler(); // Its backends are older than these settings.
            try (RoutingSagaStore store = RoutingSagaStore.builder()
                    .write(PoolConfig.of(
                            topology.rwUrl(),
                            topology.app().user(),
                            topology.app().password()))
                    .direct(PoolConfig.of(
                            topology.primaryUrl(),
                            topology.owner().user(),
                            topology.owner().password()))
                    .partitions(PartitionPolicy.leftToOthers())
                    .build()) {
                fill(topology);
                Log log = new Log(topology);
                String month = value(topology, "SELECT to_char(now() AT TIME ZONE 'UTC', '\"_y\"YYYY\"m\"MM')");
                SagaReads reads = store.reads(ReadConsistency.strong());

                NewSaga saga = NewSaga.named("name 3")
                        .steps("a", "b")
                        .idempotencyKey("k")
                        .emit(OutboxEvent.to("t"));
                SagaId id = store.start(saga).id();
                assertThat(log.scans()).containsExactly("Index saga_executions" + month + "_pkey");

                store.start(NewSaga.named("name 3").idempotencyKey("k"));
                assertThat(log.scans())
                        .contains("Index saga_idempotency_keys_pkey")
                        .isSubsetOf("Index saga_idempotency_keys_pkey", "Index saga_executions" + month + "_pkey");

                store.apply(
                        id,
                        1,
                        SagaChange.to(SagaStatus.RUNNING)
                                .andStep("a", StepStatus.SUCCESS)
                                .emit(OutboxEvent.to("t")));
                assertThat(log.scans())
                        .containsExactlyInAnyOrder(
                                "Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey");

                store.emit(List.of(OutboxEvent.to("t"), OutboxEvent.to("t")));
                assertThat(log.scans()).isEmpty();

                reads.find(id);
                assertThat(log.scans())
                        .containsExactlyInAnyOrder(
                                "Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey");

                Instant hour = Instant.now().minus(Duration.ofHours(1));
                reads.list(SagaFilter.named("name 3").createdFrom(hour), PageRequest.first(20));
                assertThat(log.scans().stream().filter(scan -> scan.contains(month)))
                        .contains("Index saga_executions" + month + "_saga_name_created_at_saga_id_idx")
                        .allMatch(scan -> scan.startsWith("Index "));

                reads.countByStatus(SagaFilter.all().createdFrom(hour));
                Set<String> anHour = log.scans();
                assertThat(anHour.stream().filter(scan -> scan.contains(month)))
                        .as("an hour of a month")
                        .containsExactly(
                                "Index saga_executions" + month, "Index saga_executions" + month + "_created_at_idx");
                assertThat(anHour.stream()
                                .filter(scan ->
                                        scan.compareTo("Seq saga_executions" + month) < 0 && scan.startsWith("Seq")))
                        .as("partitions of the past")
                        .isEmpty();
            }
        }
    }

    /** Sagas of three months, finished but for a few, the last of them a moment ago. */
    private static void fill(Topology topology) throws SQLException {
        run(
                topology,
                "SELECT create_saga_executions_partition((now() - interval '2 months')::date)",
                """
                INSERT INTO saga_executions (saga_id, created_at, saga_name, status)
                SELECT sagaz_uuid7(t), t, 'name ' || n % 20, CASE n % 200 WHEN 0 THEN 'RUNNING' WHEN 1 THEN 'FAILED' ELSE 'SUCCESS' END
                FROM (SELECT n, date_trunc('milliseconds', now() - n * interval '60 seconds') AS t
                      FROM generate_series(60000, 1, -1) n) x
                """,
                """
                INSERT INTO saga_steps (saga_id, created_at, step_index, step_name)
                SELECT saga_id, created_at, 0, 'a' FROM saga_executions
                """,
                "INSERT INTO saga_outbox (topic, payload) SELECT 't', '{}' FROM generate_series(1, 20000)",
                "INSERT INTO saga_idempotency_keys SELECT 'x', saga_id::text, saga_id, created_at FROM saga_executions",
                "VACUUM (ANALYZE) saga_executions, saga_steps, saga_outbox, saga_idempotency_keys");
    }

    private static void run(Topology topology, String... statements) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String value(Topology topology, String sql) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** The plans that the server has logged; its log lies beside its data. */
    private static final class Log {
        private final Path file;
        private int read;

        Log(Topology topology) throws SQLException, IOException {
            file = Path.of(value(topology, "SHOW data_directory")).resolveSibling("primary.log");
            read = Files.readAllLines(file).size();
        }

        /** The ways by which tables of Sagaz were looked into since the last time, each once. */
        Set<String> scans() throws IOException {
            List<String> lines = Files.readAllLines(file);
            String text = lines.stream().skip(read).collect(Collectors.joining("\n"));
            read = lines.size();
            assertThat(text).as("the plan of a statement").contains("Query Text:");
            Set<String> scans = new TreeSet<>();
            Matcher scan = SCAN.matcher(text);
            while (scan.find()) {
                if (scan.group(3).startsWith("saga_")) {
                    String by = scan.group(2) == null ? scan.group(3) : scan.group(2);
                    scans.add((scan.group(1).startsWith("Seq") ? "Seq " : "Index ") + by);
                }
            }
            return scans;
        }
    }
}
