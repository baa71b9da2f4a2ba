package io.sagaz.migrations;

import java.util.Optional;

/**
 * How a schema and this library fit together. Immutable.
 *
 * @param fit whether they do
 * @param version version of the schema; empty if there is none
 * @param needed the version that this library migrates to
 */
public record SchemaStatus(Fit fit, Optional<String> version, String needed) {
    /** How they fit. */
    public enum Fit {
        /** The library's own version. */
        CURRENT,
        /** A newer library has migrated, in a way that this one can work with. */
        NEWER,
        /** A newer library has migrated, in a way that this one cannot work with. */
        TOO_NEW,
        /** It is older than the library: migrate. */
        BEHIND,
        /** A migration has failed in the middle: see {@code sagaz_schema_history}, then migrate. */
        BROKEN,
        /** There is none: migrate. */
        MISSING
    }

    /** Whether this library can work with the schema. */
    public boolean isUsable() {
        return fit == Fit.CURRENT || fit == Fit.NEWER;
    }
}
