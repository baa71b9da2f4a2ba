package io.sagaz.cli.demo;

import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Double-entry bookkeeping: what the ledger says was acknowledged on the one side, the rows of the database on the
 * other. Rows are fed in, in any order within a table and sagas before their steps; {@link #close()} compares. Knows no
 * SQL. For one thread.
 */
final class Books {
    private static final int EXAMPLES = 20;

    private final Map<Long, Ledger.Line> ledger = new HashMap<>();
    /** Sorted, so that the examples are the same ones each time. */
    private final Map<Long, Found> found = new TreeMap<>();

    private final Map<UUID, FoundSaga> sagas = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private long sagaRows;
    private long stepRows;
    private long eventRows;
    private long lost;
    private long duplicated;
    private long halfDone;

    /** What the database says about one order. */
    private static final class Found {
        final List<FoundSaga> sagas = new ArrayList<>(1);
        final List<String> events = new ArrayList<>(6);
        int rows;
        String status = "";
        Optional<UUID> sagaId = Optional.empty();
        int lines;
        int reservedLines;
        int charges;
        int refunds;
    }

    private record FoundSaga(UUID id, SagaStatus status, long version, Map<String, StepStatus> steps) {}

    /** Opens the books on one side. */
    Books(List<Ledger.Line> ledger) {
        for (Ledger.Line line : ledger) {
            this.ledger.put(line.order().number(), line);
            found.put(line.order().number(), new Found());
        }
    }

    /** A row of the orders. */
    void order(long number, String status, UUID sagaId) {
        Found order = order(number);
        order.rows++;
        order.status = status;
        order.sagaId = Optional.of(sagaId);
    }

    /** A row of the lines of orders. */
    void line(long number, boolean reserved) {
        Found order = order(number);
        order.lines++;
        order.reservedLines += reserved ? 1 : 0;
    }

    /** A row of the payments. */
    void payment(long number, PaymentKind kind) {
        Found order = order(number);
        switch (kind) {
            case CHARGE -> order.charges++;
            case REFUND -> order.refunds++;
        }
    }

    /** A saga. */
    void saga(UUID id, String idempotencyKey, SagaStatus status, long version) {
        sagaRows++;
        FoundSaga saga = new FoundSaga(id, status, version, new LinkedHashMap<>());
        if (sagas.putIfAbsent(id, saga) != null) {
            duplicated(1, "saga " + id + " is there twice");
            return;
        }
        Order.numberOf(idempotencyKey)
                .ifPresentOrElse(
                        number -> order(number).sagas.add(saga),
                        () -> halfDone("saga " + id + " with the key \"" + idempotencyKey + "\" belongs to no order"));
    }

    /** A step of a saga that was fed in before. */
    void step(UUID sagaId, String name, StepStatus status) {
        stepRows++;
        FoundSaga saga = sagas.get(sagaId);
        if (saga == null) {
            halfDone("step " + name + " of saga " + sagaId + " has no saga");
        } else if (saga.steps().putIfAbsent(name, status) != null) {
            duplicated(1, "step " + name + " of saga " + sagaId + " is there twice");
        }
    }

    /** An event, in the order of the outbox. */
    void event(String key, String type) {
        eventRows++;
        Order.numberOf(key)
                .ifPresentOrElse(
                        number -> order(number).events.add(type),
                        () -> halfDone("event " + type + " with the key \"" + key + "\" belongs to no order"));
    }

    /** Compares, once. */
    Verdict close() {
        found.forEach((number, order) -> {
            Ledger.Line line = ledger.get(number);
            if (line == null || line.transactions() == 0) {
                unacknowledged(number, order);
            } else {
                compare(line, order);
            }
        });
        return new Verdict(ledger.size(), sagaRows, stepRows, eventRows, lost, duplicated, halfDone, examples);
    }

    /** Nobody was told that this order exists. It may be there as a whole or not at all. */
    private void unacknowledged(long number, Found order) {
        boolean whole = order.rows > 0 && !order.sagas.isEmpty() && !order.events.isEmpty();
        boolean nothing = order.rows == 0
                && order.lines == 0
                && order.sagas.isEmpty()
                && order.events.isEmpty()
                && order.charges == 0
                && order.refunds == 0;
        if (!whole && !nothing) {
            halfDone("order " + number + " was never acknowledged, and only a part of it is there");
        }
    }

    private void compare(Ledger.Line line, Found order) {
        Order expected = line.order();
        OrderState end = expected.outcome().end();
        OrderState acknowledged = expected.outcome().after(line.transactions());
        String name = "order " + expected.number();

        atLeast(name + ": its row", 1, order.rows);
        atLeast(name + ": its lines", expected.lines().size(), order.lines);
        atLeast(name + ": its saga", 1, order.sagas.size());
        atLeast(name + ": its charge", acknowledged.charges(), order.charges);
        atLeast(name + ": its refund", acknowledged.refunds(), order.refunds);
        atMostOnce(name + ": its row", 1, order.rows);
        atMostOnce(name + ": its lines", expected.lines().size(), order.lines);
        atMostOnce(name + ": its saga", 1, order.sagas.size());
        atMostOnce(name + ": its charge", end.charges(), order.charges);
        atMostOnce(name + ": its refund", end.refunds(), order.refunds);
        for (String type : end.events()) {
            int there = count(order.events, type);
            atLeast(name + ": its event " + type, count(acknowledged.events(), type), there);
            atMostOnce(name + ": its event " + type, 1, there);
        }
        disagreement(line, order, end).ifPresent(what -> halfDone(name + ": " + what));
    }

    /** The first thing in which what is there contradicts itself or the end that the order should have come to. */
    private static Optional<String> disagreement(Ledger.Line line, Found order, OrderState end) {
        if (!line.isComplete()) {
            return Optional.of("not finished, " + line.transactions() + " of "
                    + line.order().outcome().milestones().size() + " transactions were acknowledged");
        }
        if (order.rows > 0 && !order.status.equals(end.status().name())) {
            return Optional.of("its row says " + order.status + " and should say " + end.status());
        }
        if (order.lines > 0 && order.reservedLines != (end.reserved() ? order.lines : 0)) {
            return Optional.of(order.reservedLines + " of its " + order.lines + " lines are reserved");
        }
        if ((end.charges() == 0 && order.charges > 0) || (end.refunds() == 0 && order.refunds > 0)) {
            return Optional.of(order.charges + " charges and " + order.refunds + " refunds where " + end.charges()
                    + " and " + end.refunds() + " are right");
        }
        for (FoundSaga saga : order.sagas) {
            if (saga.status() != end.saga() || saga.version() != end.version()) {
                return Optional.of("its saga is " + saga.status() + " at version " + saga.version() + " and should be "
                        + end.saga() + " at version " + end.version());
            }
            if (!saga.steps().equals(end.steps())) {
                return Optional.of("its steps are " + saga.steps() + " and should be " + end.steps());
            }
            if (order.rows > 0 && !order.sagaId.equals(Optional.of(saga.id()))) {
                return Optional.of("its row points to another saga");
            }
        }
        List<String> once = order.events.stream().distinct().toList();
        if (once.stream().anyMatch(type -> !end.events().contains(type))) {
            return Optional.of("its events are " + order.events + " and should be " + end.events());
        }
        List<String> rightOrder = end.events().stream().filter(once::contains).toList();
        return once.equals(rightOrder)
                ? Optional.empty()
                : Optional.of("its events came in the order " + order.events + " and not " + end.events());
    }

    private void atLeast(String what, int acknowledged, int there) {
        if (there < acknowledged) {
            lost += acknowledged - there;
            example("lost: " + what);
        }
    }

    private void atMostOnce(String what, int right, int there) {
        if (right > 0 && there > right) {
            duplicated(there - right, what);
        }
    }

    private void duplicated(int times, String what) {
        duplicated += times;
        example("duplicated: " + what);
    }

    private void halfDone(String what) {
        halfDone++;
        example("half done: " + what);
    }

    private void example(String what) {
        if (examples.size() < EXAMPLES) {
            examples.add(what);
        }
    }

    private Found order(long number) {
        return found.computeIfAbsent(number, n -> new Found());
    }

    private static int count(List<String> types, String type) {
        return (int) types.stream().filter(type::equals).count();
    }
}
