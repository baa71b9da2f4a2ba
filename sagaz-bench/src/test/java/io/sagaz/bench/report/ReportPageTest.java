package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportPageTest {
    @Test
    void thePageSaysHowWhatItMeansAndHowToRepeatIt() {
        assertThat(ReportPage.of(Reports.sample()))
                .startsWith("# A sample\n")
                .contains("![Ratios on a logarithmic scale](sample.svg)")
                .contains("on 2026-01-02 (UTC)")
                .contains("| first: fast | at most half of slow | 1.00 ms (1.00 to 1.00); 0.250 of slow | met |")
                .contains("| second: wait <&> | at most 100 ms | 120 ms (30.0 to 120) | **not met** |")
                .contains("All of it is made up.")
                .contains("2 cores, 16.0 GiB")
                .contains("How first was done.")
                .contains("| fast | 1.00 ms | 1.00 to 1.00 | 3 | 0.250 of slow; 1.00 of other |")
                .contains("| wait <&> | 120 ms (max) | 30.0 to 120 | 2 |  |")
                .contains("What second means.")
                .contains("./bench sample            # about 2 minutes here");
    }
}
