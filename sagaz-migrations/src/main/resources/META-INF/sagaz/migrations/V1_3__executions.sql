CREATE TABLE ${sagazSchema}.saga_executions (
    saga_id         uuid NOT NULL DEFAULT ${sagazSchema}.sagaz_uuid7(now()),
    created_at      timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', now()),
    version         bigint NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    completed_at    timestamptz,
    lease_until     timestamptz,
    lease_owner     text,
    saga_name       varchar(255) NOT NULL,
    status          text NOT NULL,
    unfinished      boolean NOT NULL,
    outcome         text,
    idempotency_key varchar(255),
    context         jsonb NOT NULL DEFAULT '{}',
    result          jsonb,
    error           text,
    CONSTRAINT saga_executions_pkey PRIMARY KEY (saga_id, created_at)
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE ${sagazSchema}.saga_executions IS
    'One row per saga. Monthly partitions (UTC). Give both saga_id and created_at, which follows from saga_id, to find one.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.saga_id IS 'UUIDv7; unique everywhere, because its time is the partition key.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.created_at IS 'The time in saga_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.version IS 'Raised by each change; what a change must have seen, and the fencing token of its owner.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.updated_at IS 'When the row was changed last.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.completed_at IS 'When the saga came to its end.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.lease_until IS 'Until when lease_owner works on it; others may take it over afterwards.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.lease_owner IS 'Who works on it.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.saga_name IS 'Kind of the saga.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.status IS 'PENDING, RUNNING, SUCCESS, FAILED, COMPENSATING or COMPENSATED.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.unfinished IS
    'Whether there is work left: PENDING, RUNNING or COMPENSATING. A trigger sets it.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.outcome IS 'The status if that is FAILED or COMPENSATED. A trigger sets it.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.idempotency_key IS 'The key it was started with; saga_idempotency_keys makes it unique.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.context IS 'What the saga works with.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.result IS 'What came out of it.';
COMMENT ON COLUMN ${sagazSchema}.saga_executions.error IS 'Why it failed.';

-- CHECK constraints and generated columns would be said in a line each, but each statement reads and plans the expression of
-- each anew, which takes several times as long as this (decision 0009).
CREATE FUNCTION ${sagazSchema}.sagaz_complete_execution() RETURNS trigger
    LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT ${sagazSchema}.sagaz_uuid7_carries(NEW.saga_id, NEW.created_at) THEN
        RAISE check_violation USING
            MESSAGE = format('created_at of a saga must be the time in its saga_id, a UUIDv7, but is %s for %s',
                             NEW.created_at, NEW.saga_id),
            CONSTRAINT = 'saga_executions_created_at_is_time_of_saga_id', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    NEW.unfinished := NEW.status IN ('PENDING', 'RUNNING', 'COMPENSATING');
    NEW.outcome := CASE WHEN NEW.status IN ('FAILED', 'COMPENSATED') THEN NEW.status END;
    IF NOT NEW.unfinished AND NEW.outcome IS NULL AND NEW.status <> 'SUCCESS' THEN
        RAISE check_violation USING
            MESSAGE = format('status must be PENDING, RUNNING, SUCCESS, FAILED, COMPENSATING or COMPENSATED, but is %s for saga'
                             ' %s', NEW.status, NEW.saga_id),
            CONSTRAINT = 'saga_executions_status_known', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_complete_execution() IS
    'Keeps unfinished and outcome in step with the status, and refuses an unknown status and a time that is not that of the id.';
CREATE TRIGGER saga_executions_complete BEFORE INSERT OR UPDATE OF saga_id, created_at, status, unfinished, outcome
    ON ${sagazSchema}.saga_executions FOR EACH ROW EXECUTE FUNCTION ${sagazSchema}.sagaz_complete_execution();

-- Indexed are only columns that never change and three that change with the end of a saga: all
-- updates before that can stay on the page without touching an index (HOT).
CREATE INDEX saga_executions_name_idx ON ${sagazSchema}.saga_executions (saga_name, created_at, saga_id);
COMMENT ON INDEX ${sagazSchema}.saga_executions_name_idx IS 'Lists of one kind of saga.';
CREATE INDEX saga_executions_unfinished_idx ON ${sagazSchema}.saga_executions (created_at, saga_id) WHERE unfinished;
COMMENT ON INDEX ${sagazSchema}.saga_executions_unfinished_idx IS
    'Lists of what is PENDING, RUNNING or COMPENSATING, and whether a partition may go.';
CREATE INDEX saga_executions_claim_idx ON ${sagazSchema}.saga_executions (saga_name, created_at, saga_id) WHERE unfinished;
COMMENT ON INDEX ${sagazSchema}.saga_executions_claim_idx IS 'Work to be claimed, the oldest of each kind first.';
CREATE INDEX saga_executions_outcome_idx ON ${sagazSchema}.saga_executions (outcome, created_at, saga_id)
    WHERE outcome IS NOT NULL;
COMMENT ON INDEX ${sagazSchema}.saga_executions_outcome_idx IS 'Lists of what is FAILED or COMPENSATED.';
-- Rows lie in the order of their time, so a few kilobytes tell which pages an hour can be on.
CREATE INDEX saga_executions_time_idx ON ${sagazSchema}.saga_executions USING brin (created_at)
    WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX ${sagazSchema}.saga_executions_time_idx IS 'Spans of time within a month, whatever the kind of saga.';
-- Neighbours on a page end at about the same time, but for a few: hence several spans for each range of pages. It changes with
-- the end of a saga alone, as the others do.
CREATE INDEX saga_executions_completed_idx ON ${sagazSchema}.saga_executions
    USING brin (completed_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX ${sagazSchema}.saga_executions_completed_idx IS 'What ended in a span of time, whenever it began.';

CREATE TABLE ${sagazSchema}.saga_steps (
    saga_id      uuid NOT NULL,
    created_at   timestamptz(3) NOT NULL,
    started_at   timestamptz,
    completed_at timestamptz,
    step_index   integer NOT NULL,
    retry_count  integer NOT NULL DEFAULT 0,
    step_name    varchar(255) NOT NULL,
    status       text NOT NULL DEFAULT 'PENDING',
    input        jsonb,
    output       jsonb,
    error        text,
    CONSTRAINT saga_steps_pkey PRIMARY KEY (saga_id, created_at, step_name),
    CONSTRAINT saga_steps_created_at_is_time_of_saga_id CHECK (${sagazSchema}.sagaz_uuid7_carries(saga_id, created_at)),
    CONSTRAINT saga_steps_status_known
        CHECK (status IN ('PENDING', 'RUNNING', 'SUCCESS', 'FAILED', 'COMPENSATING', 'COMPENSATED', 'SKIPPED'))
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE ${sagazSchema}.saga_steps IS
    'One row per step of a saga, in partitions with the same bounds as those of saga_executions.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.saga_id IS 'The saga.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.created_at IS 'created_at of the saga: the time in saga_id.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.started_at IS 'When it was begun first.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.completed_at IS 'When it came to its present status, unless it is being worked on.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.step_index IS 'Place of the step in its saga, from 0.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.retry_count IS 'How often it was tried again.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.step_name IS 'Name of the step; unique in its saga.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.status IS 'PENDING, RUNNING, SUCCESS, FAILED, COMPENSATING, COMPENSATED or SKIPPED.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.input IS 'What the step was given.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.output IS 'What it gave.';
COMMENT ON COLUMN ${sagazSchema}.saga_steps.error IS 'Why it failed.';

CREATE TABLE ${sagazSchema}.saga_idempotency_keys (
    saga_name       varchar(255) NOT NULL,
    idempotency_key varchar(255) NOT NULL,
    saga_id         uuid NOT NULL,
    created_at      timestamptz(3) NOT NULL,
    CONSTRAINT saga_idempotency_keys_pkey PRIMARY KEY (saga_name, idempotency_key),
    CONSTRAINT saga_idempotency_keys_created_at_is_time_of_saga_id
        CHECK (${sagazSchema}.sagaz_uuid7_carries(saga_id, created_at))
);
CREATE INDEX saga_idempotency_keys_created_at_idx ON ${sagazSchema}.saga_idempotency_keys (created_at);
COMMENT ON TABLE ${sagazSchema}.saga_idempotency_keys IS
    'Which saga a key has started. A plain table, because a unique index cannot span partitions.';
COMMENT ON COLUMN ${sagazSchema}.saga_idempotency_keys.saga_name IS 'Kind of the saga; a key is unique in its kind.';
COMMENT ON COLUMN ${sagazSchema}.saga_idempotency_keys.idempotency_key IS 'The key that the caller gave.';
COMMENT ON COLUMN ${sagazSchema}.saga_idempotency_keys.saga_id IS 'The saga that was started with it.';
COMMENT ON COLUMN ${sagazSchema}.saga_idempotency_keys.created_at IS 'created_at of the saga; the key is kept as long as the saga.';
COMMENT ON INDEX ${sagazSchema}.saga_idempotency_keys_created_at_idx IS 'Removal of keys with their sagas.';
