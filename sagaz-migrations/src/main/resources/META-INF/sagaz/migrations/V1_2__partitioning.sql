-- What partitions there are to be, and what there are. PostgreSQL's catalog is the only truth about attached partitions;
-- settings and the list of those that were taken out of their table are all that is kept beside it. Everything is
-- qualified, pg_temp comes last in search_path, and no result depends on the session's TimeZone or DateStyle.

CREATE TABLE ${sagazSchema}.partition_settings (
    table_name       text NOT NULL,
    granularity      text NOT NULL,
    ahead            integer,
    retention        interval NOT NULL,
    when_expired     text NOT NULL DEFAULT 'DROP',
    drop_unpublished boolean NOT NULL DEFAULT false,
    CONSTRAINT partition_settings_pkey PRIMARY KEY (table_name),
    CONSTRAINT partition_settings_granularity_fixed CHECK (granularity = CASE table_name
        WHEN 'saga_executions' THEN 'MONTH' WHEN 'saga_audit_log' THEN 'MONTH' WHEN 'saga_outbox' THEN 'DAY'
        WHEN 'consumer_inbox' THEN 'NONE' END),
    CONSTRAINT partition_settings_ahead_range CHECK (CASE granularity
        WHEN 'MONTH' THEN coalesce(ahead BETWEEN 1 AND 24, false)
        WHEN 'DAY' THEN coalesce(ahead BETWEEN 1 AND 92, false)
        ELSE ahead IS NULL END),
    CONSTRAINT partition_settings_retention_range
        CHECK (retention >= interval '1 day' AND retention <= interval '100 years'
            AND retention = date_trunc('day', retention)
            AND extract(year FROM retention) >= 0 AND extract(month FROM retention) >= 0
            AND extract(day FROM retention) >= 0),
    CONSTRAINT partition_settings_when_expired_known
        CHECK (when_expired = 'DROP' OR (when_expired = 'ARCHIVE' AND granularity <> 'NONE')),
    CONSTRAINT partition_settings_drop_unpublished_of_outbox CHECK (table_name = 'saga_outbox' OR NOT drop_unpublished)
);
COMMENT ON TABLE ${sagazSchema}.partition_settings IS
    'How the tables of Sagaz are kept. UPDATE it at any time; the next maintenance follows.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.table_name IS 'The table. saga_steps follows saga_executions.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.granularity IS
    'The span of one partition, in UTC; NONE means that the table has no partitions by time. Cannot be changed.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.ahead IS
    'How many future partitions are kept ready: 1 to 24 months, 1 to 92 days.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.retention IS
    'How long rows are kept at least, in whole days or months. A partition expires when its youngest row may be older.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.when_expired IS
    'DROP, or ARCHIVE: an expired partition that nothing needs any more stays as a plain table of its name.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.drop_unpublished IS
    'Only of saga_outbox. false keeps every partition until each relay has published all of its events. true is for
     outboxes that something else reads, such as change data capture: age alone decides then.';
INSERT INTO ${sagazSchema}.partition_settings (table_name, granularity, ahead, retention) VALUES
    ('saga_executions', 'MONTH', 3, interval '12 months'),
    ('saga_outbox', 'DAY', 7, interval '30 days'),
    ('saga_audit_log', 'MONTH', 3, interval '12 months'),
    ('consumer_inbox', 'NONE', NULL, interval '90 days');

CREATE TABLE ${sagazSchema}.partition_retirements (
    partition_name  text NOT NULL,
    table_name      text NOT NULL,
    partition_start timestamptz NOT NULL,
    partition_end   timestamptz NOT NULL,
    decided_at      timestamptz NOT NULL DEFAULT now(),
    archived_at     timestamptz,
    CONSTRAINT partition_retirements_pkey PRIMARY KEY (partition_name)
);
COMMENT ON TABLE ${sagazSchema}.partition_retirements IS
    'Partitions that the maintenance is taking or has taken out of their table. Only a detached table that stands here is
     ever dropped: what somebody else detached is left alone.';
