-- What a consumer writes when it handles an event; how a client in any language appends events; what operators do about
-- relays and about events that could not be published. All of it runs with its caller's rights.

-- The inbox ----------------------------------------------------------------------------------------------------------

ALTER TABLE ${sagazSchema}.consumer_inbox ADD COLUMN causal_token text;
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.causal_token IS
    'The causal token that came with the event: who reads at least that sees what its author has written.';

-- Each statement in here has a snapshot of its own (READ COMMITTED): the one behind an INSERT that has waited for somebody
-- else's commit sees what that has committed.
CREATE FUNCTION ${sagazSchema}.sagaz_receive(delivery jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(delivery - 'waitMillis');
    v_consumer constant text := delivery ->> 'consumer';
    v_event constant uuid := delivery ->> 'event';
    v_patience constant text := current_setting('lock_timeout');
    v_too_old boolean := false;
    v_processed_at timestamptz;
    v_result jsonb;
BEGIN
    -- Of an identifier that carries no time nobody knows. No retention is shorter than a day.
    IF NOT delivery ? 'evenIfOld' AND v_event::text ~ '^.{14}7.{4}[89ab]'
        AND ${sagazSchema}.sagaz_uuid7_time(v_event) < now() - interval '1 day'
    THEN
        SELECT ${sagazSchema}.sagaz_uuid7_time(v_event) < ${sagazSchema}.sagaz_cutoff(s.retention, now()) INTO v_too_old
          FROM ${sagazSchema}.partition_settings s WHERE s.table_name = 'consumer_inbox';
    END IF;
    FOR attempt IN 1 .. 10 LOOP
        IF v_too_old IS NOT TRUE THEN
            IF delivery ? 'waitMillis' THEN -- Only here, and not for what the handler does.
                PERFORM set_config('lock_timeout', delivery ->> 'waitMillis', true);
            END IF;
            INSERT INTO ${sagazSchema}.consumer_inbox
                   (consumer_name, event_id, source_topic, event_type, payload, causal_token)
            VALUES (v_consumer, v_event, delivery ->> 'topic', delivery ->> 'type', delivery -> 'payload', delivery ->> 'token')
            ON CONFLICT (consumer_name, event_id) DO NOTHING;
            IF FOUND THEN
                PERFORM set_config('lock_timeout', v_patience, true);
                RETURN jsonb_build_object('outcome', 'NEW')
                    || CASE WHEN delivery ? 'mark' THEN ${sagazSchema}.sagaz_mark() ELSE '{}' END;
            END IF;
            PERFORM set_config('lock_timeout', v_patience, true);
        END IF;
        SELECT i.processed_at, i.result INTO v_processed_at, v_result FROM ${sagazSchema}.consumer_inbox i
         WHERE i.consumer_name = v_consumer AND i.event_id = v_event;
        IF FOUND THEN
            RETURN jsonb_build_object('outcome', 'DUPLICATE', 'result', v_result::text,
                'processedMicros', floor(extract(epoch FROM v_processed_at) * 1000000)::bigint);
        ELSIF v_too_old THEN
            RETURN jsonb_build_object('outcome', 'TOO_OLD', 'days', ${sagazSchema}.sagaz_inbox_days());
        END IF;
    END LOOP;
    RAISE serialization_failure USING
        MESSAGE = format('the row of event %s for consumer %s is being forgotten', v_event, v_consumer);
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_receive(jsonb) IS
    'Takes an event into the inbox, in the transaction of its handler: consumer, event (UUID); optional topic, type, payload,
     token, evenIfOld, waitMillis, mark. Waits for whoever is handling the same event. outcome: NEW, handle it; DUPLICATE, with
     processedMicros and result; TOO_OLD, made before what the inbox remembers (days), so that nobody knows whether it was
     handled. Only NEW has written anything.';

-- In place of one DELETE, which waited for whoever had locked a row.
CREATE OR REPLACE FUNCTION ${sagazSchema}.cleanup_consumer_inbox(days integer DEFAULT ${sagazSchema}.sagaz_inbox_days())
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s'
AS $function$
DECLARE
    v_doubt constant text := ${sagazSchema}.sagaz_doubt_of_time();
    v_before timestamptz;
    v_behind timestamptz := '-infinity';
    v_deleted bigint;
    v_reached timestamptz;
    v_total bigint := 0;
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
    v_before := now() - make_interval(days => days);
    LOOP
        WITH gone AS (
            DELETE FROM ${sagazSchema}.consumer_inbox i
            WHERE i.ctid = ANY (ARRAY(
                SELECT old.ctid FROM ${sagazSchema}.consumer_inbox old
                WHERE old.processed_at >= v_behind AND old.processed_at < v_before
                ORDER BY old.processed_at
                LIMIT 10000
                FOR UPDATE SKIP LOCKED))
            RETURNING i.processed_at
        )
        SELECT count(*), max(g.processed_at) INTO v_deleted, v_reached FROM gone g;
        v_total := v_total + v_deleted;
        EXIT WHEN v_deleted < 10000;
        v_behind := v_reached;
    END LOOP;
    RETURN v_total;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.cleanup_consumer_inbox(integer) IS
    'Forgets what was processed more than the given number of days ago (default: 90, see partition_settings) and returns
     how many rows that were. An event that is delivered again after that is processed again. Waits for nobody: what somebody
     has locked stays for the next time. Fails while it is in doubt what time it is: see partition_clock.';

-- Events from SQL ----------------------------------------------------------------------------------------------------

CREATE FUNCTION ${sagazSchema}.sagaz_check_event(event jsonb, place text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_members constant text[] := '{topic,payload,bytes,contentType,key,type,headers,sagaId,id}';
    v_name text;
    v_value text;
    v_wrong text;
    v_hint text;
BEGIN
    IF jsonb_typeof(event) IS DISTINCT FROM 'object' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%s must be a JSON object, but is %s', rtrim(place, '.'), coalesce(jsonb_typeof(event), 'NULL')),
            HINT = 'For example {"topic": "orders", "payload": {"order": 42}}.';
    END IF;
    SELECT k INTO v_name FROM jsonb_object_keys(event) AS k WHERE k <> ALL (v_members) LIMIT 1;
    IF FOUND THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%s%s is not known', place, v_name),
            HINT = 'An event has: ' || array_to_string(v_members, ', ') || '.';
    END IF;
    FOREACH v_name IN ARRAY '{topic,key,type,contentType}'::text[] LOOP
        v_value := event ->> v_name;
        v_wrong := CASE
            WHEN v_value IS NULL AND v_name = 'topic' THEN 'must not be NULL'
            WHEN v_value IS NULL THEN NULL
            WHEN jsonb_typeof(event -> v_name) <> 'string' THEN format('must be a text, but is %s', v_value)
            WHEN btrim(v_value, E' \t\n\r\f\u000b') = '' THEN format('must not be blank, but is %L', v_value)
            WHEN char_length(v_value) > 255
                THEN format('must have at most 255 characters, but has %s: "%s..."', char_length(v_value), left(v_value, 40)) END;
        IF v_wrong IS NOT NULL THEN
            RAISE invalid_parameter_value USING
                MESSAGE = place || v_name || ' ' || v_wrong,
                HINT = CASE v_name
                    WHEN 'topic' THEN 'Give the topic that the event is to be published to.'
                    WHEN 'key' THEN 'Events of one key are published in their order; leave it out if there is no order to keep.'
                    ELSE 'Leave it out if there is none.' END;
        END IF;
    END LOOP;
    IF (event ? 'payload') = coalesce(jsonb_typeof(event -> 'bytes') <> 'null', false) THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%spayload or %sbytes must be there, but there is %s', place, place,
                CASE WHEN event ? 'payload' THEN 'both' ELSE 'neither' END),
            HINT = 'payload is JSON; bytes is anything else, in base64, with its contentType.';
    END IF;
    IF event ->> 'bytes' IS NOT NULL THEN
        BEGIN
            v_wrong := CASE WHEN jsonb_typeof(event -> 'bytes') <> 'string' THEN 'must be a text in base64' END;
            PERFORM decode(event ->> 'bytes', 'base64');
        EXCEPTION WHEN invalid_parameter_value THEN
            v_wrong := 'must be a text in base64: ' || SQLERRM;
        END;
        IF v_wrong IS NULL AND event ->> 'contentType' IS NULL THEN
            v_wrong := 'must come with contentType';
        END IF;
        IF v_wrong IS NOT NULL THEN
            RAISE invalid_parameter_value USING MESSAGE = place || 'bytes ' || v_wrong,
                HINT = 'For example {"topic": "orders", "bytes": "AAEC", "contentType": "application/avro"}.';
        END IF;
    ELSIF event ->> 'contentType' IS NOT NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%scontentType must come with bytes, but is %L beside payload', place, event ->> 'contentType'),
            HINT = 'payload is JSON, always; leave contentType out.';
    END IF;
    v_hint := 'Headers are names and texts, for example {"tenant": "7"}.';
    IF jsonb_typeof(event -> 'headers') NOT IN ('object', 'null') THEN
        RAISE invalid_parameter_value USING HINT = v_hint,
            MESSAGE = format('%sheaders must be a JSON object, but is %s', place, jsonb_typeof(event -> 'headers'));
    ELSIF jsonb_typeof(event -> 'headers') = 'object' THEN
        SELECT h.key, h.value::text INTO v_name, v_value FROM jsonb_each(event -> 'headers') AS h
         WHERE jsonb_typeof(h.value) <> 'string' OR btrim(h.key) = '' LIMIT 1;
        IF FOUND THEN
            RAISE invalid_parameter_value USING HINT = v_hint,
                MESSAGE = format('%sheaders must be names and texts, but has "%s": %s', place, v_name, left(v_value, 60));
        END IF;
    END IF;
    FOREACH v_name IN ARRAY '{sagaId,id}'::text[] LOOP
        v_value := event ->> v_name;
        IF v_value !~* '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' THEN
            RAISE invalid_parameter_value USING
                MESSAGE = format('%s%s must be a UUID of version 7, but is %L', place, v_name, left(v_value, 60)),
                HINT = CASE v_name WHEN 'id' THEN 'Leave it out, or make one with sagaz_uuid7(now()).'
                    ELSE 'The identifiers of sagas are UUIDs of version 7; keep others in the payload or the headers.' END;
        END IF;
    END LOOP;
    IF abs(extract(epoch FROM ${sagazSchema}.sagaz_uuid7_time((event ->> 'id')::uuid) - clock_timestamp())) > 86400 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%sid must carry a time within a day of now, but %s carries %s', place, event ->> 'id',
                to_char(${sagazSchema}.sagaz_uuid7_time((event ->> 'id')::uuid) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
            HINT = 'Leave it out, or make one with sagaz_uuid7(now()). Is the clock of whoever made it right?';
    END IF;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_check_event(jsonb, text) IS
    'Refuses an event for append_saga_events that cannot be, and says which member of it, its value and what to do.';

CREATE FUNCTION ${sagazSchema}.append_saga_events(events jsonb) RETURNS SETOF uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_now constant timestamptz := clock_timestamp();
BEGIN
    IF jsonb_typeof(events) IS DISTINCT FROM 'array' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('events must be a JSON array, but is %s', coalesce(jsonb_typeof(events), 'NULL')),
            HINT = 'For example [{"topic": "orders", "payload": {"order": 42}}]; for one event there is append_saga_event.';
    END IF;
    PERFORM ${sagazSchema}.sagaz_check_event(e.event, format('events[%s].', e.place - 1))
       FROM jsonb_array_elements(events) WITH ORDINALITY AS e (event, place);
    RETURN QUERY
        INSERT INTO ${sagazSchema}.saga_outbox
               (event_id, created_at, saga_id, topic, partition_key, event_type, content_type, payload, payload_bytes, headers)
        SELECT e.id, ${sagazSchema}.sagaz_uuid7_time(e.id), (e.event ->> 'sagaId')::uuid, e.event ->> 'topic',
               coalesce(e.event ->> 'key', lower(e.event ->> 'sagaId'), e.id::text), e.event ->> 'type',
               e.event ->> 'contentType', e.event -> 'payload', decode(e.event ->> 'bytes', 'base64'),
               coalesce(nullif(e.event -> 'headers', 'null'), '{}')
          FROM (SELECT event, coalesce((event ->> 'id')::uuid, ${sagazSchema}.sagaz_uuid7(v_now)) AS id
                  FROM jsonb_array_elements(events) WITH ORDINALITY AS given (event, place)
                 ORDER BY place) e
        RETURNING event_id;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.append_saga_events(jsonb) IS
    'Appends events to the outbox in their order, in the transaction at hand, and returns their identifiers in that order. Each:
     topic, and payload (JSON) or bytes (base64) with contentType; optional key, type, headers (names and texts), sagaId, id
     (UUIDv7; an event that is there already is a unique_violation). Appends all of them or none.';

CREATE FUNCTION ${sagazSchema}.append_saga_event(
        topic text, payload jsonb, key text DEFAULT NULL, type text DEFAULT NULL, headers jsonb DEFAULT '{}',
        saga_id uuid DEFAULT NULL, event_id uuid DEFAULT NULL)
    RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_id constant uuid := coalesce(event_id, ${sagazSchema}.sagaz_uuid7(clock_timestamp()));
BEGIN
    IF payload IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'payload must not be NULL',
            HINT = 'If the event has nothing to say, give ''{}''. What is no JSON is for append_saga_events, as bytes.';
    END IF;
    PERFORM ${sagazSchema}.sagaz_check_event(jsonb_build_object('topic', topic, 'payload', payload, 'key', key, 'type', type,
        'headers', headers, 'sagaId', saga_id, 'id', v_id), '');
    INSERT INTO ${sagazSchema}.saga_outbox AS o
           (event_id, created_at, saga_id, topic, partition_key, event_type, payload, headers)
    VALUES (v_id, ${sagazSchema}.sagaz_uuid7_time(v_id), saga_id, topic, coalesce(key, saga_id::text, v_id::text), type, payload,
            coalesce(nullif(headers, 'null'), '{}'));
    RETURN v_id;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.append_saga_event(text, jsonb, text, text, jsonb, uuid, uuid) IS
    'Appends one event to the outbox, in the transaction at hand, and returns its identifier. Events of one key are published
     in their order; without a key that is the saga, if there is one. headers: names and texts. event_id: a UUIDv7 of your own;
     an event that is there already is a unique_violation.';

-- Relays, parked events and dead letters -----------------------------------------------------------------------------
--
-- A relay deletes a parked event when it has published it, and makes it a dead letter when it has tried it often enough, each
-- in one transaction. What is here moves rows the other way, behind their locks, so that an event is in one of the two tables
-- or in none. Whoever sends dead letters of a relay again does so alone, for that transaction: of two at once the later one
-- could otherwise commit first, and a later event of a key would be published before an earlier one.
--
-- What goes by batches finds each row by itself, along an index: a batch must not cost more the more there are behind it.

-- Batches in the order of events.
CREATE INDEX saga_outbox_dead_letters_seq_idx ON ${sagazSchema}.saga_outbox_dead_letters (relay_name, seq);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_dead_letters_seq_idx IS 'The dead letters of a relay in the order of their events.';

CREATE FUNCTION ${sagazSchema}.sagaz_check_relay(relay text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF relay IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'relay must not be NULL',
            HINT = 'SELECT relay_name FROM saga_outbox_relays.';
    ELSIF NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_relays r WHERE r.relay_name = relay) THEN
        RAISE undefined_object USING
            MESSAGE = format('there is no relay %L; there are: %s', relay, coalesce(
                (SELECT string_agg(quote_literal(r.relay_name), ', ' ORDER BY r.relay_name)
                   FROM ${sagazSchema}.saga_outbox_relays r), 'none')),
            HINT = 'SELECT relay_name FROM saga_outbox_relays.';
    END IF;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_check_relay(text) IS 'Refuses the name of a relay that is not registered.';

CREATE FUNCTION ${sagazSchema}.sagaz_check_batch(at_most integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF (at_most BETWEEN 1 AND 10000) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('at_most must be 1 to 10000, but is %s', coalesce(at_most::text, 'NULL')),
            HINT = 'For more, call again with behind_seq => reached_seq of the call before, until fewer come than were asked for.';
    END IF;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_check_batch(integer) IS 'Refuses a size of a batch that makes a transaction too long.';

CREATE FUNCTION ${sagazSchema}.resend_dead_letter(relay text, event_id uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_id constant uuid := event_id;
    v_letter record;
    v_key text;
BEGIN
    PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    PERFORM pg_advisory_xact_lock(${sagazSchema}.sagaz_lock_key('resend ' || relay));
    DELETE FROM ${sagazSchema}.saga_outbox_dead_letters d WHERE d.relay_name = relay AND d.event_id = v_id
    RETURNING d.created_at, d.seq, d.shard, d.last_error INTO v_letter;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT coalesce(o.partition_key, o.saga_id::text, o.event_id::text) INTO v_key FROM ${sagazSchema}.saga_outbox o
     WHERE o.event_id = v_id AND o.created_at = v_letter.created_at;
    IF NOT FOUND THEN
        RAISE no_data_found USING
            MESSAGE = format('event %s of %s cannot be sent again: it is not in saga_outbox any more', v_id,
                to_char(v_letter.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
            HINT = 'SELECT discard_dead_letter(relay, event_id).';
    END IF;
    INSERT INTO ${sagazSchema}.saga_outbox_parked AS p
           (relay_name, event_id, created_at, seq, shard, ordering_key, attempts, next_attempt_at, last_error)
    VALUES (relay, v_id, v_letter.created_at, v_letter.seq, v_letter.shard, v_key, 0, clock_timestamp(), v_letter.last_error)
    ON CONFLICT ON CONSTRAINT saga_outbox_parked_pkey DO UPDATE SET attempts = 0, next_attempt_at = excluded.next_attempt_at;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.resend_dead_letter(text, uuid) IS
    'Has a relay try an event again that it has given up: from saga_outbox_dead_letters to saga_outbox_parked, due now. false if
     it is no dead letter of that relay (any more). Fails if the event itself is gone.';

CREATE FUNCTION ${sagazSchema}.resend_dead_letters(
        relay text, topic text DEFAULT NULL, event_type text DEFAULT NULL, died_from timestamptz DEFAULT NULL,
        died_before timestamptz DEFAULT NULL, error_contains text DEFAULT NULL, at_most integer DEFAULT 1000,
        behind_seq bigint DEFAULT 0)
    RETURNS TABLE (resent bigint, events_gone bigint, reached_seq bigint)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
    SET jit = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_topic constant text := topic;
    v_type constant text := event_type;
BEGIN
    PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    PERFORM ${sagazSchema}.sagaz_check_batch(at_most);
    PERFORM pg_advisory_xact_lock(${sagazSchema}.sagaz_lock_key('resend ' || relay));
    RETURN QUERY
        -- Event by event, whatever the planner thinks of their number: nothing else goes to the right partition alone.
        WITH taken AS (
            SELECT d.event_id, d.created_at, d.seq, d.shard, d.last_error, o.ordering_key
              FROM ${sagazSchema}.saga_outbox_dead_letters d
                   LEFT JOIN LATERAL (
                       SELECT v.topic, v.event_type, coalesce(v.partition_key, v.saga_id::text, v.event_id::text) AS ordering_key
                         FROM ${sagazSchema}.saga_outbox v
                        WHERE v.event_id = d.event_id AND v.created_at = d.created_at LIMIT 1) o ON true
             WHERE d.relay_name = relay AND d.seq > behind_seq
               AND (v_topic IS NULL OR o.topic = v_topic) AND (v_type IS NULL OR o.event_type = v_type)
               AND (died_from IS NULL OR d.died_at >= died_from) AND (died_before IS NULL OR d.died_at < died_before)
               AND (error_contains IS NULL OR strpos(d.last_error, error_contains) > 0)
             ORDER BY d.seq
             LIMIT at_most
               FOR UPDATE OF d
        ), gone AS (
            DELETE FROM ${sagazSchema}.saga_outbox_dead_letters d USING taken t
             WHERE d.relay_name = relay AND d.event_id = t.event_id AND t.ordering_key IS NOT NULL
        ), parked AS (
            INSERT INTO ${sagazSchema}.saga_outbox_parked AS p
                   (relay_name, event_id, created_at, seq, shard, ordering_key, attempts, next_attempt_at, last_error)
            SELECT relay, t.event_id, t.created_at, t.seq, t.shard, t.ordering_key, 0, clock_timestamp(), t.last_error
              FROM taken t WHERE t.ordering_key IS NOT NULL
            ON CONFLICT ON CONSTRAINT saga_outbox_parked_pkey
                DO UPDATE SET attempts = 0, next_attempt_at = excluded.next_attempt_at
        )
        SELECT count(*) FILTER (WHERE t.ordering_key IS NOT NULL), count(*) FILTER (WHERE t.ordering_key IS NULL),
               coalesce(max(t.seq), behind_seq)
          FROM taken t;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.resend_dead_letters(
        text, text, text, timestamptz, timestamptz, text, integer, bigint) IS
    'Has a relay try events again that it has given up, at most so many, in their order: all, or those of a topic, of a type, that
     died in a span, whose error contains a text. Returns how many are due now; how many stay, because the event itself is gone;
     and the place to go on from (behind_seq) when at_most were found. One transaction, in which the events of a key keep
     their order.';

CREATE FUNCTION ${sagazSchema}.discard_dead_letter(relay text, event_id uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_id constant uuid := event_id;
BEGIN
    PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    DELETE FROM ${sagazSchema}.saga_outbox_dead_letters d WHERE d.relay_name = relay AND d.event_id = v_id;
    RETURN FOUND;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.discard_dead_letter(text, uuid) IS
    'Forgets that a relay has given up an event; it keeps its partition no longer. false if it is no dead letter of that relay
     (any more).';

CREATE FUNCTION ${sagazSchema}.discard_dead_letters(
        relay text, topic text DEFAULT NULL, event_type text DEFAULT NULL, died_from timestamptz DEFAULT NULL,
        died_before timestamptz DEFAULT NULL, error_contains text DEFAULT NULL, at_most integer DEFAULT 1000,
        behind_seq bigint DEFAULT 0)
    RETURNS TABLE (discarded bigint, reached_seq bigint)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
    SET jit = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_topic constant text := topic;
    v_type constant text := event_type;
BEGIN
    PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    PERFORM ${sagazSchema}.sagaz_check_batch(at_most);
    RETURN QUERY
        WITH taken AS (
            SELECT d.event_id, d.seq
              FROM ${sagazSchema}.saga_outbox_dead_letters d
                   LEFT JOIN LATERAL (
                       SELECT v.topic, v.event_type FROM ${sagazSchema}.saga_outbox v
                        WHERE v.event_id = d.event_id AND v.created_at = d.created_at LIMIT 1) o ON true
             WHERE d.relay_name = relay AND d.seq > behind_seq
               AND (v_topic IS NULL OR o.topic = v_topic) AND (v_type IS NULL OR o.event_type = v_type)
               AND (died_from IS NULL OR d.died_at >= died_from) AND (died_before IS NULL OR d.died_at < died_before)
               AND (error_contains IS NULL OR strpos(d.last_error, error_contains) > 0)
             ORDER BY d.seq
             LIMIT at_most
               FOR UPDATE OF d
        ), gone AS (
            DELETE FROM ${sagazSchema}.saga_outbox_dead_letters d USING taken t
             WHERE d.relay_name = relay AND d.event_id = t.event_id
        )
        SELECT count(*), coalesce(max(t.seq), behind_seq) FROM taken t;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.discard_dead_letters(
        text, text, text, timestamptz, timestamptz, text, integer, bigint) IS
    'Forgets events that a relay has given up, at most so many: all, or those of a topic, of a type, that died in a span, whose
     error contains a text. They keep their partitions no longer. Returns how many, and the place to go on from (behind_seq)
     when that was at_most.';

CREATE FUNCTION ${sagazSchema}.retry_parked_event(relay text, event_id uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_id constant uuid := event_id;
    v_event record;
BEGIN
    PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    SELECT p.shard, p.ordering_key, p.seq INTO v_event FROM ${sagazSchema}.saga_outbox_parked p
     WHERE p.relay_name = relay AND p.event_id = v_id;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    WITH due AS (
        SELECT p.event_id FROM ${sagazSchema}.saga_outbox_parked p
         WHERE p.relay_name = relay AND p.shard = v_event.shard AND p.ordering_key = v_event.ordering_key
           AND p.seq <= v_event.seq AND p.next_attempt_at > now()
         ORDER BY p.seq
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE ${sagazSchema}.saga_outbox_parked p SET next_attempt_at = now() FROM due
     WHERE p.relay_name = relay AND p.event_id = due.event_id;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.retry_parked_event(text, uuid) IS
    'Has a relay try a parked event now, and what it waits behind, instead of when its pause is over. false if it is not parked
     (any more). What a relay is at in this moment stays as it is.';

CREATE FUNCTION ${sagazSchema}.retry_parked_events(
        relay text, topic text DEFAULT NULL, event_type text DEFAULT NULL, parked_from timestamptz DEFAULT NULL,
        parked_before timestamptz DEFAULT NULL, error_contains text DEFAULT NULL, at_most integer DEFAULT 1000,
        behind_seq bigint DEFAULT 0)
    RETURNS TABLE (matched bigint, reached_seq bigint)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
    SET jit = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_topic constant text := topic;
    v_type constant text := event_type;
BEGIN
    PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    PERFORM ${sagazSchema}.sagaz_check_batch(at_most);
    RETURN QUERY
        WITH wanted AS (
            SELECT p.shard, p.ordering_key, p.seq
              FROM ${sagazSchema}.saga_outbox_parked p
                   LEFT JOIN LATERAL (
                       SELECT v.topic, v.event_type FROM ${sagazSchema}.saga_outbox v
                        WHERE v.event_id = p.event_id AND v.created_at = p.created_at LIMIT 1) o ON true
             WHERE p.relay_name = relay AND p.seq > behind_seq
               AND (v_topic IS NULL OR o.topic = v_topic) AND (v_type IS NULL OR o.event_type = v_type)
               AND (parked_from IS NULL OR p.parked_at >= parked_from) AND (parked_before IS NULL OR p.parked_at < parked_before)
               AND (error_contains IS NULL OR strpos(p.last_error, error_contains) > 0)
             ORDER BY p.seq
             LIMIT at_most
        ), due AS (
            -- With what they wait behind. What is locked a relay is at, or another operator.
            SELECT p.event_id
              FROM (SELECT w.shard, w.ordering_key, max(w.seq) AS seq FROM wanted w GROUP BY w.shard, w.ordering_key) k
                   JOIN ${sagazSchema}.saga_outbox_parked p ON p.relay_name = relay AND p.shard = k.shard
                    AND p.ordering_key = k.ordering_key AND p.seq <= k.seq
             WHERE p.next_attempt_at > now()
             ORDER BY p.seq
               FOR NO KEY UPDATE OF p SKIP LOCKED
        ), moved AS (
            UPDATE ${sagazSchema}.saga_outbox_parked p SET next_attempt_at = now() FROM due
             WHERE p.relay_name = relay AND p.event_id = due.event_id
        )
        SELECT count(*), coalesce(max(w.seq), behind_seq) FROM wanted w;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.retry_parked_events(
        text, text, text, timestamptz, timestamptz, text, integer, bigint) IS
    'Has a relay try parked events now, at most so many, and what they wait behind: all, or those of a topic, of a type, that were
     parked in a span, whose error contains a text. Returns how many of these there are, and the place to go on from
     (behind_seq) when that was at_most. What a relay is at in this moment stays as it is.';

CREATE FUNCTION ${sagazSchema}.remove_outbox_relay(relay text, force boolean DEFAULT false)
    RETURNS TABLE (removed boolean, parked bigint, dead_letters bigint)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_seen timestamptz;
BEGIN
    removed := false;
    parked := 0;
    dead_letters := 0;
    IF relay IS NULL THEN
        PERFORM ${sagazSchema}.sagaz_check_relay(relay);
    END IF;
    -- Nobody can register, park or give up anything for it meanwhile.
    SELECT r.last_seen_at INTO v_seen FROM ${sagazSchema}.saga_outbox_relays r WHERE r.relay_name = relay FOR UPDATE;
    IF FOUND THEN
        IF v_seen > clock_timestamp() - interval '1 minute' AND force IS NOT TRUE THEN
            RAISE object_in_use USING
                MESSAGE = format('relay %L was at work at %s', relay,
                    to_char(v_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
                HINT = 'Stop its instances, and try again a minute later; or say force => true.';
        END IF;
        WITH gone AS (DELETE FROM ${sagazSchema}.saga_outbox_parked p WHERE p.relay_name = relay RETURNING 1)
        SELECT count(*) INTO parked FROM gone;
        WITH gone AS (DELETE FROM ${sagazSchema}.saga_outbox_dead_letters d WHERE d.relay_name = relay RETURNING 1)
        SELECT count(*) INTO dead_letters FROM gone;
        DELETE FROM ${sagazSchema}.saga_outbox_progress p WHERE p.relay_name = relay;
        DELETE FROM ${sagazSchema}.saga_outbox_relays r WHERE r.relay_name = relay;
        removed := true;
    END IF;
    RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.remove_outbox_relay(text, boolean) IS
    'Forgets a relay that is gone for good, with its cursors, parked events and dead letters, and says how many of the latter
     there were: no partition is kept for it any longer. Fails if an instance of it was at work within the last minute, unless
     forced. removed is false if there is no such relay.';

-- A function, as sagaz_measure_outbox is, and for the same reason.
CREATE FUNCTION ${sagazSchema}.sagaz_measure_relays()
    RETURNS TABLE (relay_name text, registered_at timestamptz, last_seen_at timestamptz, seems_gone boolean, unpublished bigint,
        exact boolean, at_most bigint, oldest_at timestamptz, oldest_seconds float8, parked bigint, dead_letters bigint,
        needed_from timestamptz, kept_partitions text[])
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $function$
    WITH expired AS MATERIALIZED (
        SELECT p.partition_name, p.partition_start, p.partition_end
          FROM ${sagazSchema}.sagaz_expired_partitions() e
               JOIN ${sagazSchema}.sagaz_partitions() p ON p.partition_name = e.partition_name
         WHERE e.table_name = 'saga_outbox'
    ), positions AS MATERIALIZED (
        SELECT p.* FROM ${sagazSchema}.sagaz_outbox_positions p
    )
    SELECT r.relay_name, r.registered_at, r.last_seen_at,
        coalesce(r.last_seen_at, r.registered_at) < now() - interval '5 minutes' AS seems_gone,
        m.unpublished, m.exact, m.at_most, m.oldest_at, m.oldest_seconds, m.parked, m.dead_letters,
        least(m.oldest_at,
            (SELECT min(p.created_at) FROM ${sagazSchema}.saga_outbox_parked p WHERE p.relay_name = r.relay_name),
            (SELECT min(d.created_at) FROM ${sagazSchema}.saga_outbox_dead_letters d WHERE d.relay_name = r.relay_name))
            AS needed_from,
        ARRAY(
            SELECT x.partition_name FROM expired x
             WHERE EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_parked p WHERE p.relay_name = r.relay_name
                        AND p.created_at >= x.partition_start AND p.created_at < x.partition_end)
                OR EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_dead_letters d WHERE d.relay_name = r.relay_name
                        AND d.created_at >= x.partition_start AND d.created_at < x.partition_end)
                OR EXISTS (
                    SELECT FROM ${sagazSchema}.saga_outbox o
                           LEFT JOIN positions c ON c.relay_name = r.relay_name AND c.shard = o.shard
                     WHERE o.created_at >= x.partition_start AND o.created_at < x.partition_end AND o.seq > l.low_seq
                       AND NOT ${sagazSchema}.sagaz_is_published(o.seq, o.tx_id, c.low_seq, c.published, c.target, c.position,
                           c.system_identifier = here.system_identifier))
             ORDER BY x.partition_start) AS kept_partitions
      FROM ${sagazSchema}.saga_outbox_relays r
           JOIN ${sagazSchema}.sagaz_measure_outbox() m ON m.relay_name = r.relay_name
           CROSS JOIN (SELECT s.system_identifier FROM pg_control_system() s) here
           CROSS JOIN LATERAL (
               SELECT CASE count(c.shard) WHEN 64 THEN min(c.low_seq) ELSE 0 END AS low_seq
                 FROM positions c WHERE c.relay_name = r.relay_name) l
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_measure_relays() IS 'The rows of sagaz_outbox_relays.';

CREATE VIEW ${sagazSchema}.sagaz_outbox_relays AS
    SELECT m.relay_name, m.registered_at, m.last_seen_at, m.seems_gone, m.unpublished, m.exact, m.at_most, m.oldest_at,
        m.oldest_seconds, m.parked, m.dead_letters, m.needed_from, m.kept_partitions
    FROM ${sagazSchema}.sagaz_measure_relays() m;
COMMENT ON VIEW ${sagazSchema}.sagaz_outbox_relays IS
    'Who publishes the events, how far behind each is, and what is kept for it. One that is gone for good:
     remove_outbox_relay().';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.registered_at IS 'Since when it is known.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.last_seen_at IS 'When an instance of it was at work last.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.seems_gone IS 'Whether none was at work within the last 5 minutes.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.unpublished IS 'As in sagaz_outbox_depth, and the following.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.exact IS 'As in sagaz_outbox_depth.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.at_most IS 'As in sagaz_outbox_depth.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.oldest_at IS 'As in sagaz_outbox_depth.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.oldest_seconds IS 'As in sagaz_outbox_depth.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.parked IS 'How many events it is to try again, or wait behind such.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.dead_letters IS 'How many events it has given up.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.needed_from IS
    'The time of the oldest event that it still needs: not published, parked or a dead letter; NULL if there is none.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_relays.kept_partitions IS
    'The partitions of saga_outbox that have expired and cannot go because of this relay.';

-- Whatever is volatile is for those to whom it is granted.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_receive(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.append_saga_events(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.append_saga_event(text, jsonb, text, text, jsonb, uuid, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.resend_dead_letter(text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.resend_dead_letters(
    text, text, text, timestamptz, timestamptz, text, integer, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.discard_dead_letter(text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.discard_dead_letters(
    text, text, text, timestamptz, timestamptz, text, integer, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.retry_parked_event(text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.retry_parked_events(
    text, text, text, timestamptz, timestamptz, text, integer, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.remove_outbox_relay(text, boolean) FROM PUBLIC;
