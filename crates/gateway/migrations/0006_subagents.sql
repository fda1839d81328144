-- What sub-agents say and consume.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- The call inside which a sub-agent says it; NULL for what is said in the conversation itself.
ALTER TABLE messages ADD COLUMN call_id TEXT;
CREATE INDEX messages_nested ON messages (conversation_id, call_id, ordinal) WHERE call_id IS NOT NULL;

-- Model calls of sub-agents that go on.
CREATE TABLE nested_open_calls (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_id, call_id)
);
