package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.internal.jdbc.Deadline;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes old partitions away with the function {@code maintain_all_partitions()}, again until nothing changes any more:
 * behind a pooler, and for roles that do not own the tables. Others wait for each partition at most about 50 ms; where that
 * is not enough, it is left for the next maintenance.
 */
public final class PlainRetirement implements Retirement {
    private static final int MOST_ROUNDS = 100;

    private final String function;
    private final boolean atPlannedTime;

    private PlainRetirement(String function, boolean atPlannedTime) {
        this.function = function;
        this.atPlannedTime = atPlannedTime;
    }

    /** For a schema, at the time that it is. */
    public static PlainRetirement now(String schema) {
        return new PlainRetirement('"' + schema + "\".maintain_all_partitions()", false);
    }

    /** For a schema, at the time of the facts, whatever the clock of the database says. Only for the owner. */
    public static PlainRetirement atTimeOfFacts(String schema) {
        return new PlainRetirement('"' + schema + "\".sagaz_maintain(?::timestamptz)", true);
    }

    @Override
    public void run(Connection connection, PartitionFacts facts, Deadline patience, Consumer<PartitionAction> done)
            throws SQLException {
        // The last word on each partition, in the order of last words: DETACH is followed by DROP.
        Map<String, PartitionAction> fates = new LinkedHashMap<>();
        try {
            rounds(connection, facts, patience, fates);
        } finally {
            fates.values().forEach(done);
        }
    }

    private void rounds(
            Connection connection, PartitionFacts facts, Deadline patience, Map<String, PartitionAction> fates)
            throws SQLException {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<PartitionAction> actions = round(connection, facts);
            actions.forEach(action -> noteFate(fates, action));
            boolean moved = actions.stream().anyMatch(PlainRetirement::leadsOn);
            // For locks to be let go; not for the end of a doubt.
            boolean waits = actions.stream()
                    .anyMatch(action ->
                            action.kind() == Kind.LATER && !action.partition().isEmpty());
            if (!moved && (!waits || patience.isOver())) {
                break;
            }
            if (!moved) {
                patience.pause();
            }
        }
    }

    private static void noteFate(Map<String, PartitionAction> fates, PartitionAction action) {
        // Of a table, or of all: where no partition is named.
        String what = action.partition().isEmpty() ? "of " + action.table() : action.partition();
        @Nullable PartitionAction before = fates.remove(what);
        boolean wasPutBack = before != null && before.kind() == Kind.ATTACH && action.kind() == Kind.KEEP;
        fates.put(what, wasPutBack ? before : action);
    }

    /** Whether the next round has something to do because of this one: go on with it, or with what depends on it. */
    private static boolean leadsOn(PartitionAction action) {
        return switch (action.kind()) {
            case DETACH, DROP, ARCHIVE -> true;
            default -> false;
        };
    }

    private List<PartitionAction> round(Connection connection, PartitionFacts facts) throws SQLException {
        List<PartitionAction> actions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT action, table_name, partition_name, details FROM " + function + " WHERE action <> 'EXISTS'")) {
            if (atPlannedTime) {
                statement.setObject(1, facts.now().atOffset(ZoneOffset.UTC));
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    actions.add(new PartitionAction(
                            Kind.valueOf(row.getString(1)),
                            Objects.requireNonNullElse(row.getString(2), ""),
                            Objects.requireNonNullElse(row.getString(3), ""),
                            row.getString(4)));
                }
            }
        }
        return actions;
    }
}
