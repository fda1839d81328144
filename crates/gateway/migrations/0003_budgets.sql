-- What conversations may consume and have consumed, and what their model was told at the beginning.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- What a conversation draws from, together with those that it was handed over to.
CREATE TABLE purses (
    id TEXT PRIMARY KEY,
    -- The person's own limits as JSON.
    own TEXT NOT NULL,
    steps BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost_micros BIGINT NOT NULL,
    time_ms BIGINT NOT NULL
);

-- Consumption of earlier conversations counts from here on.
INSERT INTO purses (id, own, steps, tokens, cost_micros, time_ms)
    SELECT id, '{}', 0, 0, 0, 0 FROM conversations;

ALTER TABLE conversations ADD COLUMN purse_id TEXT;
UPDATE conversations SET purse_id = id;
CREATE INDEX conversations_by_purse ON conversations (purse_id);

-- Facts that the system prompt states, as JSON; NULL until the first run.
ALTER TABLE conversations ADD COLUMN prompt TEXT;

-- The model call that goes on, as JSON; NULL when none does.
ALTER TABLE runs ADD COLUMN open_call TEXT;
