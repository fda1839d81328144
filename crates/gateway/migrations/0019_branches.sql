-- Messages that were said in other words: each wording goes on in a conversation of its own.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- The conversation in which something was said in other words; it may be gone.
ALTER TABLE conversations ADD COLUMN branch_of TEXT;

-- The message that this one repeats at the beginning of a branch; it may be gone.
ALTER TABLE messages ADD COLUMN copy_of TEXT;

CREATE TABLE wordings (
    message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- Messages with the same are one message in other words; the id of the first of them.
    fork_id TEXT NOT NULL,
    -- Which wording it is, from 1; copies have that of what they repeat.
    number BIGINT NOT NULL
);
CREATE INDEX wordings_by_fork ON wordings (fork_id, number);
CREATE INDEX wordings_by_conversation ON wordings (conversation_id);
