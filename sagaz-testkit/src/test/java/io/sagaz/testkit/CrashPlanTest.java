package io.sagaz.testkit;

import static io.sagaz.storage.CrashPoints.Point.AFTER_COMMIT;
import static io.sagaz.storage.CrashPoints.Point.BEFORE_COMMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CrashPlanTest {
    @Test
    void strikesOnceAtItsPointAndTime() {
        AtomicInteger blows = new AtomicInteger();
        CrashPlan plan = CrashPlan.at(AFTER_COMMIT, blows::incrementAndGet).onTime(2);
        plan.reached(BEFORE_COMMIT);
        plan.reached(BEFORE_COMMIT);
        plan.reached(AFTER_COMMIT);
        assertThat(plan.hasStruck()).isFalse();
        assertThat(blows).hasValue(0);

        plan.reached(AFTER_COMMIT);
        assertThat(plan.hasStruck()).isTrue();
        plan.reached(AFTER_COMMIT);
        plan.reached(AFTER_COMMIT);
        assertThat(blows).hasValue(1);
    }

    @Test
    void aThreadThatDiesSaysWhere() {
        CrashPlan plan = CrashPlan.killThread(BEFORE_COMMIT);
        assertThatThrownBy(() -> plan.reached(BEFORE_COMMIT))
                .isInstanceOf(SimulatedCrashError.class)
                .hasMessageContaining("BEFORE_COMMIT");
        plan.reached(BEFORE_COMMIT);
    }

    @Test
    void aTimeBeforeTheFirstIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrashPlan.killJvm(BEFORE_COMMIT).onTime(0))
                .withMessageContaining("CrashPlan.time")
                .withMessageContaining("but is 0");
    }
}
