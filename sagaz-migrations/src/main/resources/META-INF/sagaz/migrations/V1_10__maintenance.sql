-- The functions that operators, CronJobs and the library call. Those that make and remove partitions run with the rights
-- of their owner, so that new partitions have the same owner as their table and an application needs no right to create
-- or drop tables. What has a parameter for the time is only for the owner.

CREATE FUNCTION ${sagazSchema}.sagaz_create_partition(parent text, any_day date) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN CASE parent
        WHEN 'saga_executions' THEN ${sagazSchema}.sagaz_ensure_partition(parent, 'MONTH', any_day,
            'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02')
        WHEN 'saga_steps' THEN ${sagazSchema}.sagaz_ensure_partition(parent, 'MONTH', any_day,
            -- A step grows by what it has produced, all steps of a page within minutes.
            'fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02')
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

CREATE FUNCTION ${sagazSchema}.sagaz_analyze() RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s'
AS $function$
DECLARE
    v_parent regclass;
BEGIN
    IF NOT pg_try_advisory_xact_lock(${sagazSchema}.sagaz_lock_key('maintenance'::text)) THEN
        RETURN;
    END IF;
    -- Autovacuum takes care of partitions, not of the whole. Not the outbox: no query groups or joins it as a whole.
    FOR v_parent IN SELECT s.relid FROM ${sagazSchema}.sagaz_partitioned_tables() t
        JOIN pg_stat_all_tables s ON s.relid = to_regclass(format('%s.%I', '${sagazSchema}', t.table_name))
        WHERE t.table_name <> 'saga_outbox' AND (s.last_analyze > now() - interval '7 days') IS NOT TRUE
    LOOP
        -- Before PostgreSQL 18 each partition is read once more.
        EXECUTE format('ANALYZE %s %s',
            CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 'ONLY' ELSE '' END, v_parent);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_analyze() IS
    'Renews what the planner knows of the partitioned tables as a whole, which estimates of groups and joins rest on, if
     that is older than a week and no other maintenance is at work.';

CREATE FUNCTION ${sagazSchema}.sagaz_create_missing(at timestamptz)
    RETURNS TABLE (action text, table_name text, partition_name text, details text)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    v_partition record;
BEGIN
    FOR v_partition IN
        SELECT t.governed_by FROM ${sagazSchema}.sagaz_partitioned_tables() t
        WHERE NOT EXISTS (SELECT FROM ${sagazSchema}.partition_settings s WHERE s.table_name = t.governed_by)
        GROUP BY t.governed_by
    LOOP
        action := 'FAIL';
        table_name := v_partition.governed_by;
        details := 'partition_settings lacks its row';
        RETURN NEXT;
    END LOOP;
    FOR v_partition IN SELECT p.table_name, p.partition_name, p.first_day FROM ${sagazSchema}.sagaz_partition_plan(at) p LOOP
        table_name := v_partition.table_name;
        partition_name := v_partition.partition_name;
        BEGIN
            action := CASE ${sagazSchema}.sagaz_create_partition(v_partition.table_name, v_partition.first_day)
                WHEN true THEN 'CREATE' ELSE 'EXISTS' END;
            details := format('from %s (UTC)', to_char(v_partition.first_day, 'YYYY-MM-DD'));
        EXCEPTION WHEN OTHERS THEN
            -- It keeps no other from being made.
            action := 'FAIL';
            details := format('cannot be made: %s [%s]', SQLERRM, SQLSTATE);
        END;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_create_missing(timestamptz) IS
    'Makes the partitions of sagaz_partition_plan() that are missing.';

CREATE FUNCTION ${sagazSchema}.create_missing_partitions()
    RETURNS TABLE (action text, table_name text, partition_name text, details text)
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.action, c.table_name, c.partition_name, c.details FROM ${sagazSchema}.sagaz_create_missing(now()) c
$function$;
COMMENT ON FUNCTION ${sagazSchema}.create_missing_partitions() IS
    'Only the first part of maintain_all_partitions(): makes the partitions that are missing. A job that calls this after
     that, in a transaction of its own, has them whatever became of the rest.';

CREATE FUNCTION ${sagazSchema}.sagaz_maintain(at timestamptz)
    RETURNS TABLE (action text, table_name text, partition_name text, details text)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '5s'
    SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    v_partition record;
    v_going text[] := '{}';
    v_busy text[] := '{}';
    v_again boolean := false;
    v_patient boolean := true;
    v_locked_at timestamptz;
