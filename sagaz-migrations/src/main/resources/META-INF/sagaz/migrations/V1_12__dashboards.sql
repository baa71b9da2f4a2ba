-- What dashboards ask, through PgBouncer-RO or from Java: one truth for both (docs/dashboards.md). Views where a condition on
-- created_at comes to the partitions by itself; functions where the span must be told, so that nobody scans everything by
-- oversight. The functions set nothing and run with their caller's rights, so that the planner puts their query in their
-- place, and prunes by what is bound to their arguments. Their bodies are bound when they are created.
--
-- Intervals are counted from midnight of Monday, 1970-01-05, in UTC, and have no days or months for the planner or a time
-- zone to stretch.

CREATE FUNCTION ${sagazSchema}.sagaz_buckets(from_time timestamptz, before_time timestamptz, bucket interval)
    RETURNS TABLE (bucket_start timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT b.bucket_start
    FROM generate_series(date_bin(bucket, from_time, '1970-01-05 00:00:00+00'), before_time - interval '1 microsecond',
        make_interval(secs => extract(epoch FROM bucket)::float8)) AS b (bucket_start);
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_buckets(timestamptz, timestamptz, interval) IS
    'When the intervals of a span begin: counted from midnight of a Monday in UTC, so the first may begin before the span. A
     bucket may not have months.';

CREATE VIEW ${sagazSchema}.sagaz_sagas AS
    SELECT e.saga_id, e.created_at, e.saga_name, e.status, e.version, e.updated_at, e.completed_at,
        greatest(extract(epoch FROM coalesce(e.completed_at, now()) - e.created_at), 0)::float8 AS duration_seconds,
        e.unfinished, e.outcome, e.lease_owner, e.lease_until, e.idempotency_key, e.error
    FROM ${sagazSchema}.saga_executions e;
COMMENT ON VIEW ${sagazSchema}.sagaz_sagas IS
    'The heads of sagas, without their data. Give a span of created_at. Beside it: saga_name; unfinished; outcome, which is
     FAILED or COMPENSATED or NULL. There are indexes for each of these.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.saga_id IS 'UUIDv7.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.created_at IS 'The time in saga_id.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.saga_name IS 'Kind of the saga.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.status IS 'PENDING, RUNNING, SUCCESS, FAILED, COMPENSATING or COMPENSATED.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.version IS 'Raised by each change.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.updated_at IS 'When it was changed last.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.completed_at IS 'When it came to its end.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.duration_seconds IS
    'How long it took to its end; how long it has been going on, if it has not ended.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.unfinished IS 'Whether there is work left: PENDING, RUNNING or COMPENSATING.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.outcome IS 'The status if that is FAILED or COMPENSATED.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.lease_owner IS 'Who works on it, or did last.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.lease_until IS 'Until when; others may take it over afterwards.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.idempotency_key IS 'The key it was started with.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_sagas.error IS 'Why it failed.';

-- A saga ends later than it is made, but for the clock of its maker, who may be ahead by as much as partitions allow.
CREATE FUNCTION ${sagazSchema}.sagaz_finished_sagas(from_time timestamptz, before_time timestamptz, of_name text DEFAULT NULL)
    RETURNS TABLE (saga_id uuid, created_at timestamptz, saga_name text, status text, completed_at timestamptz,
        duration_seconds float8)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e.saga_id, e.created_at, e.saga_name::text, e.status, e.completed_at,
        greatest(extract(epoch FROM e.completed_at - e.created_at), 0)::float8
    FROM ${sagazSchema}.saga_executions e
    WHERE e.completed_at >= from_time AND e.completed_at < before_time AND NOT e.unfinished
        AND e.created_at < before_time + interval '24 hours'
        AND (of_name IS NULL OR e.saga_name = of_name);
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_finished_sagas(timestamptz, timestamptz, text) IS
    'The sagas that ended in a span, of one kind or of all. Reads the pages of the span, and of each earlier month a small
     index.';

CREATE FUNCTION ${sagazSchema}.sagaz_saga_throughput(
        from_time timestamptz, before_time timestamptz, bucket interval, of_name text DEFAULT NULL)
    RETURNS TABLE (bucket_start timestamptz, started bigint, succeeded bigint, failed bigint, compensated bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT b.bucket_start, coalesce(s.started, 0), coalesce(f.succeeded, 0), coalesce(f.failed, 0), coalesce(f.compensated, 0)
    FROM ${sagazSchema}.sagaz_buckets(from_time, before_time, bucket) b
    LEFT JOIN (
        SELECT date_bin(bucket, e.created_at, '1970-01-05 00:00:00+00') AS bucket_start, count(*) AS started
        FROM ${sagazSchema}.saga_executions e
        WHERE e.created_at >= from_time AND e.created_at < before_time AND (of_name IS NULL OR e.saga_name = of_name)
        GROUP BY 1) s ON s.bucket_start = b.bucket_start
    LEFT JOIN (
        SELECT date_bin(bucket, e.completed_at, '1970-01-05 00:00:00+00') AS bucket_start,
            count(*) FILTER (WHERE e.status = 'SUCCESS') AS succeeded,
            count(*) FILTER (WHERE e.status = 'FAILED') AS failed,
            count(*) FILTER (WHERE e.status = 'COMPENSATED') AS compensated
        FROM ${sagazSchema}.sagaz_finished_sagas(from_time, before_time, of_name) e
        GROUP BY 1) f ON f.bucket_start = b.bucket_start
    ORDER BY b.bucket_start;
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_saga_throughput(timestamptz, timestamptz, interval, text) IS
    'How many sagas were made and how many ended in each interval of a span, of one kind or of all. Intervals without any have
     a row of zeros; the first and the last count only what is in the span.';

CREATE FUNCTION ${sagazSchema}.sagaz_saga_outcomes(from_time timestamptz, before_time timestamptz, of_name text DEFAULT NULL)
    RETURNS TABLE (saga_name text, succeeded bigint, failed bigint, compensated bigint, failure_rate float8)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e.saga_name,
        count(*) FILTER (WHERE e.status = 'SUCCESS'),
        count(*) FILTER (WHERE e.status = 'FAILED'),
        count(*) FILTER (WHERE e.status = 'COMPENSATED'),
        avg(CASE e.status WHEN 'SUCCESS' THEN 0 ELSE 1 END)::float8
    FROM ${sagazSchema}.sagaz_finished_sagas(from_time, before_time, of_name) e
    GROUP BY e.saga_name
    ORDER BY e.saga_name;
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_saga_outcomes(timestamptz, timestamptz, text) IS
    'How the sagas that ended in a span ended, a row for each kind. failure_rate: the share of those that failed or were
     compensated, 0 to 1.';

CREATE FUNCTION ${sagazSchema}.sagaz_saga_durations(
        from_time timestamptz, before_time timestamptz, bucket interval DEFAULT NULL, of_name text DEFAULT NULL)
    RETURNS TABLE (bucket_start timestamptz, finished bigint, p50_seconds float8, p90_seconds float8, p95_seconds float8,
        p99_seconds float8, max_seconds float8)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.bucket_start, d.finished, d.percentiles[1], d.percentiles[2], d.percentiles[3], d.percentiles[4], d.longest
    FROM (
        SELECT coalesce(date_bin(bucket, e.completed_at, '1970-01-05 00:00:00+00'), from_time) AS bucket_start,
            count(*) AS finished,
            percentile_disc(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (ORDER BY e.duration_seconds) AS percentiles,
            max(e.duration_seconds) AS longest
        FROM ${sagazSchema}.sagaz_finished_sagas(from_time, before_time, of_name) e
        GROUP BY 1) d
    ORDER BY d.bucket_start;
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_saga_durations(timestamptz, timestamptz, interval, text) IS
    'How long the sagas took that ended in each interval of a span, of one kind or of all; a bucket that is NULL is the whole
     span. Percentiles are durations that occurred. Sorts them all. Intervals in which none ended have no row.';

-- Steps lie in the order of their sagas' identifiers, which have their time in front.
CREATE FUNCTION ${sagazSchema}.sagaz_step_durations(from_time timestamptz, before_time timestamptz, of_name text DEFAULT NULL)
    RETURNS TABLE (saga_name text, step_name text, ended bigint, failed bigint, retries bigint, p50_seconds float8,
        p95_seconds float8, p99_seconds float8, max_seconds float8)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.saga_name::text, d.step_name::text, d.ended, d.failed, d.retries, d.percentiles[1], d.percentiles[2], d.percentiles[3],
        d.longest
    FROM (
        SELECT e.saga_name, s.step_name, count(*) AS ended, count(*) FILTER (WHERE s.status = 'FAILED') AS failed,
            sum(s.retry_count) AS retries,
            percentile_disc(ARRAY[0.5, 0.95, 0.99])
                WITHIN GROUP (ORDER BY extract(epoch FROM s.completed_at - s.started_at)::float8) AS percentiles,
            max(extract(epoch FROM s.completed_at - s.started_at)::float8) AS longest
        FROM ${sagazSchema}.saga_steps s
        JOIN ${sagazSchema}.saga_executions e ON e.saga_id = s.saga_id AND e.created_at = s.created_at
        WHERE s.created_at >= from_time AND s.created_at < before_time
            AND s.saga_id >= ${sagazSchema}.sagaz_uuid7_floor(from_time)
            AND s.saga_id <= ${sagazSchema}.sagaz_uuid7_ceiling(before_time)
            AND e.created_at >= from_time AND e.created_at < before_time
            AND s.status IN ('SUCCESS', 'FAILED') AND s.completed_at >= s.started_at
            AND (of_name IS NULL OR e.saga_name = of_name)
        GROUP BY e.saga_name, s.step_name) d
    ORDER BY d.percentiles[2] DESC, d.saga_name, d.step_name;
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_step_durations(timestamptz, timestamptz, text) IS
    'How long the steps took of the sagas that were made in a span, of one kind or of all, the slowest by their 95th percentile
     first: those that succeeded or failed, from their first beginning to their last end.';

CREATE FUNCTION ${sagazSchema}.sagaz_outbox_throughput(from_time timestamptz, before_time timestamptz, bucket interval)
    RETURNS TABLE (bucket_start timestamptz, events bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT b.bucket_start, coalesce(e.events, 0)
    FROM ${sagazSchema}.sagaz_buckets(from_time, before_time, bucket) b
    LEFT JOIN (
        SELECT date_bin(bucket, o.created_at, '1970-01-05 00:00:00+00') AS bucket_start, count(*) AS events
        FROM ${sagazSchema}.saga_outbox o
        WHERE o.created_at >= from_time AND o.created_at < before_time
            AND o.event_id >= ${sagazSchema}.sagaz_uuid7_floor(from_time)
            AND o.event_id <= ${sagazSchema}.sagaz_uuid7_ceiling(before_time)
        GROUP BY 1) e ON e.bucket_start = b.bucket_start
    ORDER BY b.bucket_start;
END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_outbox_throughput(timestamptz, timestamptz, interval) IS
    'How many events came into the outbox in each interval of a span. Intervals without any have a row of zero; the first and
     the last count only what is in the span. Reads the primary keys of the days of the span.';

-- Whatever may be unpublished has a number behind the lowest low_seq. Shards without a cursor have published nothing. A function,
-- because the planner takes it for dear, knowing nothing of so small a table as that of the relays, and would compile it each
-- time, which takes a hundred times as long as running it.
CREATE FUNCTION ${sagazSchema}.sagaz_measure_outbox()
    RETURNS TABLE (relay_name text, last_seen_at timestamptz, unpublished bigint, exact boolean, at_most bigint,
        oldest_at timestamptz, oldest_seconds float8, parked bigint, dead_letters bigint)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $function$
    WITH positions AS MATERIALIZED (SELECT p.* FROM ${sagazSchema}.sagaz_outbox_positions p)
    SELECT r.relay_name, r.last_seen_at, b.unpublished, b.examined < 100000 AS exact,
        greatest(l.last_seq - r.low_seq, 0) AS at_most, b.oldest_at,
        extract(epoch FROM greatest(now(), b.oldest_at) - b.oldest_at)::float8 AS oldest_seconds,
        (SELECT count(*) FROM ${sagazSchema}.saga_outbox_parked p WHERE p.relay_name = r.relay_name) AS parked,
        (SELECT count(*) FROM ${sagazSchema}.saga_outbox_dead_letters d WHERE d.relay_name = r.relay_name) AS dead_letters
    FROM (
        SELECT y.relay_name, y.last_seen_at, CASE count(c.shard) WHEN 64 THEN min(c.low_seq) ELSE 0 END AS low_seq
        FROM ${sagazSchema}.saga_outbox_relays y
        LEFT JOIN positions c ON c.relay_name = y.relay_name
        GROUP BY y.relay_name, y.last_seen_at
        UNION ALL
        SELECT NULL, NULL, 0 WHERE NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_relays)) r
    CROSS JOIN (SELECT coalesce(max(o.seq), 0) AS last_seq FROM ${sagazSchema}.saga_outbox o) l
    CROSS JOIN (SELECT s.system_identifier FROM pg_control_system() s) here
    CROSS JOIN LATERAL (
        SELECT count(*) AS examined, count(*) FILTER (WHERE e.unpublished) AS unpublished,
            min(e.created_at) FILTER (WHERE e.unpublished) AS oldest_at
        FROM (
            SELECT o.created_at, NOT ${sagazSchema}.sagaz_is_published(o.seq, o.tx_id, c.low_seq, c.published, c.target,
                c.position, c.system_identifier = here.system_identifier) AS unpublished
            FROM (
                SELECT v.created_at, v.seq, v.shard, v.tx_id FROM ${sagazSchema}.saga_outbox v
                WHERE v.seq > r.low_seq ORDER BY v.seq LIMIT 100000) o
            LEFT JOIN positions c ON c.relay_name = r.relay_name AND c.shard = o.shard) e) b
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_measure_outbox() IS 'The rows of sagaz_outbox_depth.';

CREATE VIEW ${sagazSchema}.sagaz_outbox_depth AS
    SELECT m.relay_name, m.last_seen_at, m.unpublished, m.exact, m.at_most, m.oldest_at, m.oldest_seconds, m.parked,
        m.dead_letters
    FROM ${sagazSchema}.sagaz_measure_outbox() m;
COMMENT ON VIEW ${sagazSchema}.sagaz_outbox_depth IS
    'How far each relay is behind; without any relay one row without a name, since nothing is published then. Looks for each
     at the oldest 100000 events, at most, that its cursors leave open. What is parked or a dead letter counts as published.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.relay_name IS 'The relay; NULL if none is registered.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.last_seen_at IS 'When an instance of it was at work last.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.unpublished IS
    'How many of the events that were looked at are not published: all there are if exact, else at least.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.exact IS 'Whether every event was looked at that may be unpublished.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.at_most IS
    'No more events than this are unpublished: so many numbers were given behind the lowest low_seq, some of them in vain.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.oldest_at IS
    'When the oldest event was made that is not published, of those that were looked at.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.oldest_seconds IS 'How old that is.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.parked IS 'How many events it is to try again, or wait behind such.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_depth.dead_letters IS 'How many events it has given up.';

-- Event by event, whatever the planner thinks of their number: nothing else goes to the right partition alone.
CREATE VIEW ${sagazSchema}.sagaz_outbox_dead_letters AS
    SELECT d.relay_name, d.event_id, d.created_at, d.seq, o.topic, o.event_type, o.saga_id, d.attempts, d.died_at, d.last_error
    FROM ${sagazSchema}.saga_outbox_dead_letters d
    LEFT JOIN LATERAL (
        SELECT v.topic, v.event_type, v.saga_id FROM ${sagazSchema}.saga_outbox v
        WHERE v.event_id = d.event_id AND v.created_at = d.created_at LIMIT 1) o ON true;
COMMENT ON VIEW ${sagazSchema}.sagaz_outbox_dead_letters IS
    'Events that a relay has given up, with what they are about. ORDER BY event_id goes by the time of the event.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.event_id IS 'The event.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.created_at IS 'The time in event_id.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.seq IS 'saga_outbox.seq.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.topic IS 'Where it should have gone.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.event_type IS 'Kind of the event.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.saga_id IS 'The saga it belongs to, if any.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.attempts IS 'How often it was tried.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.died_at IS 'When it was given up.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_dead_letters.last_error IS 'Why the last attempt failed.';

CREATE VIEW ${sagazSchema}.sagaz_outbox_parked AS
    SELECT p.relay_name, p.event_id, p.created_at, p.seq, o.topic, o.event_type, o.saga_id, p.ordering_key, p.attempts,
        p.parked_at, p.next_attempt_at, p.last_error
    FROM ${sagazSchema}.saga_outbox_parked p
    LEFT JOIN LATERAL (
        SELECT v.topic, v.event_type, v.saga_id FROM ${sagazSchema}.saga_outbox v
        WHERE v.event_id = p.event_id AND v.created_at = p.created_at LIMIT 1) o ON true;
COMMENT ON VIEW ${sagazSchema}.sagaz_outbox_parked IS
    'Events that a relay is to try again, and those that wait behind them, with what they are about. ORDER BY event_id goes by
     the time of the event.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.event_id IS 'The event.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.created_at IS 'The time in event_id.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.seq IS 'saga_outbox.seq.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.topic IS 'Where it goes.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.event_type IS 'Kind of the event.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.saga_id IS 'The saga it belongs to, if any.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.ordering_key IS 'What is kept in order.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.attempts IS 'How often it was tried; 0 if it only waits behind another.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.parked_at IS 'Since when it is parked.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.next_attempt_at IS 'When it is tried again at the earliest.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_parked.last_error IS 'Why the last attempt failed.';

CREATE VIEW ${sagazSchema}.sagaz_partition_sizes AS
    SELECT p.table_name, p.partition_name, p.partition_start, p.partition_end, p.state,
        greatest(c.reltuples, 0)::bigint AS estimated_rows, pg_total_relation_size(c.oid) AS total_bytes
    FROM ${sagazSchema}.sagaz_partitions() p
    JOIN pg_class c ON c.relname = p.partition_name AND c.relnamespace = '${sagazSchema}'::regnamespace;
COMMENT ON VIEW ${sagazSchema}.sagaz_partition_sizes IS
    'Each partition and what it takes; get_partition_statistics() says the same of whole tables.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.table_name IS 'The table.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.partition_name IS 'The partition.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.partition_start IS 'Its rows are not older.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.partition_end IS 'Its rows are older.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.state IS 'ATTACHED as a rule: see sagaz_partitions().';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.estimated_rows IS 'The planner''s estimate; 0 before the first ANALYZE.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_partition_sizes.total_bytes IS 'Its size on disk, with indexes.';
