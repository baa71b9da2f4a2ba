-- What a relay asks. Its reads are of windows of the log: what is visible in one snapshot and was not in the one before, in the
-- order of seq. So a slow transaction delays its own events alone, and nothing is passed over (docs/decisions/0013).

CREATE FUNCTION ${sagazSchema}.sagaz_register_relay(relay text, begin_at text, since timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_passed bigint;
BEGIN
    INSERT INTO ${sagazSchema}.saga_outbox_relays (relay_name) VALUES (relay) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    CASE begin_at
    WHEN 'BEGINNING' THEN
        v_passed := 0;
    WHEN 'NOW' THEN
        v_passed := pg_sequence_last_value('${sagazSchema}.saga_outbox_seq');
    WHEN 'TIME' THEN
        v_passed := coalesce(
            (SELECT min(o.seq) - 1 FROM ${sagazSchema}.saga_outbox o WHERE o.created_at >= since),
            pg_sequence_last_value('${sagazSchema}.saga_outbox_seq'));
    ELSE
        RAISE invalid_parameter_value USING
            MESSAGE = format('begin_at must be BEGINNING, NOW or TIME but is %s', begin_at);
    END CASE;
    INSERT INTO ${sagazSchema}.saga_outbox_cursors (relay_name, shard, published, low_seq)
    SELECT relay, s, '1:1:', coalesce(v_passed, 0) FROM generate_series(0, 63) s;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_register_relay(text, text, timestamptz) IS
    'Makes a relay known, unless it is, and says whether it was not. It begins with the oldest event (BEGINNING), with those that
     come from now on (NOW), or with the first that was made at a time or later (TIME).';

CREATE FUNCTION ${sagazSchema}.sagaz_begin_outbox_life() RETURNS void
    LANGUAGE sql VOLATILE
AS $function$
    INSERT INTO ${sagazSchema}.saga_outbox_life DEFAULT VALUES ON CONFLICT DO NOTHING
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_begin_outbox_life() IS
    'Fills saga_outbox_life if it is empty; called by itself, before sagaz_outbox_position().';

CREATE FUNCTION ${sagazSchema}.sagaz_outbox_position(OUT life uuid, OUT last_seq bigint, OUT snapshot pg_snapshot,
        OUT next_transaction bigint, OUT timeline text, OUT inserted text)
    LANGUAGE plpgsql VOLATILE
AS $function$
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'sagaz_outbox_position() must be called in a transaction of its own';
    END IF;
    -- An event has its number after its transaction has one. So what has a number up to last_seq is of a transaction before
    -- next_transaction, and the other way round: in this order.
    last_seq := coalesce(pg_sequence_last_value('${sagazSchema}.saga_outbox_seq'), 0);
    snapshot := pg_current_snapshot();
    -- The upper end of a snapshot is behind the last transaction that is complete; age() counts on from there.
    next_transaction := pg_snapshot_xmax(snapshot)::text::bigint + age(pg_snapshot_xmax(snapshot)::xid);
    inserted := pg_current_wal_insert_lsn()::text;
    timeline := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
    SELECT l.life_id INTO life FROM ${sagazSchema}.saga_outbox_life l;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_outbox_position() IS
    'How far the log is: the highest seq that was given, what is visible, and the number of the transaction that begins next, in
     an order that relays rely on. life is NULL after a crash: call sagaz_begin_outbox_life(), and this once more.';

CREATE FUNCTION ${sagazSchema}.sagaz_read_outbox(life uuid, after_seq bigint, low pg_snapshot, high pg_snapshot, shards bigint,
        most integer, most_bytes bigint)
    RETURNS TABLE (event_id uuid, created_at timestamptz, seq bigint, shard smallint, saga_id uuid, topic varchar,
        partition_key varchar, event_type varchar, content_type varchar, payload jsonb, payload_bytes bytea, headers jsonb,
        found bigint)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_bitmapscan = off
    SET enable_sort = off
    SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    v_life constant uuid := life;
BEGIN
    -- A standby, which may lack what is to be read, cannot look there; a server with another life may have lost it.
    IF v_life IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_life l WHERE l.life_id = v_life) THEN
            RAISE object_not_in_prerequisite_state USING
                MESSAGE = 'the primary has crashed, or is another, since its position was read';
        END IF;
    END IF;
    RETURN QUERY
    SELECT b.event_id, b.created_at, b.seq, b.shard, b.saga_id, b.topic, b.partition_key, b.event_type, b.content_type,
        b.payload, b.payload_bytes, b.headers, b.found
    FROM (
        SELECT o.event_id, o.created_at::timestamptz, o.seq, o.shard, o.saga_id, o.topic, o.partition_key, o.event_type,
            o.content_type, o.payload, o.payload_bytes, o.headers, count(*) OVER () AS found,
            sum(coalesce(pg_column_size(o.payload), 0) + coalesce(pg_column_size(o.payload_bytes), 0)
                + pg_column_size(o.headers)) OVER (ORDER BY o.seq ROWS UNBOUNDED PRECEDING) AS bytes
        FROM (
            SELECT v.* FROM ${sagazSchema}.saga_outbox v
            WHERE v.seq > after_seq AND pg_visible_in_snapshot(v.tx_id, high) AND NOT pg_visible_in_snapshot(v.tx_id, low)
                AND (shards >> v.shard::integer) & 1 = 1
            ORDER BY v.seq LIMIT most) o) b
    WHERE b.bytes <= most_bytes OR b.bytes <= coalesce(pg_column_size(b.payload), 0)
        + coalesce(pg_column_size(b.payload_bytes), 0) + pg_column_size(b.headers)
    ORDER BY b.seq;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_read_outbox(uuid, bigint, pg_snapshot, pg_snapshot, bigint, integer, bigint) IS
    'Events behind a seq that are visible in one snapshot and not in another, in the order of seq: at most so many, and so many
     bytes, but one at least. shards: bit n is for shard n. found is how many there were before bytes counted. Fails unless the life is that of the
     primary; NULL is for a replica that is known to have replayed as far as high.';

