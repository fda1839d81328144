-- Conversations, their transcripts and timelines, runs, and the event log.
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- One row: the identity of this database and the number of its newest event.
CREATE TABLE event_log (
    id BIGINT PRIMARY KEY,
    epoch TEXT NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE events (
    seq BIGINT PRIMARY KEY,
    conversation_id TEXT,
    for_user BIGINT NOT NULL,
    -- Set on deltas only: they are deleted when their part is final.
    delta_of TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX events_by_conversation ON events (conversation_id, seq);
CREATE INDEX events_for_user ON events (seq) WHERE for_user = 1;
CREATE INDEX events_by_delta ON events (delta_of, seq) WHERE delta_of IS NOT NULL;

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    run_id TEXT,
    run_started_at BIGINT,
    problem TEXT,
    provider_id TEXT NOT NULL,
    model TEXT NOT NULL,
    scripted BIGINT NOT NULL,
    usage TEXT NOT NULL,
    context_used BIGINT NOT NULL,
    context_limit BIGINT,
    context_files TEXT NOT NULL,
    entry_count BIGINT NOT NULL,
    message_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX conversations_by_update ON conversations (updated_at, id);

-- The transcript; rows are only ever added.
CREATE TABLE entries (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (conversation_id, ordinal)
);

-- The timeline: what the person sees.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    run_id TEXT,
    role TEXT NOT NULL,
    attachments TEXT NOT NULL,
    client_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX messages_in_order ON messages (conversation_id, ordinal);

CREATE TABLE parts (
    id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX parts_in_order ON parts (message_id, ordinal);
CREATE INDEX parts_open ON parts (conversation_id) WHERE state = 'streaming';

-- Every message that was accepted, so that sending again changes nothing.
CREATE TABLE sends (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    run_id TEXT,
    PRIMARY KEY (conversation_id, client_id)
);

-- Messages that wait for a run to end.
CREATE TABLE queue (
    message_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    -- 1 when the message starts a run however the present one ends.
    urgent BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX queue_in_order ON queue (conversation_id, urgent, ordinal);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    model TEXT NOT NULL,
    step BIGINT NOT NULL,
    problem TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX runs_by_conversation ON runs (conversation_id, started_at);

-- One row for each execution of a tool call, written before the tool host hears of it.
CREATE TABLE calls (
    invocation_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    tool TEXT NOT NULL,
    -- NULL while it runs or when nobody learnt how it ended.
    status TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX calls_by_run ON calls (run_id);

-- Live output of tool calls: the first and the last half mebibyte of each.
CREATE TABLE call_output (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    start_byte BIGINT NOT NULL,
    end_byte BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (conversation_id, call_id, start_byte)
);
