package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.SagaStatus;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final ManualClock clock = new ManualClock();
    private final Ledger ledger = new Ledger(clock);

    @Test
    void versionIsThatOfTheMoment() {
        Order order = Orders.of(1, Outcome.DELIVERED);
        ledger.open(order);
        clock.advance(10);
        ledger.acknowledge(order);
        clock.advance(10);
        ledger.acknowledge(order);

        assertThat(ledger.versionAt(order.sagaId(), 9)).isZero();
        assertThat(ledger.versionAt(order.sagaId(), 10)).isOne();
        assertThat(ledger.versionAt(order.sagaId(), 19)).isOne();
        assertThat(ledger.versionAt(order.sagaId(), 20)).isEqualTo(2);
        assertThat(ledger.versionAt(order.sagaId(), Long.MAX_VALUE)).isEqualTo(2);
    }

    @Test
    void sumsFollowTheOrders() {
        Order delivered = Orders.of(1, Outcome.DELIVERED);
        Order undone = Orders.of(2, Outcome.NOT_PAID);
        Order opened = Orders.of(3, Outcome.DELIVERED);
        ledger.open(opened);
        complete(delivered);
        complete(undone);

        assertThat(ledger.totals()).isEqualTo(new Ledger.Totals(2, 2, 1, 8));
        assertThat(ledger.lines())
                .containsExactlyInAnyOrder(
                        Orders.finished(delivered), Orders.finished(undone), new Ledger.Line(opened, 0));
    }

    @Test
    void countsAreThoseOfTheMoment() {
        complete(Orders.of(1, Outcome.DELIVERED));
        long first = ledger.now();
        clock.advance(1);
        complete(Orders.of(2, Outcome.NOT_SHIPPED));

        assertThat(ledger.placedAt(first)).isOne();
        assertThat(ledger.placedAt(ledger.now())).isEqualTo(2);
        assertThat(ledger.finishedAt(SagaStatus.SUCCESS, ledger.now())).isOne();
        assertThat(ledger.finishedAt(SagaStatus.COMPENSATED, first)).isZero();
        assertThat(ledger.finishedAt(SagaStatus.COMPENSATED, ledger.now())).isOne();
    }

    @Test
    void onlyPlacedOrdersAreDrawnAndTheNewestOnRequest() {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(ledger.any(random, 10)).isEmpty();
        ledger.open(Orders.of(9, Outcome.DELIVERED));
        complete(Orders.of(1, Outcome.DELIVERED));
        complete(Orders.of(2, Outcome.DELIVERED));

        for (int i = 0; i < 50; i++) {
            assertThat(ledger.any(random, 1).orElseThrow().number()).isEqualTo(2);
            assertThat(ledger.any(random, 10).orElseThrow().number()).isIn(1L, 2L);
        }
    }

    @Test
    void anOrderIsOpenedOnceAndBeforeItIsAcknowledged() {
        Order order = Orders.of(1, Outcome.DELIVERED);
        ledger.open(order);

        assertThatIllegalArgumentException().isThrownBy(() -> ledger.open(order));
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.acknowledge(Orders.of(2, Outcome.DELIVERED)));
    }

    private void complete(Order order) {
        ledger.open(order);
        order.outcome().milestones().forEach(milestone -> ledger.acknowledge(order));
    }
}
