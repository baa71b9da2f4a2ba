package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {
    @Test
    void anEarlierRunIsReplaced(@TempDir Path directory) throws Exception {
        Path results = directory.resolve("docs");
        ReportFiles.write(Reports.sample(), results);
        Files.writeString(results.resolve("sample.md"), "earlier");

        assertThat(ReportFiles.write(Reports.sample(), results))
                .containsExactly("sample.json", "sample.md", "sample.svg");

        assertThat(results.resolve("sample.json")).hasContent(ReportJson.pretty(Reports.sample()));
        assertThat(results.resolve("sample.md")).hasContent(ReportPage.of(Reports.sample()));
        assertThat(results.resolve("sample.svg")).hasContent(ReportPicture.of(Reports.sample()));
    }
}
