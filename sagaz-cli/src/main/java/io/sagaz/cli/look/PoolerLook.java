package io.sagaz.cli.look;

import io.sagaz.cli.connect.Way;

/**
 * What is at the end of a way to a console of PgBouncer.
 *
 * @param way the way
 * @param serves whose pooler it is
 * @param state how it is
 */
public record PoolerLook(Way way, Serves serves, Fact<PoolerState> state) {
    /** Whose pooler. */
    public enum Serves {
        /** Its address is that of the way for writes. */
        WRITES,
        /** Its address is that of the way for reads. */
        READS,
        /** Neither: it cannot be told. */
        UNKNOWN
    }

    /** What people call it. */
    public String name() {
        return switch (serves) {
            case WRITES -> "PgBouncer-RW";
            case READS -> "PgBouncer-RO";
            case UNKNOWN -> "PgBouncer";
        };
    }
}
