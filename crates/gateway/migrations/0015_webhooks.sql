-- Programs elsewhere that are told what happens here, and what they are told.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    -- Whose: it is told of this person's conversations only.
    user_id TEXT NOT NULL,
    url TEXT NOT NULL,
    -- A list as JSON.
    events TEXT NOT NULL,
    -- 1 when the address may be one of this machine or its network.
    private_network BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    -- Encrypted.
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_user ON webhooks (user_id, created_at, id);

-- The outbox: written in the transaction of what it tells, sent afterwards, kept for a while as a log.
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- When to try next; while an attempt is made, when to try again if nobody hears of it any more.
    next_at BIGINT,
    -- What the newest attempt was answered with.
    status BIGINT,
    error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, state, id);

-- Answers to requests that a client may repeat, and the requests that are under way.
CREATE TABLE answers (
    user_id TEXT NOT NULL,
    -- The client's name for the request.
    name TEXT NOT NULL,
    -- What the request was, as a hash.
    request TEXT NOT NULL,
    -- NULL until it is answered.
    status BIGINT,
    media_type TEXT NOT NULL,
    -- Encrypted.
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE INDEX answers_by_age ON answers (created_at);
