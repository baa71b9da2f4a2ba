package io.sagaz.cli.look;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.MigrationException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FactTest {
    @Test
    void whatGoesWrongMakesItUnknownWithTheReason() {
        Fact<String> fact = Fact.of("the answer", () -> {
            throw new SQLException("no answer");
        });

        assertThat(fact).isEqualTo(new Fact.Unknown<String>("the answer", "no answer"));
        assertThat(fact.known()).isEmpty();
        assertThat(Fact.of("the schema", () -> {
                    throw new MigrationException("refused");
                }))
                .isEqualTo(new Fact.Unknown<>("the schema", "refused"));
    }

    @Test
    void aFaultOfTheProgramIsNotTakenForSomethingUnknown() {
        assertThatThrownBy(() -> Fact.of("the answer", () -> {
                    throw new IllegalStateException("a fault");
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatDependsOnTheUnknownIsUnknownForTheSameReason() {
        Fact<Integer> unknown = new Fact.Unknown<>("a server", "refused");

        assertThat(unknown.then("its slots", value -> new Fact.Known<>(value + 1)))
                .isEqualTo(new Fact.Unknown<>("its slots", "refused"));
        assertThat(new Fact.Known<>(1).then("its slots", value -> new Fact.Known<>(value + 1)))
                .isEqualTo(new Fact.Known<>(2));
    }

    @ParameterizedTest
    @CsvSource({"PgBouncer 1.18.0, 1, 18", "1.24.1, 1, 24", "PgBouncer 2.0.0-dev, 2, 0"})
    void versionsOfPgBouncer(String text, int major, int minor) {
        assertThat(PoolerState.Version.parse(text)).isEqualTo(new PoolerState.Version(major, minor));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PgBouncer", "PgBouncer 1"})
    void whatIsNoVersionIsNone(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolerState.Version.parse(text))
                .withMessageContaining("No version of PgBouncer");
    }

    @Test
    void versionsAreComparedByTheirNumbers() {
        PoolerState.Version version = new PoolerState.Version(1, 21);

        assertThat(version.isAtLeast(1, 21)).isTrue();
        assertThat(version.isAtLeast(1, 22)).isFalse();
        assertThat(version.isAtLeast(2, 0)).isFalse();
        assertThat(new PoolerState.Version(2, 0).isAtLeast(1, 21)).isTrue();
    }
}
