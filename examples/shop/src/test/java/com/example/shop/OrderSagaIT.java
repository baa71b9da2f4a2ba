package com.example.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.CrashPoints.Point;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.CrashPlan;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.SimulatedCrashError;
import io.sagaz.testkit.store.SagazStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a primary, a replica and two poolers, all of them real. */
@SagazStore
class OrderSagaIT {
    private final Purse purse = new Purse(1_000);

    private OrderSaga orders(RoutingSagaStore store) {
        return new OrderSaga(store, store.reads(ReadConsistency.strong()), purse);
    }

    @Test
    void anOrderIsPaid(RoutingSagaStore store) {
        OrderSaga orders = orders(store);
        assertThat(orders.run(orders.place("42", 500))).isEqualTo(SagaStatus.SUCCESS);
    }

    /** The service dies on its way to a payment, before and after it is written down; another one goes on. */
    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_STATEMENT", "AFTER_STATEMENT"})
    void anotherServiceGoesOnForOneThatDies(Point point, RoutingSagaStore.Builder builder, RoutingSagaStore other) {
        CrashPlan plan = CrashPlan.killThread(point).onTime(3);
        try (RoutingSagaStore store = builder.crashPoints(plan).build()) {
            SagaId id = orders(store).place("42", 500);
            assertThatThrownBy(() -> orders(store).run(id)).isInstanceOf(SimulatedCrashError.class);

            assertThat(orders(other).run(id)).isEqualTo(SagaStatus.SUCCESS);
            assertThat(purse.charged("42")).isEqualTo(500);
        }
    }

    @Test
    void whileTheReplicaIsLateThePrimaryAnswers(RoutingSagaStore store, Faults faults) {
        faults.pauseReplay(0);
        SagaId id = orders(store).place("42", 500);

        var order = store.reads().find(id);

        assertThat(order.value()).isPresent();
        assertThat(order.receipt().source()).isEqualTo(ReadSource.PRIMARY);

        faults.resumeReplay(0); // a topology that was mended is kept for the next test
    }
}
