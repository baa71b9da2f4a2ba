package io.sagaz.storage.postgres;

import java.time.Duration;
import java.util.Optional;

/**
 * Who keeps the partitions while the store runs. What is kept for how long stands in the table {@code
 * partition_settings}. Immutable.
 */
public final class PartitionPolicy {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Optional<Duration> interval;

    private PartitionPolicy(Optional<Duration> interval) {
        this.interval = interval;
    }

    /**
     * The store does, when it has started and then again and again: it makes partitions ahead and takes old ones away that
     * nothing needs. Of several instances one does it, whichever comes first.
     *
     * @param interval how often, give or take a tenth. Once a day is enough; an hour lets an outage pass unnoticed
     * @throws IllegalArgumentException unless a minute to a day
     */
    public static PartitionPolicy every(Duration interval) {
        if (interval == null || interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "PartitionPolicy.interval must be from " + SHORTEST + " to " + LONGEST + " but is " + interval);
        }
        return new PartitionPolicy(Optional.of(interval));
    }

    /** Somebody else does, for example a CronJob that calls {@code maintain_all_partitions()} at least daily. */
    public static PartitionPolicy leftToOthers() {
        return new PartitionPolicy(Optional.empty());
    }

    Optional<Duration> interval() {
        return interval;
    }

    @Override
    public String toString() {
        return interval.map(every -> "every " + every).orElse("left to others");
    }
}
