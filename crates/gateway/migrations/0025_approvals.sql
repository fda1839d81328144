-- Calls that wait until the person has decided, and what was decided about them.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

CREATE TABLE approvals (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    -- Its place among those that were asked together.
    ordinal BIGINT NOT NULL,
    body TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- When it counts as denied; NULL when it waits for as long as it takes.
    expires_at BIGINT,
    -- NULL while it waits.
    closed_at BIGINT,
    -- The sender's id for the decision; NULL when it was closed without one.
    client_id TEXT,
    -- The decision's name; NULL while there is none.
    decision TEXT,
    -- What a decision for the whole conversation is about: a digest of the tool and, of commands, the command.
    covers TEXT NOT NULL,
    PRIMARY KEY (conversation_id, call_id)
);
CREATE INDEX approvals_open ON approvals (conversation_id) WHERE closed_at IS NULL;
CREATE INDEX approvals_due ON approvals (expires_at) WHERE closed_at IS NULL AND expires_at IS NOT NULL;
