-- What the library writes with: one call, one round trip, whatever there is to say. Everything about a saga comes as one
-- jsonb, so that a later version can be told more without a new signature.
--
-- These are functions, because what a session has planned in one it keeps, also behind a pooler that knows no prepared
-- statements (decision 0009). Their settings hold for what they do inside: plans without parameters' values, which are kept
-- for good, must find rows by an index also when they are made while a partition is still empty. What starts a saga only inserts,
-- unless it refuses, and is planned the same either way. The two that are called most set no search_path, which takes a
-- twentieth of their time: they name schemas themselves, and run with their caller's rights.
--
-- A session's synchronous_commit may be another client's behind transaction pooling, and with "off" a commit is acknowledged
-- before it is durable: so each of them sees to it, for its transaction. With waitMillis a wait for a lock ends on the server,
-- which then has written nothing, before the caller's patience ends, who would not know.
--
-- Each statement in a function has a snapshot of its own (READ COMMITTED): one that has waited for somebody else's commit is
-- followed by one that sees it. So a refusal says what is there now.

CREATE FUNCTION ${sagazSchema}.sagaz_prepare_write(request jsonb) RETURNS boolean
    LANGUAGE sql VOLATILE -- and one expression, so that it becomes a part of its caller.
    RETURN CASE current_setting('synchronous_commit')
            WHEN 'off' THEN set_config('synchronous_commit', 'on', true) IS NOT NULL ELSE true END
       AND CASE WHEN request ? 'waitMillis'
            THEN set_config('lock_timeout', request ->> 'waitMillis', true) IS NOT NULL ELSE true END;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_prepare_write(jsonb) IS
    'Sets for the transaction at hand: that it commits synchronously, and how long it waits for a lock (waitMillis).';

CREATE FUNCTION ${sagazSchema}.sagaz_mark() RETURNS jsonb
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
    RETURN jsonb_build_object('transaction', pg_current_xact_id()::text,
        'timeline', left(pg_walfile_name(pg_current_wal_lsn()), 8));
COMMENT ON FUNCTION ${sagazSchema}.sagaz_mark() IS
    'Which transaction this is, in which history: whoever loses the answer to its COMMIT asks for it.';

