package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationConfigTest {
    private static final MigrationConfig GOOD =
            MigrationConfig.of("jdbc:postgresql://db:5432/sagaz", "owner", "secret");

    @Test
    void defaultsAreDocumented() {
        assertThat(GOOD.schema()).isEqualTo("public");
        assertThat(GOOD.lockWait()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void secretsAreNotShown() {
        MigrationConfig config =
                MigrationConfig.of("jdbc:postgresql://db:5432/sagaz?sslpassword=secret", "owner", "secret");
        assertThat(config.toString()).contains("owner", "db:5432/sagaz").doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"password=hidden", "ssl=true&password=hidden", "user=hidden"})
    void credentialsInTheUrlAreRefusedWithoutShowingThem(String parameters) {
        assertThatThrownBy(() -> MigrationConfig.of("jdbc:postgresql://db/sagaz?" + parameters, "owner", "secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MigrationConfig.password")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void anotherDatabaseIsRefused() {
        assertThatThrownBy(() -> MigrationConfig.of("jdbc:mysql://db/sagaz", "owner", "secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jdbc:postgresql:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Sagaz", "1st", "a-b", "a\"b", "a;b", "pg_mine", "a23456789012345678901234567890123456789012"
            })
    void aSchemaThatIsNoPlainNameIsRefused(String schema) {
        assertThatThrownBy(() -> GOOD.withSchema(schema))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MigrationConfig.schema");
    }

    @Test
    void aWaitMustBePositive() {
        assertThatThrownBy(() -> GOOD.withLockWait(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MigrationConfig.lockWait")
                .hasMessageContaining("PT0S");
    }
}