COMMENT ON COLUMN ${sagazSchema}.partition_retirements.partition_name IS 'The partition, now or soon a plain table.';
COMMENT ON COLUMN ${sagazSchema}.partition_retirements.table_name IS 'The table that it was a partition of.';
COMMENT ON COLUMN ${sagazSchema}.partition_retirements.partition_start IS 'Its rows are not older.';
COMMENT ON COLUMN ${sagazSchema}.partition_retirements.partition_end IS 'Its rows are older.';
COMMENT ON COLUMN ${sagazSchema}.partition_retirements.decided_at IS 'When it was found to be expired and not needed.';
COMMENT ON COLUMN ${sagazSchema}.partition_retirements.archived_at IS
    'Since when it is kept as a plain table; NULL while it is to be looked at again, and then dropped or attached.';

CREATE FUNCTION ${sagazSchema}.sagaz_partition_name(parent text, granularity text, first_day date) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN parent
        || '_y' || lpad(extract(year FROM first_day)::text, 4, '0')
        || 'm' || lpad(extract(month FROM first_day)::text, 2, '0')
        || CASE granularity WHEN 'DAY' THEN 'd' || lpad(extract(day FROM first_day)::text, 2, '0') ELSE '' END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partition_name(text, text, date) IS
    'saga_executions_y2025m12, saga_outbox_y2025m12d15.';

CREATE FUNCTION ${sagazSchema}.sagaz_midnight(day date) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN day::timestamp AT TIME ZONE 'UTC';
COMMENT ON FUNCTION ${sagazSchema}.sagaz_midnight(date) IS 'When a day begins in UTC, where all partitions begin and end.';

CREATE FUNCTION ${sagazSchema}.sagaz_cutoff(retention interval, at timestamptz) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((at AT TIME ZONE 'UTC') - retention) AT TIME ZONE 'UTC';
COMMENT ON FUNCTION ${sagazSchema}.sagaz_cutoff(interval, timestamptz) IS
    'Partitions that end at this time or before have expired. Months are those of the calendar in UTC; a day that a month
     lacks becomes its last.';

