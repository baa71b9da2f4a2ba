package io.sagaz.cli.demo;

import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Sparkline;
import io.sagaz.cli.term.Style;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Draws a snapshot. Pure: the same snapshot at the same width is the same text.
 *
 * @param title what runs here: versions, replicas, seed
 * @param replicas how many replicas there are
 * @param freshness how old an answer may be
 */
record Screen(String title, int replicas, Duration freshness) {
    /** Narrower than this, the picture of the topology is left out. */
    private static final int PICTURE = 80;

    private static final int WIDEST = 120;
    private static final int STORY_LINES = 5;
    private static final int LABEL = 11;

    // Where the nodes of the picture stand.
    private static final int POOLER_RW = 12;
    private static final int PRIMARY = 28;
    private static final int REPLICA = 43;
    private static final int POOLER_RO = 54;
    private static final int DASHBOARD = 70;

    /** The lines of the screen, none wider than {@code columns}. */
    List<Row> draw(Snapshot snapshot, int columns) {
        int width = Math.min(columns, WIDEST) - 1;
        List<Row> rows = new ArrayList<>();
        rows.add(header(snapshot, width));
        rows.add(progress(snapshot, width));
        rows.add(new Row());
        if (columns >= PICTURE) {
            rows.addAll(picture(snapshot));
            rows.add(new Row());
        }
        rows.addAll(writes(snapshot));
        rows.add(new Row());
        rows.addAll(reads(snapshot, width));
        rows.add(new Row());
        rows.addAll(checks(snapshot));
        rows.add(new Row());
        rows.addAll(story(snapshot));
        return rows;
    }

    private Row header(Snapshot snapshot, int width) {
        String clock = snapshot.stage() == Snapshot.Stage.FINISHING
                ? "finishing"
                : snapshot.elapsed().toSeconds() + " of " + snapshot.run().toSeconds() + " s";
        return new Row()
                .add(Style.BOLD, " Sagaz demo")
                .add(Style.DIM, "  " + title)
                .endingAt(width, Style.BOLD, clock);
    }

    private static Row progress(Snapshot snapshot, int width) {
        double share = Math.min(
                1, snapshot.elapsed().toMillis() / (double) snapshot.run().toMillis());
        int done = (int) Math.round(share * (width - 1));
        return new Row().add(" ").add(Style.GOOD, "━".repeat(done)).add(Style.DIM, "─".repeat(width - 1 - done));
    }

    /**
     * <pre>
     * service ──▶ PgBouncer-RW ─▶ primary ──WAL──▶ replica ◀── PgBouncer-RO ◀─ dashboard
     * 812/s                          ▲                              400/s       400 reads/s
     *                                └──────────── 0 reads/s ───────────────────┘
     * </pre>
     */
    private List<Row> picture(Snapshot snapshot) {
        boolean paused = snapshot.stage() == Snapshot.Stage.PAUSED;
        double fromReplica = snapshot.reads().replica().perSecond();
        double fromPrimary = snapshot.reads().primary().perSecond();
        boolean replicaReads = fromReplica >= 1;
        boolean primaryReads = fromPrimary >= 1;
        Style toReplica = replicaReads ? Style.GOOD : Style.DIM;
        Style toPrimary = primaryReads ? Style.NOTABLE : Style.DIM;

        Row nodes = new Row()
                .add(" ")
                .add(Style.BOLD, "service")
                .to(9)
                .add(Style.GOOD, "─▶")
                .to(POOLER_RW)
                .add("PgBouncer-RW")
                .to(25)
                .add(Style.GOOD, "─▶")
                .to(PRIMARY)
                .add(Style.BOLD, "primary")
                .to(36)
                .add(paused ? Style.NOTABLE : Style.GOOD, paused ? "─╳WAL─" : "─WAL─▶")
                .to(REPLICA)
                .add(paused ? Style.NOTABLE : Style.BOLD, "replica")
                .to(51)
                .add(toReplica, "◀─")
                .to(POOLER_RO)
                .add("PgBouncer-RO")
                .to(67)
                .add(toReplica, "◀─")
                .to(DASHBOARD)
                .add(Style.BOLD, "dashboard");
        Row figures = new Row()
                .add(" ")
                .add(Figures.rate(snapshot.writes().sagasPerSecond()) + " sagas/s")
                .to(POOLER_RW + 3)
                .add(Style.DIM, "transaction")
                .to(PRIMARY + 3)
                .add(toPrimary, primaryReads ? "▲" : "│")
                .to(REPLICA)
                .add(
                        paused ? Style.NOTABLE : Style.DIM,
                        (replicas == 1 ? "" : replicas + " ") + (paused ? "paused" : "running"))
                .to(POOLER_RO)
                .add(toReplica, Figures.rate(fromReplica) + " reads/s")
                .to(DASHBOARD + 3)
                .add(toPrimary, "│");
        String label = " " + Figures.rate(fromPrimary) + " reads/s when no replica is fresh ";
        int span = DASHBOARD - PRIMARY - 1;
        int left = (span - label.length()) / 2;
        Row fallback = new Row()
                .to(PRIMARY + 3)
                .add(toPrimary, "└" + "─".repeat(left) + label + "─".repeat(span - left - label.length()) + "┘");
        return List.of(nodes, figures, fallback);
    }

