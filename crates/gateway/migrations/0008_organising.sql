-- Conversations that are kept at the top of the list or put away, and finding what was said.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

ALTER TABLE conversations ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN archived BIGINT NOT NULL DEFAULT 0;
DROP INDEX conversations_by_update;
CREATE INDEX conversations_in_order ON conversations (archived, pinned, updated_at, id);

-- A search reads the newest first and stops when it has enough.
CREATE INDEX messages_by_time ON messages (created_at, id);
