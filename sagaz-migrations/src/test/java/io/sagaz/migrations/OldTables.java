package io.sagaz.migrations;

import java.sql.Connection;
import java.sql.SQLException;

/** Tables of the Python project that Sagaz may meet, with the columns that matter. */
enum OldTables {
    /** The library's storage of sagas. */
    SAGAS("table saga_steps", """
            CREATE TABLE sagas (
                saga_id varchar(255) PRIMARY KEY, saga_name varchar(255) NOT NULL, status varchar(50) NOT NULL,
                context jsonb, metadata jsonb, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
            CREATE TABLE saga_steps (
                id serial PRIMARY KEY, saga_id varchar(255) REFERENCES sagas ON DELETE CASCADE,
                step_name varchar(255) NOT NULL, status varchar(50) NOT NULL, result jsonb, error text,
                executed_at timestamptz, compensated_at timestamptz, retry_count integer DEFAULT 0, UNIQUE (saga_id, step_name));
            CREATE INDEX idx_sagas_status ON sagas (status);
            """),
    /** The library's outbox and inbox. */
    OUTBOX("table consumer_inbox, table saga_outbox", """
            CREATE TABLE saga_outbox (
                event_id uuid PRIMARY KEY, saga_id varchar(255) NOT NULL, aggregate_type varchar(255) NOT NULL DEFAULT 'saga',
                aggregate_id varchar(255) NOT NULL, event_type varchar(255) NOT NULL, payload jsonb NOT NULL,
                headers jsonb NOT NULL DEFAULT '{}', status varchar(50) NOT NULL DEFAULT 'pending',
                created_at timestamptz NOT NULL DEFAULT now(), claimed_at timestamptz, sent_at timestamptz,
                retry_count integer NOT NULL DEFAULT 0, last_error text, worker_id varchar(255));
            CREATE INDEX idx_outbox_pending ON saga_outbox (created_at) WHERE status = 'pending';
            CREATE TABLE saga_outbox_archive (LIKE saga_outbox INCLUDING ALL);
            CREATE TABLE consumer_inbox (
                event_id uuid PRIMARY KEY, consumer_name varchar(255) NOT NULL, source_topic varchar(255) NOT NULL,
                event_type varchar(255) NOT NULL, payload jsonb NOT NULL, consumed_at timestamptz NOT NULL DEFAULT now(),
                processing_duration_ms integer);
            """),
    /** The library's snapshots; nothing of Sagaz has such a name. */
    SNAPSHOTS("", """
            CREATE TABLE saga_snapshots (
                snapshot_id uuid PRIMARY KEY, saga_id uuid NOT NULL, step_name varchar(255) NOT NULL, context jsonb NOT NULL,
                created_at timestamptz DEFAULT now());
            CREATE TABLE saga_replay_log (
                replay_id uuid PRIMARY KEY, original_saga_id uuid NOT NULL, new_saga_id uuid NOT NULL);
            """),
    /** What the Kubernetes Job makes. */
    JOB("table consumer_inbox, table saga_outbox", OUTBOX.ddl + """
                    CREATE TABLE saga_instance (
                        id uuid PRIMARY KEY, saga_type varchar(255) NOT NULL, status varchar(50) NOT NULL
                            CHECK (status IN ('running', 'completed', 'failed', 'compensating')),
                        state jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now(),
                        updated_at timestamptz NOT NULL DEFAULT now(), completed_at timestamptz);
                    """),
    /** The partitioned set, repaired by hand: 14 months of sagas, 5 days of events. */
    PARTITIONED("""
            function cleanup_consumer_inbox(retention_days integer),
            function create_saga_audit_log_partition(partition_date date),
            function create_saga_executions_partition(partition_date date),
            function create_saga_outbox_partition(partition_date date),
            function get_partition_statistics(),
            function maintain_all_partitions(),
            partitioned table saga_audit_log with 15 partitions,
            partitioned table saga_executions with 15 partitions,
            partitioned table saga_outbox with 5 partitions,
            table consumer_inbox,
            table partition_metadata,
            table saga_steps""".replace("\n", " "), """
            CREATE TABLE saga_executions (
                saga_id uuid NOT NULL DEFAULT gen_random_uuid(), saga_name varchar(255) NOT NULL, status varchar(50) NOT NULL,
                context jsonb DEFAULT '{}', result jsonb, error text, created_at timestamp NOT NULL DEFAULT now(),
                updated_at timestamp NOT NULL DEFAULT now(), completed_at timestamp, idempotency_key varchar(255),
                PRIMARY KEY (saga_id, created_at)) PARTITION BY RANGE (created_at);
            CREATE TABLE saga_outbox (
                id bigserial, event_id uuid NOT NULL DEFAULT gen_random_uuid(), saga_id uuid, topic varchar(255) NOT NULL,
                partition_key varchar(255), payload jsonb NOT NULL, headers jsonb DEFAULT '{}',
                status varchar(50) NOT NULL DEFAULT 'PENDING', retry_count int NOT NULL DEFAULT 0,
                max_retries int NOT NULL DEFAULT 3, created_at timestamp NOT NULL DEFAULT now(), published_at timestamp,
                error text, PRIMARY KEY (id, created_at), UNIQUE (event_id, created_at)) PARTITION BY RANGE (created_at);
            CREATE TABLE saga_audit_log (
                id bigserial, saga_id uuid NOT NULL, event_type varchar(100) NOT NULL, event_data jsonb NOT NULL,
                created_at timestamp NOT NULL DEFAULT now(), PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
            CREATE TABLE saga_steps (
                id bigserial PRIMARY KEY, saga_id uuid NOT NULL, step_name varchar(255) NOT NULL, status varchar(50) NOT NULL,
                input jsonb, output jsonb, error text, started_at timestamp NOT NULL DEFAULT now(), completed_at timestamp,
                retry_count int NOT NULL DEFAULT 0);
            CREATE TABLE consumer_inbox (
                event_id uuid PRIMARY KEY, consumer_name varchar(255) NOT NULL, source_topic varchar(255) NOT NULL,
                event_type varchar(255) NOT NULL, payload jsonb NOT NULL, processed_at timestamp NOT NULL DEFAULT now(),
                result jsonb, UNIQUE (consumer_name, event_id));
            CREATE TABLE partition_metadata (
                table_name varchar(255), partition_name varchar(255), partition_start timestamp, partition_end timestamp,
                PRIMARY KEY (table_name, partition_name));
            CREATE FUNCTION create_saga_executions_partition(partition_date date) RETURNS text LANGUAGE sql
                AS 'SELECT NULL::text';
            CREATE FUNCTION create_saga_outbox_partition(partition_date date) RETURNS text LANGUAGE sql
                AS 'SELECT NULL::text';
            CREATE FUNCTION create_saga_audit_log_partition(partition_date date) RETURNS text LANGUAGE sql
                AS 'SELECT NULL::text';
            CREATE FUNCTION maintain_all_partitions() RETURNS TABLE (action text, table_name text) LANGUAGE sql
                AS 'SELECT NULL::text, NULL::text';
            CREATE FUNCTION get_partition_statistics() RETURNS TABLE (table_name text, partition_count bigint) LANGUAGE sql
                AS 'SELECT NULL::text, NULL::bigint';
            CREATE FUNCTION cleanup_consumer_inbox(retention_days int DEFAULT 90) RETURNS bigint LANGUAGE sql
                AS 'SELECT NULL::bigint';
            DO $make$
            DECLARE
                v_month date := date_trunc('month', now() AT TIME ZONE 'UTC');
                v_first date;
            BEGIN
                FOR n IN -14..0 LOOP
                    v_first := v_month + n * interval '1 month';
                    EXECUTE format('CREATE TABLE saga_executions_y%s PARTITION OF saga_executions FOR VALUES FROM (%L) TO (%L)',
                        to_char(v_first, 'YYYY"m"MM'), v_first, v_first + interval '1 month');
                    EXECUTE format('CREATE TABLE saga_audit_log_y%s PARTITION OF saga_audit_log FOR VALUES FROM (%L) TO (%L)',
                        to_char(v_first, 'YYYY"m"MM'), v_first, v_first + interval '1 month');
                END LOOP;
                FOR n IN -3..1 LOOP
                    v_first := (now() AT TIME ZONE 'UTC')::date + n;
                    EXECUTE format('CREATE TABLE saga_outbox_y%s PARTITION OF saga_outbox FOR VALUES FROM (%L) TO (%L)',
                        to_char(v_first, 'YYYY"m"MM"d"DD'), v_first, v_first + 1);
                END LOOP;
            END
            $make$;
            """);

    private final String inTheWay;
    private final String ddl;

    OldTables(String inTheWay, String ddl) {
        this.inTheWay = inTheWay;
        this.ddl = ddl;
    }

    /** What of them has a name that Sagaz uses, each with its kind. */
    String inTheWay() {
        return inTheWay;
    }

    void create(Connection connection) throws SQLException {
        Sql.run(connection, ddl);
    }
}
