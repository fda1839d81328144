//! What can go wrong on the wire.

use std::time::Duration;

use axum::body::Bytes;
use serde::Deserialize;

use crate::script::Headers;

/// A scripted fault.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "FaultFields")]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// How many times, counted per reply of the script and server; then the reply is played as it
    /// stands. `None` means always.
    pub times: Option<u32>,
}

/// What happens instead of, or in the middle of, an answer.
#[derive(Debug, Clone)]
pub enum FaultKind {
    /// An HTTP error.
    Status {
        /// The status code.
        code: u16,
        /// Further headers, for example `retry-after`.
        headers: Headers,
        /// The body, verbatim.
        body: String,
    },
    /// The connection breaks after that many chunks.
    Reset(usize),
    /// The connection breaks after that many bytes of the body.
    ResetAtByte(usize),
    /// Nothing more comes after that many chunks, and the connection stays open.
    Stall(usize),
    /// The body ends cleanly after that many chunks, without `[DONE]`.
    End(usize),
    /// These bytes are the body, one element after the other.
    Raw(Vec<String>),
    /// An answer of bytes; can only be made in code, because YAML knows no bytes.
    Body(RawBody),
}

/// An HTTP answer given byte by byte.
#[derive(Debug, Clone, Default)]
pub struct RawBody {
    /// Headers beside, or instead of, `content-type: text/event-stream`.
    pub headers: Headers,
    /// Pieces of the body, in order.
    pub pieces: Vec<Bytes>,
    /// A piece that then comes again and again, for ever.
    pub forever: Option<Bytes>,
    /// Wait between pieces.
    pub pause: Duration,
    /// How the body ends when nothing comes for ever.
    pub ending: Ending,
}

/// How a body ends after its last piece.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    #[default]
    Clean,
    /// The connection breaks.
    Reset,
    /// Nothing more comes, and the connection stays open.
    Stall,
}

/// The fields as written: exactly one kind of fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultFields {
    times: Option<u32>,
    status: Option<StatusFields>,
    reset_after_chunks: Option<usize>,
    reset_after_bytes: Option<usize>,
    stall_after_chunks: Option<usize>,
    end_after_chunks: Option<usize>,
    raw_chunks: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusFields {
    code: u16,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    body: String,
}

impl TryFrom<FaultFields> for Fault {
    type Error = &'static str;

    fn try_from(fields: FaultFields) -> Result<Self, Self::Error> {
        let mut kinds = [
            fields.status.map(|status| FaultKind::Status {
                code: status.code,
                headers: status.headers,
                body: status.body,
            }),
            fields.reset_after_chunks.map(FaultKind::Reset),
            fields.reset_after_bytes.map(FaultKind::ResetAtByte),
            fields.stall_after_chunks.map(FaultKind::Stall),
            fields.end_after_chunks.map(FaultKind::End),
            fields.raw_chunks.map(FaultKind::Raw),
        ]
        .into_iter()
        .flatten();
        match (kinds.next(), kinds.next()) {
            (Some(kind), None) => Ok(Self { kind, times: fields.times }),
            _ => Err("a fault has exactly one of status, reset_after_chunks, reset_after_bytes, \
                      stall_after_chunks, end_after_chunks and raw_chunks"),
        }
    }
}
