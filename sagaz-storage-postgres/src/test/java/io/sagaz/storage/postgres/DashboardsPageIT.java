package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/dashboards.md tells people to paste, as Grafana sends it: through PgBouncer-RO, as a reader. */
class DashboardsPageIT {
    private static final Pattern BLOCK =
            Pattern.compile("^```sql name=(\\S+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void everyQueryOfThePageAnswersAReader() throws Exception {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            SagaId done = store.start(NewSaga.named("order").steps("a").emit(OutboxEvent.to("t")))
                    .id();
            store.apply(done, 1, SagaChange.stepStarted("a").andTo(SagaStatus.RUNNING));
            store.apply(done, 2, SagaChange.stepSucceeded("a", "{}").andTo(SagaStatus.SUCCESS));
            SagaId failed = store.start(NewSaga.named("order")).id();
            store.apply(failed, 1, SagaChange.to(SagaStatus.FAILED));
            store.start(NewSaga.named("order"));
            Stand.run(
                    Stand.topology().primaryUrl(),
                    Stand.topology().owner(),
                    "INSERT INTO " + schema + ".saga_outbox_relays VALUES ('kafka')",
                    "INSERT INTO " + schema
                            + ".saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)"
                            + " SELECT 'kafka', event_id, created_at, seq, shard, 1 FROM " + schema + ".saga_outbox");
            Await.until("every replica has the letter", () -> {
                for (int i = 0; i < Stand.topology().replicas(); i++) {
                    if (rows(Stand.topology().replicaUrl(i), schema, "SELECT * FROM sagaz_outbox_dead_letters")
                            .isEmpty()) {
                        return false;
                    }
                }
                return true;
            });

            Map<String, List<String>> answers = new LinkedHashMap<>();
            blocks().forEach((name, block) -> {
                List<String> all = new ArrayList<>();
                for (String query : Pattern.compile(";\n").splitAsStream(block).toList()) {
                    String pasted = query.replace(
                                    "$__timeFrom()", "'" + Instant.now().minus(Duration.ofHours(6)) + "'")
                            .replace("$__timeTo()", "'" + Instant.now().plus(Duration.ofHours(1)) + "'")
                            .replace("$__interval", "30m");
                    all.addAll(rows(Stand.topology().roUrl(), schema, pasted));
                }
                answers.put(name, all);
            });
            assertThat(answers.keySet())
                    .containsExactly(
                            "throughput",
                            "durations",
                            "outcomes",
                            "steps",
                            "unfinished",
                            "failed",
                            "outbox",
                            "partitions");
            assertThat(answers.get("throughput")).hasSizeBetween(14, 15).anyMatch(row -> row.endsWith("|3|1|1|0"));
            assertThat(answers.get("durations")).hasSize(1);
            assertThat(answers.get("outcomes")).containsExactly("order|1|1|0|0.5");
            assertThat(answers.get("steps")).singleElement().asString().startsWith("order|a|1|0|0|");
            assertThat(answers.get("unfinished")).hasSize(1);
            assertThat(answers.get("failed")).singleElement().asString().startsWith(failed + "|order|FAILED|");
            assertThat(answers.get("outbox"))
                    .anyMatch(row -> row.startsWith("kafka|1|t|1|"))
                    .anyMatch(row -> row.endsWith("|1"))
                    .anyMatch(row -> row.contains("|t|null|" + done + "|1|"));
            assertThat(answers.get("partitions"))
                    .anyMatch(row -> row.startsWith("saga_outbox_y"))
                    .anyMatch(row -> row.startsWith("saga_audit_log|"));

            assertThat(new DashboardExample().run(store))
                    .containsEntry("order", 0.5)
                    .containsEntry("exported", 1.0);
            assertThat(store.statistics(ReadConsistency.strong()).partitions().value())
                    .as("one truth for both")
                    .hasSameSizeAs(rows(Stand.topology().roUrl(), schema, "SELECT * FROM sagaz_partition_sizes"));
        }
    }

    @Test
    void thePageShowsTheSampleThatRuns() throws IOException {
        assertThat(Sample.page("docs/dashboards.md")).contains(Sample.of(DashboardExample.class));
    }

    private static Map<String, String> blocks() throws IOException {
        Map<String, String> blocks = new LinkedHashMap<>();
        Matcher block = BLOCK.matcher(Sample.page("docs/dashboards.md"));
        while (block.find()) {
            blocks.put(block.group(1), block.group(2));
        }
        return blocks;
    }

    private static List<String> rows(String url, String schema, String query) {
        Topology topology = Stand.topology();
        try (Connection reader = topology.connect(url, topology.reader());
                Statement statement = reader.createStatement()) {
            statement.execute("SET search_path = " + schema);
            List<String> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(query)) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(String.valueOf(row.getString(i)));
                    }
                    rows.add(String.join("|", values));
                }
            }
            statement.execute("RESET search_path");
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }
}
