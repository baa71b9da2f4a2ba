package io.sagaz.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.SagaStatus;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SagaHistoryTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 997, 1_000, 1_024, 30_030})
    void eachNumberGoesToAnotherOne(int all) {
        Set<Long> reached = new HashSet<>();
        for (long n = 1; n <= all; n++) {
            reached.add(n * HistoryWriter.spreading(all) % all);
        }
        assertThat(reached).hasSize(all);
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() {
        SagaHistory history = SagaHistory.of(10);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SagaHistory.of(0))
                .withMessage("SagaHistory.sagas must be from 1 to 100000000 but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.months(121))
                .withMessage("SagaHistory.months must be from 1 to 120 but is 121");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.share(SagaStatus.RUNNING, 0.1))
                .withMessage(
                        "SagaHistory.share is of FAILED or COMPENSATED, but was given RUNNING: the rest is SUCCESS");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.share(SagaStatus.FAILED, 0.995))
                .withMessageStartingWith(
                        "SagaHistory.share must be from 0 to 1, as all shares together, but they are {");
        assertThatIllegalArgumentException().isThrownBy(() -> history.share(SagaStatus.FAILED, -0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> history.share(SagaStatus.FAILED, Double.NaN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.names("order", " "))
                .withMessage("SagaHistory.names must be one name at least, none of them blank, but are [order,  ]");
        assertThatIllegalArgumentException().isThrownBy(() -> history.steps());
    }

    @Test
    void allSharesTogetherAreNeverMoreThanAll() {
        SagaHistory history = SagaHistory.of(3)
                .share(SagaStatus.COMPENSATED, 0)
                .share(SagaStatus.FAILED, 0.5)
                .share(SagaStatus.COMPENSATED, 0.5);
        assertThat(history.count(SagaStatus.FAILED)).isEqualTo(2);
        assertThat(history.count(SagaStatus.COMPENSATED)).isEqualTo(1);
    }
}
