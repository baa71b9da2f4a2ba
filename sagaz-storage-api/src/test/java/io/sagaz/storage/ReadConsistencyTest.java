package io.sagaz.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadConsistencyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aBoundServesNothingStalerUnlessTold() {
        ReadConsistency.AtMost plain = ReadConsistency.atMost(SECOND);
        assertThat(plain.limit()).isEqualTo(SECOND);
        assertThat(plain.onStale()).isEqualTo(OnStale.ASK_PRIMARY);

        ReadConsistency.AtMost told = plain.limit(Duration.ofMinutes(1)).onStale(OnStale.SERVE_STALE);
        assertThat(told).isEqualTo(new ReadConsistency.AtMost(SECOND, OnStale.SERVE_STALE, Duration.ofMinutes(1)));
    }

    @Test
    @SuppressWarnings("NullAway")
    void whatCannotBeIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadConsistency.atMost(Duration.ZERO))
                .withMessageContaining("ReadConsistency.staleness must be positive but is PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadConsistency.atMost(SECOND).limit(Duration.ofMillis(999)))
                .withMessage("ReadConsistency.limit must be at least the staleness of PT1S but is PT0.999S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadConsistency.atMost(SECOND).limit(null))
                .withMessage("ReadConsistency.limit must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadConsistency.atMost(SECOND).onStale(null))
                .withMessage("ReadConsistency.onStale must not be null");
    }
}
