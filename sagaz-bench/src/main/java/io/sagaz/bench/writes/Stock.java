package io.sagaz.bench.writes;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Order;
import io.sagaz.bench.load.Orders;
import io.sagaz.storage.SagaId;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Sagas in the tables of Sagaz that are at work, with three steps to be done. They are made ahead and many at a time, so that
 * the success of a step can be timed alone. Safe for threads.
 */
final class Stock {
    private final Stage stage;
    private final Queue<SagaId> sagas = new ConcurrentLinkedQueue<>();

    Stock(Stage stage) {
        this.stage = stage;
    }

    /**
     * The next step of a saga to succeed.
     *
     * @param version that the saga has before
     * @param step its place, from 0
     */
    record Turn(SagaId id, long version, int step) {
        String name() {
            return Order.STEPS.get(step);
        }
    }

    /** What comes after this turn, which has been taken: the next step of the same saga, or the first of another. */
    Optional<Turn> after(Turn before) {
        int step = before.step() + 1;
        return step < Order.STEPS.size() ? Optional.of(new Turn(before.id(), before.version() + 1, step)) : first();
    }

    /** The first step of a saga; none when there are no more. */
    Optional<Turn> first() {
        return Optional.ofNullable(sagas.poll()).map(id -> new Turn(id, 1, 0));
    }

    /** Makes as many as are missing for so many steps. */
    void fillUp(long steps) throws SQLException {
        long missing = steps / Order.STEPS.size() + 1 - sagas.size();
        if (missing > 0) {
            sagas.addAll(Orders.make(stage, missing));
        }
    }

    /** Forgets those that are left: their rows are gone. */
    void clear() {
        sagas.clear();
    }
}
