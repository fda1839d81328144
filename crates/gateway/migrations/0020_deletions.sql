-- Conversations that are deleted and can still be brought back, and what was said elsewhere.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- Until when it can be brought back; NULL when it is not deleted.
ALTER TABLE conversations ADD COLUMN deleted_until BIGINT;
CREATE INDEX conversations_deleted ON conversations (deleted_until) WHERE deleted_until IS NOT NULL;

-- When it was read from a file; NULL when it was made here.
ALTER TABLE conversations ADD COLUMN imported_at BIGINT;

-- Who was asked, as the file says (JSON); NULL for runs that were made here.
ALTER TABLE runs ADD COLUMN imported_provider TEXT;
