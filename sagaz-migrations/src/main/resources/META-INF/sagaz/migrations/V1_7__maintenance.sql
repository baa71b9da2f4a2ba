-- The functions that operators, CronJobs and the library call. Those that make partitions run with the rights of their
-- owner, so that new partitions have the same owner as their table and an application needs no right to create tables.
-- Everything is qualified, and pg_temp comes last in search_path.

CREATE FUNCTION ${sagazSchema}.sagaz_partition_plan()
    RETURNS TABLE (table_name text, partition_name text, first_day date, needed boolean, present boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT t.name, p.name, d.day, n BETWEEN 0 AND 1,
        EXISTS (
            SELECT FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = format('%s.%I', '${sagazSchema}', t.name)::regclass
                AND c.relname = p.name
                AND NOT i.inhdetachpending)
    FROM ${sagazSchema}.partition_settings s
    JOIN (VALUES
            (1, 'saga_executions', 'saga_executions'),
            (2, 'saga_executions', 'saga_steps'),
            (3, 'saga_outbox', 'saga_outbox'),
            (4, 'saga_audit_log', 'saga_audit_log')) t (place, setting, name)
        ON t.setting = s.table_name
    -- One partition back, because ids carry the time of their maker's clock.
    CROSS JOIN generate_series(-1, s.ahead) n
    CROSS JOIN LATERAL (
        SELECT (CASE s.granularity
            WHEN 'MONTH' THEN date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month'
            ELSE (now() AT TIME ZONE 'UTC') + n * interval '1 day' END)::date) d (day)
    CROSS JOIN LATERAL (SELECT ${sagazSchema}.sagaz_partition_name(t.name, s.granularity, d.day)) p (name)
    ORDER BY t.place, d.day
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partition_plan() IS
    'The partitions that should exist now: the last, the current and those ahead. Without those that are needed, the
     current and the next, writes fail now or soon.';

CREATE FUNCTION ${sagazSchema}.sagaz_create_partition(parent text, any_day date) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE parent
        WHEN 'saga_executions' THEN ${sagazSchema}.sagaz_ensure_partition(parent, 'MONTH', any_day,
            'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02')
        WHEN 'saga_steps' THEN ${sagazSchema}.sagaz_ensure_partition(parent, 'MONTH', any_day,
            'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02')
        WHEN 'saga_outbox' THEN ${sagazSchema}.sagaz_ensure_partition(parent, 'DAY', any_day,
            'fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02')
        WHEN 'saga_audit_log' THEN ${sagazSchema}.sagaz_ensure_partition(parent, 'MONTH', any_day,
            'fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02')
    END;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_create_partition(text, date) IS
    'Makes one partition of one of the tables of Sagaz if it is missing: true when it was, false when it is there
     already, NULL when there is no such table.';

CREATE FUNCTION ${sagazSchema}.create_saga_executions_partition(for_date date) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM ${sagazSchema}.sagaz_create_partition('saga_executions', for_date);
    PERFORM ${sagazSchema}.sagaz_create_partition('saga_steps', for_date);
    RETURN ${sagazSchema}.sagaz_partition_name('saga_executions', 'MONTH', for_date);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.create_saga_executions_partition(date) IS
    'Makes the partitions of saga_executions and saga_steps for the month of a date, if missing. Returns the name of the
     former. May be called by many at once.';

CREATE FUNCTION ${sagazSchema}.create_saga_outbox_partition(for_date date) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM ${sagazSchema}.sagaz_create_partition('saga_outbox', for_date);
    RETURN ${sagazSchema}.sagaz_partition_name('saga_outbox', 'DAY', for_date);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.create_saga_outbox_partition(date) IS
    'Makes the partition of saga_outbox for a day, if missing. Returns its name. May be called by many at once.';

CREATE FUNCTION ${sagazSchema}.create_saga_audit_log_partition(for_date date) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM ${sagazSchema}.sagaz_create_partition('saga_audit_log', for_date);
    RETURN ${sagazSchema}.sagaz_partition_name('saga_audit_log', 'MONTH', for_date);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.create_saga_audit_log_partition(date) IS
    'Makes the partition of saga_audit_log for the month of a date, if missing. Returns its name. May be called by many
     at once.';

CREATE FUNCTION ${sagazSchema}.maintain_all_partitions()
    RETURNS TABLE (action text, table_name text, partition_name text, details text)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_plan record;
BEGIN
    FOR v_plan IN SELECT p.table_name, p.partition_name, p.first_day FROM ${sagazSchema}.sagaz_partition_plan() p LOOP
        action := CASE ${sagazSchema}.sagaz_create_partition(v_plan.table_name, v_plan.first_day)
            WHEN true THEN 'CREATE' ELSE 'EXISTS' END;
        table_name := v_plan.table_name;
        partition_name := v_plan.partition_name;
        details := format('from %s (UTC)', to_char(v_plan.first_day, 'YYYY-MM-DD'));
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.maintain_all_partitions() IS
    'Makes the missing partitions of sagaz_partition_plan() and says of each whether it was made (CREATE) or was there
     already (EXISTS). May be called by many at once. One transaction: on failure nothing was made.';

CREATE FUNCTION ${sagazSchema}.get_partition_statistics()
    RETURNS TABLE (table_name text, partition_count bigint, oldest_partition text, newest_partition text,
        total_size_mb numeric, estimated_rows bigint)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT t.name, count(c.oid), min(c.relname::text COLLATE "C"), max(c.relname::text COLLATE "C"),
        coalesce(round(sum(pg_total_relation_size(c.oid)) / 1048576.0, 2), 0),
        coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
    FROM (VALUES (1, 'saga_executions'), (2, 'saga_steps'), (3, 'saga_outbox'), (4, 'saga_audit_log')) t (place, name)
    LEFT JOIN pg_inherits i ON i.inhparent = format('%s.%I', '${sagazSchema}', t.name)::regclass
    LEFT JOIN pg_class c ON c.oid = i.inhrelid
    GROUP BY t.place, t.name
    ORDER BY t.place
$function$;
COMMENT ON FUNCTION ${sagazSchema}.get_partition_statistics() IS
    'One row per partitioned table: its partitions, their size with indexes, and the planner''s estimate of their rows.';

CREATE FUNCTION ${sagazSchema}.cleanup_consumer_inbox(days integer DEFAULT 90) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_deleted bigint;
BEGIN
    IF (days >= 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'days must be at least 1, but is %', coalesce(days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    DELETE FROM ${sagazSchema}.consumer_inbox WHERE processed_at < now() - make_interval(days => days);
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    RETURN v_deleted;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.cleanup_consumer_inbox(integer) IS
    'Forgets what was processed more than the given number of days ago and returns how many rows that were. An event that
     is delivered again after that is processed again.';

-- Whoever is to make partitions needs EXECUTE on sagaz_create_partition.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_create_partition(text, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_ensure_partition(text, text, date, text) FROM PUBLIC;
