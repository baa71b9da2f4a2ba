package io.sagaz.bench.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The table of db-scheduler, with the columns and indexes that its documentation asks for. */
final class SchedulerTable {
    static final String NAME = "scheduled_tasks";

    private static final String MAKE = """
            CREATE TABLE %s (
                task_name            text NOT NULL,
                task_instance        text NOT NULL,
                task_data            bytea,
                execution_time       timestamptz,
                picked               boolean NOT NULL,
                picked_by            text,
                last_success         timestamptz,
                last_failure         timestamptz,
                consecutive_failures integer,
                last_heartbeat       timestamptz,
                version              bigint NOT NULL,
                priority             smallint,
                state                text,
                PRIMARY KEY (task_name, task_instance))
            """.formatted(NAME);

    private SchedulerTable() {}

    /** Makes it, as its owner. */
    static void make(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(MAKE);
            statement.execute("CREATE INDEX ON " + NAME + " (execution_time)");
            statement.execute("CREATE INDEX ON " + NAME + " (last_heartbeat)");
            statement.execute("CREATE INDEX ON " + NAME + " (priority DESC, execution_time)");
        }
    }
}
