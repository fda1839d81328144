-- Files that a person wants pinned, or not any more, while a run goes on whose engine has not recorded it yet.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE pin_wishes (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    -- 1 when it is to be pinned.
    pinned BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, path)
);
