package io.sagaz.bench.writes;

import io.sagaz.bench.load.Call;
import java.sql.SQLException;

/** Somebody who does the work, on connections of one {@link Way}. Safe for threads. */
interface Contender extends AutoCloseable {
    /** Makes ready for calls of this kind, which come soon. */
    default void ready(Workload workload) {}

    /**
     * What one caller does; each thread gets its own.
     *
     * @throws IllegalArgumentException if this contender does nothing of the kind
     */
    Call caller(Workload workload) throws SQLException;

    /** The calls are over for now: whatever it does by itself is to end, for others are measured. */
    default void rest() {}

    /** Lets go of what is its own. */
    @Override
    default void close() {}
}
