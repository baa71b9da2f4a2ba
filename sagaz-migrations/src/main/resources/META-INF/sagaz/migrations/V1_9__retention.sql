-- Which partitions have expired, what still needs them, and the steps by which one goes:
--
--   ATTACHED --> DETACHED --> gone or ARCHIVED
--      ^            |
--      +- needed ---+
--
-- What needs a partition is looked at twice: before it is detached, while others may still write to it, and afterwards,
-- when it is locked and nobody can any more. Each step is short, leaves something that the next maintenance can go on from,
-- and waits for no lock longer than 50 ms, because whoever waits for the lock of a whole table makes all others wait behind
-- it. What looks for rows has row_security off: rows that a policy hides make it fail, and what cannot be found out is needed.

CREATE TABLE ${sagazSchema}.partition_clock (
    singleton  boolean NOT NULL DEFAULT true,
    seen_at    timestamptz NOT NULL,
    doubted_at timestamptz,
    CONSTRAINT partition_clock_pkey PRIMARY KEY (singleton),
    CONSTRAINT partition_clock_one_row CHECK (singleton)
);
COMMENT ON TABLE ${sagazSchema}.partition_clock IS
    'One row: what the maintenance remembers of the time. When more than 8 days have gone by since the last one, either nobody
     has maintained for long, or the clock is wrong: then new partitions are made, and nothing is taken away for 12 hours.';
COMMENT ON COLUMN ${sagazSchema}.partition_clock.singleton IS 'Always true.';
COMMENT ON COLUMN ${sagazSchema}.partition_clock.seen_at IS
    'The time of the last maintenance. Whoever is sure of the clock and does not want to wait: UPDATE partition_clock SET
     seen_at = now(), doubted_at = NULL.';
COMMENT ON COLUMN ${sagazSchema}.partition_clock.doubted_at IS
    'The time of the last maintenance that found that the time had jumped; NULL if none did, or the clock was set back since.';
INSERT INTO ${sagazSchema}.partition_clock (seen_at) VALUES (now());

