package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaStep;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Instant BEGIN = Instant.parse("2026-11-25T12:00:00Z");

    private Saga saga = Changes.started(NewSaga.named("order").steps("pay"), "{}", BEGIN);
    private Instant now = BEGIN;

    @Test
    void aStepHasEndedUnlessItIsAtWork() {
        assertThat(pay().startedAt()).isEmpty();
        assertThat(pay().completedAt()).isEmpty();
        change(SagaChange.stepStarted("pay"));
        Instant started = now;
        assertThat(pay().completedAt()).isEmpty();
        change(SagaChange.stepSucceeded("pay", "{}"));
        assertThat(pay().completedAt()).contains(now);
        change(SagaChange.stepCompensating("pay"));
        assertThat(pay().completedAt()).as("it is at work again").isEmpty();
        change(SagaChange.stepCompensated("pay"));
        assertThat(pay().completedAt()).contains(now);
        assertThat(pay().startedAt()).contains(started);
    }

    @Test
    void aStepIsTriedAgainAfterItHasFailed() {
        change(SagaChange.stepStarted("pay"));
        change(SagaChange.stepFailed("pay", "no money"));
        assertThat(pay().retries()).isZero();
        change(SagaChange.stepStarted("pay"));
        assertThat(pay().retries()).isEqualTo(1);
        assertThat(pay().completedAt()).isEmpty();
    }

    private void change(SagaChange change) {
        now = now.plusSeconds(1);
        saga = Changes.changed(saga, change, change.steps(), now);
    }

    private SagaStep pay() {
        return saga.steps().get(0);
    }
}
