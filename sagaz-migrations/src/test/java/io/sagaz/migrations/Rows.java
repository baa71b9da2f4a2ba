package io.sagaz.migrations;

import java.sql.Connection;
import java.sql.SQLException;

/** Rows of another time, in partitions that are made for them. As the owner. */
final class Rows {
    private Rows() {}

    /** A saga that began at a time, with a step; its id. */
    static String saga(Connection owner, String time, String status) throws SQLException {
        Sql.run(
                owner,
                "SELECT create_saga_executions_partition(('" + time + "'::timestamptz AT TIME ZONE 'UTC')::date)");
        String id = Sql.value(
                owner,
                "INSERT INTO saga_executions (saga_id, created_at, saga_name, status)" + " VALUES (sagaz_uuid7('" + time
                        + "'), '" + time + "', 'old', '" + status + "') RETURNING saga_id");
        Sql.run(
                owner,
                "INSERT INTO saga_steps (saga_id, created_at, step_index, step_name) VALUES ('" + id + "', '" + time
                        + "', 0, 'reserve')");
        Sql.run(owner, "INSERT INTO saga_idempotency_keys VALUES ('old', '" + id + "', '" + id + "', '" + time + "')");
        return id;
    }

    /** An entry that was written at a time about a saga. */
    static void audit(Connection owner, String time, String saga) throws SQLException {
        Sql.run(
                owner,
                "SELECT create_saga_audit_log_partition(('" + time + "'::timestamptz AT TIME ZONE 'UTC')::date)");
        Sql.run(
                owner,
                "INSERT INTO saga_audit_log (entry_id, created_at, saga_id, event_type)" + " VALUES (sagaz_uuid7('"
                        + time + "'), '" + time + "', '" + saga + "', 'CHANGED')");
    }

    /** An event of a time; its id. */
    static String event(Connection owner, String time) throws SQLException {
        Sql.run(owner, "SELECT create_saga_outbox_partition(('" + time + "'::timestamptz AT TIME ZONE 'UTC')::date)");
        return Sql.value(
                owner,
                "INSERT INTO saga_outbox (event_id, created_at, topic, payload)" + " VALUES (sagaz_uuid7('" + time
                        + "'), '" + time + "', 't', '{}') RETURNING event_id");
    }

    /** A relay that has published nothing. */
    static void relay(Connection owner, String name) throws SQLException {
        Sql.run(owner, "INSERT INTO saga_outbox_relays (relay_name) VALUES ('" + name + "')");
        Sql.run(
                owner,
                "INSERT INTO saga_outbox_cursors (relay_name, shard, published)" + " SELECT '" + name
                        + "', n, '3:3:' FROM generate_series(0, 63) n");
    }

    /** The relay publishes everything that is committed. */
    static void publishAll(Connection owner, String relay) throws SQLException {
        Sql.run(
                owner,
                "UPDATE saga_outbox_cursors SET published = pg_current_snapshot() WHERE relay_name = '" + relay + "'");
    }

    /** The time so many days ago, at noon. */
    static String daysAgo(Connection connection, int days) throws SQLException {
        return Sql.value(
                connection,
                "SELECT date_trunc('day', now() AT TIME ZONE 'UTC') - interval '" + days
                        + " days' + interval '12 hours' || '+00'");
    }

    /** The middle of the month so many months ago. */
    static String monthsAgo(Connection connection, int months) throws SQLException {
        return Sql.value(
                connection,
                "SELECT date_trunc('month', now() AT TIME ZONE 'UTC') - interval '" + months
                        + " months' + interval '14 days' || '+00'");
    }
}
