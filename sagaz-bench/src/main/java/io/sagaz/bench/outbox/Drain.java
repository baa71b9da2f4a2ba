package io.sagaz.bench.outbox;

import java.sql.SQLException;

/** Somebody who publishes what waits in his outbox, all of it. Used once. */
interface Drain extends AutoCloseable {
    /** Begins. */
    void start() throws SQLException;

    /** What is published so far. */
    Published published();

    /** When everything is published: returns when that is durable, too, so that nothing of it comes again. */
    default void settle() throws SQLException, InterruptedException {}

    /** Ends it. */
    @Override
    void close() throws SQLException;
}
