-- How far each relay has come. The log itself, saga_outbox, is never changed: what a relay has published stands in its
-- cursors, what it could not publish yet in saga_outbox_parked, what it gave up in saga_outbox_dead_letters.

CREATE TABLE ${sagazSchema}.saga_outbox_relays (
    relay_name    text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz,
    CONSTRAINT saga_outbox_relays_pkey PRIMARY KEY (relay_name),
    CONSTRAINT saga_outbox_relays_relay_name_length CHECK (char_length(relay_name) BETWEEN 1 AND 255)
);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_relays IS
    'Who publishes the events, each relay all of them. Events are kept until every relay that stands here has published
     them; DELETE one that is gone for good, and what it was behind with is kept for it no longer.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_relays.relay_name IS 'Name of the relay; its instances share it.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_relays.registered_at IS 'Since when it is known.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_relays.last_seen_at IS 'When an instance of it was at work last.';

CREATE TABLE ${sagazSchema}.saga_outbox_cursors (
    relay_name        text NOT NULL,
    shard             smallint NOT NULL,
    published         pg_snapshot NOT NULL,
    target            pg_snapshot,
    position          bigint NOT NULL DEFAULT 0,
    low_seq           bigint NOT NULL DEFAULT 0,
    system_identifier bigint NOT NULL DEFAULT (pg_control_system()).system_identifier,
    lease_epoch       bigint NOT NULL DEFAULT 0,
    lease_owner       uuid,
    lease_until       timestamptz,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saga_outbox_cursors_pkey PRIMARY KEY (relay_name, shard),
    CONSTRAINT saga_outbox_cursors_relay_fkey FOREIGN KEY (relay_name)
        REFERENCES ${sagazSchema}.saga_outbox_relays ON DELETE CASCADE,
    CONSTRAINT saga_outbox_cursors_shard_range CHECK (shard BETWEEN 0 AND 63),
    CONSTRAINT saga_outbox_cursors_low_seq_not_negative CHECK (low_seq >= 0),
    CONSTRAINT saga_outbox_cursors_position_not_negative CHECK (position >= 0),
    CONSTRAINT saga_outbox_cursors_lease_epoch_not_negative CHECK (lease_epoch >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_cursors IS
    'How far a relay is with a shard. Of a shard without a row nothing has been published.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.shard IS 'The shard, 0 to 63: saga_outbox.shard.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.published IS
    'Every event whose tx_id is visible in this snapshot has been published, is parked or is a dead letter.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.target IS
    'What is being published: the events that are visible in this snapshot and not in published, in the order of seq.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.position IS
    'The events of target up to this seq have been published, are parked or are dead letters.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.low_seq IS
    'A lower bound: the same holds for every event up to this seq, also for those that commit later.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.system_identifier IS
    'The cluster whose transactions the snapshot speaks of. In another one, after a dump and restore, only low_seq holds.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.lease_epoch IS
    'Raised by whoever takes the shard over, so that an owner who has lost it cannot move the cursor any more.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.lease_owner IS 'The instance that owns the shard: saga_outbox_members.instance_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.lease_until IS 'Until when; others may take it over afterwards.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_cursors.updated_at IS 'When the row was changed last.';

-- A cursor that is updated with each batch would grow as long as somebody holds an old snapshot, and each update would have to
-- find its way through what has grown. So a batch adds a row here, and the newest is found in the same time always.
CREATE TABLE ${sagazSchema}.saga_outbox_progress (
    relay_name  text NOT NULL,
    instance_id uuid NOT NULL,
    number      bigint NOT NULL,
    shards      bigint NOT NULL,
    published   pg_snapshot NOT NULL,
    target      pg_snapshot,
    position    bigint NOT NULL,
    low_seq     bigint NOT NULL,
    noted_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saga_outbox_progress_pkey PRIMARY KEY (relay_name, instance_id, number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_progress IS
    'What instances of relays have published since they last moved the cursors of their shards, which they do every few seconds.
     Whoever takes a shard over looks here first.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.instance_id IS 'The instance: saga_outbox_members.instance_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.number IS 'The order in which it came.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.shards IS 'Of which shards: bit n is for shard n.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.published IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.target IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.position IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.low_seq IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_progress.noted_at IS 'When.';

CREATE TABLE ${sagazSchema}.saga_outbox_members (
    relay_name    text NOT NULL,
    instance_id   uuid NOT NULL,
    instance_name text NOT NULL,
    joined_at     timestamptz NOT NULL DEFAULT now(),
    alive_until   timestamptz NOT NULL,
    CONSTRAINT saga_outbox_members_pkey PRIMARY KEY (relay_name, instance_id),
    CONSTRAINT saga_outbox_members_relay_fkey FOREIGN KEY (relay_name)
        REFERENCES ${sagazSchema}.saga_outbox_relays ON DELETE CASCADE
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_members IS 'The instances of each relay, which share its shards.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_members.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_members.instance_id IS 'The instance; another one after each start.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_members.instance_name IS 'Its name, for people.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_members.joined_at IS 'Since when it is there.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_members.alive_until IS 'Until when it counts, if it is not heard of again.';

-- Empty after a crash, and on a standby that was promoted: what was seen before, and was not flushed, may be gone then, and its
-- numbers may be given again.
CREATE UNLOGGED TABLE ${sagazSchema}.saga_outbox_life (
    singleton boolean NOT NULL DEFAULT true,
    life_id   uuid NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT saga_outbox_life_pkey PRIMARY KEY (singleton),
    CONSTRAINT saga_outbox_life_one_row CHECK (singleton)
);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_life IS
    'One row, made anew after each crash of the primary and each promotion: what a relay remembers from before it forgets then,
     and begins with its cursors.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_life.singleton IS 'There is one row.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_life.life_id IS 'Another one after each crash.';

CREATE VIEW ${sagazSchema}.sagaz_outbox_positions AS
    SELECT c.relay_name, c.shard, c.system_identifier, coalesce(p.published, c.published) AS published,
        CASE WHEN p.number IS NULL THEN c.target ELSE p.target END AS target,
        coalesce(p.position, c.position) AS position, greatest(p.low_seq, c.low_seq) AS low_seq
    FROM ${sagazSchema}.saga_outbox_cursors c
    LEFT JOIN LATERAL (
        SELECT v.* FROM ${sagazSchema}.saga_outbox_progress v
        WHERE v.relay_name = c.relay_name AND v.instance_id = c.lease_owner AND (v.shards >> c.shard::integer) & 1 = 1
        ORDER BY v.number DESC LIMIT 1) p ON true;
COMMENT ON VIEW ${sagazSchema}.sagaz_outbox_positions IS
    'How far each relay is with each shard: saga_outbox_cursors, and what was published since those moved.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.shard IS 'The shard.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.system_identifier IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.published IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.target IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.position IS 'As in saga_outbox_cursors.';
COMMENT ON COLUMN ${sagazSchema}.sagaz_outbox_positions.low_seq IS 'As in saga_outbox_cursors.';

CREATE FUNCTION ${sagazSchema}.sagaz_is_published(seq bigint, tx_id xid8, low_seq bigint, published pg_snapshot,
        target pg_snapshot, "position" bigint, same_cluster boolean) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(low_seq >= seq, false)
        OR coalesce(same_cluster AND (pg_visible_in_snapshot(tx_id, published)
            OR (seq <= "position" AND pg_visible_in_snapshot(tx_id, target))), false);
COMMENT ON FUNCTION ${sagazSchema}.sagaz_is_published(bigint, xid8, bigint, pg_snapshot, pg_snapshot, bigint, boolean) IS
    'Whether a cursor is past an event, from columns of both. In another cluster only low_seq holds; without a cursor nothing.';

CREATE TABLE ${sagazSchema}.saga_outbox_parked (
    relay_name      text NOT NULL,
    event_id        uuid NOT NULL,
    created_at      timestamptz(3) NOT NULL,
    seq             bigint NOT NULL,
    shard           smallint NOT NULL,
    ordering_key    text NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    parked_at       timestamptz NOT NULL DEFAULT now(),
    last_error      text,
    CONSTRAINT saga_outbox_parked_pkey PRIMARY KEY (relay_name, event_id),
    CONSTRAINT saga_outbox_parked_relay_fkey FOREIGN KEY (relay_name)
        REFERENCES ${sagazSchema}.saga_outbox_relays ON DELETE CASCADE,
    CONSTRAINT saga_outbox_parked_created_at_is_time_of_event_id
        CHECK (${sagazSchema}.sagaz_uuid7_carries(event_id, created_at)),
    CONSTRAINT saga_outbox_parked_shard_range CHECK (shard BETWEEN 0 AND 63),
    CONSTRAINT saga_outbox_parked_attempts_not_negative CHECK (attempts >= 0)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_parked IS
    'Events that a relay is to try again, and those of the same key that wait behind them. They keep their partition.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.event_id IS 'The event: saga_outbox.event_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.created_at IS 'The time in event_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.seq IS 'saga_outbox.seq: the order among events of the same key.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.shard IS 'saga_outbox.shard.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.ordering_key IS
    'What is kept in order: partition_key, else saga_id, else event_id of the event.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.attempts IS 'How often it was tried; 0 if it only waits behind another.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.next_attempt_at IS 'When it is tried again at the earliest.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.parked_at IS 'Since when it is parked.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_parked.last_error IS 'Why the last attempt failed.';
CREATE INDEX saga_outbox_parked_key_idx ON ${sagazSchema}.saga_outbox_parked (relay_name, shard, ordering_key, seq);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_parked_key_idx IS 'Whether a key has parked events, and in which order they go.';
CREATE INDEX saga_outbox_parked_due_idx ON ${sagazSchema}.saga_outbox_parked (relay_name, shard, next_attempt_at);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_parked_due_idx IS 'What is to be tried again now.';
CREATE INDEX saga_outbox_parked_created_at_idx ON ${sagazSchema}.saga_outbox_parked (created_at);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_parked_created_at_idx IS 'Whether a partition of saga_outbox has parked events.';

CREATE TABLE ${sagazSchema}.saga_outbox_dead_letters (
    relay_name text NOT NULL,
    event_id   uuid NOT NULL,
    created_at timestamptz(3) NOT NULL,
    seq        bigint NOT NULL,
    shard      smallint NOT NULL,
    attempts   integer NOT NULL,
    died_at    timestamptz NOT NULL DEFAULT now(),
    last_error text,
    CONSTRAINT saga_outbox_dead_letters_pkey PRIMARY KEY (relay_name, event_id),
    CONSTRAINT saga_outbox_dead_letters_relay_fkey FOREIGN KEY (relay_name)
        REFERENCES ${sagazSchema}.saga_outbox_relays ON DELETE CASCADE,
    CONSTRAINT saga_outbox_dead_letters_created_at_is_time_of_event_id
        CHECK (${sagazSchema}.sagaz_uuid7_carries(event_id, created_at)),
    CONSTRAINT saga_outbox_dead_letters_shard_range CHECK (shard BETWEEN 0 AND 63),
    CONSTRAINT saga_outbox_dead_letters_attempts_not_negative CHECK (attempts >= 0)
);
COMMENT ON TABLE ${sagazSchema}.saga_outbox_dead_letters IS
    'Events that a relay has given up. Each keeps its partition until it is sent again or discarded.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.relay_name IS 'The relay.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.event_id IS 'The event: saga_outbox.event_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.created_at IS 'The time in event_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.seq IS 'saga_outbox.seq.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.shard IS 'saga_outbox.shard.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.attempts IS 'How often it was tried.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.died_at IS 'When it was given up.';
COMMENT ON COLUMN ${sagazSchema}.saga_outbox_dead_letters.last_error IS 'Why the last attempt failed.';
CREATE INDEX saga_outbox_dead_letters_created_at_idx ON ${sagazSchema}.saga_outbox_dead_letters (created_at);
COMMENT ON INDEX ${sagazSchema}.saga_outbox_dead_letters_created_at_idx IS
    'The newest first, and whether a partition of saga_outbox has dead letters.';