CREATE FUNCTION ${sagazSchema}.sagaz_append_events(events jsonb, of_saga uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_rows bigint;
BEGIN
    INSERT INTO ${sagazSchema}.saga_outbox
           (event_id, created_at, saga_id, topic, partition_key, event_type, content_type, payload, payload_bytes, headers)
    SELECT (event ->> 'id')::uuid, ${sagazSchema}.sagaz_uuid7_time((event ->> 'id')::uuid), of_saga, event ->> 'topic',
           coalesce(event ->> 'key', of_saga::text, event ->> 'id'), event ->> 'type', event ->> 'contentType',
           event -> 'payload', decode(event ->> 'bytes', 'base64'), coalesce(event -> 'headers', '{}')
      FROM jsonb_array_elements(events) AS event;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_append_events(jsonb, uuid) IS
    'Appends events in their order, for a saga or for none, and returns how many. Each: id (UUIDv7), topic, and payload (JSON)
     or bytes (base64) with contentType; optional key, type, headers.';

CREATE FUNCTION ${sagazSchema}.sagaz_append_audit_entries(entries jsonb, of_saga uuid, of_version bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_rows bigint;
BEGIN
    INSERT INTO ${sagazSchema}.saga_audit_log
           (entry_id, created_at, saga_id, saga_version, event_type, step_name, actor, event_data)
    SELECT (entry ->> 'id')::uuid, ${sagazSchema}.sagaz_uuid7_time((entry ->> 'id')::uuid), of_saga, of_version,
           entry ->> 'type', entry ->> 'step', entry ->> 'actor', coalesce(entry -> 'data', '{}')
      FROM jsonb_array_elements(entries) AS entry;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_append_audit_entries(jsonb, uuid, bigint) IS
    'Appends entries to the audit log in their order. Each: id (UUIDv7), type; optional step, actor, data (JSON).';

CREATE FUNCTION ${sagazSchema}.sagaz_start_saga(saga jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(saga);
    v_id constant uuid := saga ->> 'id';
    v_created_at constant timestamptz := ${sagazSchema}.sagaz_uuid7_time(v_id);
    v_name constant text := saga ->> 'name';
    v_key constant text := saga ->> 'key';
    v_entry constant uuid := saga ->> 'entry';
    v_lease_until timestamptz;
    v_took_key boolean := false;
    v_first_id uuid;
    v_first_name text;
    v_first_key text;
    v_version bigint;
    v_rows bigint;
BEGIN
    IF v_key IS NOT NULL THEN
        -- Waits for whoever is taking the same key.
        INSERT INTO ${sagazSchema}.saga_idempotency_keys (saga_name, idempotency_key, saga_id, created_at)
        VALUES (v_name, v_key, v_id, v_created_at)
        ON CONFLICT (saga_name, idempotency_key) DO NOTHING;
        v_took_key := FOUND;
        IF NOT v_took_key THEN
            SELECT k.saga_id INTO v_first_id FROM ${sagazSchema}.saga_idempotency_keys k
             WHERE k.saga_name = v_name AND k.idempotency_key = v_key;
            IF NOT FOUND THEN
                RAISE serialization_failure USING MESSAGE = format('the key of saga %s is being forgotten', v_id);
            ELSIF v_first_id <> v_id THEN
                RETURN jsonb_build_object('outcome', 'ALREADY_STARTED', 'id', v_first_id);
            END IF;
        END IF;
    END IF;
    v_lease_until := clock_timestamp() + make_interval(secs => (saga ->> 'leaseSeconds')::float8);
    IF saga ? 'careful' THEN
        INSERT INTO ${sagazSchema}.saga_executions
               (saga_id, created_at, saga_name, status, idempotency_key, context, lease_owner, lease_until)
        VALUES (v_id, v_created_at, v_name, 'PENDING', v_key, saga -> 'context', saga ->> 'leaseOwner', v_lease_until)
        ON CONFLICT (saga_id, created_at) DO NOTHING;
    ELSE -- Without ON CONFLICT, which costs a tenth of the whole; with an EXCEPTION block each start would have two transactions.
        INSERT INTO ${sagazSchema}.saga_executions
               (saga_id, created_at, saga_name, status, idempotency_key, context, lease_owner, lease_until)
        VALUES (v_id, v_created_at, v_name, 'PENDING', v_key, saga -> 'context', saga ->> 'leaseOwner', v_lease_until);
    END IF;
    IF NOT FOUND THEN
        IF v_took_key THEN
            DELETE FROM ${sagazSchema}.saga_idempotency_keys k WHERE k.saga_name = v_name AND k.idempotency_key = v_key;
        END IF;
        SELECT e.saga_name, e.idempotency_key INTO v_first_name, v_first_key FROM ${sagazSchema}.saga_executions e
         WHERE e.saga_id = v_id AND e.created_at = v_created_at;
        IF NOT FOUND THEN
            RAISE serialization_failure USING MESSAGE = format('saga %s is going away', v_id);
        END IF;
        SELECT a.saga_version INTO v_version FROM ${sagazSchema}.saga_audit_log a
         WHERE a.entry_id = v_entry AND a.created_at = ${sagazSchema}.sagaz_uuid7_time(v_entry);
        IF FOUND THEN -- An earlier attempt of the same call has done it.
            RETURN jsonb_build_object('outcome', 'STARTED', 'id', v_id, 'version', v_version);
        ELSIF v_first_name = v_name AND v_first_key IS NOT DISTINCT FROM v_key THEN
            RETURN jsonb_build_object('outcome', 'ALREADY_STARTED', 'id', v_id);
        END IF;
        IF saga ? 'strict' THEN
            RAISE invalid_parameter_value USING MESSAGE = format('saga %s belongs to a saga of another name or key', v_id);
        END IF;
        RETURN jsonb_build_object('outcome', 'ANOTHER', 'name', v_first_name, 'key', v_first_key);
    END IF;
    IF saga ? 'steps' THEN
        INSERT INTO ${sagazSchema}.saga_steps (saga_id, created_at, step_index, step_name, status)
        SELECT v_id, v_created_at, s.place - 1, s.name, 'PENDING'
          FROM jsonb_array_elements_text(saga -> 'steps') WITH ORDINALITY AS s (name, place);
    END IF;
    INSERT INTO ${sagazSchema}.saga_audit_log (entry_id, created_at, saga_id, saga_version, event_type, event_data)
    VALUES (v_entry, ${sagazSchema}.sagaz_uuid7_time(v_entry), v_id, 1, 'SAGA_STARTED',
            jsonb_build_object('name', v_name));
    IF saga ? 'audit' THEN
        v_rows := ${sagazSchema}.sagaz_append_audit_entries(saga -> 'audit', v_id, 1);
    END IF;
    IF saga ? 'events' THEN
        v_rows := ${sagazSchema}.sagaz_append_events(saga -> 'events', v_id);
    END IF;
    RETURN jsonb_build_object('outcome', 'STARTED', 'id', v_id, 'version', 1)
        || CASE WHEN saga ? 'mark' THEN ${sagazSchema}.sagaz_mark() ELSE '{}' END;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_start_saga(jsonb) IS
    'Starts a saga: id and entry (UUIDv7, the latter of the audit entry that proves it), name, context; optional key, steps
     (names), events, audit, leaseOwner with leaseSeconds, waitMillis, mark, careful, strict. outcome: STARTED;
     ALREADY_STARTED, by the saga of that id; ANOTHER if the id belongs to a saga of another name or key, which is an error when
     strict. Only STARTED has written anything. Unless careful, an id that is there already is a unique_violation.';

CREATE FUNCTION ${sagazSchema}.sagaz_change_saga(change jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(change);
    v_id constant uuid := change ->> 'id';
    v_created_at constant timestamptz := ${sagazSchema}.sagaz_uuid7_time(v_id);
    v_version constant bigint := change ->> 'version';
    v_status constant text := change ->> 'status';
    v_steps constant jsonb := change -> 'steps';
    v_entry constant uuid := change ->> 'entry';
    v_step_name text;
    v_step_status text;
    v_new_version bigint;
    v_now_version bigint;
    v_now_status text;
    v_updated bigint;
    v_inserted bigint := 0;
    v_rows bigint;
BEGIN
    IF v_steps IS NOT NULL THEN
        SELECT w.step ->> 'name', coalesce(s.status, 'PENDING') INTO v_step_name, v_step_status
          FROM jsonb_array_elements(v_steps) WITH ORDINALITY AS w (step, place)
               LEFT JOIN ${sagazSchema}.saga_steps s
               ON s.saga_id = v_id AND s.created_at = v_created_at AND s.step_name = w.step ->> 'name'
         WHERE NOT w.step -> 'from' ? coalesce(s.status, 'PENDING')
         ORDER BY w.place
         LIMIT 1;
    END IF;
    IF v_step_name IS NULL THEN
        UPDATE ${sagazSchema}.saga_executions e
           SET version = e.version + 1,
               status = coalesce(v_status, e.status),
               result = coalesce(change -> 'result', e.result),
               error = coalesce(change ->> 'error', e.error),
               updated_at = clock_timestamp(),
               completed_at = CASE WHEN v_status IN ('SUCCESS', 'FAILED', 'COMPENSATED') THEN clock_timestamp() END,
               lease_owner = CASE
                   WHEN v_status IN ('SUCCESS', 'FAILED', 'COMPENSATED') THEN NULL
                   ELSE coalesce(change ->> 'leaseOwner', e.lease_owner) END,
               lease_until = CASE
                   WHEN v_status IN ('SUCCESS', 'FAILED', 'COMPENSATED') THEN NULL
                   ELSE coalesce(clock_timestamp() + make_interval(secs => (change ->> 'leaseSeconds')::float8),
                                 e.lease_until) END
         WHERE e.saga_id = v_id AND e.created_at = v_created_at
           AND e.version = v_version AND change -> 'from' ? e.status
        RETURNING e.version, e.status INTO v_new_version, v_now_status;
    END IF;
    IF v_new_version IS NULL THEN
        SELECT e.version, e.status INTO v_now_version, v_now_status FROM ${sagazSchema}.saga_executions e
         WHERE e.saga_id = v_id AND e.created_at = v_created_at;
        IF v_now_version <> v_version THEN
            SELECT a.saga_version, a.event_data ->> 'status' INTO v_new_version, v_now_status
              FROM ${sagazSchema}.saga_audit_log a
             WHERE a.entry_id = v_entry AND a.created_at = ${sagazSchema}.sagaz_uuid7_time(v_entry);
            IF FOUND THEN -- An earlier attempt of the same call has done it.
                RETURN jsonb_build_object('outcome', 'APPLIED', 'version', v_new_version, 'status', v_now_status);
            END IF;
            -- A snapshot in which the entry would have been seen.
            SELECT e.version, e.status INTO v_now_version, v_now_status FROM ${sagazSchema}.saga_executions e
             WHERE e.saga_id = v_id AND e.created_at = v_created_at;
        END IF;
        IF v_now_version = v_version AND change -> 'from' ? v_now_status AND v_step_name IS NULL THEN
            RAISE serialization_failure USING MESSAGE = format('saga %s was changed at this moment', v_id);
        END IF;
        RETURN jsonb_build_object('outcome', CASE
                WHEN v_now_version IS NULL THEN 'NOT_FOUND'
                WHEN v_now_version <> v_version THEN 'CONFLICT'
                WHEN NOT change -> 'from' ? v_now_status THEN 'ILLEGAL_SAGA'
                ELSE 'ILLEGAL_STEP' END,
            'version', v_now_version, 'status', v_now_status, 'step', v_step_name, 'stepStatus', v_step_status,
            'isolation', current_setting('transaction_isolation'));
    END IF;
    IF v_steps IS NOT NULL THEN
        UPDATE ${sagazSchema}.saga_steps s
           SET status = w.step ->> 'status',
               output = coalesce(w.step -> 'output', s.output),
               error = w.step ->> 'error',
               retry_count = s.retry_count
                             + CASE WHEN s.status = 'FAILED' AND w.step ->> 'status' = 'RUNNING' THEN 1 ELSE 0 END,
               started_at = coalesce(s.started_at, clock_timestamp()),
               completed_at = CASE WHEN w.step ->> 'status' NOT IN ('RUNNING', 'COMPENSATING') THEN clock_timestamp() END
          FROM jsonb_array_elements(v_steps) AS w (step)
         WHERE s.saga_id = v_id AND s.created_at = v_created_at AND s.step_name = w.step ->> 'name'
           AND w.step -> 'from' ? s.status;
        GET DIAGNOSTICS v_updated = ROW_COUNT;
        IF v_updated < jsonb_array_length(v_steps) THEN
            INSERT INTO ${sagazSchema}.saga_steps
                   (saga_id, created_at, step_index, step_name, status, output, error, started_at, completed_at)
            SELECT v_id, v_created_at, last.step_index + row_number() OVER (ORDER BY w.place), w.step ->> 'name',
                   w.step ->> 'status', w.step -> 'output', w.step ->> 'error', clock_timestamp(),
                   CASE WHEN w.step ->> 'status' NOT IN ('RUNNING', 'COMPENSATING') THEN clock_timestamp() END
              FROM jsonb_array_elements(v_steps) WITH ORDINALITY AS w (step, place)
                   CROSS JOIN (SELECT coalesce(max(step_index), -1) AS step_index FROM ${sagazSchema}.saga_steps
                                WHERE saga_id = v_id AND created_at = v_created_at) AS last
             WHERE NOT EXISTS (SELECT FROM ${sagazSchema}.saga_steps s
                                WHERE s.saga_id = v_id AND s.created_at = v_created_at
                                  AND s.step_name = w.step ->> 'name');
            GET DIAGNOSTICS v_inserted = ROW_COUNT;
            -- Only if the caller gave a version that was not there yet when it asked.
            IF v_updated + v_inserted < jsonb_array_length(v_steps) THEN
                RAISE serialization_failure USING MESSAGE = format('steps of saga %s were changed at this moment', v_id);
            END IF;
        END IF;
    END IF;
    INSERT INTO ${sagazSchema}.saga_audit_log (entry_id, created_at, saga_id, saga_version, event_type, event_data)
    VALUES (v_entry, ${sagazSchema}.sagaz_uuid7_time(v_entry), v_id, v_new_version, 'SAGA_CHANGED',
            jsonb_build_object('status', v_now_status, 'steps',
                (SELECT coalesce(jsonb_object_agg(w.step ->> 'name', w.step ->> 'status'), '{}')
                   FROM jsonb_array_elements(v_steps) AS w (step))));
    IF change ? 'audit' THEN
        v_rows := ${sagazSchema}.sagaz_append_audit_entries(change -> 'audit', v_id, v_new_version);
    END IF;
    IF change ? 'events' THEN
        v_rows := ${sagazSchema}.sagaz_append_events(change -> 'events', v_id);
    END IF;
    RETURN jsonb_build_object('outcome', 'APPLIED', 'version', v_new_version, 'status', v_now_status)
        || CASE WHEN change ? 'mark' THEN ${sagazSchema}.sagaz_mark() ELSE '{}' END;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_change_saga(jsonb) IS
    'Changes a saga if its version is still the one given: id, version, entry (UUIDv7 of the audit entry that proves it), from
     (statuses that allow it); optional status, result, error, steps (each: name, status, from; optional output, error),
     events, audit, leaseOwner with leaseSeconds, mark. outcome: APPLIED, CONFLICT, NOT_FOUND, ILLEGAL_SAGA or ILLEGAL_STEP,
     with version and status of the saga as they are then. Only APPLIED has written anything.';

CREATE FUNCTION ${sagazSchema}.sagaz_annotate_saga(annotation jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(annotation);
    v_id constant uuid := annotation ->> 'id';
    v_created_at constant timestamptz := ${sagazSchema}.sagaz_uuid7_time(v_id);
    v_entry constant uuid := annotation #>> '{audit,0,id}';
    v_version bigint;
    v_rows bigint;
BEGIN
    SELECT e.version INTO v_version FROM ${sagazSchema}.saga_executions e
     WHERE e.saga_id = v_id AND e.created_at = v_created_at;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'NOT_FOUND');
    END IF;
    PERFORM FROM ${sagazSchema}.saga_audit_log a
      WHERE a.entry_id = v_entry AND a.created_at = ${sagazSchema}.sagaz_uuid7_time(v_entry);
    IF NOT FOUND THEN -- Else an earlier attempt of the same call has done it.
        v_rows := ${sagazSchema}.sagaz_append_audit_entries(annotation -> 'audit', v_id, v_version);
    END IF;
    RETURN jsonb_build_object('outcome', 'ANNOTATED')
        || CASE WHEN annotation ? 'mark' THEN ${sagazSchema}.sagaz_mark() ELSE '{}' END;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_annotate_saga(jsonb) IS
    'Adds entries to the audit log of a saga: id, audit (with the members of sagaz_append_audit_entries), optional mark. The
     saga stays as it is. outcome: ANNOTATED or NOT_FOUND.';

CREATE FUNCTION ${sagazSchema}.sagaz_claim_saga(
    id uuid, made_at timestamptz, owner text, until timestamptz, entry uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_before record;
BEGIN
    SELECT e.saga_name, e.status, e.version, e.lease_owner INTO STRICT v_before FROM ${sagazSchema}.saga_executions e
     WHERE e.saga_id = id AND e.created_at = made_at;
    UPDATE ${sagazSchema}.saga_executions e
       SET version = e.version + 1, lease_owner = owner, lease_until = until, updated_at = clock_timestamp()
     WHERE e.saga_id = id AND e.created_at = made_at;
    INSERT INTO ${sagazSchema}.saga_audit_log
           (entry_id, created_at, saga_id, saga_version, event_type, actor, event_data)
    VALUES (entry, ${sagazSchema}.sagaz_uuid7_time(entry), id, v_before.version + 1, 'SAGA_CLAIMED', owner,
            jsonb_build_object('name', v_before.saga_name, 'status', v_before.status, 'formerOwner', v_before.lease_owner));
    RETURN jsonb_build_object('id', id, 'name', v_before.saga_name, 'status', v_before.status,
        'version', v_before.version + 1, 'formerOwner', v_before.lease_owner);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_claim_saga(uuid, timestamptz, text, timestamptz, uuid) IS
    'Gives a saga that the caller has locked to an owner.';

CREATE FUNCTION ${sagazSchema}.sagaz_claim_sagas(claim jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(claim);
    v_now constant timestamptz := clock_timestamp();
    v_until constant timestamptz := v_now + make_interval(secs => (claim ->> 'leaseSeconds')::float8);
    v_idle_since constant timestamptz := v_now - make_interval(secs => (claim ->> 'idleSeconds')::float8);
    v_entries constant uuid[] := ARRAY(SELECT entry::uuid FROM jsonb_array_elements_text(claim -> 'entries') AS entry);
    v_limit constant integer := cardinality(v_entries);
    v_names text[];
    v_more text[];
    v_name text;
    v_share integer;
    v_found integer;
    v_claimed integer := 0;
    v_saga record;
    v_sagas jsonb := '[]';
BEGIN
    IF claim ? 'again' THEN
        SELECT coalesce(jsonb_agg(a.event_data || jsonb_build_object('id', a.saga_id, 'version', a.saga_version)), '[]')
          INTO v_sagas FROM ${sagazSchema}.saga_audit_log a
         WHERE a.entry_id = ANY (v_entries) AND a.created_at >= ${sagazSchema}.sagaz_uuid7_time(v_entries[1])
           AND a.created_at <= ${sagazSchema}.sagaz_uuid7_time(v_entries[v_limit]);
        IF v_sagas <> '[]' THEN -- An earlier attempt of the same call has done it.
            RETURN jsonb_build_object('sagas', v_sagas);
        END IF;
    END IF;
    IF claim ? 'names' THEN
        v_names := ARRAY(SELECT jsonb_array_elements_text(claim -> 'names'));
    ELSE
        -- From name to name along the index: there may be a million sagas of each.
        WITH RECURSIVE names AS (
            SELECT min(e.saga_name) AS name FROM ${sagazSchema}.saga_executions e WHERE e.unfinished
            UNION ALL
            SELECT (SELECT min(e.saga_name) FROM ${sagazSchema}.saga_executions e
                     WHERE e.unfinished AND e.saga_name > n.name)
              FROM names n WHERE n.name IS NOT NULL)
        SELECT coalesce(array_agg(n.name), '{}') INTO v_names FROM names n WHERE n.name IS NOT NULL;
    END IF;
    -- Round by round each name gets its share of what is still wanted, until nothing is left of either. Names take turns in no
    -- particular order, or the last ones would never have one when the limit is less than their number.
    WHILE v_claimed < v_limit AND cardinality(v_names) > 0 LOOP
        v_share := greatest(1, (v_limit - v_claimed) / cardinality(v_names));
        v_more := '{}';
        FOR v_name IN SELECT n FROM unnest(v_names) AS n ORDER BY random() LOOP
            EXIT WHEN v_claimed >= v_limit;
            v_found := 0;
            FOR v_saga IN
                SELECT e.saga_id, e.created_at FROM ${sagazSchema}.saga_executions e
                 WHERE e.unfinished AND e.saga_name = v_name
                   AND (e.lease_until <= v_now OR (e.lease_until IS NULL AND e.updated_at <= v_idle_since))
                 ORDER BY e.created_at, e.saga_id
                 LIMIT least(v_share, v_limit - v_claimed)
                   FOR NO KEY UPDATE SKIP LOCKED
            LOOP
                v_found := v_found + 1;
                v_claimed := v_claimed + 1;
                v_sagas := v_sagas || ${sagazSchema}.sagaz_claim_saga(
                    v_saga.saga_id, v_saga.created_at, claim ->> 'owner', v_until, v_entries[v_claimed]);
            END LOOP;
            IF v_found = v_share THEN
                v_more := v_more || v_name;
            END IF;
        END LOOP;
        v_names := v_more;
    END LOOP;
    RETURN jsonb_build_object('sagas', v_sagas)
        || CASE WHEN claim ? 'mark' AND v_claimed > 0 THEN ${sagazSchema}.sagaz_mark() ELSE '{}' END;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_claim_sagas(jsonb) IS
    'Gives abandoned sagas to an owner: owner, leaseSeconds, idleSeconds (for sagas without a lease), entries (UUIDv7 of the
     audit entries, in order, as many as sagas are wanted at most), optional names, again, mark. Answers sagas: id, name,
     status, version, formerOwner. Locked sagas are passed over.';

CREATE FUNCTION ${sagazSchema}.sagaz_emit(emission jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(emission);
BEGIN
    IF jsonb_typeof(emission -> 'events') IS DISTINCT FROM 'array' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'sagaz_emit needs events, an array';
    END IF;
    RETURN jsonb_build_object('outcome', 'EMITTED',
            'events', ${sagazSchema}.sagaz_append_events(emission -> 'events', NULL))
        || CASE WHEN emission ? 'mark' THEN ${sagazSchema}.sagaz_mark() ELSE '{}' END;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_emit(jsonb) IS
    'Appends events that belong to no saga: events (with the members of sagaz_append_events), optional mark, waitMillis.';

-- Whatever is volatile is for those to whom it is granted.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_prepare_write(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_mark() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_append_events(jsonb, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_append_audit_entries(jsonb, uuid, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_start_saga(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_change_saga(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_annotate_saga(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_claim_saga(uuid, timestamptz, text, timestamptz, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_claim_sagas(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_emit(jsonb) FROM PUBLIC;