CREATE FUNCTION ${sagazSchema}.sagaz_doubted_since(at timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    RETURN (
        SELECT CASE
            WHEN c.seen_at IS NULL OR at > c.seen_at + interval '8 days' THEN at
            WHEN at >= c.doubted_at THEN c.doubted_at END
        FROM (VALUES (1)) one (n) LEFT JOIN ${sagazSchema}.partition_clock c ON true);
COMMENT ON FUNCTION ${sagazSchema}.sagaz_doubted_since(timestamptz) IS
    'Since when a maintenance at a time must doubt that it is that time: NULL if it need not. A row that is missing is no reason
     to trust.';

CREATE FUNCTION ${sagazSchema}.sagaz_doubt_of_time(at timestamptz DEFAULT now()) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET datestyle = 'ISO'
    RETURN (
        SELECT format('the time is in doubt since %s, when the last maintenance was more than 8 days ago: nobody had maintained'
            ' for long, or the clock is wrong. Nothing is taken away before %s',
            date_trunc('second', d.since), date_trunc('second', d.since + interval '12 hours'))
        FROM (VALUES (${sagazSchema}.sagaz_doubted_since(at))) d (since)
        WHERE at < d.since + interval '12 hours');
COMMENT ON FUNCTION ${sagazSchema}.sagaz_doubt_of_time(timestamptz) IS
    'Why nothing may be taken away at a time, in words; NULL if there is no doubt that it is that time.';

CREATE FUNCTION ${sagazSchema}.sagaz_note_time(at timestamptz) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_doubt constant text := ${sagazSchema}.sagaz_doubt_of_time(at);
BEGIN
    -- Of several at once one notes it, and nobody waits for the end of another's transaction.
    IF pg_try_advisory_xact_lock(${sagazSchema}.sagaz_lock_key('clock'::text)) THEN
        INSERT INTO ${sagazSchema}.partition_clock (seen_at, doubted_at) VALUES (at, at)
        ON CONFLICT (singleton) DO UPDATE SET seen_at = at, doubted_at = ${sagazSchema}.sagaz_doubted_since(at);
    END IF;
    RETURN v_doubt;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_note_time(timestamptz) IS
    'sagaz_doubt_of_time(), which it also remembers. Only for whoever maintains.';

CREATE FUNCTION ${sagazSchema}.sagaz_expired_partitions(at timestamptz DEFAULT now())
    RETURNS TABLE (table_name text, partition_name text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT p.table_name, p.partition_name
    FROM ${sagazSchema}.sagaz_partitions() p
    JOIN ${sagazSchema}.sagaz_partitioned_tables() t ON t.table_name = p.table_name
    JOIN ${sagazSchema}.partition_settings s ON s.table_name = t.governed_by
    WHERE p.state = 'ATTACHED' AND p.partition_end <= ${sagazSchema}.sagaz_cutoff(s.retention, at)
    ORDER BY t.place, p.partition_end
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_expired_partitions(timestamptz) IS
    'Attached partitions all of whose rows are older than they must be kept, whether or not something needs them.';

CREATE FUNCTION ${sagazSchema}.sagaz_unpublished(partition text) RETURNS TABLE (relay_name text, events bigint)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET row_security = off
AS $function$
#variable_conflict use_column
DECLARE
    v_partition constant regclass := format('%s.%I', '${sagazSchema}', partition)::regclass;
    v_last bigint;
BEGIN
    EXECUTE format('SELECT max(seq) FROM %s', v_partition) INTO v_last;
    IF v_last IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_relays) THEN
        RETURN QUERY EXECUTE format('SELECT NULL::text, count(*) FROM (SELECT FROM %s LIMIT 1000) o', v_partition);
        RETURN;
    END IF;
    -- Nearly always every relay is far beyond, which two indexes tell.
    IF NOT EXISTS (
        SELECT FROM ${sagazSchema}.saga_outbox_relays r
        LEFT JOIN ${sagazSchema}.sagaz_outbox_positions c ON c.relay_name = r.relay_name AND c.low_seq >= v_last
        GROUP BY r.relay_name
        HAVING count(c.shard) < 64)
    THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($query$
        SELECT r.relay_name, u.events
        FROM ${sagazSchema}.saga_outbox_relays r
        CROSS JOIN LATERAL (
            SELECT count(*) AS events
            FROM (
                SELECT FROM %s o
                LEFT JOIN ${sagazSchema}.sagaz_outbox_positions c ON c.relay_name = r.relay_name AND c.shard = o.shard
                WHERE NOT ${sagazSchema}.sagaz_is_published(o.seq, o.tx_id, c.low_seq, c.published, c.target, c.position,
                    c.system_identifier = (SELECT system_identifier FROM pg_control_system()))
                LIMIT 1000) o) u
        WHERE u.events > 0
        ORDER BY r.relay_name$query$, v_partition);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_unpublished(text) IS
    'For each relay that has not published all events of a partition of saga_outbox: how many are left, counted up to 1000.
     Without any relay nothing has been published: one row, without a name.';

CREATE FUNCTION ${sagazSchema}.sagaz_counted(number bigint, what text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN number || CASE WHEN number >= 1000 THEN ' or more ' ELSE ' ' END || what;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_counted(bigint, text) IS 'A number that was counted up to 1000, for people.';

CREATE FUNCTION ${sagazSchema}.sagaz_partition_needs(parent text, partition text)
    RETURNS TABLE (reason text, kept_by text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET datestyle = 'ISO'
    SET row_security = off
AS $function$
#variable_conflict use_column
DECLARE
    v_this record;
    v_other record;
    v_relation regclass;
    v_count bigint;
    v_first timestamptz;
BEGIN
    SELECT p.* INTO v_this FROM ${sagazSchema}.sagaz_partitions() p
        WHERE p.table_name = parent AND p.partition_name = partition;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no partition of %', partition, parent USING ERRCODE = 'undefined_table';
    END IF;
    v_relation := format('%s.%I', '${sagazSchema}', v_this.partition_name)::regclass;
    IF EXISTS (SELECT FROM pg_class c WHERE c.oid = v_relation AND c.relkind <> 'r') THEN
        reason := 'it is no plain table, and so not made by Sagaz';
        RETURN NEXT;
        RETURN;
    END IF;
    -- PostgreSQL would look through that table with the whole of ours locked.
    FOR v_other IN SELECT DISTINCT c.conrelid::regclass AS name FROM pg_constraint c
        WHERE c.contype = 'f' AND c.confrelid = to_regclass(format('%s.%I', '${sagazSchema}', parent))
    LOOP
        reason := format('table %s refers to %s with a foreign key', v_other.name, parent);
        RETURN NEXT;
    END LOOP;
    CASE parent
    WHEN 'saga_executions' THEN
        -- Out of its table it has no trigger any more: whoever changed a status there has changed nothing else.
        EXECUTE format('SELECT count(*), min(created_at) FROM (SELECT created_at FROM %s WHERE %s'
            ' ORDER BY created_at LIMIT 1000) u', v_relation,
            CASE v_this.state WHEN 'ATTACHED' THEN 'unfinished'
                ELSE $condition$status IN ('PENDING', 'RUNNING', 'COMPENSATING')$condition$ END)
            INTO v_count, v_first;
        IF v_count > 0 THEN
            reason := ${sagazSchema}.sagaz_counted(v_count, format('unfinished sagas, the oldest of %s', v_first));
            RETURN NEXT;
        END IF;
    WHEN 'saga_steps' THEN
        FOR v_other IN SELECT p.partition_name AS name FROM ${sagazSchema}.sagaz_partitions() p
            WHERE p.table_name = 'saga_executions' AND p.state <> 'ARCHIVED'
                AND p.partition_start < v_this.partition_end AND p.partition_end > v_this.partition_start
        LOOP
            reason := format('steps of sagas in %s', v_other.name);
            kept_by := v_other.name;
            RETURN NEXT;
        END LOOP;
    WHEN 'saga_audit_log' THEN
        -- Of sagas of any month. Their ids carry their time, so a month is one range of the index.
        FOR v_other IN SELECT p.partition_name AS name, p.partition_start, p.partition_end
            FROM ${sagazSchema}.sagaz_partitions() p
            WHERE p.table_name = 'saga_executions' AND p.state <> 'ARCHIVED'
            ORDER BY p.partition_start
        LOOP
            EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE saga_id >= $1 AND saga_id <= $2 LIMIT 1) a', v_relation)
                INTO v_count
                USING ${sagazSchema}.sagaz_uuid7_floor(v_other.partition_start),
                    CASE WHEN v_other.partition_end = 'infinity' THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
                        ELSE ${sagazSchema}.sagaz_uuid7_floor(v_other.partition_end) END;
            IF v_count > 0 THEN
                reason := format('entries of sagas in %s', v_other.name);
                kept_by := v_other.name;
                RETURN NEXT;
            END IF;
        END LOOP;
    WHEN 'saga_outbox' THEN
        -- An event that is not published becomes one that is parked or a dead letter, never the other way, and each of these
        -- statements sees what was committed before it. So what moves between them is seen by the second.
        IF NOT (SELECT s.drop_unpublished FROM ${sagazSchema}.partition_settings s WHERE s.table_name = parent) THEN
            FOR v_other IN SELECT u.* FROM ${sagazSchema}.sagaz_unpublished(v_this.partition_name) u LOOP
                reason := ${sagazSchema}.sagaz_counted(v_other.events, 'events not published')
                    || coalesce(' by relay ' || v_other.relay_name, ': no relay is registered');
                RETURN NEXT;
            END LOOP;
        END IF;
        FOR v_other IN
            SELECT 'parked events' AS what, count(*) AS number
            FROM (SELECT FROM ${sagazSchema}.saga_outbox_parked k
                WHERE k.created_at >= v_this.partition_start AND k.created_at < v_this.partition_end LIMIT 1000) k
            UNION ALL
            SELECT 'dead letters', count(*)
            FROM (SELECT FROM ${sagazSchema}.saga_outbox_dead_letters d
                WHERE d.created_at >= v_this.partition_start AND d.created_at < v_this.partition_end LIMIT 1000) d
        LOOP
            IF v_other.number > 0 THEN
                reason := ${sagazSchema}.sagaz_counted(v_other.number, v_other.what);
                RETURN NEXT;
            END IF;
        END LOOP;
    END CASE;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_partition_needs(text, text) IS
    'Why a partition must not go yet, a row for each reason; none when it may. kept_by: the partition of saga_executions
     with which that reason goes.';

CREATE FUNCTION ${sagazSchema}.sagaz_retire_partition(parent text, partition text) RETURNS void
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO ${sagazSchema}.partition_retirements (table_name, partition_name, partition_start, partition_end)
    SELECT p.table_name, p.partition_name, p.partition_start, p.partition_end
    FROM ${sagazSchema}.sagaz_partitions() p
    WHERE p.table_name = parent AND p.partition_name = partition AND p.state = 'ATTACHED'
    ON CONFLICT DO NOTHING
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_retire_partition(text, text) IS
    'Notes that an attached partition goes, before it is detached: only what is noted is ever dropped.';

CREATE FUNCTION ${sagazSchema}.sagaz_detach_partition(parent text, partition text, patient boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '50ms'
    SET jit = off
AS $function$
DECLARE
    v_parent constant text := format('%s.%I', '${sagazSchema}', parent);
    v_partition constant text := format('%s.%I', '${sagazSchema}', partition);
BEGIN
    -- Whoever comes by the table is locked out or waits behind this. So the partition can only be in use by somebody who
    -- names it, and for him nobody waits.
    EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE %s', v_parent, CASE WHEN patient THEN '' ELSE 'NOWAIT' END);
    BEGIN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', v_partition);
    EXCEPTION WHEN lock_not_available THEN
        RAISE EXCEPTION 'somebody uses % by its name', partition USING ERRCODE = 'object_in_use';
    END;
    PERFORM ${sagazSchema}.sagaz_retire_partition(parent, partition);
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', v_parent, v_partition);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_detach_partition(text, text, boolean) IS
    'Detaches a partition; fails with lock_not_available when that takes a wait of more than 50 ms for the table, or any wait
     if not patient, and with object_in_use when somebody uses the partition by its name. Nobody can use the table from then
     to the end of the transaction: end it at once.';

CREATE FUNCTION ${sagazSchema}.sagaz_end_detaching(parent text, partition text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '50ms'
AS $function$
DECLARE
    v_partition constant text := format('%s.%I', '${sagazSchema}', partition);
BEGIN
    -- Not while somebody is in it, or others of old would wait behind this for as long.
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_partition);
    -- Transactions that overlap may all be as short as this is long.
    PERFORM set_config('lock_timeout', '5s', true);
    EXECUTE format('ALTER TABLE %s.%I DETACH PARTITION %s FINALIZE', '${sagazSchema}', parent, v_partition);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_end_detaching(text, text) IS
    'Ends DETACH PARTITION CONCURRENTLY where that was interrupted: waits up to 5 s for each transaction whose snapshot may
     still show the partition. Whoever comes to use it meanwhile, by its name or with such a snapshot, waits too.';

CREATE FUNCTION ${sagazSchema}.sagaz_finish_retirement(partition text, at timestamptz)
    RETURNS TABLE (action text, table_name text, details text)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '50ms'
    SET timezone = 'UTC'
    SET datestyle = 'ISO'
    SET row_security = off
    SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    v_partition constant text := format('%s.%I', '${sagazSchema}', partition);
    v_parent text;
    v_noted record;
    v_state text;
    v_settings record;
BEGIN
    -- The second look must see what was committed before the table could not be written to any more.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'A partition cannot be dropped in a transaction that is %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state',
                HINT = 'Use READ COMMITTED; for a role: ALTER ROLE ... SET default_transaction_isolation = ''read committed''.';
    END IF;
    -- Of several who come at once, one does it.
    SELECT r.* INTO v_noted FROM ${sagazSchema}.partition_retirements r
        WHERE r.partition_name = partition AND r.archived_at IS NULL
        FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT p.state INTO v_state FROM ${sagazSchema}.sagaz_partitions() p WHERE p.partition_name = partition;
    IF (v_state IN ('DETACHING', 'DETACHED')) IS NOT TRUE THEN
        RETURN;
    END IF;
    table_name := v_noted.table_name;
    v_parent := format('%s.%I', '${sagazSchema}', table_name);
    IF v_state = 'DETACHING' THEN
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', v_parent, v_partition);
    END IF;
    -- It can still be written to: by its name, and by transactions whose snapshot is older than its detaching. Whoever has
    -- done so has its lock until his rows can be seen; whoever comes now finds it gone.
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_partition);
    SELECT s.when_expired, s.retention INTO STRICT v_settings FROM ${sagazSchema}.partition_settings s
        JOIN ${sagazSchema}.sagaz_partitioned_tables() t ON t.governed_by = s.table_name
        WHERE t.table_name = v_noted.table_name;
    IF v_noted.partition_end > ${sagazSchema}.sagaz_cutoff(v_settings.retention, at) THEN
        details := format('it is to be kept for %s', v_settings.retention);
    ELSE
        SELECT string_agg(n.reason, '; ') INTO details
            FROM ${sagazSchema}.sagaz_partition_needs(v_noted.table_name, partition) n;
    END IF;
    IF details IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            v_parent, v_partition, v_noted.partition_start, v_noted.partition_end);
        IF table_name = 'saga_executions' THEN -- What was changed without the trigger is seen by it now.
            EXECUTE format('UPDATE %s SET status = status WHERE unfinished <> (status IN (%L, %L, %L))',
                v_partition, 'PENDING', 'RUNNING', 'COMPENSATING');
        END IF;
        DELETE FROM ${sagazSchema}.partition_retirements r WHERE r.partition_name = partition;
        action := 'ATTACH';
        RETURN NEXT;
        RETURN;
    END IF;
    details := format('from %s to %s', v_noted.partition_start, v_noted.partition_end);
    IF v_settings.when_expired = 'ARCHIVE' THEN
        UPDATE ${sagazSchema}.partition_retirements r SET archived_at = now() WHERE r.partition_name = partition;
        action := 'ARCHIVE';
    ELSE
        EXECUTE format('DROP TABLE %s', v_partition);
        DELETE FROM ${sagazSchema}.partition_retirements r WHERE r.partition_name = partition;
        action := 'DROP';
    END IF;
    RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_finish_retirement(text, timestamptz) IS
    'Takes a retiring partition that is detached, or whose detaching was interrupted, to its end: DROP or ARCHIVE, or ATTACH
     if something needs it after all or it has not expired at the given time. No row if there is nothing to do.';

CREATE FUNCTION ${sagazSchema}.sagaz_forget_retirements() RETURNS void
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
    DELETE FROM ${sagazSchema}.partition_retirements r
    WHERE NOT EXISTS (SELECT FROM ${sagazSchema}.sagaz_partitions() p
        WHERE p.partition_name = r.partition_name AND p.state <> 'ATTACHED')
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_forget_retirements() IS
    'Forgets what came to nothing: partitions that stayed attached, and tables that somebody else has dropped. Only for
     whoever holds the maintenance lock.';

CREATE FUNCTION ${sagazSchema}.sagaz_forget_idempotency_keys(most integer, behind timestamptz)
    RETURNS TABLE (deleted bigint, reached timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s'
    SET row_security = off
AS $function$
#variable_conflict use_column
DECLARE
    v_gap record;
    v_deleted bigint;
    v_reached timestamptz;
BEGIN
    deleted := 0;
    reached := behind;
    -- Where no partition holds the saga any more. Between partitions that were kept there are gaps.
    FOR v_gap IN
        WITH held AS (
            SELECT p.partition_start, p.partition_end FROM ${sagazSchema}.sagaz_partitions() p
            WHERE p.table_name = 'saga_executions' AND p.state <> 'ARCHIVED'
            UNION ALL
            SELECT ${sagazSchema}.sagaz_cutoff(s.retention, now()), 'infinity' FROM ${sagazSchema}.partition_settings s
            WHERE s.table_name = 'saga_executions'
        ), gaps AS (
            SELECT coalesce(max(h.partition_end) OVER (ORDER BY h.partition_start ROWS BETWEEN UNBOUNDED PRECEDING
                    AND 1 PRECEDING), '-infinity') AS gap_start,
                h.partition_start AS gap_end
            FROM held h
        )
        SELECT greatest(g.gap_start, behind) AS gap_start, g.gap_end FROM gaps g
        WHERE greatest(g.gap_start, behind) < g.gap_end
            AND ${sagazSchema}.sagaz_doubt_of_time() IS NULL
            AND EXISTS (SELECT FROM ${sagazSchema}.partition_settings s WHERE s.table_name = 'saga_executions')
        ORDER BY g.gap_start
    LOOP
        WITH gone AS (
            DELETE FROM ${sagazSchema}.saga_idempotency_keys k
            WHERE k.ctid = ANY (ARRAY(
                SELECT old.ctid FROM ${sagazSchema}.saga_idempotency_keys old
                WHERE old.created_at >= v_gap.gap_start AND old.created_at < v_gap.gap_end
                    -- A partition may have been made meanwhile, and a saga in it.
                    AND NOT EXISTS (SELECT FROM ${sagazSchema}.saga_executions e
                        WHERE e.saga_id = old.saga_id AND e.created_at = old.created_at)
                ORDER BY old.created_at
                LIMIT most - deleted
                FOR UPDATE SKIP LOCKED))
            RETURNING k.created_at
        )
        SELECT count(*), max(g.created_at) INTO v_deleted, v_reached FROM gone g;
        deleted := deleted + v_deleted;
        reached := coalesce(v_reached, reached);
        EXIT WHEN deleted >= most;
    END LOOP;
    RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_forget_idempotency_keys(integer, timestamptz) IS
    'Deletes keys of sagas whose partition is gone, from a time on and at most the given number; returns how many that were,
     and the time to go on from when it was that number. None while the time is in doubt.';

CREATE FUNCTION ${sagazSchema}.sagaz_forget_inbox_rows(most integer, behind timestamptz)
    RETURNS TABLE (deleted bigint, reached timestamptz)
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s'
    SET row_security = off
AS $function$
    WITH gone AS (
        DELETE FROM ${sagazSchema}.consumer_inbox i
        WHERE i.ctid = ANY (ARRAY(
            SELECT old.ctid FROM ${sagazSchema}.consumer_inbox old
            WHERE (SELECT ${sagazSchema}.sagaz_doubt_of_time()) IS NULL
                AND old.processed_at >= behind
                AND old.processed_at < (SELECT ${sagazSchema}.sagaz_cutoff(s.retention, now())
                    FROM ${sagazSchema}.partition_settings s WHERE s.table_name = 'consumer_inbox')
            ORDER BY old.processed_at
            LIMIT most
            FOR UPDATE SKIP LOCKED))
        RETURNING i.processed_at
    )
    SELECT count(*), coalesce(max(g.processed_at), behind) FROM gone g
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_forget_inbox_rows(integer, timestamptz) IS
    'Deletes rows of consumer_inbox that are older than partition_settings says, from a time on and at most the given number;
     returns how many that were, and the time to go on from when it was that number. None while the time is in doubt.';
