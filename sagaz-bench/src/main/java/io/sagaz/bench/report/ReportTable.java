package io.sagaz.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report as text for people, in letters that every terminal has. Pure. */
public final class ReportTable {
    private ReportTable() {}

    /** The lines. */
    public static List<String> lines(Report report) {
        List<String> lines = new ArrayList<>();
        lines.add(report.title()
                + (report.run().quick() ? " (--quick: shows that it works; the numbers say little)" : ""));
        lines.add(machine(report.machine()));
        lines.add(versions(report.versions()));
        for (Section section : report.sections()) {
            lines.add("");
            lines.add(section.title());
            int width = section.results().stream()
                    .mapToInt(result -> result.name().length())
                    .max()
                    .orElse(0);
            section.results().forEach(result -> lines.addAll(rows(result, width)));
        }
        lines.add("");
        lines.add(
                "Numbers: of all rounds the median, max or min (min to max, rounds). Ratios: medians of the rounds'.");
        return lines;
    }

    static String machine(Machine machine) {
        return machine.cores() + " cores, " + machine.memory() + ", " + machine.os() + ", " + machine.jvm();
    }

    static String versions(Versions versions) {
        return "PostgreSQL " + versions.postgres() + ", PgBouncer " + versions.pgbouncer() + ", pgjdbc "
                + versions.pgjdbc() + ", Sagaz " + versions.sagaz();
    }

    private static List<String> rows(Result result, int width) {
        List<String> rows = new ArrayList<>();
        String spread = result.rounds().count() == 1
                ? "(once)"
                : "(" + Figures.number(result.rounds().min(), result.unit()) + " to "
                        + Figures.number(result.rounds().max(), result.unit()) + ", "
                        + result.rounds().count() + ")";
        String ratios = result.ratios().stream()
                .map(ratio -> Figures.ratio(ratio.value()) + " x " + ratio.of())
                .collect(Collectors.joining("; "));
        rows.add(String.format(
                        Locale.ROOT,
                        "  %-" + Math.max(1, width) + "s  %15s %-6s %-24s %s",
                        result.name(),
                        Figures.quantity(result.value(), result.unit()),
                        result.statistic().word(),
                        spread,
                        ratios)
                .stripTrailing());
        result.target()
                .ifPresent(target -> rows.add("  " + " ".repeat(width) + "  target "
                        + (target.met() ? "met: " : "NOT met: ") + target.text()));
        return rows;
    }
}
