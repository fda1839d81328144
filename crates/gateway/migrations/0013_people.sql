-- People, and what is whose.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    -- Lower case.
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    -- Argon2id with its parameters; NULL while there is none, and only the launcher's links lead in.
    password TEXT,
    disabled BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- Whoever runs the instance: the launcher acts as this one, and what was there before is theirs.
INSERT INTO users (id, name, role, password, disabled, created_at)
    VALUES ('user_owner', 'owner', 'admin', NULL, 0, 0);

ALTER TABLE conversations ADD COLUMN user_id TEXT NOT NULL DEFAULT 'user_owner';
DROP INDEX conversations_in_order;
CREATE INDEX conversations_in_order ON conversations (user_id, archived, pinned, updated_at, id);

-- Who hears of it on the topic `user`; NULL for everybody.
ALTER TABLE events ADD COLUMN user_id TEXT;
UPDATE events SET user_id = 'user_owner' WHERE conversation_id IS NOT NULL;

ALTER TABLE sessions ADD COLUMN user_id TEXT NOT NULL DEFAULT 'user_owner';
ALTER TABLE sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
-- What the browser calls itself.
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_user ON sessions (user_id);

ALTER TABLE login_links ADD COLUMN user_id TEXT NOT NULL DEFAULT 'user_owner';