    private static List<Row> writes(Snapshot snapshot) {
        Snapshot.Writes writes = snapshot.writes();
        Ledger.Totals totals = writes.totals();
        return List.of(
                label("writes")
                        .add(Style.BOLD, Figures.rate(writes.sagasPerSecond()))
                        .add(" sagas/s  ")
                        .add(Style.BOLD, Figures.rate(writes.eventsPerSecond()))
                        .add(" events/s")
                        .add(Style.DIM, "   transaction p50 ")
                        .add(Figures.millis(writes.latency().p50Millis()))
                        .add(Style.DIM, " p99 ")
                        .add(Figures.millis(writes.latency().p99Millis())),
                label("")
                        .add(Figures.count(totals.finished()))
                        .add(Style.DIM, " sagas finished, ")
                        .add(Figures.count(totals.compensated()))
                        .add(Style.DIM, " of them undone; ")
                        .add(Figures.count(totals.transactions()))
                        .add(Style.DIM, " events"));
    }

    private List<Row> reads(Snapshot snapshot, int width) {
        Snapshot.Reads reads = snapshot.reads();
        double perSecond = reads.replica().perSecond() + reads.primary().perSecond();
        int line = Math.max(1, Math.min(History.SLOTS, width - LABEL - 11));
        int passed = (int) Math.min(
                History.SLOTS,
                snapshot.elapsed().toMillis() * History.SLOTS / snapshot.run().toMillis());
        double largest = Math.max(
                largest(reads.replica().history()), largest(reads.primary().history()));
        return List.of(
                label("reads")
                        .add(Style.BOLD, Figures.rate(perSecond))
                        .add(" reads/s")
                        .add(Style.DIM, "   p50 ")
                        .add(Figures.millis(reads.latency().p50Millis()))
                        .add(Style.DIM, " p99 ")
                        .add(Figures.millis(reads.latency().p99Millis())),
                label(" replica")
                        .add(Style.GOOD, Sparkline.draw(reads.replica().history(), passed, largest, line))
                        .endingAt(
                                LABEL + line + 10,
                                Style.NORMAL,
                                Figures.count(reads.replica().total())),
                label(" primary")
                        .add(Style.NOTABLE, Sparkline.draw(reads.primary().history(), passed, largest, line))
                        .endingAt(
                                LABEL + line + 10,
                                Style.NORMAL,
                                Figures.count(reads.primary().total())),
                label(" why").add(Style.DIM, reasons(reads)),
                label(" age")
                        .add("at most ")
                        .add(Figures.duration(freshness))
                        .add(Style.DIM, " asked for, ")
                        .add(Figures.duration(reads.newestBound()))
                        .add(Style.DIM, " proved just now, ")
                        .add(Figures.duration(reads.largestReplicaBound()))
                        .add(Style.DIM, " at worst"));
    }

    private static List<Row> checks(Snapshot snapshot) {
        Troubles troubles = snapshot.troubles();
        long wrong = troubles.staleViolations() + troubles.tornReads();
        Row answers = label("checked")
                .add("every answer against the ledger: ")
                .add(
                        wrong == 0 ? Style.GOOD : Style.BAD,
                        troubles.staleViolations() + " too old, " + troubles.tornReads() + " torn");
        long handled = troubles.writesRetried()
                + troubles.outcomesUnknown()
                + troubles.readsRetried()
                + troubles.readsRefused();
        if (handled + troubles.errors() == 0) {
            return List.of(answers);
        }
        return List.of(
                answers,
                label("")
                        .add(
                                Style.NOTABLE,
                                troubles.writesRetried() + " writes retried, " + troubles.outcomesUnknown()
                                        + " commits asked after, " + troubles.readsRetried() + " reads retried, "
                                        + troubles.readsRefused() + " refused")
                        .add(troubles.errors() == 0 ? Style.DIM : Style.BAD, ", " + troubles.errors() + " errors"));
    }

    private static List<Row> story(Snapshot snapshot) {
        return snapshot.story().newest(STORY_LINES).stream()
                .map(entry -> new Row()
                        .add(
                                Style.DIM,
                                String.format(
                                        Locale.ROOT, " %6.1f s  ", entry.at().toMillis() / 1e3))
                        .add(entry.text()))
                .toList();
    }

    private static String reasons(Snapshot.Reads reads) {
        return Arrays.stream(RouteReason.values())
                .filter(reads.reasons()::containsKey)
                .map(reason ->
                        words(reason) + " " + Figures.count(reads.reasons().getOrDefault(reason, 0L)))
                .collect(Collectors.joining(" · "));
    }

    private static String words(RouteReason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Row label(String text) {
        return new Row().add(" ").add(Style.DIM, text).to(LABEL);
    }

    private static double largest(List<Integer> history) {
        return history.stream().mapToInt(Integer::intValue).max().orElse(0);
    }
}
