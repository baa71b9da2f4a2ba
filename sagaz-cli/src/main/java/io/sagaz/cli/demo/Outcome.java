package io.sagaz.cli.demo;

import static io.sagaz.cli.demo.Milestone.CANCELLED;
import static io.sagaz.cli.demo.Milestone.CHARGED;
import static io.sagaz.cli.demo.Milestone.DECLINED;
import static io.sagaz.cli.demo.Milestone.PLACED;
import static io.sagaz.cli.demo.Milestone.REFUNDED;
import static io.sagaz.cli.demo.Milestone.RESERVED;
import static io.sagaz.cli.demo.Milestone.SHIPPED;

import java.util.List;

/** How an order goes, from the first transaction to the last. */
@SuppressWarnings("ImmutableEnumChecker") // The lists cannot be changed, which their type does not say.
enum Outcome {
    /** Everything works. */
    DELIVERED(PLACED, RESERVED, CHARGED, SHIPPED),
    /** The payment fails: the reservation is undone. */
    NOT_PAID(PLACED, RESERVED, DECLINED, CANCELLED),
    /** The shipment fails: the payment and the reservation are undone. */
    NOT_SHIPPED(PLACED, RESERVED, CHARGED, Milestone.UNSHIPPABLE, REFUNDED, CANCELLED);

    private final List<Milestone> milestones;
    private final List<OrderState> states;

    Outcome(Milestone... milestones) {
        this.milestones = List.of(milestones);
        this.states = OrderState.along(this.milestones);
    }

    /** The transactions, in their order. */
    List<Milestone> milestones() {
        return milestones;
    }

    /** The states that the transactions lead to, in their order. */
    List<OrderState> states() {
        return states;
    }

    /** The state after the first {@code transactions} of them, at least one. */
    OrderState after(int transactions) {
        return states.get(transactions - 1);
    }

    /** The state after all of them. */
    OrderState end() {
        return after(milestones.size());
    }
}
