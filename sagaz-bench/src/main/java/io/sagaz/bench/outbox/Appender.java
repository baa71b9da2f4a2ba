package io.sagaz.bench.outbox;

import java.sql.SQLException;

/** Somebody who appends events. Safe for threads. */
@FunctionalInterface
interface Appender {
    /**
     * Appends some in one transaction.
     *
     * @param first the number of the first; those of the others follow
     * @param events how many
     */
    void append(long first, int events) throws SQLException;
}
