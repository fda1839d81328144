-- Workspaces besides the one that every instance has, and which one a conversation names.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE workspaces (
    -- The name of its directory, never used again.
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When it was put into the trash.
    deleted_at BIGINT
);
CREATE INDEX workspaces_by_user ON workspaces (user_id, created_at);

ALTER TABLE conversations ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';
CREATE INDEX conversations_by_workspace ON conversations (workspace);
