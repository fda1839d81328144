-- The plans that models make, the questions that they ask, and what runs have consumed that wait for an answer.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- The newest plan as JSON; NULL until there is one.
ALTER TABLE conversations ADD COLUMN plan TEXT;

CREATE TABLE questions (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    -- Its place among those that were asked together.
    ordinal BIGINT NOT NULL,
    body TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- NULL while it waits.
    closed_at BIGINT,
    -- The sender's id for the answer; NULL when it was closed without one.
    client_id TEXT,
    PRIMARY KEY (conversation_id, call_id)
);
CREATE INDEX questions_open ON questions (conversation_id) WHERE closed_at IS NULL;

-- What each run has consumed, for those that go on after an answer.
ALTER TABLE runs ADD COLUMN steps BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN cost_micros BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN time_ms BIGINT NOT NULL DEFAULT 0;
