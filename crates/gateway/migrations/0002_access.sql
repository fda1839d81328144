-- Who may use the instance, its settings, and its model providers.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- Tokens are kept as SHA-256 only.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- Links that give a session once.
CREATE TABLE login_links (
    token_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- One row: the settings as JSON, absent until somebody saves them.
CREATE TABLE settings (
    id BIGINT PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE providers (
    id TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT NOT NULL,
    -- JSON array of names, JSON object.
    models TEXT NOT NULL,
    extra_body TEXT NOT NULL,
    -- Encrypted, in base64; NULL when the provider has no key.
    api_key TEXT,
    created_at BIGINT NOT NULL
);