BEGIN
    FOR v_partition IN SELECT c.* FROM ${sagazSchema}.sagaz_create_missing(at) c LOOP
        IF v_partition.action = 'FAIL' AND v_partition.partition_name IS NOT NULL THEN
            v_again := true; -- It may be one that is detached by mistake, which is put back below.
        ELSE
            action := v_partition.action;
            table_name := v_partition.table_name;
            partition_name := v_partition.partition_name;
            details := v_partition.details;
            RETURN NEXT;
        END IF;
    END LOOP;
    table_name := NULL;
    partition_name := NULL;
    details := ${sagazSchema}.sagaz_note_time(at);
    IF details IS NOT NULL THEN
        action := 'LATER';
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT pg_try_advisory_xact_lock(${sagazSchema}.sagaz_lock_key('maintenance'::text)) THEN
        action := 'BUSY';
        details := 'another maintenance is taking care of old partitions';
        RETURN NEXT;
        RETURN;
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        action := 'FAIL';
        details := 'old partitions are taken away in READ COMMITTED only: ALTER ROLE ... SET default_transaction_isolation';
        RETURN NEXT;
        RETURN;
    END IF;
    BEGIN
        PERFORM ${sagazSchema}.sagaz_forget_retirements();
    EXCEPTION WHEN OTHERS THEN
        action := 'FAIL';
        details := format('cannot look through partition_retirements: %s [%s]', SQLERRM, SQLSTATE);
        RETURN NEXT;
        RETURN;
    END;

    -- What may go: found out before anything is locked.
    FOR v_partition IN
        SELECT p.table_name, p.partition_name, p.state FROM ${sagazSchema}.sagaz_partitions() p
        WHERE p.state IN ('DETACHING', 'LOOSE') AND NOT p.retiring
        ORDER BY p.table_name, p.partition_start
    LOOP
        action := 'KEEP';
        table_name := v_partition.table_name;
        partition_name := v_partition.partition_name;
        details := CASE v_partition.state
            WHEN 'LOOSE' THEN 'somebody else has detached it: attach it again, rename it or drop it'
            ELSE format('somebody else is detaching it; if that was interrupted, end it with ALTER TABLE %s DETACH PARTITION'
                ' %s FINALIZE', v_partition.table_name, v_partition.partition_name) END;
        RETURN NEXT;
    END LOOP;
    FOR v_partition IN SELECT e.table_name, e.partition_name FROM ${sagazSchema}.sagaz_expired_partitions(at) e LOOP
        BEGIN
            SELECT string_agg(n.reason, '; ') INTO details
                FROM ${sagazSchema}.sagaz_partition_needs(v_partition.table_name, v_partition.partition_name) n;
        EXCEPTION WHEN OTHERS THEN
            -- What cannot be told to be free is not, and keeps no other partition from being looked at.
            details := format('nobody can tell whether it is needed: %s [%s]', SQLERRM, SQLSTATE);
        END;
        IF details IS NULL THEN
            v_going := v_going || v_partition.partition_name;
        ELSE
            action := 'KEEP';
            table_name := v_partition.table_name;
            partition_name := v_partition.partition_name;
            RETURN NEXT;
        END IF;
    END LOOP;
    BEGIN
        PERFORM ${sagazSchema}.sagaz_forget_idempotency_keys(100000, '-infinity'::timestamptz);
    EXCEPTION WHEN OTHERS THEN
        action := 'FAIL';
        table_name := 'saga_idempotency_keys';
        partition_name := NULL;
        details := format('%s [%s]', SQLERRM, SQLSTATE);
        RETURN NEXT;
    END;

    -- What an earlier maintenance has detached. From here on this transaction holds locks, and must come to its end.
    FOR v_partition IN
        SELECT p.table_name, p.partition_name FROM ${sagazSchema}.sagaz_partitions() p
        JOIN ${sagazSchema}.sagaz_partitioned_tables() t ON t.table_name = p.table_name
        WHERE p.retiring AND p.state IN ('DETACHING', 'DETACHED')
        ORDER BY t.place, p.partition_start
    LOOP
        table_name := v_partition.table_name;
        partition_name := v_partition.partition_name;
        v_locked_at := coalesce(v_locked_at, clock_timestamp());
        IF clock_timestamp() > v_locked_at + interval '500 milliseconds' THEN
            action := 'LATER';
            details := 'enough for one call: call it again';
        ELSE
            BEGIN
                SELECT f.action, f.details INTO action, details
                    FROM ${sagazSchema}.sagaz_finish_retirement(v_partition.partition_name, at) f;
            EXCEPTION
                WHEN lock_not_available THEN
                    action := 'LATER';
                    details := 'somebody still uses it';
                WHEN OTHERS THEN
                    action := 'FAIL';
                    details := format('%s [%s]', SQLERRM, SQLSTATE);
            END;
        END IF;
        IF action IS NOT NULL THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    IF v_again THEN
        RETURN QUERY SELECT c.* FROM ${sagazSchema}.sagaz_create_missing(at) c WHERE c.action <> 'EXISTS';
    END IF;

    -- From the first lock of a table that is got, others wait until this transaction ends. It waits for no further lock, and
    -- its commit for no standby. Others may wait behind one lock at a time only, so of the tables one is waited for.
    IF v_going <> '{}' AND current_setting('synchronous_commit') <> 'off' THEN
        PERFORM set_config('synchronous_commit', 'local', true);
    END IF;
    v_locked_at := NULL;
    FOR v_partition IN
        SELECT p.table_name, p.partition_name FROM ${sagazSchema}.sagaz_partitions() p
        JOIN (SELECT t.table_name, t.place, random() AS turn FROM ${sagazSchema}.sagaz_partitioned_tables() t) t
            ON t.table_name = p.table_name
        WHERE p.partition_name = ANY (v_going) AND p.state = 'ATTACHED'
        ORDER BY t.turn, p.partition_start
    LOOP
        table_name := v_partition.table_name;
        partition_name := v_partition.partition_name;
        IF v_partition.table_name = ANY (v_busy) OR clock_timestamp() > v_locked_at + interval '25 milliseconds' THEN
            action := 'LATER';
            details := 'nothing needs it, but others would wait for too long: call it again';
            RETURN NEXT;
            CONTINUE;
        END IF;
        BEGIN
            PERFORM ${sagazSchema}.sagaz_detach_partition(v_partition.table_name, v_partition.partition_name, v_patient);
            v_locked_at := coalesce(v_locked_at, clock_timestamp());
            action := 'DETACH';
            details := 'nothing needs it; the next maintenance looks again and ends it';
        EXCEPTION
            WHEN lock_not_available THEN
                action := 'LATER';
                details := 'nothing needs it, but transactions use its table: call it again';
                v_busy := v_busy || v_partition.table_name;
            WHEN object_in_use THEN
                action := 'LATER';
                details := 'nothing needs it, but somebody uses it by its name';
            WHEN OTHERS THEN
                action := 'FAIL';
                details := format('%s [%s]', SQLERRM, SQLSTATE);
        END;
        v_patient := false;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_maintain(timestamptz) IS
    'maintain_all_partitions() as if it were another time. Only for the owner: a time ahead drops partitions.';

