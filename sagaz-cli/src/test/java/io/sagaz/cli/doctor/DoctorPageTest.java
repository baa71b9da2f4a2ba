package io.sagaz.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DoctorPageTest {
    @Test
    void thePageHasARowForEachFindingAndForNoOther() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../docs/operations/doctor.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring("| `".length(), line.indexOf("` |")))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(Stream.of(Id.values()).map(Id::text).toList());
    }

    @Test
    void eachFindingIsProvokedInATest() throws IOException {
        String tests = Files.readString(Path.of("src/test/java/io/sagaz/cli/doctor/DoctorIT.java"))
                + Files.readString(Path.of("src/test/java/io/sagaz/cli/doctor/DoctorAfterRestartsIT.java"));

        assertThat(Stream.of(Id.values())
                        .filter(id -> !Pattern.compile("has\\(\\s*Id\\." + id.name() + ",")
                                .matcher(tests)
                                .find()))
                .isEmpty();
    }
}
