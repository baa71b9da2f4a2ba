package io.sagaz.bench.writes;

import io.sagaz.bench.measure.Alternation;
import java.time.Duration;
import java.util.List;

/**
 * How much of everything. Immutable.
 *
 * @param callers how many at once, in order
 * @param connections that a pool has at most
 * @param timed rounds for each number of callers
 * @param slice how long a round of one thing lasts
 * @param warmUp the same of a round to warm up
 * @param counted rounds of what is counted and not timed
 * @param sagas in each of these rounds
 */
public record WriteSizes(
        List<Integer> callers,
        int connections,
        Alternation timed,
        Duration slice,
        Duration warmUp,
        Alternation counted,
        int sagas) {
    /** What counts. */
    public static final WriteSizes FULL = new WriteSizes(
            List.of(1, 4, 16, 64),
            16,
            new Alternation(1, 5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            new Alternation(1, 5),
            1_000);

    /** What only shows that everything works. */
    public static final WriteSizes QUICK = new WriteSizes(
            List.of(1, 16),
            16,
            new Alternation(1, 3),
            Duration.ofMillis(200),
            Duration.ofMillis(300),
            new Alternation(1, 2),
            200);

    /** Copies the list. */
    public WriteSizes {
        callers = List.copyOf(callers);
    }

    /** How many connections so many callers share. */
    int connections(int ofCallers) {
        return Math.min(ofCallers, connections);
    }
}