CREATE FUNCTION ${sagazSchema}.sagaz_note_progress(request jsonb) RETURNS text
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write(request);
    v_relay constant text := request ->> 'relay';
    v_instance constant uuid := request ->> 'instance';
    v_shards constant bigint := (request ->> 'shards')::bigint;
    v_owned bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_life l WHERE l.life_id = (request ->> 'life')::uuid) THEN
        RETURN 'CRASHED';
    END IF;
    IF request ? 'parked' THEN
        -- Whoever takes a shard over waits, and sees what is parked.
        PERFORM FROM ${sagazSchema}.saga_outbox_cursors c
        WHERE c.relay_name = v_relay AND (v_shards >> c.shard::integer) & 1 = 1 ORDER BY c.shard FOR SHARE;
    END IF;
    SELECT count(*) INTO v_owned FROM ${sagazSchema}.saga_outbox_cursors c
        WHERE c.relay_name = v_relay AND c.lease_owner = v_instance AND (v_shards >> c.shard::integer) & 1 = 1;
    IF v_owned <> bit_count(v_shards::bit(64)) THEN
        RETURN 'FENCED';
    END IF;
    INSERT INTO ${sagazSchema}.saga_outbox_progress
           (relay_name, instance_id, number, shards, published, target, position, low_seq)
    VALUES (v_relay, v_instance, (request ->> 'number')::bigint, v_shards, (request ->> 'published')::pg_snapshot,
            (request ->> 'target')::pg_snapshot, (request ->> 'position')::bigint, (request ->> 'lowSeq')::bigint)
    ON CONFLICT DO NOTHING;
    IF request ? 'parked' THEN
        INSERT INTO ${sagazSchema}.saga_outbox_parked
               (relay_name, event_id, created_at, seq, shard, ordering_key, attempts, next_attempt_at, last_error)
        SELECT v_relay, (p ->> 'id')::uuid, ${sagazSchema}.sagaz_uuid7_time((p ->> 'id')::uuid), (p ->> 'seq')::bigint,
               (p ->> 'shard')::smallint, p ->> 'key', (p ->> 'attempts')::integer,
               clock_timestamp() + make_interval(secs => (p ->> 'delaySeconds')::float8), p ->> 'error'
          FROM jsonb_array_elements(request -> 'parked') AS p
        ON CONFLICT DO NOTHING;
        INSERT INTO ${sagazSchema}.saga_outbox_dead_letters
               (relay_name, event_id, created_at, seq, shard, attempts, last_error)
        SELECT v_relay, (p ->> 'id')::uuid, ${sagazSchema}.sagaz_uuid7_time((p ->> 'id')::uuid), (p ->> 'seq')::bigint,
               (p ->> 'shard')::smallint, (p ->> 'attempts')::integer, p ->> 'error'
          FROM jsonb_array_elements(coalesce(request -> 'dead', '[]')) AS p
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN 'NOTED';
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_note_progress(jsonb) IS
    'What an instance has published, parked or given up of its shards since it said so last. FENCED: one of those shards is not
     its own any more; CRASHED: the primary is not what it was when the events were read. Then nothing is noted.';

