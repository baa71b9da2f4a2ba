package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTableTest {
    @Test
    void eachResultIsALineWithItsRatiosAndTarget() {
        assertThat(ReportTable.lines(Reports.sample()))
                .containsSubsequence(
                        "A sample",
                        "2 cores, 16.0 GiB, Linux 6.1 amd64, Some VM 17.0.1",
                        "PostgreSQL 15.1, PgBouncer 1.18.0, pgjdbc 42.7.0, Sagaz 0.1.0",
                        "first",
                        "  fast           1.00 ms median (1.00 to 1.00, 3)        0.250 x slow; 1.00 x other",
                        "         target met: at most half of slow",
                        "  slow           4.00 ms median (2.00 to 8.00, 3)",
                        "second",
                        "  wait <&>           120 ms max    (30.0 to 120, 2)",
                        "            target NOT met: at most 100 ms");
    }
}
