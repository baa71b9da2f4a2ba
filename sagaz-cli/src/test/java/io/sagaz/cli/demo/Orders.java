package io.sagaz.cli.demo;

import io.sagaz.storage.SagaId;
import java.util.List;

/** Orders for tests. */
final class Orders {
    private Orders() {}

    static Order of(long number, Outcome outcome) {
        return new Order(
                number,
                SagaId.next(),
                outcome,
                List.of(new Order.Line("lamp", 1, 1_000), new Order.Line("rug", 2, 2_000)));
    }

    static Ledger.Line finished(Order order) {
        return new Ledger.Line(order, order.outcome().milestones().size());
    }
}
