package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariablesFileTest {
    private static final Map<String, String> VARIABLES = Map.of("SAGAZ_REPLICA_URLS", "one two");

    @TempDir
    private Path folder;

    @Test
    void onlyItsOwnerMayReadItAndItGoes() throws IOException {
        Path file = folder.resolve("up.env");
        try (VariablesFile written = VariablesFile.write(file, VARIABLES, false)) {
            assertThat(written.path()).isEqualTo(file);
            assertThat(file).hasContent("SAGAZ_REPLICA_URLS='one two'");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatSomebodyHasChangedStays() throws IOException {
        Path file = folder.resolve("up.env");
        try (VariablesFile written = VariablesFile.write(file, VARIABLES, false)) {
            assertThat(written.path()).isEqualTo(file);
            Files.writeString(file, "MINE=1\n");
        }
        assertThat(file).hasContent("MINE=1");
    }

    @Test
    void aFileThatIsThereIsOverwrittenByForceOnly() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.env"), "MINE=1\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariablesFile.check("--env", file, false))
                .withMessage("--env " + file + " is there already: name another file, or say --force to overwrite it");
        VariablesFile.check("--env", file, true);
        try (VariablesFile written = VariablesFile.write(file, VARIABLES, true)) {
            assertThat(written.path()).isEqualTo(file);
            assertThat(file).hasContent("SAGAZ_REPLICA_URLS='one two'");
        }
    }

    @Test
    void aFolderIsNoFileAndAMissingOneIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariablesFile.check("--env", folder, true))
                .withMessage("--env must be a file, but " + folder + " is a folder");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariablesFile.check("--env", folder.resolve("no/up.env"), false))
                .withMessageEndingWith(folder.resolve("no") + " is no folder in which you may write");
    }
}
