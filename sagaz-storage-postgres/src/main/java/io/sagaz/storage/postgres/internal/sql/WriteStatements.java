package io.sagaz.storage.postgres.internal.sql;

/**
 * The texts of the statements that write, made once for a schema.
 *
 * <p>Rows that come in numbers (steps, events) are one array for each column, so that a statement has the same text for
 * any number of them. Wherever a table is looked into, {@code created_at} is bound beside the identifier: that is what
 * keeps it on one partition. A value of another part of the statement would not do, for it is not known to the planner.
 */
public final class WriteStatements {
    /**
     * Makes the transaction at hand commit synchronously. Behind transaction pooling a session setting may be another
     * client's, and with {@code synchronous_commit = off} a commit is acknowledged before it is durable.
     */
    private static final String DURABLY = """
            CASE WHEN current_setting('synchronous_commit') = 'off'
                 THEN set_config('synchronous_commit', 'on', true) END AS durably
            """;

    /** Which transaction this is, in which history: {@link SqlCommitInquiry} asks for it if the commit's answer is lost. */
    private static final String WHOSE = """
            pg_current_xact_id_if_assigned()::text AS transaction,
            left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline,
            """;

    private static final String EVENTS = """
            INSERT INTO {schema}.saga_outbox
                   (event_id, created_at, saga_id, topic, partition_key, event_type, payload, headers)
            SELECT e.event_id, e.created_at, %s, e.topic, coalesce(e.partition_key, %s), e.event_type,
                   e.payload, e.headers
              FROM unnest(?::text[]::uuid[], ?::text[]::timestamptz[], ?::text[], ?::text[], ?::text[],
                          ?::text[]::jsonb[], ?::text[]::jsonb[])
                   WITH ORDINALITY
                   AS e (event_id, created_at, topic, partition_key, event_type, payload, headers, place)
                   %s
             ORDER BY e.place
            """;

    private static final String START =
            """
            WITH saga AS (
                SELECT ?::uuid AS saga_id, ?::timestamptz AS created_at, ?::text AS saga_name,
                       ?::text AS idempotency_key, ?::jsonb AS context, ?::text[] AS steps,
                       ?::uuid AS entry_id, ?::timestamptz AS entry_time
            ), first_of_key AS (
                INSERT INTO {schema}.saga_idempotency_keys (saga_name, idempotency_key, saga_id, created_at)
                SELECT saga_name, idempotency_key, saga_id, created_at
                  FROM saga
                 WHERE idempotency_key IS NOT NULL
                   AND NOT EXISTS (SELECT FROM {schema}.saga_executions s
                                    WHERE s.saga_id = ?::uuid AND s.created_at = ?::timestamptz)
                ON CONFLICT DO NOTHING
                RETURNING saga_id
            ), started AS (
                INSERT INTO {schema}.saga_executions
                       (saga_id, created_at, saga_name, status, idempotency_key, context)
                SELECT saga_id, created_at, saga_name, 'PENDING', idempotency_key, context
                  FROM saga
                 WHERE idempotency_key IS NULL OR EXISTS (SELECT FROM first_of_key)
                ON CONFLICT (saga_id, created_at) DO NOTHING
                RETURNING saga_id, created_at, version
            ), steps AS (
                INSERT INTO {schema}.saga_steps (saga_id, created_at, step_index, step_name, status)
                SELECT started.saga_id, started.created_at, step.place - 1, step.step_name, 'PENDING'
                  FROM started, saga, unnest(saga.steps) WITH ORDINALITY AS step (step_name, place)
            ), audit AS (
                INSERT INTO {schema}.saga_audit_log
                       (entry_id, created_at, saga_id, saga_version, event_type, event_data)
                SELECT saga.entry_id, saga.entry_time, started.saga_id, started.version, 'SAGA_STARTED', jsonb_build_object('name', saga.saga_name)
                  FROM started, saga
            ), events AS (
            %s
            )
            SELECT (SELECT version FROM started) AS version, EXISTS (SELECT FROM first_of_key) AS took_key,
            %s
            """.formatted(EVENTS.formatted("started.saga_id", "started.saga_id::text", ", started"), WHOSE) + DURABLY;

