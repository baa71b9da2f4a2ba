package io.sagaz.migrations.internal.partition;

import java.time.Instant;

/**
 * A partition as the database knows it.
 *
 * @param start its rows are not older; {@link Instant#MIN} when it has no such bound
 * @param end its rows are older; {@link Instant#MAX} when it has no such bound
 * @param retiring whether the maintenance has decided that it goes
 */
public record Partition(
        PartitionedTable table, String name, Instant start, Instant end, State state, boolean retiring) {
    /** Where it stands between being a part of its table and being gone. */
    public enum State {
        /** A part of its table. */
        ATTACHED,
        /** No part of it for new queries; old ones may still use it, or that was interrupted. */
        DETACHING,
        /** A plain table that the maintenance has detached, to be looked at again. */
        DETACHED,
        /** A table that is named like a partition, and that the maintenance has not detached. */
        LOOSE,
        /** A plain table that stays. */
        ARCHIVED,
        /** Takes what no other partition takes, and should not be there. */
        DEFAULT
    }
}
