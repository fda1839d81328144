//! What can go wrong with the database, and what the person is told.

use slipway_protocol::Problem;

use crate::api::ApiError;

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

/// SQLite's codes (primary code = low byte), PostgreSQL's `disk_full`.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|database| Some(database.code()?.into_owned()));
        let primary = code.as_deref().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
        match (primary, code.as_deref()) {
            (Some(13), _) | (_, Some("53100")) => Self::Full(error),
            (Some(8), _) => Self::ReadOnly(error),
            _ => Self::Database(error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Full(_) => Self::new(507, "storage_full", "No space is left to save")
                .detail("The disk that holds Slipway's data directory is full.")
                .hint("Free some space on that disk, then press Continue. Nothing saved so far is lost."),
            StoreError::ReadOnly(_) => {
                Self::new(507, "storage_read_only", "Slipway's data cannot be written")
                    .detail("The data directory or the database in it is read-only.")
                    .hint("Make the data directory writable for Slipway, then press Continue.")
            }
            StoreError::Open { .. } | StoreError::Unreadable { .. } | StoreError::Database(_) => {
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
            StoreError::Full(_) | StoreError::ReadOnly(_) => Self::Problem(error.into()),
            other => Self::internal(other),
        }
    }
}
