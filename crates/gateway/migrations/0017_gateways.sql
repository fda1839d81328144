-- Several gateways on one database: who is there, who drives which run, and what they ask of each other.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- One row for each gateway that is alive; it is gone when another one has taken over.
CREATE TABLE gateways (
    -- One life of a gateway.
    id TEXT PRIMARY KEY,
    -- Its data directory's name for it, which stays over restarts.
    node TEXT NOT NULL,
    -- By the database's clock.
    expires_at BIGINT NOT NULL
);

-- The gateway that drives the conversation's run; NULL while none goes on, and with SQLite, which has one gateway.
ALTER TABLE conversations ADD COLUMN driver TEXT;
CREATE INDEX conversations_going_on ON conversations (driver) WHERE run_started_at IS NOT NULL;

-- What a gateway is to do with a run that it drives, as another one was told by a person.
CREATE TABLE orders (
    gateway_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (gateway_id, ordinal)
);
