package io.sagaz.migrations.internal.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private static final LocalDate DAY = LocalDate.of(2024, 2, 28);

    @Test
    void aRangeOfDaysHasAPartitionForEach() {
        assertThat(Slots.between("saga_outbox", DAY, LocalDate.of(2024, 3, 2), 400))
                .extracting(Slot::name)
                .containsExactly("saga_outbox_y2024m02d28", "saga_outbox_y2024m02d29", "saga_outbox_y2024m03d01");
    }

    @Test
    void theMonthOfTheLastDayIsTheLast() {
        assertThat(Slots.between("saga_audit_log", DAY, LocalDate.of(2024, 3, 1), 400))
                .extracting(Slot::name)
                .containsExactly("saga_audit_log_y2024m02");
        assertThat(Slots.between("saga_audit_log", DAY, LocalDate.of(2024, 3, 2), 400))
                .extracting(Slot::name)
                .containsExactly("saga_audit_log_y2024m02", "saga_audit_log_y2024m03");
    }

    @Test
    void asManyAsAllowedAreMadeAndNotOneMore() {
        assertThat(Slots.between("saga_outbox", DAY, DAY.plusDays(3), 3)).hasSize(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Slots.between("saga_outbox", DAY, DAY.plusDays(4), 3))
                .withMessageContaining("more than 3 partitions of saga_outbox");
    }

    @Test
    void whatIsNoRangeOfATableIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Slots.between("saga_outbox", DAY, DAY, 3))
                .withMessageContaining("behind the first");
        for (String table : new String[] {"saga_steps", "consumer_inbox", "orders"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Slots.between(table, DAY, DAY.plusDays(1), 3))
                    .withMessageContaining("but is " + table);
        }
    }
}
