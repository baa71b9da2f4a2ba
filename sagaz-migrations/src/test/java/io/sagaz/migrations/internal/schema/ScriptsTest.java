package io.sagaz.migrations.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;

class ScriptsTest {
    @Test
    void everyFileIsListedInTheOrderOfVersions() throws IOException, URISyntaxException {
        URL first = Objects.requireNonNull(Scripts.class.getResource(Scripts.DIRECTORY + Scripts.NAMES.get(0)));
        try (Stream<Path> files = Files.list(Path.of(first.toURI()).resolveSibling(""))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Scripts.NAMES);
        }
        assertThat(Scripts.NAMES.stream().map(Scripts::version)).isSorted().endsWith(Scripts.LATEST);
    }

    @Test
    void nothingIsFoundThatIsNotOurs() {
        Scripts scripts = new Scripts();
        assertThat(scripts.getResource("V1__host.sql")).isNull();
        assertThat(scripts.getResources("V", new String[] {".sql"})).hasSameSizeAs(Scripts.NAMES);
        assertThat(scripts.getResources("R", new String[] {".sql"})).isEqualTo(List.of());
    }

    @Test
    void whatAVersionHasAlreadyIsNotStillToBeMade() {
        assertThat(Scripts.objectsMadeAfter(MigrationVersion.EMPTY))
                .contains("saga_executions", "saga_executions_pkey", "saga_outbox_seq", "maintain_all_partitions");
        assertThat(Scripts.objectsMadeAfter(MigrationVersion.fromVersion("1.3")))
                .contains("saga_outbox", "saga_outbox_pkey")
                .doesNotContain("saga_executions", "saga_executions_pkey");
        assertThat(Scripts.objectsMadeAfter(Scripts.LATEST)).isEmpty();
    }
}
