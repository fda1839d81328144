-- Calls that a person has stopped by themselves while their run went on, so that a crash does not forget it.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE call_stops (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    stopped_at BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, call_id)
);
