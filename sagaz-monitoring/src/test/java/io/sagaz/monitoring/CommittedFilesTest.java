package io.sagaz.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files in the directory monitoring of the project are those that the code makes. */
class CommittedFilesTest {
    private static final Path COMMITTED = Path.of("..", "monitoring");
    private static final Path MADE = Path.of("target", "monitoring");

    @Test
    void theyAreUpToDate() throws IOException {
        WrittenFiles.write(MonitoringFiles.all(), MADE);
        Map<String, String> committed = new TreeMap<>();
        if (Files.isDirectory(COMMITTED)) {
            try (Stream<Path> files = Files.walk(COMMITTED)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    committed.put(COMMITTED.relativize(file).toString().replace('\\', '/'), Files.readString(file));
                }
            }
        }
        assertThat(committed).as("""
            monitoring/ is out of date. Renew it with:
              rm -rf monitoring && cp -R sagaz-monitoring/target/monitoring monitoring
            """).isEqualTo(MonitoringFiles.all());
    }

    @Test
    void theSameArgumentsGiveTheSameBytes() {
        assertThat(MonitoringFiles.all()).isEqualTo(MonitoringFiles.all()).isUnmodifiable();
    }
}