CREATE FUNCTION ${sagazSchema}.maintain_all_partitions()
    RETURNS TABLE (action text, table_name text, partition_name text, details text)
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT m.action, m.table_name, m.partition_name, m.details FROM ${sagazSchema}.sagaz_maintain(now()) m
$function$;
COMMENT ON FUNCTION ${sagazSchema}.maintain_all_partitions() IS
    'Makes the partitions that are missing and takes those away that have expired and that nothing needs any more. Call it
     daily or more often, by itself and not within a transaction; any number may do so at once. action:
     CREATE, EXISTS: a partition that should exist.
     KEEP: it has expired, but is needed; details say what for. Or it is detached, but not by the maintenance.
     DETACH: taken out of its table; the next call looks again whether something needs it, and then
     DROP or ARCHIVE (see partition_settings), or ATTACH: put back.
     LATER: could not be done without making others wait. BUSY: another maintenance is at it. FAIL: see details.';

CREATE FUNCTION ${sagazSchema}.get_partition_statistics()
    RETURNS TABLE (table_name text, partition_count bigint, oldest_partition text, newest_partition text,
        total_size_mb numeric, total_size_bytes bigint, estimated_rows bigint, writable_until timestamptz, expired_count bigint,
        detached_count bigint, archived_count bigint)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    WITH partitions AS (
        SELECT p.*, c.oid, c.reltuples,
            p.state = 'ATTACHED' AND p.partition_end <= ${sagazSchema}.sagaz_cutoff(s.retention, now()) AS expired
        FROM ${sagazSchema}.sagaz_partitions() p
        JOIN ${sagazSchema}.sagaz_partitioned_tables() t ON t.table_name = p.table_name
        JOIN ${sagazSchema}.partition_settings s ON s.table_name = t.governed_by
        JOIN pg_class c ON c.oid = to_regclass(format('%s.%I', '${sagazSchema}', p.partition_name))
    )
    SELECT t.table_name,
        count(*) FILTER (WHERE p.state IN ('ATTACHED', 'DEFAULT')),
        (array_agg(p.partition_name ORDER BY p.partition_start) FILTER (WHERE p.state = 'ATTACHED'))[1],
        (array_agg(p.partition_name ORDER BY p.partition_start DESC) FILTER (WHERE p.state = 'ATTACHED'))[1],
        coalesce(round(sum(pg_total_relation_size(p.oid)) / 1048576.0, 2), 0),
        coalesce(sum(pg_total_relation_size(p.oid)), 0)::bigint,
        coalesce(sum(greatest(p.reltuples, 0)), 0)::bigint,
        -- The end of the first run of partitions without a gap, if that has begun.
        (SELECT min(q.partition_end) FROM partitions q
            WHERE q.table_name = t.table_name AND q.state = 'ATTACHED' AND q.partition_end > now()
                AND NOT EXISTS (SELECT FROM partitions r WHERE r.table_name = q.table_name AND r.state = 'ATTACHED'
                    AND r.partition_start <= q.partition_end AND r.partition_end > q.partition_end)
                AND EXISTS (SELECT FROM partitions r WHERE r.table_name = q.table_name AND r.state = 'ATTACHED'
                    AND r.partition_start <= now() AND r.partition_end > now())),
        count(*) FILTER (WHERE p.expired),
        count(*) FILTER (WHERE p.state IN ('DETACHING', 'DETACHED', 'LOOSE')),
        count(*) FILTER (WHERE p.state = 'ARCHIVED')
    FROM ${sagazSchema}.sagaz_partitioned_tables() t
    LEFT JOIN partitions p ON p.table_name = t.table_name
    GROUP BY t.place, t.table_name
    ORDER BY t.place
