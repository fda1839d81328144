-- How what providers' models use is paid for, and which part of what was consumed a flat plan includes.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- `by_use` or `flat_plan`; NULL leaves it to the profile.
ALTER TABLE providers ADD COLUMN payment TEXT;

-- Of the tokens, those for which no money is reckoned. Nothing of earlier runs was included.
ALTER TABLE runs ADD COLUMN included BIGINT NOT NULL DEFAULT 0;
ALTER TABLE purses ADD COLUMN included BIGINT NOT NULL DEFAULT 0;
