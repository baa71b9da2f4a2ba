CREATE TABLE ${sagazSchema}.partition_settings (
    table_name  text PRIMARY KEY,
    granularity text NOT NULL,
    ahead       integer NOT NULL CHECK (ahead BETWEEN 1 AND 366),
    retention   interval NOT NULL CHECK (retention >= interval '1 day'),
    CONSTRAINT partition_settings_granularity_fixed CHECK (granularity = CASE table_name
        WHEN 'saga_executions' THEN 'MONTH' WHEN 'saga_audit_log' THEN 'MONTH' WHEN 'saga_outbox' THEN 'DAY'
        WHEN 'consumer_inbox' THEN 'NONE' END)
);
COMMENT ON TABLE ${sagazSchema}.partition_settings IS
    'How the tables of Sagaz are kept. ahead and retention may be changed at any time.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.table_name IS 'The table; saga_steps follows saga_executions.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.granularity IS
    'The span of one partition, in UTC; NONE means that the table has no partitions by time.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.ahead IS 'How many future partitions are kept ready.';
COMMENT ON COLUMN ${sagazSchema}.partition_settings.retention IS 'How long rows are kept at least.';
INSERT INTO ${sagazSchema}.partition_settings (table_name, granularity, ahead, retention) VALUES
    ('saga_executions', 'MONTH', 3, interval '12 months'),
    ('saga_outbox', 'DAY', 7, interval '30 days'),
    ('saga_audit_log', 'MONTH', 3, interval '12 months'),
    ('consumer_inbox', 'NONE', 1, interval '90 days');

CREATE FUNCTION ${sagazSchema}.sagaz_partition_name(parent text, granularity text, first_day date) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN parent
        || '_y' || lpad(extract(year FROM first_day)::text, 4, '0')
        || 'm' || lpad(extract(month FROM first_day)::text, 2, '0')
        || CASE granularity WHEN 'DAY' THEN 'd' || lpad(extract(day FROM first_day)::text, 2, '0') ELSE '' END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partition_name(text, text, date) IS
    'saga_executions_y2025m12, saga_outbox_y2025m12d15.';

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
    PERFORM pg_advisory_xact_lock(hashtextextended(format('io.sagaz.partitions:%s', v_schema), 0));
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
    -- CREATE TABLE ... PARTITION OF would lock the parent against everybody.
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL EXCLUDING IDENTITY) WITH (%s)',
        v_schema, v_name, v_parent, storage);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
        v_parent, v_schema, v_name,
        to_char(v_first, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(v_end, 'YYYY-MM-DD') || ' 00:00:00+00');
    RETURN true;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_ensure_partition(text, text, date, text) IS
    'Makes the partition that holds a day (UTC) if it is missing, and says whether it was. Only for the owner of the
     tables; others call the create_..._partition functions.';
