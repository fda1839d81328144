-- Secrets of webhooks that are being replaced, keys that people have for themselves, and since when
-- conversations are put away.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- The secret before the newest, encrypted, and until when messages are signed with it too.
ALTER TABLE webhooks ADD COLUMN earlier_secret TEXT;
ALTER TABLE webhooks ADD COLUMN earlier_until BIGINT;

-- A person's own key of a provider, which their runs use instead of the instance's.
CREATE TABLE own_keys (
    user_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    -- Where the key may be sent: it is of no use once the provider is elsewhere.
    base_url TEXT NOT NULL,
    -- Encrypted.
    api_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, provider_id)
);

-- NULL while a conversation is in the list, and until somebody looks for those that were put away before.
ALTER TABLE conversations ADD COLUMN archived_at BIGINT;
