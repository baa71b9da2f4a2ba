package io.sagaz.cli.demo;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.COMPENSATING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;

import io.sagaz.storage.SagaChange;
import java.util.Optional;

/**
 * What one transaction of the order service does: some business rows, one change of the saga, one event. The first one
 * starts the saga, each other one raises its version by one.
 */
@SuppressWarnings("ImmutableEnumChecker") // SagaChange is immutable, which the checker cannot see.
enum Milestone {
    /** The order is recorded and its saga started. */
    PLACED("OrderPlaced"),
    /** Step {@code reserve}: the goods are kept for the order. */
    RESERVED(
            "StockReserved",
            SagaChange.stepSucceeded("reserve", "{\"warehouse\":\"north\"}").andTo(RUNNING)),
    /** Step {@code charge}: the customer has paid. */
    CHARGED("PaymentCharged", SagaChange.stepSucceeded("charge", "{\"provider\":\"card\"}")),
    /** Step {@code charge} failed: what was done is undone from here on. */
    DECLINED("PaymentDeclined", undoFrom("charge", "card declined")),
    /** Step {@code ship}: done. */
    SHIPPED(
            "OrderShipped",
            SagaChange.stepSucceeded("ship", "{\"carrier\":\"post\"}").andTo(SUCCESS)),
    /** Step {@code ship} failed: what was done is undone from here on. */
    UNSHIPPABLE("ShipmentFailed", undoFrom("ship", "no carrier delivers there")),
    /** Step {@code charge} undone. */
    REFUNDED("PaymentRefunded", SagaChange.stepCompensated("charge")),
    /** Step {@code reserve} undone, and with it the whole order. */
    CANCELLED("OrderCancelled", SagaChange.stepCompensated("reserve").andTo(COMPENSATED));

    private final String eventType;
    private final Optional<SagaChange> change;

    Milestone(String eventType) {
        this.eventType = eventType;
        this.change = Optional.empty();
    }

    Milestone(String eventType, SagaChange change) {
        this.eventType = eventType;
        this.change = Optional.of(change);
    }

    private static SagaChange undoFrom(String step, String error) {
        return SagaChange.stepFailed(step, error).andTo(COMPENSATING).error(error);
    }

    /** The type of the event that tells of it. */
    String eventType() {
        return eventType;
    }

    /** How the saga changes, without the event; empty for {@link #PLACED}, which starts it. */
    Optional<SagaChange> change() {
        return change;
    }
}
