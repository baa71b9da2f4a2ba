package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.migrations.PartitionSettings.WhenExpired;
import java.time.Period;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionSettingsTest {
    private final PartitionSettings outbox =
            new PartitionSettings("saga_outbox", 7, Period.ofDays(30), WhenExpired.DROP, false);
    private final PartitionSettings executions =
            new PartitionSettings("saga_executions", 3, Period.ofMonths(12), WhenExpired.DROP, false);

    @ParameterizedTest
    @ValueSource(strings = {"P0D", "P-1D", "P1M-1D", "-P1Y", "P101Y", "P100Y31D"})
    void aRetentionThatCannotBeIsRefused(String retention) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.withRetention(Period.parse(retention)))
                .withMessageContaining("PartitionSettings.retention of saga_outbox")
                .withMessageContaining("P1D")
                .withMessageContaining(Period.parse(retention).toString());
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "93"})
    void aLookAheadThatCannotBeIsRefused(int ahead) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.withAhead(ahead))
                .withMessage("PartitionSettings.ahead of saga_outbox must be from 1 to 92, but is " + ahead);
    }

    @Test
    void whatATableDoesNotHaveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> executions.withAhead(25))
                .withMessageContaining("from 1 to 24");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> executions.withDropUnpublished(true))
                .withMessageContaining("for saga_outbox only");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new PartitionSettings("consumer_inbox", 0, Period.ofDays(90), WhenExpired.ARCHIVE, false))
                .withMessageContaining("no partitions to archive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PartitionSettings("saga_steps", 3, Period.ofDays(90), WhenExpired.DROP, false))
                .withMessageContaining("but is saga_steps");
    }

    @Test
    void theRestCanBeChanged() {
        assertThat(outbox.withAhead(92)
                        .withRetention(Period.ofYears(100))
                        .withWhenExpired(WhenExpired.ARCHIVE)
                        .withDropUnpublished(true))
                .isEqualTo(new PartitionSettings("saga_outbox", 92, Period.ofYears(100), WhenExpired.ARCHIVE, true));
    }
}
