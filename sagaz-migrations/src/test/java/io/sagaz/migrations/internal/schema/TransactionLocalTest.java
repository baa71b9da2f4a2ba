package io.sagaz.migrations.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionLocalTest {
    @Test
    void theSearchPathLastsForTheTransaction() throws SQLException {
        assertThat(TransactionLocal.localize("SELECT set_config('search_path', ?, false)"))
                .isEqualTo("SELECT set_config('search_path', ?, true)");
    }

    @Test
    void theRoleIsLeftAlone() throws SQLException {
        assertThat(TransactionLocal.localize("SET ROLE 'owner'")).isEqualTo("SELECT 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT current_schema",
                "SET LOCAL lock_timeout = 1",
                "SET TRANSACTION READ ONLY",
                "SHOW search_path"
            })
    void whatDoesNotLastPasses(String sql) throws SQLException {
        assertThat(TransactionLocal.localize(sql)).isEqualTo(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET search_path = x",
                "set session authorization x",
                "RESET ALL",
                "select set_config('a', ?, false)",
                "DISCARD ALL"
            })
    void anotherSettingOfTheSessionIsRefused(String sql) {
        assertThatThrownBy(() -> TransactionLocal.localize(sql))
                .isInstanceOf(SQLFeatureNotSupportedException.class)
                .hasMessageContaining(sql);
    }
}
