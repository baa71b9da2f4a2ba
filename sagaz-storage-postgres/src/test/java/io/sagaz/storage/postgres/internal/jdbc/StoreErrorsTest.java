package io.sagaz.storage.postgres.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreErrorsTest {
    private static final Class<? extends StoreException> TRANSIENT = TransientStoreException.class;
    private static final Class<? extends StoreException> UNKNOWN = CommitOutcomeUnknownException.class;
    private static final Class<? extends StoreException> PERMANENT = PermanentStoreException.class;

    /** The server says that it undid the statement: certain, also while it commits. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "40001, serialization failure", "40P01, deadlock", "55P03, lock timeout", "57014, statement timeout",
        "57P03, starting up", "25006, read-only server", "53100, disk full", "53200, out of memory",
        "53300, too many connections"
    })
    void passingConditionsMayBeTriedAgain(String state, String meaning) {
        assertThat(StoreErrors.beforeCommit("start", error(state))).isExactlyInstanceOf(TRANSIENT);
        assertThat(StoreErrors.atCommit("start", error(state))).isExactlyInstanceOf(TRANSIENT);
        assertThat(StoreErrors.reading("find", error(state))).isExactlyInstanceOf(TRANSIENT);
    }

    /** What the store tries again by itself: neither waits that somebody has bounded nor a lack of resources. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "40001, true",
        "40P01, true",
        "57P03, true",
        "25006, true",
        "55P03, false",
        "57014, false",
        "53100, false",
        "53200, false",
        "53300, false",
        "23505, false",
        "08006, false"
    })
    void onlyWhatHasSoonPassedIsRepeated(String state, boolean repeated) {
        assertThat(SqlStates.isRepeatable(error(state))).isEqualTo(repeated);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "08000, connection",
        "08003, closed",
        "08006, lost",
        "08P01, pooler",
        "57P01, shut down",
        "57P02, crashed",
        "57P05, idle session timeout",
        "25P03, idle in transaction timeout"
    })
    void aLostConnectionIsCertainOnlyBeforeTheCommit(String state, String meaning) {
        assertThat(StoreErrors.beforeCommit("apply", error(state))).isExactlyInstanceOf(TRANSIENT);
        assertThat(StoreErrors.atCommit("apply", error(state))).isExactlyInstanceOf(UNKNOWN);
        assertThat(StoreErrors.reading("find", error(state))).isExactlyInstanceOf(TRANSIENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"23505", "23514", "22P02", "42P01", "42501", "25P02", "XX000", "0A000", ""})
    void theRestWouldFailAgain(String state) {
        assertThat(StoreErrors.beforeCommit("emit", error(state))).isExactlyInstanceOf(PERMANENT);
        assertThat(StoreErrors.atCommit("emit", error(state))).isExactlyInstanceOf(PERMANENT);
        assertThat(StoreErrors.reading("find", error(state))).isExactlyInstanceOf(PERMANENT);
    }

    @Test
    void anErrorWithoutAStateIsNotTakenForPassing() {
        assertThat(StoreErrors.beforeCommit("emit", new SQLException("odd"))).isExactlyInstanceOf(PERMANENT);
    }

    @Test
    void theMessageSaysWhatFailedAndWhatToDo() {
        assertThat(StoreErrors.atCommit("start", error("23514")))
                .hasMessageContaining("start failed with SQLState 23514: the server's words")
                .hasMessageContaining("get_partition_statistics()")
                .hasMessageNotContaining("second line");
        assertThat(StoreErrors.atCommit("start", error("08006"))).hasMessageContaining("read before trying again");
    }

    private static SQLException error(String state) {
        return new SQLException("the server's words\nsecond line", state);
    }
}
