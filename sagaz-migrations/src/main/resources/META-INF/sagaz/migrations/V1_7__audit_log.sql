CREATE TABLE ${sagazSchema}.saga_audit_log (
    entry_id     uuid NOT NULL DEFAULT ${sagazSchema}.sagaz_uuid7(now()),
    created_at   timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', now()),
    saga_id      uuid NOT NULL,
    saga_version bigint,
    event_type   varchar(255) NOT NULL,
    step_name    varchar(255),
    actor        text,
    event_data   jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT saga_audit_log_pkey PRIMARY KEY (entry_id, created_at)
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE ${sagazSchema}.saga_audit_log IS
    'What happened to sagas. Rows are inserted, never changed; partitions are monthly (UTC).';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.entry_id IS
    'UUIDv7, chosen by the author of the change: its presence proves that the change was committed.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.created_at IS
    'The time in entry_id. Not checked: only the author of an entry looks for it by its id, and a check costs each write.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.saga_id IS 'The saga that it tells of.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.saga_version IS 'Version of the saga after the change.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.event_type IS 'What happened.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.step_name IS 'The step it happened to, if one.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.actor IS 'Who did it.';
COMMENT ON COLUMN ${sagazSchema}.saga_audit_log.event_data IS 'What else is to be known of it.';
CREATE INDEX saga_audit_log_saga_idx ON ${sagazSchema}.saga_audit_log (saga_id, created_at);
COMMENT ON INDEX ${sagazSchema}.saga_audit_log_saga_idx IS 'The history of one saga; created_at from that of the saga on. Also whether a partition tells of sagas that are kept.';