    /** How often the identifier and its time stand in the statement that applies a change, behind its other values. */
    static final int PLACES_OF_ID_IN_APPLY = 3;

    private static final String APPLY =
            """
            WITH target AS (
                SELECT ?::bigint AS version, ?::text AS status, string_to_array(?, ',') AS allowed_from,
                       ?::jsonb AS result, ?::text AS error,
                       ?::uuid AS entry_id, ?::timestamptz AS entry_time
            ), wanted AS (
                SELECT w.step_name, w.status, w.output, w.error, string_to_array(w.allowed_from, ',') AS allowed_from,
                       w.place
                  FROM unnest(?::text[], ?::text[], ?::text[]::jsonb[], ?::text[], ?::text[]) WITH ORDINALITY
                       AS w (step_name, status, output, error, allowed_from, place)
            ), seen AS (
                SELECT s.version, s.status
                  FROM {schema}.saga_executions s
                 WHERE s.saga_id = ?::uuid AND s.created_at = ?::timestamptz
            ), seen_steps AS (
                SELECT s.step_name, s.status, s.step_index
                  FROM {schema}.saga_steps s
                 WHERE s.saga_id = ?::uuid AND s.created_at = ?::timestamptz
            ), refused_step AS (
                SELECT w.step_name, coalesce(s.status, 'PENDING') AS step_from, w.status AS step_to
                  FROM wanted w LEFT JOIN seen_steps s USING (step_name)
                 WHERE NOT coalesce(s.status, 'PENDING') = ANY (w.allowed_from)
                 ORDER BY w.place
                 LIMIT 1
            ), moved AS (
                UPDATE {schema}.saga_executions s
                   SET version = s.version + 1,
                       status = coalesce(target.status, s.status),
                       result = coalesce(target.result, s.result),
                       error = coalesce(target.error, s.error),
                       updated_at = clock_timestamp(),
                       completed_at = CASE WHEN target.status IN ('SUCCESS', 'FAILED', 'COMPENSATED')
                                           THEN clock_timestamp() END
                  FROM target
                 WHERE s.saga_id = ?::uuid AND s.created_at = ?::timestamptz
                   AND s.version = target.version
                   AND s.status = ANY (target.allowed_from)
                   AND NOT EXISTS (SELECT FROM refused_step)
                RETURNING s.saga_id, s.created_at, s.version, s.status
            ), steps AS (
                INSERT INTO {schema}.saga_steps AS step
                       (saga_id, created_at, step_index, step_name, status, output, error, started_at, completed_at)
                SELECT moved.saga_id, moved.created_at,
                       coalesce(s.step_index,
                                (SELECT coalesce(max(step_index) + 1, 0) FROM seen_steps)
                                + row_number() OVER (PARTITION BY s.step_index IS NULL ORDER BY w.place) - 1),
                       w.step_name, w.status, w.output, w.error, clock_timestamp(),
                       CASE WHEN w.status NOT IN ('RUNNING', 'COMPENSATING') THEN clock_timestamp() END
                  FROM moved, wanted w LEFT JOIN seen_steps s USING (step_name)
                ON CONFLICT (saga_id, created_at, step_name) DO UPDATE
                   SET status = excluded.status,
                       output = coalesce(excluded.output, step.output),
                       error = excluded.error,
                       retry_count = step.retry_count
                                     + CASE WHEN step.status = 'FAILED' AND excluded.status = 'RUNNING'
                                            THEN 1 ELSE 0 END,
                       started_at = coalesce(step.started_at, excluded.started_at),
                       completed_at = excluded.completed_at
            ), audit AS (
                INSERT INTO {schema}.saga_audit_log
                       (entry_id, created_at, saga_id, saga_version, event_type, event_data)
                SELECT target.entry_id, target.entry_time, moved.saga_id, moved.version, 'SAGA_CHANGED',
                       jsonb_build_object('status', moved.status, 'steps',
                           (SELECT coalesce(jsonb_object_agg(step_name, status), '{}'::jsonb) FROM wanted))
                  FROM moved, target
            ), events AS (
            %s
            )
            SELECT moved.version AS new_version, moved.status AS new_status,
                   seen.version AS seen_version, seen.status AS seen_status,
                   refused_step.step_name, refused_step.step_from, refused_step.step_to,
                   current_setting('transaction_isolation') AS isolation,
                   %s%s
              FROM target
              LEFT JOIN moved ON true
              LEFT JOIN seen ON true
              LEFT JOIN refused_step ON true
            """.formatted(EVENTS.formatted("moved.saga_id", "moved.saga_id::text", ", moved"), WHOSE, DURABLY);

