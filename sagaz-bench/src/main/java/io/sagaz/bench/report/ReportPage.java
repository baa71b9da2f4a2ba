package io.sagaz.bench.report;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report as a page in Markdown. Pure. */
public final class ReportPage {
    private ReportPage() {}

    /** The page. */
    public static String of(Report report) {
        StringBuilder page = new StringBuilder();
        page.append("# ").append(report.title()).append("\n\n");
        page.append("Written by `./bench ")
                .append(report.name())
                .append("` on ")
                .append(report.run().day())
                .append(" (UTC); not edited by hand. The same numbers for programs: [")
                .append(report.name())
                .append(".json](")
                .append(report.name())
                .append(".json).\n\n");
        page.append("![Ratios on a logarithmic scale](").append(report.name()).append(".svg)\n\n");
        targets(report, page);
        page.append("## How it was measured\n\n");
        report.circumstances().forEach(paragraph -> page.append(paragraph).append("\n\n"));
        page.append("Machine: ").append(ReportTable.machine(report.machine())).append(". ");
        page.append(ReportTable.versions(report.versions())).append(".\n\n");
        report.sections().forEach(section -> section(section, page));
        page.append("## How to repeat it\n\n```\n./bench ")
                .append(report.name())
                .append("            # about ")
                .append(minutes(report.run().took()))
                .append(" here; writes this page, the document and the picture\n./bench ")
                .append(report.name())
                .append(" --quick    # shows that it works; writes nothing\n./bench ")
                .append(report.name())
                .append(" --json     # the document on standard output\n```\n");
        return page.toString();
    }

    private static void targets(Report report, StringBuilder page) {
        List<String> rows = report.sections().stream()
                .flatMap(section -> section.results().stream()
                        .filter(result -> result.target().isPresent())
                        .map(result -> targetRow(section, result)))
                .toList();
        if (!rows.isEmpty()) {
            page.append("## Targets\n\n| measured | target | result | |\n|---|---|---|---|\n");
            rows.forEach(row -> page.append(row).append('\n'));
            page.append('\n');
        }
    }

    private static String targetRow(Section section, Result result) {
        Target target = result.target().orElseThrow();
        String found = Figures.quantity(result.value(), result.unit())
                + spread(result)
                + result.ratios().stream()
                        .limit(1)
                        .map(ratio -> "; " + ratio(ratio))
                        .collect(Collectors.joining());
        return "| " + section.title() + ": " + result.name() + " | " + target.text() + " | " + found + " | "
                + (target.met() ? "met" : "**not met**") + " |";
    }

    private static void section(Section section, StringBuilder page) {
        page.append("## ").append(capitalized(section.title())).append("\n\n");
        page.append(section.how()).append("\n\n");
        page.append("| | value | min to max | rounds | ratio |\n|---|---:|---:|---:|---|\n");
        for (Result result : section.results()) {
            page.append("| ").append(result.name()).append(" | ");
            page.append(Figures.quantity(result.value(), result.unit()));
            page.append(
                    result.statistic() == Statistic.MEDIAN
                            ? ""
                            : " (" + result.statistic().word() + ")");
            page.append(" | ").append(Figures.number(result.rounds().min(), result.unit()));
            page.append(" to ").append(Figures.number(result.rounds().max(), result.unit()));
            page.append(" | ").append(result.rounds().count()).append(" | ");
            page.append(result.ratios().stream().map(ReportPage::ratio).collect(Collectors.joining("; ")));
            page.append(" |\n");
        }
        page.append('\n').append(section.meaning()).append("\n\n");
    }

    /** Targets look at single rounds, too. */
    private static String spread(Result result) {
        return result.rounds().count() == 1
                ? ""
                : " (" + Figures.number(result.rounds().min(), result.unit()) + " to "
                        + Figures.number(result.rounds().max(), result.unit()) + ")";
    }

    private static String ratio(Ratio ratio) {
        return Figures.ratio(ratio.value()) + " of " + ratio.of();
    }

    private static String capitalized(String title) {
        return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
    }

    private static String minutes(Duration took) {
        long minutes = Math.max(1, Math.round(took.toSeconds() / 60.0));
        return minutes == 1 ? "1 minute" : minutes + " minutes";
    }
}
