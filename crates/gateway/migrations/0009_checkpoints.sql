-- Recorded states of workspaces. What they consist of is in files, named by its content (docs/checkpoints.md).
-- The same text runs on SQLite and PostgreSQL: TEXT and BIGINT only, times in ms since the epoch.

-- The newest state of each workspace that is known.
CREATE TABLE workspace_states (
    workspace TEXT PRIMARY KEY,
    root TEXT NOT NULL,
    -- Number of the newest checkpoint of the workspace.
    ordinal BIGINT NOT NULL
);

CREATE TABLE checkpoints (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    run_id TEXT,
    step BIGINT,
    kind TEXT NOT NULL,
    root TEXT NOT NULL,
    -- The state before, whoever recorded that; NULL for the first.
    parent_root TEXT,
    changed_files BIGINT NOT NULL,
    files BIGINT NOT NULL,
    -- JSON.
    unkept TEXT NOT NULL,
    unkept_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX checkpoints_by_conversation ON checkpoints (conversation_id, ordinal);
CREATE UNIQUE INDEX checkpoints_in_order ON checkpoints (workspace, ordinal);
CREATE INDEX checkpoints_by_run ON checkpoints (run_id, ordinal);

-- Restorations that are being carried out; one that is there at a start is finished.
CREATE TABLE restorations (
    before_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- JSON: the operations, in order.
    operations TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
