package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.JsonDocument;
import io.sagaz.storage.RouteReason;
import io.sagaz.testkit.Sources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final Verdict CLEAN = new Verdict(100, 100, 300, 410, 0, 0, 0, List.of());
    private static final Troubles NONE = new Troubles(0, 0, 0, 0, 0, 0, 0);

    @Test
    void cleanRunFitsAnOrdinaryTerminalAndNamesTheNextStep() {
        String text = text(report(CLEAN, NONE, List.of()));

        assertThat(text)
                .contains("Nothing was lost", "./sagaz up", "20 from the primary (replica stale 20)")
                .contains("reads moved to the primary after 468 ms", "reads did not come back")
                .doesNotContain("met and handled");
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(80));
    }

    @Test
    void handledTroubleIsNamedAndForgiven() {
        DemoReport report = report(CLEAN, new Troubles(3, 1, 2, 4, 0, 0, 0), List.of());

        assertThat(report.isClean()).isTrue();
        assertThat(text(report))
                .contains("3 writes retried, 1 commits asked after, 2 reads retried, 4 refused", "Nothing was lost");
    }

    @Test
    void everyBrokenPromiseMakesTheRunFail() {
        assertThat(report(new Verdict(1, 1, 3, 3, 1, 0, 0, List.of("lost: x")), NONE, List.of()))
                .satisfies(SummaryTest::fails);
        assertThat(report(new Verdict(1, 1, 3, 3, 0, 1, 0, List.of()), NONE, List.of()))
                .satisfies(SummaryTest::fails);
        assertThat(report(new Verdict(1, 1, 3, 3, 0, 0, 1, List.of()), NONE, List.of()))
                .satisfies(SummaryTest::fails);
        assertThat(report(CLEAN, new Troubles(0, 0, 0, 0, 1, 0, 0), List.of())).satisfies(SummaryTest::fails);
        assertThat(report(CLEAN, new Troubles(0, 0, 0, 0, 0, 1, 0), List.of())).satisfies(SummaryTest::fails);
        assertThat(report(CLEAN, new Troubles(0, 0, 0, 0, 0, 0, 1), List.of())).satisfies(SummaryTest::fails);
        assertThat(report(CLEAN, NONE, List.of("replica-1 has 1 row"))).satisfies(SummaryTest::fails);
    }

    @Test
    void examplesOfWhatIsWrongAreShown() {
        assertThat(text(report(new Verdict(1, 1, 3, 3, 1, 0, 0, List.of("lost: order 7: its row")), NONE, List.of())))
                .contains("lost: order 7: its row");
    }

    private static void fails(DemoReport report) {
        assertThat(report.isClean()).isFalse();
        assertThat(text(report)).contains("The books do not balance");
        assertThat(JsonDocument.of(json -> DemoJson.write(report, json))).contains("\"ok\":false");
    }

    private static String text(DemoReport report) {
        return Summary.rows(report).stream()
                .map(row -> row.render(Integer.MAX_VALUE, false))
                .collect(Collectors.joining("\n"));
    }

    private static DemoReport report(Verdict verdict, Troubles troubles, List<String> replicaDifferences) {
        return new DemoReport(
                new DemoOptions(30, 1, 42),
                new Sources("17.2", "programs on this machine", "1.24.1"),
                Duration.ofMillis(1_500),
                Duration.ofSeconds(30),
                new Ledger.Totals(100, 100, 5, 410),
                new Latencies.Percentiles(3.1, 9.8),
                new DemoReport.Reads(
                        80,
                        20,
                        new Latencies.Percentiles(0.6, 3),
                        Map.of(RouteReason.REPLICA_FRESH, 80L, RouteReason.REPLICA_STALE, 20L),
                        Duration.ofMillis(488)),
                new DemoReport.Moves(true, Optional.of(Duration.ofMillis(468)), Optional.empty()),
                troubles,
                verdict,
                replicaDifferences,
                List.of());
    }
}