CREATE FUNCTION ${sagazSchema}.sagaz_partitioned_tables() RETURNS TABLE (place integer, table_name text, governed_by text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    VALUES (1, 'saga_executions', 'saga_executions'),
        (2, 'saga_steps', 'saga_executions'),
        (3, 'saga_outbox', 'saga_outbox'),
        (4, 'saga_audit_log', 'saga_audit_log')
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partitioned_tables() IS
    'The partitioned tables, in the order in which they are kept: what tells of sagas may go only when its sagas have
     gone. governed_by names the row of partition_settings.';

CREATE FUNCTION ${sagazSchema}.sagaz_partitions()
    RETURNS TABLE (table_name text, partition_name text, partition_start timestamptz, partition_end timestamptz,
        state text, retiring boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET datestyle = 'ISO'
AS $function$
    WITH attached AS (
        SELECT t.table_name, c.relname::text AS partition_name, i.inhdetachpending,
            pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM ${sagazSchema}.sagaz_partitioned_tables() t
        JOIN pg_inherits i ON i.inhparent = to_regclass(format('%s.%I', '${sagazSchema}', t.table_name))
        JOIN pg_class c ON c.oid = i.inhrelid
    ), detached AS (
        SELECT c.relname::text AS partition_name, regexp_match(c.relname::text, '^(.*)_y(\d{4})m(\d{2})(?:d(\d{2}))?$') AS part
        FROM pg_class c
        WHERE c.relnamespace = '${sagazSchema}'::regnamespace AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
    )
    -- A bound that is none is one at the end of time: what is compared with it must not become unknown.
    SELECT a.table_name, a.partition_name,
        coalesce(substring(a.bound FROM $$FROM \('([^']+)'\)$$)::timestamptz, '-infinity'),
        coalesce(substring(a.bound FROM $$ TO \('([^']+)'\)$$)::timestamptz, 'infinity'),
        CASE WHEN a.inhdetachpending THEN 'DETACHING' WHEN a.bound = 'DEFAULT' THEN 'DEFAULT' ELSE 'ATTACHED' END,
        EXISTS (SELECT FROM ${sagazSchema}.partition_retirements r WHERE r.partition_name = a.partition_name)
    FROM attached a
    UNION ALL
    SELECT r.table_name, r.partition_name, r.partition_start, r.partition_end,
        CASE WHEN r.archived_at IS NULL THEN 'DETACHED' ELSE 'ARCHIVED' END, true
    FROM ${sagazSchema}.partition_retirements r
    JOIN detached d ON d.partition_name = r.partition_name
    UNION ALL
    SELECT t.table_name, d.partition_name, f.first_day::timestamp AT TIME ZONE 'UTC',
        (f.first_day + CASE s.granularity WHEN 'DAY' THEN interval '1 day' ELSE interval '1 month' END) AT TIME ZONE 'UTC',
        'LOOSE', false
    FROM detached d
    JOIN ${sagazSchema}.sagaz_partitioned_tables() t ON t.table_name = d.part[1]
    JOIN ${sagazSchema}.partition_settings s ON s.table_name = t.governed_by
    CROSS JOIN LATERAL (
        SELECT make_date(d.part[2]::int, d.part[3]::int, coalesce(d.part[4]::int, 1)) AS first_day
        WHERE d.part[3]::int BETWEEN 1 AND 12 AND d.part[2]::int >= 1
            AND coalesce(d.part[4]::int, 1) BETWEEN 1 AND extract(day FROM
                make_date(d.part[2]::int, d.part[3]::int, 1) + interval '1 month' - interval '1 day')) f
    WHERE NOT EXISTS (SELECT FROM ${sagazSchema}.partition_retirements r WHERE r.partition_name = d.partition_name)
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partitions() IS
    'What partitions there are. state: ATTACHED; DETACHING, while that waits for transactions or after it was
     interrupted; DETACHED by the maintenance, to be looked at again; ARCHIVED; LOOSE, a table that is named like a partition
     and that the maintenance has not detached; or DEFAULT, which there should not be. retiring: whether the maintenance has
     decided that it goes.';

CREATE VIEW ${sagazSchema}.partition_metadata AS
    SELECT p.table_name, p.partition_name, p.partition_start, p.partition_end, p.state
    FROM ${sagazSchema}.sagaz_partitions() p;
COMMENT ON VIEW ${sagazSchema}.partition_metadata IS
    'The partitions of Sagaz, read from PostgreSQL''s catalog: SELECT * FROM partition_metadata ORDER BY partition_start
     DESC.';

CREATE FUNCTION ${sagazSchema}.sagaz_partition_plan(at timestamptz DEFAULT now())
    RETURNS TABLE (table_name text, partition_name text, first_day date, needed boolean, present boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT t.table_name, p.name, d.day, n BETWEEN 0 AND 1,
        EXISTS (
            SELECT FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = to_regclass(format('%s.%I', '${sagazSchema}', t.table_name))
                AND c.relname = p.name
                AND NOT i.inhdetachpending)
    FROM ${sagazSchema}.partition_settings s
    JOIN ${sagazSchema}.sagaz_partitioned_tables() t ON t.governed_by = s.table_name
    CROSS JOIN generate_series(-1, s.ahead) n
    CROSS JOIN LATERAL (
        SELECT CASE s.granularity
            WHEN 'MONTH' THEN (date_trunc('month', at AT TIME ZONE 'UTC') + n * interval '1 month')::date
            ELSE (at AT TIME ZONE 'UTC')::date + n END) d (day)
    CROSS JOIN LATERAL (
        SELECT ${sagazSchema}.sagaz_midnight(CASE s.granularity
            WHEN 'MONTH' THEN (d.day + interval '1 month')::date ELSE d.day + 1 END)) e (next)
    CROSS JOIN LATERAL (SELECT ${sagazSchema}.sagaz_partition_name(t.table_name, s.granularity, d.day)) p (name)
    WHERE e.next > ${sagazSchema}.sagaz_cutoff(s.retention, at)
    ORDER BY t.place, d.day
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partition_plan(timestamptz) IS
    'The partitions that should exist at a time: the last one, because ids carry the time of their maker''s clock, the
     current one and those ahead. Without those that are needed, the current and the next, writes fail now or soon.';

CREATE FUNCTION ${sagazSchema}.sagaz_lock_key(purpose text) RETURNS bigint
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    RETURN hashtextextended(
        format('io.sagaz.%s:%s', purpose, (SELECT nspname FROM pg_namespace WHERE oid = '${sagazSchema}'::regnamespace)), 0);
COMMENT ON FUNCTION ${sagazSchema}.sagaz_lock_key(text) IS
    'Key of an advisory lock of this schema. partitions: held while one partition is made. maintenance: held by whoever
     takes care of old partitions.';

CREATE FUNCTION ${sagazSchema}.sagaz_ensure_partition(parent text, granularity text, any_day date, storage text)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '30s'
AS $function$
DECLARE
    v_schema constant text := (SELECT nspname FROM pg_namespace WHERE oid = '${sagazSchema}'::regnamespace);
    v_parent constant regclass := format('%I.%I', v_schema, parent)::regclass;
    v_first date;
    v_end date;
    v_name text;
    v_partition regclass;
    v_default text;
BEGIN
    IF (any_day BETWEEN date '1970-01-01' AND date '9999-11-30') IS NOT TRUE THEN
        RAISE EXCEPTION 'No partition of % for the day %', parent, coalesce(any_day::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a date from 1970-01-01 to 9999-11-30.';
    END IF;
    -- Dates have no time zone: the session's TimeZone cannot move these.
    v_first := CASE granularity WHEN 'MONTH' THEN make_date(extract(year FROM any_day)::int, extract(month FROM any_day)::int, 1)
        ELSE any_day END;
    v_end := CASE granularity WHEN 'MONTH' THEN (v_first + interval '1 month')::date ELSE v_first + 1 END;
    v_name := ${sagazSchema}.sagaz_partition_name(parent, granularity, v_first);

    v_partition := to_regclass(format('%I.%I', v_schema, v_name));
    -- pg_partition_root reads the catalog as it is now, also when the caller's snapshot is older.
    IF v_partition IS NOT NULL AND pg_partition_root(v_partition) = v_parent THEN
        RETURN false;
    END IF;

    -- One lock for all tables of the schema: callers who make several partitions cannot wait for each other in a circle.
    -- Whoever waits here holds up nobody else.
    PERFORM pg_advisory_xact_lock(${sagazSchema}.sagaz_lock_key('partitions'::text));
    PERFORM set_config('lock_timeout', '1s', true);
    -- ATTACH takes this lock anyway. Taken now, it makes this session hear of what others have made meanwhile: to_regclass
    -- alone would remember that there was no such table. Reads and writes go on; what it can wait for is another change of
    -- the same table, or ANALYZE.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', v_parent);
    v_partition := to_regclass(format('%I.%I', v_schema, v_name));
    IF v_partition IS NOT NULL AND pg_partition_root(v_partition) = v_parent THEN
        RETURN false;
    END IF;
    IF v_partition IS NOT NULL THEN
        RAISE EXCEPTION 'Table %.% exists but is no partition of %', v_schema, v_name, parent
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'It may have been detached, or its detaching may be pending: attach it again, finish that, rename it or drop it.';
    END IF;
    -- With it ATTACH would read and lock its rows, and nothing could be detached without blocking everybody.
    SELECT p.partition_name INTO v_default FROM ${sagazSchema}.sagaz_partitions() p
        WHERE p.table_name = parent AND p.state = 'DEFAULT';
    IF FOUND THEN
        RAISE EXCEPTION '% has a default partition, %: with it no partition can be made without blocking others', parent, v_default
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Detach it, make the partitions that its rows belong to, and insert them again.';
    END IF;
    -- CREATE TABLE ... PARTITION OF would lock the parent against everybody.
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL EXCLUDING IDENTITY) WITH (%s)',
        v_schema, v_name, v_parent, storage);
    -- What this can wait for are tables of others that refer to the parent: they must not wait behind it.
    PERFORM set_config('lock_timeout', '50ms', true);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
        v_parent, v_schema, v_name,
        to_char(v_first, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(v_end, 'YYYY-MM-DD') || ' 00:00:00+00');
    RETURN true;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_ensure_partition(text, text, date, text) IS
    'Makes the partition that holds a day (UTC) if it is missing, and says whether it was. Only for the owner of the
     tables; others call the create_..._partition functions.';
