-- What people have typed and not sent yet.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- The draft of a new conversation has no conversation: an empty id stands for it. An empty text stays, so that other
-- browsers know that theirs is out of date.
CREATE TABLE drafts (
    user_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    text TEXT NOT NULL,
    edited_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);
