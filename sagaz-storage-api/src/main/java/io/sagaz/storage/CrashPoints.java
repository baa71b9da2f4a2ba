package io.sagaz.storage;

/**
 * Is told when Sagaz comes to a boundary between two steps of its own work, so that a test can bring down a connection, a thread
 * or the process just there, and look whether what was promised still holds. In production it is {@link #NONE}.
 *
 * <p>It is called by the thread that does the work, which waits meanwhile. What it throws goes on from there as if that thread had
 * failed by itself: an {@link Error} stands for a thread that dies. Calls come from several threads at once.
 */
@FunctionalInterface
public interface CrashPoints {
    /** Does nothing. */
    CrashPoints NONE = point -> {};

    /** Boundaries, in the order in which a write and then its event come to them. */
    enum Point {
        /** A write, by itself or within a transaction of the store, has its connection and has sent nothing. */
        BEFORE_STATEMENT,
        /** It has the answer of the server, and its caller has not been told. What commits by itself is committed. */
        AFTER_STATEMENT,
        /** The work of a transaction is done, and its commit has not been sent. */
        BEFORE_COMMIT,
        /** The commit of a transaction was answered, or that answer was lost; its caller has not been told. */
        AFTER_COMMIT,
        /** A relay has read an event, and is about to hand it to the publisher. */
        BEFORE_PUBLISH,
        /** The broker has acknowledged an event, and nobody has taken note of it. */
        AFTER_PUBLISH,
        /** A relay is about to write down that a batch is published. */
        BEFORE_CURSOR,
        /** It is written down, and the relay does not know it yet. */
        AFTER_CURSOR
    }

    /** The work has come to this boundary. */
    void reached(Point point);
}
