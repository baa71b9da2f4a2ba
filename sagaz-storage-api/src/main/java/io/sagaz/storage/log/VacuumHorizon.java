package io.sagaz.storage.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who keeps the database from removing rows that nobody else can see: the log does not mind, but tables whose rows change do.
 * Immutable.
 *
 * @param holders the one that looks back furthest first
 * @param complete whether these are all: of the sessions and standbys of other roles the primary tells only members of {@code
 *     pg_read_all_stats}
 */
public record VacuumHorizon(List<Holder> holders, boolean complete) {
    /** Copies the list. */
    public VacuumHorizon {
        holders = List.copyOf(holders);
    }

    /** What a holder is. */
    public enum Kind {
        /** A session on the primary with a snapshot, or with a transaction that has written. */
        SESSION,
        /** A standby whose {@code hot_standby_feedback} tells of a snapshot there. */
        STANDBY,
        /** A replication slot. */
        SLOT,
        /** A prepared transaction. */
        PREPARED
    }

    /**
     * Somebody who still needs old rows.
     *
     * @param name role, process and application; the standby; the name of the slot or of the prepared transaction
     * @param transactions how many transactions ago it looks back, at least 0
     * @param since since when, if that is known
     */
    public record Holder(Kind kind, String name, long transactions, Optional<Instant> since) {}

    /**
     * How many transactions ago the one of a kind looks back that looks back furthest; 0 if there is none of that kind, and empty
     * if that is not known.
     */
    public OptionalLong transactions(Kind kind) {
        if (!complete && (kind == Kind.SESSION || kind == Kind.STANDBY)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(holders.stream()
                .filter(holder -> holder.kind() == kind)
                .mapToLong(Holder::transactions)
                .max()
                .orElse(0));
    }
}
