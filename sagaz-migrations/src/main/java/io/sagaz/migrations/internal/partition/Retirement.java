package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.internal.jdbc.Deadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/** A way to take old partitions away. Whichever it is: an interrupted one is gone on with by the next, of either kind. */
public interface Retirement {
    /**
     * Does it as far as nobody has to wait.
     *
     * @param connection in autocommit
     * @param facts what there is
     * @param patience how long to try again where somebody is in the way
     * @param done is told what was done, in order, also when this throws
     * @throws SQLException when the connection was lost, or nothing could be found out
     */
    void run(Connection connection, PartitionFacts facts, Deadline patience, Consumer<PartitionAction> done)
            throws SQLException;
}
