package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvFileTest {
    @Test
    void theLastValueCountsAndQuotesAreNotPartOfIt() {
        EnvFile file = EnvFile.of("A=1\n A = \"2\"\nB=\n# C=3\n");

        assertThat(file.get("A")).contains("2");
        assertThat(file.get("B")).isEmpty();
        assertThat(file.get("C")).isEmpty();
    }

    @Test
    void whatPeopleWroteStaysWhereItIs() {
        EnvFile file = EnvFile.of("# mine\nA=1\n\nOTHER=x\n");

        assertThat(file.with(Map.of("A", "2", "B", "3")).text()).isEqualTo("# mine\nA=2\n\nOTHER=x\nB=3\n");
    }

    @Test
    void ofANameThatIsThereTwiceOneLineIsLeft() {
        assertThat(EnvFile.of("A=1\nB=1\nA=2\n").with(Map.of("A", "3")).text()).isEqualTo("B=1\nA=3\n");
    }

    @Test
    void nothingToChangeChangesNothing() {
        String text = "A='1'\r\n\nB=2\n";

        assertThat(EnvFile.of(text).with(Map.of("A", "1", "B", "2")).text()).isEqualTo(text.replace("\r", ""));
    }
}
