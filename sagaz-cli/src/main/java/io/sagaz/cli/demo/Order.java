package io.sagaz.cli.demo;

import io.sagaz.storage.SagaId;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * An order as the shop gets it, with the end that chance has in store for it.
 *
 * @param number counts the orders of a run, from 1
 * @param sagaId the identifier of its saga, chosen before the first transaction so that a repeated start is recognised
 * @param outcome how it will go
 * @param lines what is ordered
 */
record Order(long number, SagaId sagaId, Outcome outcome, List<Line> lines) {
    /** One order in so many does not work out. */
    static final int ORDERS_PER_FAILURE = 20;

    private static final List<String> GOODS = List.of("lamp", "chair", "kettle", "rug", "mirror", "vase");
    private static final String KEY_PREFIX = "order-";
    /** The golden ratio in 64 bits: spreads consecutive numbers over the whole range. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /**
     * A line of an order.
     *
     * @param goods what
     * @param quantity how many
     * @param cents the price of all of them
     */
    record Line(String goods, int quantity, long cents) {}

    Order {
        lines = List.copyOf(lines);
    }

    /** The order of this number in the run of this seed: the same one each time, whichever worker takes it. */
    static Order numbered(long number, long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ number * SPREAD);
        Outcome outcome = Outcome.DELIVERED;
        if (random.nextInt(ORDERS_PER_FAILURE) == 0) {
            outcome = random.nextBoolean() ? Outcome.NOT_PAID : Outcome.NOT_SHIPPED;
        }
        return new Order(number, SagaId.next(), outcome, List.of(line(random), line(random)));
    }

    private static Line line(SplittableRandom random) {
        int quantity = 1 + random.nextInt(5);
        return new Line(GOODS.get(random.nextInt(GOODS.size())), quantity, quantity * (100L + random.nextInt(9_900)));
    }

    /** The key under which the order goes: idempotency key of its saga, key of its events. */
    String key() {
        return KEY_PREFIX + number;
    }

    /** The number of the order that goes under this key; empty if it is the key of none. */
    static Optional<Long> numberOf(String key) {
        String digits = key.startsWith(KEY_PREFIX) ? key.substring(KEY_PREFIX.length()) : "";
        return digits.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(digits)) : Optional.empty();
    }

    /** What it costs. */
    long cents() {
        return lines.stream().mapToLong(Line::cents).sum();
    }
}
