-- CACHE 1: an event of a transaction that began after another has committed must get the higher number.
CREATE SEQUENCE ${sagazSchema}.saga_outbox_seq AS bigint CACHE 1;
COMMENT ON SEQUENCE ${sagazSchema}.saga_outbox_seq IS 'Numbers of events in saga_outbox.seq.';

CREATE TABLE ${sagazSchema}.saga_outbox (
    event_id      uuid NOT NULL DEFAULT ${sagazSchema}.sagaz_uuid7(now()),
    created_at    timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', now()),
    -- The transaction has its number before the event has one: relays rely on that.
    seq           bigint NOT NULL DEFAULT
        CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('${sagazSchema}.saga_outbox_seq') END,
    tx_id         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    saga_id       uuid,
    shard         smallint NOT NULL,
    topic         varchar(255) NOT NULL,
    partition_key varchar(255),
    event_type    varchar(255),
    content_type  varchar(255),
    payload       jsonb,
    payload_bytes bytea,
    headers       jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT saga_outbox_pkey PRIMARY KEY (event_id, created_at)
) PARTITION BY RANGE (created_at);
ALTER SEQUENCE ${sagazSchema}.saga_outbox_seq OWNED BY ${sagazSchema}.saga_outbox.seq;
COMMENT ON TABLE ${sagazSchema}.saga_outbox IS
    'A log of events: rows are inserted, never updated or deleted; partitions (daily, UTC) are dropped. What has been
     published is known by cursors beside it.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.event_id IS 'UUIDv7; by it consumers tell what they have seen.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.created_at IS 'The time in event_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.seq IS
    'Order of insertion, with gaps. Not the order of commits: a lower number may appear later.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.tx_id IS 'The transaction that inserted it, for comparison with snapshots.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.saga_id IS 'The saga it belongs to, if any.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.shard IS
    '0 to 63, from partition_key, else saga_id, else event_id: events with the same key are in the same shard. A trigger
     sets it.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.topic IS 'Where it is to be published.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.partition_key IS 'Events with the same key are published in their order.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.event_type IS 'Kind of the event.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.content_type IS 'Media type of the payload; NULL is application/json.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.payload IS 'What happened, unless that stands in payload_bytes.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.payload_bytes IS 'What happened, if that is no JSON.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.headers IS 'Names and texts that go along with the payload.';

-- Not CHECK constraints and a generated column, for what those cost each statement (decision 0009).
CREATE FUNCTION ${sagazSchema}.sagaz_complete_event() RETURNS trigger
    LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT ${sagazSchema}.sagaz_uuid7_carries(NEW.event_id, NEW.created_at) THEN
        RAISE check_violation USING
            MESSAGE = format('created_at of an event must be the time in its event_id, a UUIDv7, but is %s for %s',
                             NEW.created_at, NEW.event_id),
            CONSTRAINT = 'saga_outbox_created_at_is_time_of_event_id', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    IF (NEW.payload IS NULL) = (NEW.payload_bytes IS NULL) THEN
        RAISE check_violation USING
            MESSAGE = format('an event must have either payload or payload_bytes, but %s has %s',
                             NEW.event_id, CASE WHEN NEW.payload IS NULL THEN 'none' ELSE 'both' END),
            CONSTRAINT = 'saga_outbox_one_payload', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    NEW.shard := hashtextextended(coalesce(NEW.partition_key, NEW.saga_id::text, NEW.event_id::text), 0) & 63;
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_complete_event() IS
    'Puts events with the same key into the same shard, and refuses a time that is not that of the id, and none or two payloads.';
CREATE TRIGGER saga_outbox_complete BEFORE INSERT ON ${sagazSchema}.saga_outbox
    FOR EACH ROW EXECUTE FUNCTION ${sagazSchema}.sagaz_complete_event();

CREATE INDEX saga_outbox_seq_idx ON ${sagazSchema}.saga_outbox (seq);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_seq_idx IS 'Reading on from a cursor, and whether all relays are past a partition.';
-- Not a b-tree, which each event would have to be put into: the events of a saga lie near each other, but for a few, so a few
-- spans of identifiers for each range of pages find them (decision 0011).
CREATE INDEX saga_outbox_saga_idx ON ${sagazSchema}.saga_outbox
    USING brin (saga_id uuid_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_saga_idx IS 'The events of one saga.';
