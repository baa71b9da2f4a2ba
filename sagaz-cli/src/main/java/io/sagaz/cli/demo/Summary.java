package io.sagaz.cli.demo;

import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The report as text for people. Pure. */
final class Summary {
    private static final int NUMBERS = 38;
    private static final int EXAMPLES = 10;

    private Summary() {}

    static List<Row> rows(DemoReport report) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row());
        rows.add(new Row().add(Style.BOLD, "The books"));
        rows.add(fact("orders acknowledged", report.totals().placed(), "all compared with the tables"));
        rows.add(fact("  of them undone step by step", report.totals().compensated(), ""));
        rows.add(fact("events acknowledged", report.totals().transactions(), ""));
        rows.add(zero("lost", report.verdict().lost(), "acknowledged, and not in the tables"));
        rows.add(zero("duplicated", report.verdict().duplicated(), "sagas, events, payments there twice"));
        rows.add(zero("half done", report.verdict().halfDone(), "orders whose rows disagree"));
        rows.add(zero(
                "differences on the replicas", report.replicaDifferences().size(), "counted after they had caught up"));
        rows.add(zero("reads older than promised", report.troubles().staleViolations(), "of " + reads(report)));
        rows.add(zero("torn reads", report.troubles().tornReads(), "states no transaction left behind"));
        rows.add(zero("errors", report.troubles().errors(), "failures that nobody expects"));
        rows.addAll(handled(report.troubles()));
        examples(report).limit(EXAMPLES).forEach(example -> rows.add(new Row().add(Style.BAD, "  " + example)));

        rows.add(new Row());
        rows.add(new Row().add(Style.BOLD, "The pace"));
        rows.add(new Row()
                .add("  " + Figures.rate(report.sagasPerSecond()) + " sagas/s, "
                        + Figures.rate(report.eventsPerSecond()) + " events/s from " + Demo.WORKERS + " workers"));
        rows.add(new Row().add("  a transaction (order, saga, event): " + percentiles(report.writes())));
        rows.add(new Row().add("  a read: " + percentiles(report.reads().latency())));

        rows.add(new Row());
        rows.add(new Row().add(Style.BOLD, "The reads"));
        rows.add(new Row()
                .add("  " + Figures.count(report.reads().replica()) + " from replicas, "
                        + Figures.count(report.reads().primary()) + " from the primary" + fallbacks(report)));
        rows.add(new Row()
                .add("  replicas answered with at most "
                        + Figures.duration(report.reads().largestReplicaBound()) + " of staleness proved, "
                        + Figures.duration(Dashboard.FRESHNESS) + " allowed"));
        if (report.moves().paused()) {
            rows.add(new Row()
                    .add("  replay was paused: "
                            + moved(report.moves().toPrimary(), "reads moved to the primary", "reads did not move")));
            rows.add(new Row()
                    .add("  replay went on:    "
                            + moved(report.moves().toReplica(), "reads came back", "reads did not come back")));
        }

        rows.add(new Row());
        rows.add(
                report.isClean()
                        ? new Row().add(Style.GOOD, "✓ Nothing was lost, doubled or left half done.")
                        : new Row().add(Style.BAD, "✗ The books do not balance."));
        rows.add(new Row()
                .add(Style.DIM, "  Next: ")
                .add("./sagaz up")
                .add(Style.DIM, " keeps such a topology running for your own program;"));
        rows.add(new Row().add(Style.DIM, "        README.md shows how to use the library."));
        return rows;
    }

    private static Row fact(String what, long number, String remark) {
        return line(what, Style.NORMAL, number, remark);
    }

    private static Row zero(String what, long number, String remark) {
        return line(what, number == 0 ? Style.GOOD : Style.BAD, number, remark);
    }

    private static Row line(String what, Style style, long number, String remark) {
        return new Row()
                .add("  " + what)
                .endingAt(NUMBERS, style, Figures.count(number))
                .add(Style.DIM, remark.isEmpty() ? "" : "   " + remark);
    }

    private static List<Row> handled(Troubles troubles) {
        long all = troubles.writesRetried()
                + troubles.outcomesUnknown()
                + troubles.readsRetried()
                + troubles.readsRefused();
        return all == 0
                ? List.of()
                : List.of(new Row()
                        .add(
                                Style.NOTABLE,
                                "  met and handled: " + troubles.writesRetried() + " writes retried, "
                                        + troubles.outcomesUnknown() + " commits asked after, "
                                        + troubles.readsRetried() + " reads retried, " + troubles.readsRefused()
                                        + " refused"));
    }

    private static Stream<String> examples(DemoReport report) {
        return Stream.of(report.verdict().examples(), report.replicaDifferences(), report.examples())
                .flatMap(List::stream);
    }

    private static String reads(DemoReport report) {
        return Figures.count(report.reads().replica() + report.reads().primary());
    }

    private static String percentiles(Latencies.Percentiles percentiles) {
        return "p50 " + Figures.millis(percentiles.p50Millis()) + ", p99 " + Figures.millis(percentiles.p99Millis());
    }

    private static String fallbacks(DemoReport report) {
        String reasons = report.reads().fallbacks().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " "
                        + Figures.count(entry.getValue()))
                .collect(Collectors.joining(", "));
        return reasons.isEmpty() ? "" : " (" + reasons + ")";
    }

    private static String moved(Optional<Duration> after, String yes, String no) {
        return after.map(duration -> yes + " after " + Figures.duration(duration))
                .orElse(no);
    }
}
