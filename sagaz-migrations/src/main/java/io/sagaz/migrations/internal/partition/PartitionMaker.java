package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.internal.jdbc.Deadline;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes partitions, each in a transaction of its own; what is in the way of one is given time to go. */
public final class PartitionMaker {
    private static final Logger log = LoggerFactory.getLogger(PartitionMaker.class);

    private final String schema;
    private final Duration patience;

    /** For a schema. */
    public PartitionMaker(String schema, Duration patience) {
        this.schema = schema;
        this.patience = patience;
    }

    /**
     * Makes one if it is missing. Reads and writes go on meanwhile.
     *
     * @return whether this call made it
     * @throws SQLException when the connection was lost
     * @throws MigrationException when it cannot be made
     */
    public boolean make(Connection connection, Slot slot) throws SQLException {
        Deadline deadline = Deadline.after(patience);
        while (true) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT \"" + schema + "\".sagaz_create_partition(?::text, ?::date)")) {
                statement.setString(1, slot.table().table());
                statement.setObject(2, slot.firstDay());
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    boolean made = row.getBoolean(1);
                    if (made) {
                        log.info("Created partition {} in schema {}", slot.name(), schema);
                    }
                    return made;
                }
            } catch (SQLException e) {
                if (SqlStates.isConnectionLost(e)) {
                    throw e; // The next connection goes on from here.
                }
                if (!SqlStates.isLockedOut(e) || deadline.isOver()) {
                    throw MigrationException.of(
                            "Cannot create partition " + slot.name() + " in schema " + schema + " after "
                                    + deadline.elapsed(),
                            e);
                }
                log.info("Trying partition {} again after: {}", slot.name(), e.getMessage());
                deadline.pause();
            }
        }
    }
}
