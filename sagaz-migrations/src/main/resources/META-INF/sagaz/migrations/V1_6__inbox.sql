CREATE TABLE ${sagazSchema}.consumer_inbox (
    consumer_name text NOT NULL,
    event_id      uuid NOT NULL,
    processed_at  timestamptz NOT NULL DEFAULT now(),
    source_topic  text,
    event_type    text,
    payload       jsonb,
    result        jsonb,
    CONSTRAINT consumer_inbox_pkey PRIMARY KEY (consumer_name, event_id),
    CONSTRAINT consumer_inbox_consumer_name_length CHECK (char_length(consumer_name) BETWEEN 1 AND 255)
);
COMMENT ON TABLE ${sagazSchema}.consumer_inbox IS
    'Which consumer has processed which event. Inserted in the transaction of the handler, so that each is handled once.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.consumer_name IS 'Who has processed the event.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.event_id IS 'Any UUID: events may come from elsewhere.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.processed_at IS 'When; by it the row is forgotten one day.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.source_topic IS 'Where the event came from.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.event_type IS 'Kind of the event.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.payload IS 'What the event said, if the consumer keeps that.';
COMMENT ON COLUMN ${sagazSchema}.consumer_inbox.result IS 'What came out of processing it, if the consumer keeps that.';
CREATE INDEX consumer_inbox_processed_at_idx ON ${sagazSchema}.consumer_inbox (processed_at);
COMMENT ON INDEX ${sagazSchema}.consumer_inbox_processed_at_idx IS 'cleanup_consumer_inbox.';
