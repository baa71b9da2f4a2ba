package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramSourceTest {
    @ParameterizedTest
    @CsvSource({"installed, INSTALLED", "maven, MAVEN", "' containers ', CONTAINERS", "'', AUTOMATIC"})
    void theSettingNamesTheSource(String value, ProgramSource source) {
        assertThat(of(value)).isEqualTo(source);
    }

    @Test
    void withoutItTheSourceIsChosenByWhatThereIs() {
        assertThat(ProgramSource.of(Settings.of(name -> null))).isEqualTo(ProgramSource.AUTOMATIC);
        assertThat(ProgramSource.AUTOMATIC.said()).isEqualTo("sagaz.testkit.source is not set");
        assertThat(ProgramSource.MAVEN.said()).isEqualTo("sagaz.testkit.source=maven");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "automatic", "MAVEN"})
    void anythingElseIsRefused(String value) {
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> of(value))
                .withMessage("sagaz.testkit.source (or the variable SAGAZ_TESTKIT_SOURCE) must be installed, maven or"
                        + " containers, or not be set, but is " + value);
    }

    @Test
    void aMajorVersionIsAskedForWhereABuilderDoesNot() {
        assertThat(asked("17")).hasValue(17);
        assertThat(asked("")).isEmpty();
        for (String value : List.of("13", "19", "18.1", "newest", "99999999999")) {
            assertThatExceptionOfType(TopologyException.class)
                    .isThrownBy(() -> asked(value))
                    .withMessage(
                            "sagaz.testkit.postgres (or the variable SAGAZ_TESTKIT_POSTGRES) must be a major version"
                                    + " of PostgreSQL from 14 to 18, or not be set, but is " + value);
        }
    }

    @Test
    void containersNeedTestcontainersOnLinux() {
        ClassLoader without = new ClassLoader(null) {};
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> ContainerPrograms.requireSupport("Linux", without))
                .withMessageStartingWith(
                        "sagaz.testkit.source=containers needs Testcontainers, which is not on the class"
                                + " path: add org.testcontainers:testcontainers:2.");
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() ->
                        ContainerPrograms.requireSupport("Mac OS X", getClass().getClassLoader()))
                .withMessageContaining("needs Linux")
                .withMessageContaining("but this is Mac OS X");
        ContainerPrograms.requireSupport("Linux", getClass().getClassLoader());
    }

    private static OptionalInt asked(String value) {
        return PostgresPrograms.asked(Settings.of(Map.of(Settings.POSTGRES, value)::get));
    }

    private static ProgramSource of(String value) {
        return ProgramSource.of(Settings.of(Map.of(Settings.SOURCE, value)::get));
    }
}
