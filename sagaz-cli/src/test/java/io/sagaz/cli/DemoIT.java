package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoIT {
    @Test
    void runAfterAKilledOneIsCleanAndCleansUp() throws Exception {
        ChildSagaz.Servers orphans;
        try (ChildSagaz killed = ChildSagaz.start("demo", "--seconds", "60", "--json")) {
            killed.awaitWords("taking orders");
            orphans = killed.servers();
            killed.kill();
            killed.awaitExit();
        }
        assertThat(orphans.processes()).isNotEmpty();
        assertThat(orphans.directories()).isNotEmpty();

        try (ChildSagaz demo = ChildSagaz.start("demo", "--seconds", "10", "--json", "--seed", "11")) {
            demo.awaitWords("replay paused on replica-1");
            ChildSagaz.Servers servers = demo.servers();
            demo.awaitWords("reads have moved to the primary");
            demo.awaitWords("replay goes on");
            demo.awaitWords("Checking the books");

            assertThat(demo.awaitExit()).as(demo.remainingWords().toString()).isZero();
            List<String> output = demo.remainingOutput();
            assertThat(output).hasSize(1);
            checkFigures(Json.object(output.get(0)));
            assertThat(servers.left()).isEmpty();
        }
        assertThat(orphans.left()).isEmpty();
    }

    @Test
    void terminatedRunSaysSoAndLeavesNothing() throws Exception {
        try (ChildSagaz demo = ChildSagaz.start("demo", "--json")) {
            demo.awaitWords("taking orders");
            ChildSagaz.Servers servers = demo.servers();
            demo.terminate();

            assertThat(demo.awaitExit()).isEqualTo(143);
            assertThat(demo.remainingOutput())
                    .as(demo.remainingWords().toString())
                    .hasSize(1);
            assertThat(Json.text(Json.object(demo.remainingOutput().get(0)), "error"))
                    .contains("signal");
            assertThat(servers.processes()).isNotEmpty();
            assertThat(servers.left()).isEmpty();
        }
    }

    private static void checkFigures(Map<String, Object> report) {
        for (String mustBeZero : List.of(
                "lost", "duplicated", "halfDone", "replicaDifferences", "staleViolations", "tornReads", "errors")) {
            assertThat(Json.number(report, mustBeZero)).as(mustBeZero).isZero();
        }
        double sagas = Json.number(report, "sagas");
        assertThat(sagas).isGreaterThan(50);
        assertThat(Json.number(report, "compensated")).isBetween(1.0, sagas / 4);
        assertThat(Json.number(report, "events")).isBetween(4 * sagas, 6 * sagas);
        assertThat(Json.number(report, "sagasPerSecond")).isPositive();
        assertThat(Json.number(report, "eventsPerSecond")).isPositive();
        for (String latency : List.of("writeMillis", "readMillis")) {
            assertThat(Json.number(report, latency, "p99"))
                    .isGreaterThanOrEqualTo(Json.number(report, latency, "p50"))
                    .isPositive();
        }
        assertThat(Json.number(report, "reads", "replica")).isPositive();
        assertThat(Json.number(report, "reads", "primary"))
                .isPositive()
                .isEqualTo(((Map<?, ?>) Json.at(report, "fallbackReasons"))
                        .values().stream().mapToDouble(count -> (Double) count).sum());
        assertThat(Json.number(report, "fallbackReasons", "REPLICA_STALE")).isPositive();
        assertThat(Json.number(report, "maxStalenessMillis")).isBetween(0.0, 500.0);
        assertThat(Json.number(report, "movedToPrimaryMillis")).isPositive();
        assertThat(Json.number(report, "returnedToReplicaMillis")).isPositive();
        assertThat(Json.number(report, "topologyStartMillis")).isPositive();
        assertThat(Json.number(report, "seconds")).isEqualTo(10);
        assertThat(Json.number(report, "replicas")).isEqualTo(1);
        assertThat(Json.number(report, "seed")).isEqualTo(11);
        assertThat(Json.text(report, "sources", "postgres")).matches("\\d+.*");
        assertThat(Json.text(report, "sources", "postgresOrigin")).isNotBlank();
        assertThat(Json.text(report, "sources", "pgbouncer")).matches("\\d+.*");
    }
}
