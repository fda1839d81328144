-- Whether a provider's models see pictures.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- 0 or 1; NULL leaves it to what is known of each model.
ALTER TABLE providers ADD COLUMN sees BIGINT;
