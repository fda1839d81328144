-- How far the event log has been shortened.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- Number of the newest event whose row was given up; events up to it can be missing.
ALTER TABLE event_log ADD COLUMN pruned BIGINT NOT NULL DEFAULT 0;
