//! A client of the RFB protocol (RFC 6143), as far as one's own X server needs it: whole and incremental
//! frames, pointer and key events.
//!
//! What it connects to is in the hands of the agent, so nothing that it reads is trusted: sizes are checked
//! before anything is allocated for them, and every wait has a limit.

mod client;
mod frame;
mod keysym;
mod wire;

pub(super) use self::client::{RfbClient, Stroke};
pub(super) use self::frame::{Area, Frame, PIXEL};
pub(super) use self::keysym::{key_named, keysym_of};

use std::io;
use std::time::Duration;

/// How long the server may take for one answer.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Why the server's words are of no use.
#[derive(Debug, thiserror::Error)]
pub enum RfbError {
    /// The connection broke.
    #[error("the connection to the desktop broke: {0}")]
    Broken(#[from] io::Error),
    /// The server says something that it must not.
    #[error("the desktop's server makes no sense: {0}")]
    Nonsense(String),
    /// The server says nothing.
    #[error("the desktop's server did not answer within {} s", ANSWER_LIMIT.as_secs())]
    Silent,
}
