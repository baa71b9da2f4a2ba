package io.sagaz.migrations;

/** Rows for {@link OldTables}. */
final class OldRows {
    /** When the month began, in UTC. */
    static final String MONTH = "(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')";

    /** Of {@link OldTables#SAGAS}: all statuses, odd ids, NULLs, times around the ends of months and before the retention. */
    static final String SAGAS = """
            INSERT INTO sagas (saga_id, saga_name, status, context, metadata, created_at, updated_at) VALUES
                ('order-1', 'order', 'completed', '{"total": 10}', '{"who": "me", "why": null}',
                    MONTH - interval '1 microsecond', MONTH + interval '1 second'),
                ('3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'order', 'pending', NULL, NULL, MONTH, MONTH),
                ('0192f0c4-7a3b-7def-8123-456789abcdef', 'order', 'executing', 'null', '{}', MONTH + interval '1999 microseconds',
                    NULL),
                ('Bestellung Nr. 7 / "ä" ''q''', 'payment', 'compensating', '[1, null]', '[]', now() - interval '40 days', now()),
                (repeat('x', 255), 'payment', 'rolled_back', '{"list": [1, null]}', NULL, now() - interval '200 days',
                    now() - interval '199 days'),
                ('no-time', 'payment', 'failed', '{}', '{}', NULL, now() - interval '50 days'),
                ('no-time-at-all', 'payment', 'partially_committed', '{}', '{}', NULL, NULL),
                ('waits', 'payment', 'forward_recovery', '{}', '{}', now() - interval '1 day', now()),
                ('old-finished', 'order', 'completed', '{}', '{}', now() - interval '13 months', now() - interval '13 months'),
                ('old-unfinished', 'order', 'executing', '{}', '{}', now() - interval '14 months', now() - interval '14 months');
            INSERT INTO sagas (saga_id, saga_name, status, created_at, updated_at)
            SELECT 'edge-' || n || '-' || e, 'edge', 'completed', MONTH - n * interval '1 month' + e * interval '1 microsecond',
                now()
            FROM generate_series(0, 9) n, generate_series(-1, 1) e;
            INSERT INTO saga_steps (saga_id, step_name, status, result, error, executed_at, compensated_at, retry_count) VALUES
                ('order-1', 'z-first', 'completed', '{"ok": true}', NULL, MONTH + interval '1 second', NULL, 0),
                ('order-1', 'b', 'compensated', '"text"', NULL, MONTH + interval '1 second', MONTH + interval '2 seconds', NULL),
                ('order-1', 'a', 'failed', NULL, 'boom', MONTH + interval '1 second', NULL, 3),
                ('order-1', 'c', 'pending', NULL, NULL, NULL, NULL, NULL),
                ('order-1', 'd', 'executing', NULL, NULL, MONTH, NULL, 1),
                ('order-1', 'e', 'compensating', NULL, NULL, MONTH, NULL, 0),
                ('order-1', 'f', 'tainted', NULL, NULL, MONTH, NULL, 0),
                ('order-1', 'g', 'skipped', NULL, NULL, NULL, NULL, 0),
                (repeat('x', 255), 'z-first', 'completed', NULL, NULL, NULL, NULL, 0),
                ('old-finished', 'a', 'completed', NULL, NULL, NULL, NULL, 0);
            """.replace("MONTH", MONTH);

    /** Of {@link OldTables#OUTBOX}, inserted in another order than made. */
    static final String EVENTS = """
            INSERT INTO saga_outbox (event_id, saga_id, aggregate_type, aggregate_id, event_type, payload, headers, status,
                created_at, claimed_at, sent_at, retry_count, last_error, worker_id)
            SELECT ('00000000-0000-4000-8000-0000000000' || e.n)::uuid, e.saga, 'saga', e.aggregate, e.type,
                jsonb_build_object('n', e.n), e.headers::jsonb, e.status, now() - e.age::interval, NULL, NULL, e.retries, e.error, 'w1'
            FROM (VALUES
                (15, 'order-1', 'order-1', 'order.c', '{}', 'failed', '1 minute', 4, 'no broker'),
                (11, 'order-1', 'order-1', 'order.a', '{"trace": "t", "n": 7, "none": null}', 'claimed', '3 days', 0, NULL),
                (13, 'order-1', 'order-1', 'order.b', '{}', 'pending', '70 minutes', 0, NULL),
                (12, 'order-1', 'ORD-1', 'order.a', 'null', 'pending', '40 days', 0, NULL),
                (14, 'unknown', 'unknown', 'lone', '{}', 'pending', '1 hour', 0, NULL),
                (16, 'old-finished', 'old-finished', 'late', '{}', 'pending', '13 months', 0, NULL),
                (21, 'order-1', 'order-1', 'order.z', '{}', 'sent', '1 hour', 0, NULL),
                (22, 'order-1', 'order-1', 'order.z', '{}', 'sent', '100 days', 0, NULL)
            ) e (n, saga, aggregate, type, headers, status, age, retries, error);
            """;

