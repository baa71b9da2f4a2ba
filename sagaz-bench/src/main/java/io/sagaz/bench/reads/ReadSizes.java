package io.sagaz.bench.reads;

import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.reads.year.YearSizes;
import java.time.Duration;
import java.util.List;

/** How much of everything. Immutable. */
public record ReadSizes(
        int sagas, Decision decision, Finding finding, Guard guard, Scenarios scenarios, YearSizes year) {
    /** What counts. */
    public static final ReadSizes FULL = new ReadSizes(
            20_000,
            new Decision(5, 3, Duration.ofMillis(500), Duration.ofSeconds(1)),
            new Finding(List.of(1, 4, 16), new Alternation(1, 5), Duration.ofMillis(1_500)),
            new Guard(new Alternation(1, 5), 4, 0.125, 64, 16, Duration.ofMillis(2_500), Duration.ofSeconds(5)),
            new Scenarios(5, 4, 50, Duration.ofSeconds(1)),
            new YearSizes(5_000_000, 100_000, new Alternation(1, 5), 40, Duration.ofMillis(250)));

    /** What only shows that everything works. */
    public static final ReadSizes QUICK = new ReadSizes(
            2_000,
            new Decision(1, 1, Duration.ofMillis(100), Duration.ofMillis(200)),
            new Finding(List.of(1, 16), new Alternation(1, 1), Duration.ofMillis(200)),
            new Guard(new Alternation(0, 1), 4, 0.125, 64, 16, Duration.ofMillis(300), Duration.ofMillis(500)),
            new Scenarios(1, 4, 10, Duration.ofMillis(500)),
            new YearSizes(100_000, 10_000, new Alternation(0, 1), 5, Duration.ofMillis(50)));

    /**
     * Of the decision, which JMH measures.
     *
     * @param rounds each in a new JVM
     * @param warmUps of a JVM, each as long as said
     * @param measured how long
     */
    public record Decision(int rounds, int warmUps, Duration warmUp, Duration measured) {}

    /**
     * Of finding sagas by id.
     *
     * @param callers how many at once, in order; in the one in the middle only those take part that there is a target for
     * @param slice how long a round of one lasts
     */
    public record Finding(List<Integer> callers, Alternation rounds, Duration slice) {
        /** Copies the list. */
        public Finding {
            callers = List.copyOf(callers);
        }
    }

    /**
     * Of what is spared the primary.
     *
     * @param writers how many threads write
     * @param paced what part of the rate that they reach alone the writers make, when they are paced
     * @param readers how many threads read
     * @param connections that each pool of the store has at most
     * @param slice how long a round of one thing lasts
     * @param staleness that the readers accept
     */
    public record Guard(
            Alternation rounds,
            int writers,
            double paced,
            int readers,
            int connections,
            Duration slice,
            Duration staleness) {}

    /**
     * Of what goes wrong.
     *
     * @param callers how many threads
     * @param looks of each of them in a round
     * @param staleness that Sagaz is asked for
     */
    public record Scenarios(int rounds, int callers, int looks, Duration staleness) {}
}
