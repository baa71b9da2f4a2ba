package com.example.shop;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StepStatus;

/**
 * An order: the goods are reserved, then the customer is charged; if the customer is not good for it, the goods are given back.
 * Whoever is called twice, or after a crash, goes on where the last one was.
 */
public final class OrderSaga {
    private static final String TOPIC = "orders";

    private final SagaWrites writes;
    private final SagaReads reads;
    private final Payments payments;

    /**
     * Works on any store.
     *
     * @param reads see what was just written: {@code store.reads(ReadConsistency.strong())}
     */
    public OrderSaga(SagaWrites writes, SagaReads reads, Payments payments) {
        this.writes = writes;
        this.reads = reads;
        this.payments = payments;
    }

    /** Takes an order. The same number again is the same order. */
    public SagaId place(String number, int cents) {
        return writes.start(NewSaga.named("order")
                        .idempotencyKey(number)
                        .steps("reserve", "charge")
                        .context("{\"cents\": " + cents + "}")
                        .emit(event(number, "placed")))
                .id();
    }

    /** Does all that is left to do, and says how it ended. */
    public SagaStatus run(SagaId id) {
        Saga saga = now(id);
        while (!saga.status().isFinished()) {
            // On a conflict somebody else has done it: what is there now decides what comes next.
            writes.apply(id, saga.version(), next(saga));
            saga = now(id);
        }
        return saga.status();
    }

    private Saga now(SagaId id) {
        return reads.find(id).value().orElseThrow();
    }

    private SagaChange next(Saga saga) {
        String number = saga.idempotencyKey().orElseThrow();
        return switch (saga.status()) {
            case PENDING ->
                SagaChange.to(SagaStatus.RUNNING)
                        .andStep("reserve", StepStatus.SUCCESS)
                        .emit(event(number, "reserved"));
            case RUNNING ->
                payments.charge(number, cents(saga))
                        ? SagaChange.stepSucceeded("charge", "{\"cents\": " + cents(saga) + "}")
                                .andTo(SagaStatus.SUCCESS)
                                .emit(event(number, "paid"))
                        : SagaChange.stepFailed("charge", "declined").andTo(SagaStatus.COMPENSATING);
            case COMPENSATING ->
                SagaChange.stepCompensated("reserve")
                        .andTo(SagaStatus.COMPENSATED)
                        .emit(event(number, "cancelled"));
            case SUCCESS, FAILED, COMPENSATED -> throw new IllegalStateException("Order " + number + " is done");
        };
    }

    /** A service of yours has a library that reads JSON. */
    private static int cents(Saga saga) {
        return Integer.parseInt(saga.context().replaceAll("\\D", ""));
    }

    private static OutboxEvent event(String number, String what) {
        return OutboxEvent.to(TOPIC).key(number).type(what).json("{\"order\": \"" + number + "\"}");
    }
}