CREATE FUNCTION ${sagazSchema}.sagaz_move_cursors(relay text, instance uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_last constant bigint := (SELECT max(p.number) FROM ${sagazSchema}.saga_outbox_progress p
        WHERE p.relay_name = relay AND p.instance_id = instance);
BEGIN
    IF v_last IS NULL THEN
        RETURN;
    END IF;
    UPDATE ${sagazSchema}.saga_outbox_cursors c
       SET published = p.published, target = p.target, position = p.position, low_seq = greatest(c.low_seq, p.low_seq),
           updated_at = clock_timestamp()
      FROM (SELECT DISTINCT ON (s.shard) s.shard, p.published, p.target, p.position, p.low_seq
              FROM (SELECT DISTINCT ON (v.shards) v.* -- mostly all batches are of the same shards
                      FROM ${sagazSchema}.saga_outbox_progress v
                     WHERE v.relay_name = relay AND v.instance_id = instance AND v.number <= v_last
                     ORDER BY v.shards, v.number DESC) p
              JOIN generate_series(0, 63) AS s (shard) ON (p.shards >> s.shard) & 1 = 1
             ORDER BY s.shard, p.number DESC) p
     WHERE c.relay_name = relay AND c.shard = p.shard AND c.lease_owner = instance;
    DELETE FROM ${sagazSchema}.saga_outbox_progress p
     WHERE p.relay_name = relay AND p.instance_id = instance AND p.number <= v_last;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_move_cursors(text, uuid) IS
    'Moves the cursors of the shards of an instance to where its progress is.';

CREATE FUNCTION ${sagazSchema}.sagaz_keep_shards(relay text, instance uuid, instance_name text, lease interval, release bigint)
    RETURNS TABLE (shard smallint, published pg_snapshot, target pg_snapshot, "position" bigint, low_seq bigint,
        restarted boolean, taken boolean, members bigint)
    LANGUAGE plpgsql VOLATILE
AS $function$
#variable_conflict use_column
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_relay constant text := relay;
    v_instance constant uuid := instance;
    v_name constant text := instance_name;
    v_now timestamptz;
    v_here constant bigint := (SELECT s.system_identifier FROM pg_control_system() s);
    v_members bigint;
    v_owned bigint;
    v_free smallint[];
    v_restarted smallint[];
    v_owner uuid;
BEGIN
    -- One instance at a time, and none waits for longer than this takes.
    UPDATE ${sagazSchema}.saga_outbox_relays r SET last_seen_at = clock_timestamp() WHERE r.relay_name = v_relay
        RETURNING r.last_seen_at INTO v_now;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = format('relay %s is not registered', v_relay);
    END IF;
    INSERT INTO ${sagazSchema}.saga_outbox_members AS m (relay_name, instance_id, instance_name, alive_until)
    VALUES (v_relay, v_instance, v_name, v_now + lease)
    ON CONFLICT (relay_name, instance_id) DO UPDATE SET alive_until = v_now + lease;
    DELETE FROM ${sagazSchema}.saga_outbox_members m
     WHERE m.relay_name = v_relay AND m.alive_until < v_now - interval '1 hour';
    -- Of instances that wrote it in the moment in which they lost their shards.
    DELETE FROM ${sagazSchema}.saga_outbox_progress p
     WHERE p.relay_name = v_relay AND p.noted_at < v_now - interval '1 hour'
       AND NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_cursors c
            WHERE c.relay_name = v_relay AND c.lease_owner = p.instance_id);
    INSERT INTO ${sagazSchema}.saga_outbox_cursors (relay_name, shard, published)
    SELECT v_relay, s, '1:1:' FROM generate_series(0, 63) s
     WHERE NOT EXISTS (SELECT FROM ${sagazSchema}.saga_outbox_cursors c WHERE c.relay_name = v_relay AND c.shard = s);
    PERFORM ${sagazSchema}.sagaz_move_cursors(v_relay, v_instance);
    UPDATE ${sagazSchema}.saga_outbox_cursors c
       SET lease_owner = NULL, lease_until = NULL, updated_at = v_now
     WHERE c.relay_name = v_relay AND c.lease_owner = v_instance AND (release >> c.shard::integer) & 1 = 1;
    UPDATE ${sagazSchema}.saga_outbox_cursors c
       SET lease_until = v_now + lease, updated_at = v_now
     WHERE c.relay_name = v_relay AND c.lease_owner = v_instance;
    GET DIAGNOSTICS v_owned = ROW_COUNT;
    SELECT count(*) INTO v_members FROM ${sagazSchema}.saga_outbox_members m
        WHERE m.relay_name = v_relay AND m.alive_until >= v_now;
    SELECT array_agg(f.shard) INTO v_free
      FROM (SELECT c.shard FROM ${sagazSchema}.saga_outbox_cursors c
             WHERE c.relay_name = v_relay AND (c.lease_owner IS NULL OR c.lease_until < v_now)
               AND release = 0
             ORDER BY c.shard LIMIT greatest(ceil(64.0 / v_members) - v_owned, 0)) f;
    FOR v_owner IN SELECT DISTINCT c.lease_owner FROM ${sagazSchema}.saga_outbox_cursors c
        WHERE c.relay_name = v_relay AND c.shard = ANY (v_free) AND c.lease_owner IS NOT NULL
    LOOP
        PERFORM ${sagazSchema}.sagaz_move_cursors(v_relay, v_owner);
    END LOOP;
    UPDATE ${sagazSchema}.saga_outbox_cursors c
       SET lease_owner = v_instance, lease_until = v_now + lease, lease_epoch = c.lease_epoch + 1, updated_at = v_now
     WHERE c.relay_name = v_relay AND c.shard = ANY (v_free);
    -- After a dump and restore the numbers of transactions are others; those of events are the same.
    WITH restarted AS (
        UPDATE ${sagazSchema}.saga_outbox_cursors c
           SET published = '1:1:', target = NULL, position = 0, system_identifier = v_here
         WHERE c.relay_name = v_relay AND c.lease_owner = v_instance AND c.system_identifier <> v_here
        RETURNING c.shard)
    SELECT coalesce(array_agg(s.shard), '{}') INTO v_restarted FROM restarted s;
    -- An event whose transaction is still to come is seen in no snapshot, and would be passed over.
    IF v_restarted <> '{}' AND EXISTS (
        SELECT FROM ${sagazSchema}.saga_outbox o
         WHERE o.seq > (SELECT min(c.low_seq) FROM ${sagazSchema}.saga_outbox_cursors c WHERE c.relay_name = v_relay)
           AND o.tx_id >= pg_snapshot_xmax(pg_current_snapshot())) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'events in saga_outbox have come from another database cluster with numbers of transactions that this'
                || ' one has not given yet, and no relay would publish them: renumber them first, as docs/operations/backup.md says',
            HINT = 'As the owner: UPDATE ${sagazSchema}.saga_outbox SET tx_id = pg_current_xact_id()'
                || ' WHERE tx_id >= pg_snapshot_xmax(pg_current_snapshot())';
    END IF;
    -- An event that is given a number below low_seq would be taken for published. Logical replication brings no sequences.
    IF v_restarted <> '{}' AND coalesce(pg_sequence_last_value('${sagazSchema}.saga_outbox_seq'), 0) < greatest(
        (SELECT max(c.low_seq) FROM ${sagazSchema}.saga_outbox_cursors c WHERE c.relay_name = v_relay),
        (SELECT max(o.seq) FROM ${sagazSchema}.saga_outbox o)) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'events in saga_outbox have come from another database cluster, but the sequence saga_outbox_seq has not: it'
                || ' gives numbers that were given there, and no relay would publish such events: stop what writes, and set the'
                || ' sequence to where it is there, as docs/operations/upgrade.md says',
            HINT = 'As the owner: SELECT setval(''${sagazSchema}.saga_outbox_seq'', …)';
    END IF;
    RETURN QUERY
    SELECT c.shard, c.published, c.target, c.position, c.low_seq, c.shard = ANY (v_restarted),
        c.shard = ANY (coalesce(v_free, '{}')), v_members
      FROM ${sagazSchema}.saga_outbox_cursors c
     WHERE c.relay_name = v_relay AND c.lease_owner = v_instance
     ORDER BY c.shard;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_keep_shards(text, uuid, text, interval, bigint) IS
    'Keeps an instance of a relay alive and its shards leased for so long, gives back those of release (bit n is for shard n),
     takes those that nobody has up to its share, unless it gives some back, and returns all that it has then.';

