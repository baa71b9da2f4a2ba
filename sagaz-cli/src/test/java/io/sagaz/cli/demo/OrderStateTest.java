package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrderStateTest {
    @Test
    void deliveredOrderIsPaidOnce() {
        OrderState end = Outcome.DELIVERED.end();

        assertThat(end.saga()).isEqualTo(SagaStatus.SUCCESS);
        assertThat(end.version()).isEqualTo(4);
        assertThat(end.steps().values()).containsOnly(StepStatus.SUCCESS);
        assertThat(end.charges()).isOne();
        assertThat(end.refunds()).isZero();
        assertThat(end.reserved()).isTrue();
        assertThat(end.events()).containsExactly("OrderPlaced", "StockReserved", "PaymentCharged", "OrderShipped");
    }

    @Test
    void orderThatCannotBeShippedIsPaidBackAndReleased() {
        OrderState end = Outcome.NOT_SHIPPED.end();

        assertThat(end.saga()).isEqualTo(SagaStatus.COMPENSATED);
        assertThat(end.steps())
                .containsEntry("reserve", StepStatus.COMPENSATED)
                .containsEntry("charge", StepStatus.COMPENSATED)
                .containsEntry("ship", StepStatus.FAILED);
        assertThat(end.charges()).isEqualTo(end.refunds()).isOne();
        assertThat(end.reserved()).isFalse();
    }

    @Test
    void declinedPaymentLeavesNothingToPayBack() {
        OrderState end = Outcome.NOT_PAID.end();

        assertThat(end.saga()).isEqualTo(SagaStatus.COMPENSATED);
        assertThat(end.steps()).containsEntry("ship", StepStatus.PENDING);
        assertThat(end.charges() + end.refunds()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Outcome.class)
    void everyTransactionIsLegalAndEmitsOneEvent(Outcome outcome) {
        List<OrderState> states = outcome.states();

        assertThat(outcome.end().saga().isFinished()).isTrue();
        for (int i = 1; i < states.size(); i++) {
            OrderState before = states.get(i - 1);
            OrderState after = states.get(i);
            assertThat(after.version()).isEqualTo(before.version() + 1);
            assertThat(after.events()).hasSize(after.version());
            assertThat(after.saga() == before.saga() || before.saga().canBecome(after.saga()))
                    .isTrue();
            before.steps()
                    .forEach((step, status) -> assertThat(after.steps().get(step))
                            .satisfiesAnyOf(
                                    now -> assertThat(now).isEqualTo(status),
                                    now -> assertThat(status.canBecome(now)).isTrue()));
        }
    }

    @Test
    void aboutOneOrderInTwentyFailsAndTheSeedDecidesWhich() {
        List<Outcome> outcomes = outcomes(7);

        assertThat(outcomes(7)).isEqualTo(outcomes);
        assertThat(outcomes(8)).isNotEqualTo(outcomes);
        assertThat(outcomes).contains(Outcome.NOT_PAID, Outcome.NOT_SHIPPED);
        assertThat(outcomes.stream()
                        .filter(outcome -> outcome != Outcome.DELIVERED)
                        .count())
                .isBetween(350L, 650L);
    }

    private static List<Outcome> outcomes(long seed) {
        return LongStream.rangeClosed(1, 10_000)
                .mapToObj(number -> Order.numbered(number, seed).outcome())
                .toList();
    }
}
