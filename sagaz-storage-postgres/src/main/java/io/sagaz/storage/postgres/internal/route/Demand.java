package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;

/**
 * What a read needs of a replica.
 *
 * @param wanted what the caller asks for
 * @param floor behind what it must not be beside
 */
record Demand(ReadConsistency wanted, Floor floor) {
    /** The same floor with another freshness. */
    Demand with(ReadConsistency other) {
        return new Demand(other, floor);
    }
}
