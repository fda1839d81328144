-- Pictures that came of tool calls.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE images (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- SHA-256 of the bytes in hex.
    id TEXT NOT NULL,
    media_type TEXT NOT NULL,
    -- The bytes in Base64.
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, id)
);
