-- What became of requests that a client may repeat, where the gateway died before they were answered.
-- The same text runs on SQLite and PostgreSQL.

-- The life of a gateway that carries it out; as long as that goes on, so may the request.
ALTER TABLE answers ADD COLUMN life TEXT NOT NULL DEFAULT '';
-- Written with its first change: the conversation that this was of, or nothing. NULL while it has changed nothing.
ALTER TABLE answers ADD COLUMN changed TEXT;