    private static final String EMIT =
            """
            WITH events AS (
            %s
            RETURNING event_id
            )
            SELECT count(*),
            %s
            """.formatted(EVENTS.formatted("NULL", "e.event_id::text", ""), WHOSE) + DURABLY + "FROM events";

    private static final String FIND_BY_IDEMPOTENCY_KEY = """
            SELECT saga_id FROM {schema}.saga_idempotency_keys WHERE saga_name = ? AND idempotency_key = ?
            """;

    private static final String FIND_ORIGIN = """
            SELECT saga_name, idempotency_key FROM {schema}.saga_executions WHERE saga_id = ? AND created_at = ?
            """;

    private static final String GIVE_KEY_BACK = """
            WITH gone AS (
                DELETE FROM {schema}.saga_idempotency_keys
                 WHERE saga_name = ? AND idempotency_key = ? AND saga_id = ?
                RETURNING saga_id
            )
            SELECT count(*),
            """ + DURABLY + "FROM gone";

    private static final String FIND_VERSION = """
            SELECT version, status FROM {schema}.saga_executions WHERE saga_id = ? AND created_at = ?
            """;

    private static final String FIND_CHANGE = """
            SELECT saga_version, event_data ->> 'status' AS status
              FROM {schema}.saga_audit_log WHERE entry_id = ? AND created_at = ?
            """;

    /** Its identifier is the caller's: somebody else may have emitted the same since. */
    private static final String FIND_EVENT = """
            SELECT FROM {schema}.saga_outbox WHERE event_id = ? AND created_at = ? AND tx_id = ?::text::xid8
            """;

    /** A server that was demoted knows nothing of what its successor does; the way may lead to that one in a moment. */
    private static final String FIND_TRANSACTION = """
            SELECT CASE WHEN pg_is_in_recovery() THEN 'in progress'
                        WHEN left(pg_walfile_name(pg_current_wal_lsn()), 8) = ? THEN pg_xact_status(?::text::xid8) END
            """;

    private static final String COUNT_EVENTS = """
            SELECT count(*)
              FROM unnest(?::text[]::uuid[], ?::text[]::timestamptz[]) AS e (event_id, created_at)
              JOIN {schema}.saga_outbox o USING (event_id, created_at)
             WHERE o.created_at >= ?::timestamptz AND o.created_at <= ?::timestamptz
            """;

    private final String start;
    private final String apply;
    private final String emit;
    private final String findByIdempotencyKey;
    private final String findVersion;
    private final String findOrigin;
    private final String giveKeyBack;
    private final String findChange;
    private final String countEvents;
    private final String findEvent;

    /** The statements for a schema. */
    public WriteStatements(Schema schema) {
        start = schema.in(START);
        apply = schema.in(APPLY);
        emit = schema.in(EMIT);
        findByIdempotencyKey = schema.in(FIND_BY_IDEMPOTENCY_KEY);
        findVersion = schema.in(FIND_VERSION);
        findOrigin = schema.in(FIND_ORIGIN);
        giveKeyBack = schema.in(GIVE_KEY_BACK);
        findChange = schema.in(FIND_CHANGE);
        countEvents = schema.in(COUNT_EVENTS);
        findEvent = schema.in(FIND_EVENT);
    }

    String start() {
        return start;
    }

    String apply() {
        return apply;
    }

    String emit() {
        return emit;
    }

    String findByIdempotencyKey() {
        return findByIdempotencyKey;
    }

    String findVersion() {
        return findVersion;
    }

    String findOrigin() {
        return findOrigin;
    }

    String giveKeyBack() {
        return giveKeyBack;
    }

    String findChange() {
        return findChange;
    }

    String countEvents() {
        return countEvents;
    }

    String findEvent() {
        return findEvent;
    }

    String findTransaction() {
        return FIND_TRANSACTION;
    }
}
