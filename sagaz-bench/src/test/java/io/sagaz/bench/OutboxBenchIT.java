package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.outbox.OutboxBenchmark;
import io.sagaz.bench.outbox.OutboxSizes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxBenchIT {
    private static final OutboxSizes TINY = sizes(2_000);

    /** Full runs are none of this test's business. */
    private static final OutboxSizes NONE = sizes(0);

    private static OutboxSizes sizes(int events) {
        Alternation once = new Alternation(0, 1);
        return new OutboxSizes(
                new OutboxSizes.Appending(
                        List.of(1, 100), List.of(2), once, Duration.ofMillis(50), Duration.ofMillis(50)),
                new OutboxSizes.Draining(events, events / 10, 4, once),
                new OutboxSizes.Steady(
                        List.of(new OutboxSizes.Rate(200, 2, Duration.ofMillis(300))), 2, once, Duration.ofMillis(50)),
                new OutboxSizes.Held(1, 10, 200, 2, once, Duration.ofMillis(1_500), Duration.ofMillis(500)),
                new OutboxSizes.Retention(2, events, 100, 2, once));
    }

    @Test
    void aQuickRunMeasuresEverythingAndWritesNoFiles(@TempDir Path results) throws Exception {
        QuickRun run = QuickRun.of(new OutboxBenchmark(NONE, TINY), results);

        QuickRun.Results found = run.results();
        assertThat(run.words())
                .contains("Starting a primary, a replica and two PgBouncers")
                .contains("Emitting 2,000 events to be drained");
        assertThat(results).isEmptyDirectory();
        assertThat(found.names()).containsAll(expectedNames());
        assertThat(found.targets())
                .containsExactly(
                        "appending, 100 events in a transaction: 2 writers, Sagaz",
                        "draining: Sagaz",
                        "draining: Sagaz to the fastest other",
                        "a snapshot held on a replica: Sagaz, last 0.5 s, held");
    }

    private static List<String> expectedNames() {
        List<String> names = new ArrayList<>();
        List<String> peers = List.of("status table", "transaction-outbox", "db-scheduler");
        for (String events : List.of("1 event", "100 events")) {
            for (String who : List.of("Sagaz", "multi-row INSERT", "COPY")) {
                names.add("appending, " + events + " in a transaction: 2 writers, " + who);
            }
            for (String peer : peers) {
                names.add("appending, " + events + " in a transaction: 2 writers, " + peer);
            }
        }
        names.add("draining: Sagaz, batchEvents 10,000");
        names.add("draining: scan by a cursor");
        for (String peer : peers) {
            names.add("draining: " + peer);
        }
        for (String who : List.of("Sagaz to Kafka", "the publisher alone", "the relay alone")) {
            names.add("to Kafka: " + who);
        }
        for (String wake : List.of("polling", "woken in the process", "NOTIFY")) {
            for (String part : List.of("p50", "p99", "p50 from the commit", "p99 from the commit")) {
                names.add("on the way, 200 events in a second: " + wake + ", " + part);
            }
        }
        for (String whose : List.of("Sagaz", "status table")) {
            for (String held : List.of("held", "not held")) {
                for (String part : List.of("first 0.5 s", "last 0.5 s", "dead rows", "size")) {
                    names.add("a snapshot held on a replica: " + whose + ", " + part + ", " + held);
                }
            }
        }
        for (String removal : List.of("partitions dropped", "rows deleted")) {
            for (String part :
                    List.of("time", "p99 of a writer", "p99 of a writer, before", "longest wait of a writer")) {
                names.add("old events go: " + removal + ", " + part);
            }
        }
        return names;
    }
}
