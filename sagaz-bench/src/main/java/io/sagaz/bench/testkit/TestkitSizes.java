package io.sagaz.bench.testkit;

/**
 * How often.
 *
 * @param starts of a topology out of each source
 * @param cold whether also with nothing fetched before, which takes the network
 * @param resets of a database
 * @param sagas of a full database
 * @param histories how many full databases
 */
public record TestkitSizes(int starts, boolean cold, int resets, int sagas, int histories) {
    /** What counts. */
    public static final TestkitSizes FULL = new TestkitSizes(5, true, 50, 1_000_000, 3);

    /** What only shows that everything works. */
    public static final TestkitSizes QUICK = new TestkitSizes(1, false, 3, 10_000, 1);
}