    /** Two more that the old worker gave up. */
    static final String DEAD_EVENTS = """
            INSERT INTO saga_outbox (event_id, saga_id, aggregate_id, event_type, payload, status, created_at, retry_count, last_error)
            VALUES ('00000000-0000-4000-8000-000000000032', 'order-1', 'order-1', 'dead', '{"n": 32}', 'dead_letter',
                    now() - interval '1 day', 10, 'no such topic'),
                ('00000000-0000-4000-8000-000000000031', 'unknown', 'unknown', 'dead', '{"n": 31}', 'dead_letter',
                    now() - interval '2 days', 10, NULL);
            """;

    /** 100 days of it. */
    static final String INBOX = """
            INSERT INTO consumer_inbox (event_id, consumer_name, source_topic, event_type, payload, consumed_at)
            SELECT gen_random_uuid(), 'billing', 'orders', 'order.a', jsonb_build_object('n', n), now() - n * interval '1 day'
            FROM generate_series(0, 99) n;
            """;

    /** Of {@link OldTables#PARTITIONED}. */
    static final String SET = """
            INSERT INTO saga_executions (saga_id, saga_name, status, context, result, error, created_at, updated_at, completed_at,
                idempotency_key)
            SELECT ('00000000-0000-4000-8000-0000000000' || e.n)::uuid, 'order', e.status, e.context::jsonb, e.result::jsonb,
                e.error, e.at, e.at + interval '1 hour', e.done, e.key
            FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC')) m (month)
            CROSS JOIN LATERAL (VALUES
                (11, 'PENDING', NULL, NULL, NULL, m.month, NULL::timestamp, 'key-1'),
                (12, 'RUNNING', '{"a": 1}', NULL, NULL, m.month - interval '1 microsecond', NULL, NULL),
                (13, 'SUCCESS', '{}', '{"b": 2}', NULL, m.month - interval '2 months', m.month, 'key-1'),
                (14, 'FAILED', '{}', NULL, 'boom', m.month - interval '3 months', NULL, ''),
                (15, 'COMPENSATING', '{}', NULL, NULL, m.month - interval '11 months', NULL, 'key-2'),
                (16, 'COMPENSATED', '{}', NULL, NULL, m.month - interval '1 day', m.month - interval '1 hour', NULL),
                (17, 'SUCCESS', '{}', NULL, NULL, m.month - interval '13 months', NULL, NULL)
            ) e (n, status, context, result, error, at, done, key);
            INSERT INTO saga_steps (saga_id, step_name, status, input, output, error, started_at, completed_at, retry_count)
            SELECT ('00000000-0000-4000-8000-0000000000' || e.n)::uuid, e.name, e.status, '{"in": 1}', e.output::jsonb, e.error,
                m.month, m.month + interval '1 second', e.retries
            FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC')) m (month)
            CROSS JOIN (VALUES
                (13, 'z', 'SUCCESS', '{"out": 1}', NULL, 0), (13, 'a', 'COMPENSATED', NULL, NULL, 2),
                (12, 'z', 'RUNNING', NULL, NULL, 0), (12, 'b', 'PENDING', NULL, NULL, 0), (12, 'a', 'COMPENSATING', NULL, NULL, 0),
                (14, 'a', 'FAILED', NULL, 'boom', 1), (17, 'a', 'SUCCESS', NULL, NULL, 0), (99, 'orphan', 'SUCCESS', NULL, NULL, 0)
            ) e (n, name, status, output, error, retries);
            INSERT INTO saga_audit_log (saga_id, event_type, event_data, created_at)
            SELECT e.saga_id, 'OLD_ENTRY', jsonb_build_object('n', n), e.created_at + n * interval '20 days'
            FROM saga_executions e, generate_series(0, 1) n
            WHERE e.saga_id <> '00000000-0000-4000-8000-000000000011';
            INSERT INTO saga_outbox (event_id, saga_id, topic, partition_key, payload, headers, status, retry_count, error, created_at)
            SELECT ('00000000-0000-4000-8000-0000000000' || e.n)::uuid, e.saga::uuid, 'orders', e.key, jsonb_build_object('n', e.n),
                e.headers::jsonb, e.status, e.retries, e.error, (now() AT TIME ZONE 'UTC') - e.age::interval
            FROM (VALUES
                (41, '00000000-0000-4000-8000-000000000013', NULL, NULL, 'FAILED', 1, 'x', '1 hour'),
                (42, '00000000-0000-4000-8000-000000000013', '00000000-0000-4000-8000-000000000013', '{"h": "1"}', 'PENDING', 0,
                    NULL, '2 hours'),
                (43, NULL, 'mine', '{}', 'PENDING', 0, NULL, '3 hours'),
                (44, NULL, NULL, '{}', 'PENDING', 0, NULL, '2 days'),
                (45, NULL, NULL, '{}', 'PUBLISHED', 0, NULL, '1 day'),
                (46, '00000000-0000-4000-8000-000000000099', NULL, '{}', 'DEAD_LETTER', 3, 'gave up', '1 day')
            ) e (n, saga, key, headers, status, retries, error, age);
            INSERT INTO consumer_inbox (event_id, consumer_name, source_topic, event_type, payload, processed_at, result)
            SELECT gen_random_uuid(), 'billing', 'orders', 'a', '{}', (now() AT TIME ZONE 'UTC') - n * interval '45 days', '{"r": 1}'
            FROM generate_series(0, 3) n;
            """;

    private OldRows() {}
}
