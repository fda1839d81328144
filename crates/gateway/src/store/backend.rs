//! Where the database systems differ: in how transactions begin and what a connection is set to.

use super::checkpoint;

/// A database system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file, one gateway.
    Sqlite,
    /// A server that several gateways may share.
    Postgres,
}

/// `synchronous = NORMAL` under WAL survives a crash of the program at any moment; a power cut may lose
/// the last commits but not the database.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
     PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000; \
     PRAGMA wal_autocheckpoint = ";

/// A gateway that hangs, or that the network has cut off, must not keep others from writing: its transaction is
/// ended, and who waits for it hears of that instead of waiting for ever. JIT compiles plans for tables of millions of
/// rows, and takes longer than all statements here.
const POSTGRES_SETTINGS: &str = "SET idle_in_transaction_session_timeout = '15s'; SET lock_timeout = '20s'; \
     SET jit = off";

impl Backend {
    /// Statements for each new connection.
    pub(super) fn settings(self) -> String {
        match self {
            Self::Sqlite => format!("{SQLITE_PRAGMAS}{}", checkpoint::MOST_PAGES),
            Self::Postgres => POSTGRES_SETTINGS.to_owned(),
        }
    }

    /// Begins a transaction whose reads all see the same moment. PostgreSQL shows each statement a moment of its
    /// own unless it is told otherwise.
    pub(super) fn begin_reading(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// The first statement of each write, which gives the number of the newest event: it takes the database's
    /// write lock (SQLite, which needs a write for that) or the row's (PostgreSQL), so that numbers are given out
    /// in the order of commits, in all gateways together.
    pub(super) fn take_turn(self) -> &'static str {
        match self {
            Self::Sqlite => "UPDATE event_log SET seq = seq WHERE id = 1 RETURNING seq",
            Self::Postgres => "SELECT seq FROM event_log WHERE id = 1 FOR UPDATE",
        }
    }
}
