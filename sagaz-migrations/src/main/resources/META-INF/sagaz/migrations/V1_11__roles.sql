-- Three roles: the owner, who migrates; writers, the services; readers, the dashboards. What writers and readers need is
-- data, so that it can be granted, checked and tested from one list. It does not rest on what PostgreSQL gives everybody.

-- Only for the owner.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_ensure_partition(text, text, date, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_note_time(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_unpublished(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_retire_partition(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_detach_partition(text, text, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_end_detaching(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_finish_retirement(text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_forget_retirements() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_maintain(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_create_missing(timestamptz) FROM PUBLIC;
-- What decides which partitions go is for nobody else to write, whatever rights new tables come with.
DO $block$
DECLARE
    v_right record;
BEGIN
    FOR v_right IN SELECT c.oid::regclass AS name, a.grantee FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid IN ('${sagazSchema}.partition_settings'::regclass, '${sagazSchema}.partition_retirements'::regclass,
                '${sagazSchema}.partition_clock'::regclass)
            AND a.grantee <> c.relowner
        GROUP BY c.oid, a.grantee
    LOOP
        EXECUTE format('REVOKE ALL ON TABLE %s FROM %s', v_right.name,
            CASE v_right.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(v_right.grantee)) END);
    END LOOP;
END
$block$;

-- These run with the owner's rights, so they are only for those to whom they are granted.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_create_partition(text, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.maintain_all_partitions() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_analyze() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_forget_idempotency_keys(integer, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_forget_inbox_rows(integer, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.create_missing_partitions() FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_partition_needs(text, text) FROM PUBLIC;

CREATE FUNCTION ${sagazSchema}.sagaz_rights() RETURNS TABLE (kind text, object_kind text, object_name text, privilege text)
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    WITH rights (object_kind, object_name, of_writers, of_readers) AS (VALUES
        ('TABLE', 'saga_executions', 'SELECT,INSERT,UPDATE', 'SELECT'),
        ('TABLE', 'saga_steps', 'SELECT,INSERT,UPDATE', 'SELECT'),
        ('TABLE', 'saga_idempotency_keys', 'SELECT,INSERT,DELETE', 'SELECT'),
        ('TABLE', 'saga_outbox', 'SELECT,INSERT', 'SELECT'),
        ('TABLE', 'saga_audit_log', 'SELECT,INSERT', 'SELECT'),
        ('TABLE', 'saga_outbox_relays', 'SELECT,INSERT,UPDATE,DELETE', 'SELECT'),
        ('TABLE', 'saga_outbox_cursors', 'SELECT,INSERT,UPDATE,DELETE', 'SELECT'),
        ('TABLE', 'saga_outbox_progress', 'SELECT,INSERT,DELETE', 'SELECT'),
        ('TABLE', 'saga_outbox_members', 'SELECT,INSERT,UPDATE,DELETE', 'SELECT'),
        ('TABLE', 'saga_outbox_life', 'SELECT,INSERT', 'SELECT'),
        ('TABLE', 'saga_outbox_parked', 'SELECT,INSERT,UPDATE,DELETE', 'SELECT'),
        ('TABLE', 'saga_outbox_dead_letters', 'SELECT,INSERT,UPDATE,DELETE', 'SELECT'),
        ('TABLE', 'consumer_inbox', 'SELECT,INSERT,UPDATE,DELETE', 'SELECT'),
        ('TABLE', 'partition_settings', 'SELECT', 'SELECT'),
        ('TABLE', 'partition_retirements', 'SELECT', 'SELECT'),
        ('TABLE', 'partition_clock', 'SELECT', 'SELECT'),
        ('TABLE', 'partition_metadata', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_schema_history', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_sagas', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_outbox_positions', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_outbox_depth', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_outbox_dead_letters', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_outbox_parked', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_outbox_relays', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_partition_sizes', 'SELECT', 'SELECT'),
        ('TABLE', 'sagaz_vacuum_horizon', 'SELECT', 'SELECT'),
        ('SEQUENCE', 'saga_outbox_seq', 'USAGE', ''),
        ('FUNCTION', 'sagaz_uuid7_carries(uuid, timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_uuid7_time(uuid)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_uuid7_floor(timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_uuid7_ceiling(timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_uuid7(timestamptz)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_prepare_write(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_mark()', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_append_events(jsonb, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_is_published(bigint, xid8, bigint, pg_snapshot, pg_snapshot, bigint, boolean)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_register_relay(text, text, timestamptz)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_begin_outbox_life()', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_outbox_position()', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_read_outbox(uuid, bigint, pg_snapshot, pg_snapshot, bigint, integer, bigint)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_note_progress(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_move_cursors(text, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_keep_shards(text, uuid, text, interval, bigint)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_leave_relay(text, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_parked_keys(text, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_due_events(text, jsonb, integer)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_settle_parked(text, uuid, jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_append_audit_entries(jsonb, uuid, bigint)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_start_saga(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_change_saga(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_annotate_saga(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_claim_saga(uuid, timestamptz, text, timestamptz, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_claim_sagas(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_emit(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_midnight(date)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_cutoff(interval, timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_partition_name(text, text, date)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_partitioned_tables()', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_partitions()', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_partition_plan(timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_doubted_since(timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_doubt_of_time(timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_expired_partitions(timestamptz)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_partition_needs(text, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_lock_key(text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_create_partition(text, date)', 'EXECUTE', ''),
        ('FUNCTION', 'create_saga_executions_partition(date)', 'EXECUTE', ''),
        ('FUNCTION', 'create_saga_outbox_partition(date)', 'EXECUTE', ''),
        ('FUNCTION', 'create_saga_audit_log_partition(date)', 'EXECUTE', ''),
        ('FUNCTION', 'create_missing_partitions()', 'EXECUTE', ''),
        ('FUNCTION', 'maintain_all_partitions()', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_analyze()', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_counted(bigint, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_forget_idempotency_keys(integer, timestamptz)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_forget_inbox_rows(integer, timestamptz)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_inbox_days()', 'EXECUTE', ''),
        ('FUNCTION', 'cleanup_consumer_inbox(integer)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_receive(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_check_event(jsonb, text)', 'EXECUTE', ''),
        ('FUNCTION', 'append_saga_events(jsonb)', 'EXECUTE', ''),
        ('FUNCTION', 'append_saga_event(text, jsonb, text, text, jsonb, uuid, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_check_relay(text)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_check_batch(integer)', 'EXECUTE', ''),
        ('FUNCTION', 'resend_dead_letter(text, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'resend_dead_letters(text, text, text, timestamptz, timestamptz, text, integer, bigint)', 'EXECUTE', ''),
        ('FUNCTION', 'discard_dead_letter(text, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'discard_dead_letters(text, text, text, timestamptz, timestamptz, text, integer, bigint)', 'EXECUTE', ''),
        ('FUNCTION', 'retry_parked_event(text, uuid)', 'EXECUTE', ''),
        ('FUNCTION', 'retry_parked_events(text, text, text, timestamptz, timestamptz, text, integer, bigint)', 'EXECUTE', ''),
        ('FUNCTION', 'remove_outbox_relay(text, boolean)', 'EXECUTE', ''),
        ('FUNCTION', 'sagaz_measure_relays()', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'get_partition_statistics()', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_buckets(timestamptz, timestamptz, interval)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_finished_sagas(timestamptz, timestamptz, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_saga_throughput(timestamptz, timestamptz, interval, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_saga_outcomes(timestamptz, timestamptz, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_saga_durations(timestamptz, timestamptz, interval, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_step_durations(timestamptz, timestamptz, text)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_measure_outbox()', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_outbox_throughput(timestamptz, timestamptz, interval)', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_rights()', 'EXECUTE', 'EXECUTE'),
        ('FUNCTION', 'sagaz_lacking_rights(text, text)', 'EXECUTE', 'EXECUTE'))
    SELECT k.kind, r.object_kind, '${sagazSchema}.' || r.object_name, p.privilege
    FROM rights r
    CROSS JOIN LATERAL (VALUES ('WRITER', r.of_writers), ('READER', r.of_readers)) k (kind, privileges)
    CROSS JOIN LATERAL unnest(string_to_array(k.privileges, ',')) p (privilege)
    UNION ALL
    SELECT k.kind, 'SCHEMA', '${sagazSchema}', 'USAGE' FROM (VALUES ('WRITER'), ('READER')) k (kind)
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_rights() IS
    'What a role needs to write (kind WRITER) or read (READER): all that the library does, and no more.';

CREATE FUNCTION ${sagazSchema}.sagaz_lacking_rights(kind text, role_name text)
    RETURNS TABLE (object_kind text, object_name text, privilege text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT r.object_kind, r.object_name, r.privilege
    FROM ${sagazSchema}.sagaz_rights() r
    WHERE r.kind = sagaz_lacking_rights.kind
        AND NOT CASE r.object_kind
            WHEN 'TABLE' THEN has_table_privilege(role_name, r.object_name, r.privilege)
            WHEN 'SEQUENCE' THEN has_sequence_privilege(role_name, r.object_name, r.privilege)
            WHEN 'FUNCTION' THEN has_function_privilege(role_name, r.object_name, r.privilege)
            WHEN 'SCHEMA' THEN has_schema_privilege(role_name, r.object_name::regnamespace::oid, r.privilege) END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_lacking_rights(text, text) IS
    'What a role lacks of what a WRITER or READER needs, whether as its own, by membership or as everybody''s.';

CREATE FUNCTION ${sagazSchema}.sagaz_grant(kind text, role_name text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    v_right record;
    v_granted bigint := 0;
BEGIN
    FOR v_right IN SELECT l.* FROM ${sagazSchema}.sagaz_lacking_rights(kind, role_name) l LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', v_right.privilege, v_right.object_kind, v_right.object_name, role_name);
        v_granted := v_granted + 1;
    END LOOP;
    RETURN v_granted;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_grant(text, text) IS
    'Grants a role what it lacks, and returns how many rights that were. Call grant_sagaz_writer or grant_sagaz_reader.';

CREATE FUNCTION ${sagazSchema}.grant_sagaz_writer(role_name text) RETURNS bigint
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
    RETURN ${sagazSchema}.sagaz_grant('WRITER', role_name);
COMMENT ON FUNCTION ${sagazSchema}.grant_sagaz_writer(text) IS
    'Lets a role write sagas, events, inbox and audit entries, relay events, and have partitions made and taken away as
     partition_settings say. Called by the owner, once for each role and after each upgrade. Returns the rights granted.';

CREATE FUNCTION ${sagazSchema}.grant_sagaz_reader(role_name text) RETURNS bigint
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
    RETURN ${sagazSchema}.sagaz_grant('READER', role_name);
COMMENT ON FUNCTION ${sagazSchema}.grant_sagaz_reader(text) IS
    'Lets a role read everything. Called by the owner, once for each role and after each upgrade. Returns the rights
     granted.';

-- Whatever is volatile here changes something, and is for those to whom it is granted; new ids are for everybody.
REVOKE ALL ON FUNCTION ${sagazSchema}.sagaz_grant(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.grant_sagaz_writer(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${sagazSchema}.grant_sagaz_reader(text) FROM PUBLIC;
