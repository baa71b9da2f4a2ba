package io.sagaz.migrations.internal.partition;

import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;

import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.internal.jdbc.Deadline;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes old partitions away with {@code DETACH PARTITION CONCURRENTLY}: it waits for the transactions that use the table
 * and nobody waits for it. PostgreSQL allows that to the owner of the tables only, and neither in a transaction nor in a
 * function; and the wait must be bounded by a setting of the session, which must be ours alone: no pooler.
 *
 * <p>For whoever is behind the gate.
 */
public final class ConcurrentRetirement implements Retirement {
    /** The session is ours alone. The functions of the schema have a shorter wait of their own. */
    private static final String SESSION =
            "SET lock_timeout = '5s'; SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0";

    private final String schema;
    private final PartitionCatalog catalog;

    /** For a schema. */
    public ConcurrentRetirement(String schema) {
        this.schema = '"' + schema + '"';
        catalog = new PartitionCatalog(schema);
    }

    @Override
    public List<PartitionAction> run(Connection connection, PartitionFacts facts, Deadline patience)
            throws SQLException {
        execute(connection, SESSION);
        call(connection, "sagaz_forget_retirements()");
        List<PartitionAction> actions = new ArrayList<>();
        for (Step step : PartitionPlanner.plan(facts, catalog.needs(connection, facts))) {
            carryOut(connection, step, actions, patience).ifPresent(actions::add);
        }
        return actions;
    }

    private Optional<PartitionAction> carryOut(
            Connection connection, Step step, List<PartitionAction> soFar, Deadline patience) throws SQLException {
        if (step instanceof Step.Keep keep) {
            return Optional.of(action(KEEP, keep.partition(), keep.why()));
        }
        if (step instanceof Step.Finish finish) {
            return finish(connection, finish.partition(), patience);
        }
        if (step instanceof Step.Retire retire) {
            Optional<String> obstacle = obstacle(retire, soFar, patience);
            return obstacle.isPresent()
                    ? Optional.of(action(LATER, retire.partition(), obstacle.get()))
                    : retire(connection, retire.partition(), patience);
        }
        return Optional.empty(); // What is missing was made before.
    }

    private static Optional<String> obstacle(Step.Retire retire, List<PartitionAction> soFar, Deadline patience) {
        Set<String> gone = soFar.stream()
                .filter(action -> action.kind() == Kind.DROP || action.kind() == Kind.ARCHIVE)
                .map(PartitionAction::partition)
                .collect(Collectors.toSet());
        if (!gone.containsAll(retire.after())) {
            return Optional.of("it goes after " + String.join(", ", retire.after()));
        }
        String table = retire.partition().table().table();
        // PostgreSQL detaches one partition of a table at a time.
        if (soFar.stream()
                .anyMatch(action -> action.kind() == LATER && action.table().equals(table))) {
            return Optional.of("it goes after others of its table");
        }
        return patience.isOver() ? Optional.of("there was no time left for it") : Optional.empty();
    }

    private Optional<PartitionAction> retire(Connection connection, Partition partition, Deadline patience)
            throws SQLException {
        call(connection, "sagaz_retire_partition(?, ?)", partition.table().table(), partition.name());
        String detach = "ALTER TABLE " + schema + '.' + partition.table().table() + " DETACH PARTITION " + schema
                + ".\"" + partition.name() + "\" CONCURRENTLY";
        while (true) {
            try {
                execute(connection, detach);
                return finish(connection, partition, patience);
            } catch (SQLException e) {
                if (SqlStates.isConnectionLost(e)) {
                    throw e;
                }
                if (!SqlStates.isLockedOut(e)) {
                    return Optional.of(failed(partition, e));
                }
                if (isDetaching(connection, partition)) {
                    // It did not get to its end, but from here it can only go there.
                    return finish(connection, partition, patience);
                }
                if (patience.isOver()) {
                    return Optional.of(inUse(partition));
                }
                patience.pause();
            }
        }
    }

    private Optional<PartitionAction> finish(Connection connection, Partition partition, Deadline patience)
            throws SQLException {
        while (true) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT action, details FROM " + schema + ".sagaz_finish_retirement(?)")) {
                statement.setString(1, partition.name());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(action(Kind.valueOf(row.getString(1)), partition, row.getString(2)))
                            : Optional.empty();
                }
            } catch (SQLException e) {
                if (SqlStates.isConnectionLost(e)) {
                    throw e;
                }
                if (!SqlStates.isLockedOut(e)) {
                    return Optional.of(failed(partition, e));
                }
                if (patience.isOver()) {
                    return Optional.of(inUse(partition));
                }
                patience.pause();
            }
        }
    }

    private boolean isDetaching(Connection connection, Partition partition) throws SQLException {
        return catalog.facts(connection).partitions().stream()
                .anyMatch(now -> now.name().equals(partition.name()) && now.state() == Partition.State.DETACHING);
    }

    private static PartitionAction inUse(Partition partition) {
        return action(LATER, partition, "nothing needs it, but transactions that use the table do not end");
    }

    private static PartitionAction failed(Partition partition, SQLException e) {
        return action(FAIL, partition, e.getMessage() + " [SQLState " + e.getSQLState() + "]");
    }

    private static PartitionAction action(Kind kind, Partition partition, String details) {
        return new PartitionAction(kind, partition.table().table(), partition.name(), details);
    }

    private void call(Connection connection, String function, String... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + schema + '.' + function)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            statement.execute();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