CREATE FUNCTION ${sagazSchema}.sagaz_leave_relay(relay text, instance uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
BEGIN
    UPDATE ${sagazSchema}.saga_outbox_relays r SET last_seen_at = clock_timestamp() WHERE r.relay_name = relay;
    PERFORM ${sagazSchema}.sagaz_move_cursors(relay, instance);
    UPDATE ${sagazSchema}.saga_outbox_cursors c
       SET lease_owner = NULL, lease_until = NULL, updated_at = clock_timestamp()
     WHERE c.relay_name = relay AND c.lease_owner = instance;
    DELETE FROM ${sagazSchema}.saga_outbox_members m WHERE m.relay_name = relay AND m.instance_id = instance;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_leave_relay(text, uuid) IS
    'Gives back all shards of an instance, which others may take at once.';

CREATE FUNCTION ${sagazSchema}.sagaz_parked_keys(relay text, instance uuid)
    RETURNS TABLE (shard smallint, ordering_key text, due_in_seconds float8)
    LANGUAGE sql STABLE
AS $function$
    WITH RECURSIVE keys AS (
        SELECT c.shard, (
            SELECT min(p.ordering_key) FROM ${sagazSchema}.saga_outbox_parked p
             WHERE p.relay_name = relay AND p.shard = c.shard) AS ordering_key
          FROM ${sagazSchema}.saga_outbox_cursors c
         WHERE c.relay_name = relay AND c.lease_owner = instance
        UNION ALL
        SELECT k.shard, (
            SELECT min(p.ordering_key) FROM ${sagazSchema}.saga_outbox_parked p
             WHERE p.relay_name = relay AND p.shard = k.shard AND p.ordering_key > k.ordering_key)
          FROM keys k WHERE k.ordering_key IS NOT NULL)
    SELECT k.shard, k.ordering_key, extract(epoch FROM h.next_attempt_at - clock_timestamp())::float8
      FROM keys k
      JOIN LATERAL (
          SELECT p.next_attempt_at FROM ${sagazSchema}.saga_outbox_parked p
           WHERE p.relay_name = relay AND p.shard = k.shard AND p.ordering_key = k.ordering_key
           ORDER BY p.seq LIMIT 1) h ON true
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_parked_keys(text, uuid) IS
    'The keys of parked events in the shards of an instance, each with the time until its first event is to be tried again.';

CREATE FUNCTION ${sagazSchema}.sagaz_due_events(relay text, keys jsonb, most integer)
    RETURNS TABLE (event_id uuid, created_at timestamptz, seq bigint, shard smallint, saga_id uuid, topic varchar,
        partition_key varchar, event_type varchar, content_type varchar, payload jsonb, payload_bytes bytea, headers jsonb,
        ordering_key text, attempts integer, due_in_seconds float8)
    LANGUAGE sql STABLE
    SET jit = off
AS $function$
    SELECT p.event_id, p.created_at, p.seq, p.shard, o.saga_id, o.topic, o.partition_key, o.event_type, o.content_type,
        o.payload, o.payload_bytes, o.headers, p.ordering_key, p.attempts,
        extract(epoch FROM p.next_attempt_at - clock_timestamp())::float8
      FROM jsonb_array_elements(keys) AS k
      CROSS JOIN LATERAL (
          SELECT v.* FROM ${sagazSchema}.saga_outbox_parked v
           WHERE v.relay_name = relay AND v.shard = (k ->> 'shard')::smallint AND v.ordering_key = k ->> 'key'
           ORDER BY v.seq LIMIT most) p
      LEFT JOIN LATERAL (
          SELECT v.* FROM ${sagazSchema}.saga_outbox v
           WHERE v.event_id = p.event_id AND v.created_at = p.created_at LIMIT 1) o ON true
     ORDER BY p.shard, p.ordering_key, p.seq
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_due_events(text, jsonb, integer) IS
    'The first parked events of keys ([{shard, key}]), at most so many of each, in their order. Without topic: the event is gone.';

CREATE FUNCTION ${sagazSchema}.sagaz_settle_parked(relay text, instance uuid, results jsonb) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $function$
DECLARE
    v_ready constant boolean := ${sagazSchema}.sagaz_prepare_write('{}');
    v_result jsonb;
    v_row ${sagazSchema}.saga_outbox_parked%ROWTYPE;
    v_settled bigint := 0;
BEGIN
    FOR v_result IN SELECT r FROM jsonb_array_elements(results) AS r LOOP
        SELECT p.* INTO v_row FROM ${sagazSchema}.saga_outbox_parked p
        JOIN ${sagazSchema}.saga_outbox_cursors c ON c.relay_name = p.relay_name AND c.shard = p.shard
        WHERE p.relay_name = relay AND p.event_id = (v_result ->> 'id')::uuid AND c.lease_owner = instance
        FOR UPDATE OF p FOR SHARE OF c;
        CONTINUE WHEN NOT FOUND;
        v_settled := v_settled + 1;
        IF v_result ->> 'outcome' = 'FAILED' THEN
            UPDATE ${sagazSchema}.saga_outbox_parked p
               SET attempts = (v_result ->> 'attempts')::integer, last_error = v_result ->> 'error',
                   next_attempt_at = clock_timestamp() + make_interval(secs => (v_result ->> 'delaySeconds')::float8)
             WHERE p.relay_name = relay AND p.event_id = v_row.event_id;
            CONTINUE;
        END IF;
        DELETE FROM ${sagazSchema}.saga_outbox_parked p WHERE p.relay_name = relay AND p.event_id = v_row.event_id;
        IF v_result ->> 'outcome' = 'DEAD' THEN
            INSERT INTO ${sagazSchema}.saga_outbox_dead_letters
                   (relay_name, event_id, created_at, seq, shard, attempts, last_error)
            VALUES (relay, v_row.event_id, v_row.created_at, v_row.seq, v_row.shard, (v_result ->> 'attempts')::integer,
                    v_result ->> 'error')
            ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
    RETURN v_settled;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_settle_parked(text, uuid, jsonb) IS
    'What came of parked events that were tried again, [{id, outcome, attempts, delaySeconds, error}] with outcome PUBLISHED,
     FAILED or DEAD. Of events in shards that are not the instance''s own any more nothing is changed. Returns how many were.';

CREATE VIEW ${sagazSchema}.sagaz_vacuum_horizon AS
    SELECT h.kind, h.holder, h.transactions, h.since
    FROM (
        SELECT 'SESSION' AS kind, format('%s, pid %s, %s', a.usename, a.pid, coalesce(nullif(a.application_name, ''), '-')) AS holder,
            age(a.backend_xmin) AS transactions, a.xact_start AS since
        FROM pg_stat_activity a WHERE a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid()
        UNION ALL
        SELECT 'STANDBY', format('%s, pid %s', coalesce(nullif(r.application_name, ''), '-'), r.pid), age(r.backend_xmin), NULL
        FROM pg_stat_replication r WHERE r.backend_xmin IS NOT NULL
        UNION ALL
        SELECT 'SLOT', s.slot_name::text, greatest(age(s.xmin), age(s.catalog_xmin)), NULL
        FROM pg_replication_slots s WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
        UNION ALL
        SELECT 'PREPARED', p.gid, age(p.transaction), p.prepared FROM pg_prepared_xacts p) h
    ORDER BY h.transactions DESC;
COMMENT ON VIEW ${sagazSchema}.sagaz_vacuum_horizon IS
    'Who keeps VACUUM from removing dead rows, the oldest first: sessions, standbys with hot_standby_feedback, replication slots
     and prepared transactions. Of sessions and standbys of other roles it shows only to members of pg_read_all_stats. The outbox
     does not mind; other tables do.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_vacuum_horizon.kind IS 'SESSION, STANDBY, SLOT or PREPARED.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_vacuum_horizon.holder IS 'Role, process and application; the standby; the name of the slot or transaction.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_vacuum_horizon.transactions IS 'How many transactions ago it looks back.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_vacuum_horizon.since IS 'Since when, if that is known.';

-- Whatever is volatile is for those to whom it is granted.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_register_relay(text, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_begin_outbox_life() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_outbox_position() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_note_progress(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_move_cursors(text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_keep_shards(text, uuid, text, interval, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_leave_relay(text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_settle_parked(text, uuid, jsonb) FROM PUBLIC;
