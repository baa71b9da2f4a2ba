package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The condition that a filter makes, with as many arguments as it has. What is not asked for is not in its text, and what
 * an index holds is said in that index's words, so that the planner can tell.
 */
record SagaConditions(SagaFilter filter, Instant from, Instant before) {
    private static final Instant BEGINNING = Instant.EPOCH;
    /** Beyond every time that a UUID of version 7 can carry. */
    static final Instant END = Instant.ofEpochMilli(1L << 48);

    /** Behind every identifier. */
    static final UUID LAST_UUID = new UUID(-1L, -1L);

    private static final Set<SagaStatus> UNFINISHED =
            EnumSet.of(SagaStatus.PENDING, SagaStatus.RUNNING, SagaStatus.COMPENSATING);
    private static final Set<SagaStatus> OUTCOMES = EnumSet.of(SagaStatus.FAILED, SagaStatus.COMPENSATED);

    /**
     * Of a filter, with bounds of time that the caller leaves open being infinite ones: partitions are pruned by what is
     * bound.
     */
    static SagaConditions of(SagaFilter filter) {
        return new SagaConditions(
                filter,
                within(filter.createdFrom().orElse(BEGINNING)),
                within(filter.createdBefore().orElse(END)));
    }

    /** The same, of sagas that were made at a time or before it. */
    SagaConditions notAfter(Instant time) {
        Instant behind = time.plusMillis(1);
        return before.isAfter(behind) ? new SagaConditions(filter, from, behind) : this;
    }

    /** Whether it is about nothing but the time. */
    boolean isOfTimeAlone() {
        return filter.name().isEmpty()
                && filter.owner().isEmpty()
                && filter.statuses().isEmpty();
    }

    /** No saga of it has a lower identifier than this. */
    UUID firstId() {
        return idAt(from);
    }

    /** Every saga of it has a lower identifier than this. */
    UUID beforeId() {
        return before.isBefore(END) ? idAt(before) : LAST_UUID;
    }

    /** The lowest identifier with this time or a later one; identifiers count whole milliseconds. */
    private static UUID idAt(Instant time) {
        return new UUID(nextMilli(time).toEpochMilli() << 16, 0);
    }

    /** The condition on {@code s}, a row of {@code sagaz_sagas}. */
    String sql() {
        StringBuilder sql = new StringBuilder("s.created_at >= ? AND s.created_at < ?");
        if (filter.name().isPresent()) {
            sql.append(" AND s.saga_name = ?");
        }
        if (filter.owner().isPresent()) {
            sql.append(" AND s.unfinished AND s.lease_owner = ? AND s.lease_until > now()");
        }
        if (!filter.statuses().isEmpty()) {
            sql.append(" AND s.status = ANY (?)");
            if (UNFINISHED.containsAll(filter.statuses()) && filter.owner().isEmpty()) {
                sql.append(" AND s.unfinished");
            }
            if (OUTCOMES.containsAll(filter.statuses())) {
                // One outcome leaves the index in the order of time.
                sql.append(filter.statuses().size() == 1 ? " AND s.outcome = ?" : " AND s.outcome = ANY (?)");
            }
        }
        return sql.toString();
    }

    /** Binds its arguments. */
    void bind(Connection connection, SqlArguments arguments) throws SQLException {
        arguments.add(from).add(before);
        if (filter.name().isPresent()) {
            arguments.addText(filter.name());
        }
        if (filter.owner().isPresent()) {
            arguments.addText(filter.owner());
        }
        if (!filter.statuses().isEmpty()) {
            List<String> statuses = filter.statuses().stream().map(Enum::name).toList();
            arguments.add(connection.createArrayOf("text", statuses.toArray()));
            if (OUTCOMES.containsAll(filter.statuses())) {
                if (statuses.size() == 1) {
                    arguments.addText(Optional.of(statuses.get(0)));
                } else {
                    arguments.add(connection.createArrayOf("text", statuses.toArray()));
                }
            }
        }
    }

    /**
     * A bound that the driver can bind, and does not round to another one: no saga is older than the one or younger than the
     * other end, and all are of whole milliseconds.
     */
    private static Instant within(Instant time) {
        return time.isBefore(BEGINNING) ? BEGINNING : time.isAfter(END) ? END : nextMilli(time);
    }

    private static Instant nextMilli(Instant time) {
        return Instant.ofEpochMilli(time.plusNanos(999_999).toEpochMilli());
    }
}
