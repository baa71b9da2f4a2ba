package io.sagaz.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes document, page and picture into a directory. */
public final class ReportFiles {
    private ReportFiles() {}

    /** Writes them, over those of an earlier run, and gives their names. */
    public static List<String> write(Report report, Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(report.name() + ".json"), ReportJson.pretty(report));
        Files.writeString(directory.resolve(report.name() + ".md"), ReportPage.of(report));
        Files.writeString(directory.resolve(report.name() + ".svg"), ReportPicture.of(report));
        return List.of(report.name() + ".json", report.name() + ".md", report.name() + ".svg");
    }
}
