package io.sagaz.bench.outbox;

import io.sagaz.bench.measure.Alternation;
import java.time.Duration;
import java.util.List;

/** How much of everything. Immutable. */
public record OutboxSizes(Appending appending, Draining draining, Steady steady, Held held, Retention retention) {
    /** What counts. */
    public static final OutboxSizes FULL = new OutboxSizes(
            new Appending(
                    List.of(1, 10, 100),
                    List.of(1, 4, 16),
                    new Alternation(1, 5),
                    Duration.ofMillis(700),
                    Duration.ofMillis(400)),
            new Draining(200_000, 10_000, 10, new Alternation(1, 5)),
            new Steady(
                    List.of(new Rate(2_000, 4, Duration.ofSeconds(30)), new Rate(50, 1, Duration.ofSeconds(5))),
                    4,
                    new Alternation(1, 5),
                    Duration.ofSeconds(3)),
            new Held(2, 100, 10_000, 10, new Alternation(1, 3), Duration.ofSeconds(60), Duration.ofSeconds(10)),
            new Retention(5, 1_000_000, 1_000, 4, new Alternation(0, 2)));

    /** What only shows that everything works. */
    public static final OutboxSizes QUICK = new OutboxSizes(
            new Appending(
                    List.of(1, 100),
                    List.of(1, 4),
                    new Alternation(1, 3),
                    Duration.ofMillis(200),
                    Duration.ofMillis(300)),
            new Draining(20_000, 1_000, 10, new Alternation(1, 3)),
            new Steady(
                    List.of(new Rate(2_000, 4, Duration.ofMillis(1_500)), new Rate(50, 1, Duration.ofMillis(1_000))),
                    4,
                    new Alternation(1, 3),
                    Duration.ofMillis(500)),
            new Held(2, 100, 2_000, 10, new Alternation(0, 1), Duration.ofSeconds(6), Duration.ofSeconds(2)),
            new Retention(2, 20_000, 500, 2, new Alternation(0, 2)));

    /**
     * Of what is appended.
     *
     * @param events in a transaction, in order
     * @param writers how many at once, in order
     * @param rounds for each number of writers
     * @param slice how long a round of one thing lasts
     * @param warmUp the same of a round to warm up
     */
    public record Appending(
            List<Integer> events, List<Integer> writers, Alternation rounds, Duration slice, Duration warmUp) {
        /** Copies the lists. */
        public Appending {
            events = List.copyOf(events);
            writers = List.copyOf(writers);
        }
    }

    /**
     * Of what is drained.
     *
     * @param events that wait for the relay
     * @param eventsOfPeers that wait for each of the others
     * @param workers that each of the others has
     */
    public record Draining(int events, int eventsOfPeers, int workers, Alternation rounds) {}

    /**
     * How much is emitted in a steady load.
     *
     * @param perSecond events
     * @param each of them in a transaction
     * @param length of a round
     */
    public record Rate(int perSecond, int each, Duration length) {}

    /**
     * Of the steady load.
     *
     * @param writers how many transactions may be under way at once
     * @param warmUp of a round to warm up
     */
    public record Steady(List<Rate> rates, int writers, Alternation rounds, Duration warmUp) {
        /** Copies the list. */
        public Steady {
            rates = List.copyOf(rates);
        }
    }

    /**
     * Of the snapshot that is held.
     *
     * @param writers how many append without a pause
     * @param each events in a transaction
     * @param waiting events at which they wait for those that publish
     * @param workers of the outbox with a status
     * @param length of a round of one thing; one to warm up lasts two windows
     * @param window what is looked at of its beginning and its end
     */
    public record Held(
            int writers, int each, int waiting, int workers, Alternation rounds, Duration length, Duration window) {}

    /**
     * Of old events.
     *
     * @param partitions that have expired
     * @param events in each
     * @param perSecond events that are emitted meanwhile, a transaction each
     * @param writers how many of these may be under way at once
     */
    public record Retention(int partitions, int events, int perSecond, int writers, Alternation rounds) {
        /** All that have expired. */
        int all() {
            return partitions * events;
        }
    }
}
