-- Up to which limits the person was told that they are nearly reached, so that they are told once of each.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- NULL where nothing was told.
ALTER TABLE purses ADD COLUMN told_tokens BIGINT;
ALTER TABLE purses ADD COLUMN told_cost_micros BIGINT;
ALTER TABLE runs ADD COLUMN told_tokens BIGINT;
ALTER TABLE runs ADD COLUMN told_cost_micros BIGINT;
