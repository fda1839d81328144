//! What can go wrong with the database, and what the person is told.

use slipway_protocol::Problem;

use crate::api::ApiError;

/// The problem's code when no space is left.
pub(super) const FULL: &str = "storage_full";

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened or its schema not be brought up to date.
    #[error("cannot open the database {location}")]
    Open {
        /// Which.
        location: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No space is left.
    #[error("no space left for the database")]
    Full(#[source] sqlx::Error),
    /// The file or its directory may not be written.
    #[error("the database is read-only")]
    ReadOnly(#[source] sqlx::Error),
    /// The disk refuses: it reports an error, was made read-only under the database, or a quota is used up. SQLite
    /// does not tell these apart.
    #[error("the disk refuses to read or write the database")]
    Disk(#[source] sqlx::Error),
    /// A text cannot be kept: PostgreSQL has none with the character U+0000.
    #[error("a text holds the character U+0000, which the database cannot keep")]
    NoText(#[source] sqlx::Error),
    /// Another gateway has taken over what this one did: it may not write any more.
    #[error("another gateway has taken over from this one")]
    Replaced,
    /// A stored value is not what was once written.
    #[error("a stored {what} is unreadable")]
    Unreadable {
        /// What the value should be.
        what: &'static str,
        /// Why it is not.
        #[source]
        source: serde_json::Error,
    },
    /// Anything else that the database reports.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// What the person is told while nothing can be saved; `None` for other failures. Nothing was changed then, and
    /// the same succeeds once they have put it right.
    pub fn storage_problem(&self) -> Option<Problem> {
        let (code, title, detail, hint) = match self {
            Self::Full(_) => (
                FULL,
                "No space is left to save",
                "The disk that holds Slipway's data directory is full.",
                "Free some space on that disk. Nothing saved so far is lost; what waits goes on by itself.",
            ),
            Self::ReadOnly(_) => (
                "storage_read_only",
                "Slipway's data cannot be written",
                "The data directory or the database in it is read-only.",
                "Make the data directory writable for Slipway; what waits goes on by itself.",
            ),
            Self::Disk(_) => (
                "storage_failing",
                "Slipway's data cannot be saved",
                "The disk that holds Slipway's data directory reports an error: it may have become read-only, have no \
                 quota left, or be damaged.",
                "Look at that disk (df, dmesg) and make it writable again; what waits goes on by itself. If it does not, \
                 restart Slipway.",
            ),
            Self::Open { .. }
            | Self::NoText(_)
            | Self::Replaced
            | Self::Unreadable { .. }
            | Self::Database(_) => return None,
        };
        Some(Problem::new(507, code, title).detail(detail).hint(hint))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|database| Some(database.code()?.into_owned()));
        match code.as_deref().map(Meaning::of) {
            Some(Meaning::Full) => Self::Full(error),
            Some(Meaning::ReadOnly) => Self::ReadOnly(error),
            Some(Meaning::Disk) => Self::Disk(error),
            Some(Meaning::NoText) => Self::NoText(error),
            Some(Meaning::Other) | None => Self::Database(error),
        }
    }
}

/// What a database's code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Full,
    ReadOnly,
    Disk,
    NoText,
    Other,
}

impl Meaning {
    /// PostgreSQL's codes have five characters, which may all be digits; SQLite's are numbers of at most four, whose
    /// low byte is the primary code.
    fn of(code: &str) -> Self {
        match code {
            "53100" => Self::Full,
            // A standby, or a server that was told so.
            "25006" => Self::ReadOnly,
            "58030" => Self::Disk,
            "22021" => Self::NoText,
            _ if code.len() == 5 => Self::Other,
            _ => match code.parse::<u32>().map(|code| code & 0xff) {
                Ok(13) => Self::Full,
                Ok(8) => Self::ReadOnly,
                // SQLITE_IOERR and SQLITE_CANTOPEN: what a failed write is but for want of space, and what becomes of a
                // further connection then.
                Ok(10 | 14) => Self::Disk,
                _ => Self::Other,
            },
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let Some(problem) = error.storage_problem() {
            return problem;
        }
        match &error {
            StoreError::Replaced => Self::new(503, "gateway_replaced", "This gateway has been replaced")
                .detail("It did not answer for a while, and another one has taken over.")
                .hint("Try again: the request goes to another gateway, or to this one when it has started anew."),
            StoreError::NoText(_) => {
                Self::new(422, "unusable_text", "A text holds a character that cannot be kept")
                    .detail("The character U+0000 is in it.")
                    .hint("Remove it and try again.")
            }
            _ => {
                tracing::error!(error = &error as &dyn std::error::Error, "database failure");
                Self::new(500, "storage_failed", "Slipway's database failed")
                    .detail("The cause is in the gateway's log.")
                    .hint("Try again; if it keeps failing, look at the log with `slipway logs`.")
            }
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_)
            | StoreError::ReadOnly(_)
            | StoreError::Disk(_)
            | StoreError::NoText(_)
            | StoreError::Replaced => Self::Problem(error.into()),
            other => Self::internal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_are_told_apart() {
        for (code, meaning) in [
            ("13", Meaning::Full),
            ("8", Meaning::ReadOnly),
            // Extended codes: 8 | (4 << 8), 19 | (8 << 8).
            ("1032", Meaning::ReadOnly),
            // A write that failed: 10 | (3 << 8).
            ("778", Meaning::Disk),
            ("14", Meaning::Disk),
            ("58030", Meaning::Disk),
            ("2067", Meaning::Other),
            ("53100", Meaning::Full),
            ("25006", Meaning::ReadOnly),
            ("22021", Meaning::NoText),
            // Taken for a number, its low byte would be SQLite's code for a read-only database.
            ("23560", Meaning::Other),
            ("57P01", Meaning::Other),
        ] {
            assert_eq!(Meaning::of(code), meaning, "{code}");
        }
    }
}
