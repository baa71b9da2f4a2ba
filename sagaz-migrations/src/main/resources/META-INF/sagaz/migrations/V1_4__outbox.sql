-- CACHE 1: an event of a transaction that began after another has committed must get the higher number.
CREATE SEQUENCE ${sagazSchema}.saga_outbox_seq AS bigint CACHE 1;
COMMENT ON SEQUENCE ${sagazSchema}.saga_outbox_seq IS 'Numbers of events in saga_outbox.seq.';

CREATE TABLE ${sagazSchema}.saga_outbox (
    event_id      uuid NOT NULL DEFAULT ${sagazSchema}.sagaz_uuid7(now()),
    created_at    timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', now()),
    seq           bigint NOT NULL DEFAULT nextval('${sagazSchema}.saga_outbox_seq'),
    tx_id         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    saga_id       uuid,
    shard         smallint NOT NULL GENERATED ALWAYS AS
        ((hashtextextended(coalesce(partition_key, saga_id::text, event_id::text), 0) & 63)::smallint) STORED,
    topic         text NOT NULL,
    partition_key text,
    event_type    text,
    payload       jsonb NOT NULL,
    headers       jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT saga_outbox_pkey PRIMARY KEY (event_id, created_at),
    CONSTRAINT saga_outbox_event_id_is_uuid7 CHECK (${sagazSchema}.sagaz_is_uuid7(event_id)),
    CONSTRAINT saga_outbox_created_at_is_time_of_event_id CHECK (created_at = ${sagazSchema}.sagaz_uuid7_time(event_id)),
    CONSTRAINT saga_outbox_topic_length CHECK (char_length(topic) BETWEEN 1 AND 255)
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
    '0 to 63, from partition_key, else saga_id, else event_id: events with the same key are in the same shard.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.topic IS 'Where it is to be published.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.partition_key IS 'Events with the same key are published in their order.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.event_type IS 'Kind of the event.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.payload IS 'What happened.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox.headers IS 'Names and texts that go along with the payload.';
CREATE INDEX saga_outbox_seq_idx ON ${sagazSchema}.saga_outbox (seq);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_seq_idx IS 'Reading on from a cursor, and whether all relays are past a partition.';
