package io.sagaz.bench.partitions;

import io.sagaz.bench.measure.Alternation;
import java.time.Duration;

/** How much of everything. Immutable. */
public record PartitionSizes(Alternation rounds, Tables tables, Planning planning, Upkeep upkeep) {
    /** What counts. */
    public static final PartitionSizes FULL = new PartitionSizes(
            new Alternation(2, 9),
            new Tables(5_000_000, 200_000, 20, 3_000, 1_000, 500, 50),
            new Planning(500, new Alternation(5, 50), new Alternation(1, 10)),
            new Upkeep(5, 10_000, 10_000, Duration.ofSeconds(2)));

    /** What only shows that everything works. */
    public static final PartitionSizes QUICK = new PartitionSizes(
            new Alternation(1, 3),
            new Tables(200_000, 50_000, 10, 300, 100, 100, 10),
            new Planning(100, new Alternation(2, 10), new Alternation(1, 3)),
            new Upkeep(2, 1_000, 1_000, Duration.ofSeconds(1)));

    /**
     * Of the tables with many sagas.
     *
     * @param rows in each
     * @param batch how many are made at a time
     * @param queries over time, in a round of a variant
     * @param lookups by id and time, in a round of a variant
     * @param lookupsById by id alone, likewise
     * @param inserts of one row, likewise
     * @param batchInserts of many rows, likewise
     */
    public record Tables(
            long rows, int batch, int queries, int lookups, int lookupsById, int inserts, int batchInserts) {}

    /**
     * Of the planner.
     *
     * @param rows in each partition
     * @param warm in one session
     * @param fresh each in a session of its own
     */
    public record Planning(int rows, Alternation warm, Alternation fresh) {}

    /**
     * Of the maintenance.
     *
     * @param rounds of each way
     * @param monthRows sagas in a month; each has three steps and two audit entries
     * @param dayRows events in a day
     * @param renewal how long the reader keeps a transaction open
     */
    public record Upkeep(int rounds, int monthRows, int dayRows, Duration renewal) {}
}