$function$;
COMMENT ON FUNCTION ${sagazSchema}.get_partition_statistics() IS
    'One row per partitioned table: its partitions, the oldest and the newest; their size with indexes and the planner''s
     estimate of their rows, detached and archived ones included; until when rows can be written, NULL if not even now; how
     many partitions have expired and are still needed, or wait for the next maintenance; and how many are detached or
     archived.';

CREATE FUNCTION ${sagazSchema}.sagaz_inbox_days() RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    RETURN (SELECT ceil(extract(epoch FROM now() - ${sagazSchema}.sagaz_cutoff(s.retention, now())) / 86400)::int
        FROM ${sagazSchema}.partition_settings s WHERE s.table_name = 'consumer_inbox');
COMMENT ON FUNCTION ${sagazSchema}.sagaz_inbox_days() IS
    'How many days consumer_inbox is kept: 90, unless partition_settings says otherwise.';

CREATE FUNCTION ${sagazSchema}.cleanup_consumer_inbox(days integer DEFAULT ${sagazSchema}.sagaz_inbox_days()) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_deleted bigint;
    v_doubt constant text := ${sagazSchema}.sagaz_doubt_of_time();
BEGIN
    IF (days BETWEEN 1 AND 36500) IS NOT TRUE THEN
        RAISE EXCEPTION 'days must be from 1 to 36500, but is %', coalesce(days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF v_doubt IS NOT NULL THEN
        RAISE EXCEPTION 'Nothing is deleted: %', v_doubt
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Call maintain_all_partitions() daily. If the clock is right, let the owner UPDATE partition_clock SET seen_at = now(), doubted_at = NULL.';
    END IF;
    DELETE FROM ${sagazSchema}.consumer_inbox WHERE processed_at < now() - make_interval(days => days);
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    RETURN v_deleted;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.cleanup_consumer_inbox(integer) IS
    'Forgets what was processed more than the given number of days ago (default: 90, see partition_settings) and returns
     how many rows that were. An event that is delivered again after that is processed again. Fails while it is in doubt what
     time it is: see partition_clock.';
