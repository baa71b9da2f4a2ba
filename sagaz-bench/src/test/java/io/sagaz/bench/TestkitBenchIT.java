package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.testkit.TestkitBenchmark;
import io.sagaz.bench.testkit.TestkitSizes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestkitBenchIT {
    @Test
    void aQuickRunMeasuresEverythingAndWritesNoFiles(@TempDir Path results) throws Exception {
        QuickRun run = QuickRun.of(
                new TestkitBenchmark(new TestkitSizes(0, true, 0, 0, 0), new TestkitSizes(1, false, 1, 1_000, 1)),
                results);

        QuickRun.Results found = run.results();
        assertThat(results).isEmptyDirectory();
        assertThat(found.names())
                .contains(
                        "a topology starts: maven 14, start",
                        "a topology starts: maven 14, whole JVM",
                        "a topology starts: maven 18, whole JVM",
                        "a database for each test: made and dropped",
                        "a database for each test: made",
                        "a database for each test: dropped",
                        "a full database: 1,000 sagas over 12 months");
        assertThat(found.targets())
                .contains(
                        "a topology starts: maven 14, start",
                        "a topology starts: maven 18, start",
                        "a database for each test: made and dropped",
                        "a full database: 1,000 sagas over 12 months");
    }
}
