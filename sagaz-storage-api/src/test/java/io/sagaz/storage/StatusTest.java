package io.sagaz.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StatusTest {
    @Test
    void everyPairOfSagaStatusesIsDecided() {
        String allowed = Arrays.stream(SagaStatus.values())
                .flatMap(from -> Arrays.stream(SagaStatus.values())
                        .filter(from::canBecome)
                        .map(to -> from + ">" + to))
                .collect(Collectors.joining(" "));

        assertThat(allowed)
                .isEqualTo("PENDING>RUNNING PENDING>FAILED RUNNING>SUCCESS RUNNING>FAILED RUNNING>COMPENSATING"
                        + " COMPENSATING>FAILED COMPENSATING>COMPENSATED");
    }

    @Test
    void everyPairOfStepStatusesIsDecided() {
        String allowed = Arrays.stream(StepStatus.values())
                .flatMap(from -> Arrays.stream(StepStatus.values())
                        .filter(from::canBecome)
                        .map(to -> from + ">" + to))
                .collect(Collectors.joining(" "));

        assertThat(allowed)
                .isEqualTo("PENDING>RUNNING PENDING>SUCCESS PENDING>FAILED PENDING>SKIPPED RUNNING>SUCCESS"
                        + " RUNNING>FAILED SUCCESS>COMPENSATING SUCCESS>COMPENSATED FAILED>RUNNING FAILED>SKIPPED"
                        + " COMPENSATING>FAILED COMPENSATING>COMPENSATED");
    }

    @Test
    void predecessorsAreTheOtherSideOfTheSameTable() {
        for (SagaStatus to : SagaStatus.values()) {
            assertThat(to.predecessors())
                    .containsExactlyElementsOf(Arrays.stream(SagaStatus.values())
                            .filter(from -> from.canBecome(to))
                            .toList());
        }
        assertThat(StepStatus.RUNNING.predecessors()).containsExactly(StepStatus.PENDING, StepStatus.FAILED);
        assertThat(StepStatus.PENDING.predecessors()).isEmpty();
    }

    @Test
    void finishedMeansThatNothingFollows() {
        assertThat(Arrays.stream(SagaStatus.values()).filter(SagaStatus::isFinished))
                .containsExactly(SagaStatus.SUCCESS, SagaStatus.FAILED, SagaStatus.COMPENSATED);
    }
}
