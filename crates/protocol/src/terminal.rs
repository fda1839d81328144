//! The person's own shells, and what the agent's commands left running, as the gateway's API under
//! `/conversations/{id}` tells of them and the tool host under `/v1/conversations/{id}`.
//!
//! A shell's stream is a sequence of messages: WebSocket messages at the gateway, at the tool host the bodies of
//! `POST …/terminals/{terminal}/stream` in frames (a length of four bytes, a byte for the kind, the message). To the
//! shell go bytes that are typed (binary) and [`TerminalRequest`]s (text). From it come [`TerminalNotice`]s (text) and
//! output (binary), which begins with the offset of its first byte in all that the shell has ever printed (eight bytes,
//! the highest first). At most [`UNREAD_BYTES`] beyond what the reader acknowledged are sent.

use serde::{Deserialize, Serialize};

use crate::id::TerminalId;

/// Most bytes of output that are sent beyond what the reader has acknowledged.
pub const UNREAD_BYTES: u64 = 256 * 1024;

/// A shell of the person's in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Terminal {
    /// Its id, which no later shell has.
    pub id: TerminalId,
    /// Its number among the conversation's shells since the sandbox started.
    pub number: u32,
    /// What the person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Width in characters.
    pub columns: u16,
    /// Height in lines.
    pub rows: u16,
    /// When it was started.
    pub started_at: i64,
    /// Where it stands.
    pub status: TerminalStatus,
    /// The code with which the shell ended by itself (128 and the signal's number when a signal ended it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// Where a shell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TerminalStatus {
    /// It runs.
    Running,
    /// It ended by itself.
    Exited,
    /// Somebody closed it.
    Closed,
    /// Nobody used it for a long time.
    Idle,
}

/// `GET …/terminals`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TerminalList {
    /// The oldest first.
    pub items: Vec<Terminal>,
    /// How many there can be.
    pub limit: u32,
}

/// Opens a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpenTerminal {
    /// What the person calls it: at most 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Width in characters, 2 to 1000.
    pub columns: u16,
    /// Height in lines, 1 to 500.
    pub rows: u16,
}

/// Renames a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RenameTerminal {
    /// What the person calls it: at most 60 characters; empty for its number alone.
    pub name: String,
}

/// What a reader of a shell's stream asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TerminalRequest {
    /// All output before this offset has been read. To be sent at least every 128 KiB.
    Ack {
        /// The offset of the next byte.
        offset: u64,
    },
    /// The shell's size is to be this.
    Resize {
        /// Width in characters, 2 to 1000.
        columns: u16,
        /// Height in lines, 1 to 500.
        rows: u16,
    },
}

/// What a reader of a shell's stream is told besides output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TerminalNotice {
    /// The first message.
    Attached {
        /// The shell.
        terminal: Terminal,
        /// Offset of the first byte that follows; larger than what was asked for when that is not kept any more.
        start: u64,
        /// Bytes that the shell has printed so far: what comes before this offset is a repetition.
        end: u64,
    },
    /// Something about the shell is different now. When it has ended this is the last message.
    Changed {
        /// The shell.
        terminal: Terminal,
    },
}

/// What the agent's commands left running, and what of it has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProcessList {
    /// The oldest first.
    pub items: Vec<BackgroundProcess>,
}

/// Something that the agent's shell started and that went on after its call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackgroundProcess {
    /// The agent's handle, for example `p1`, or `j4711` for a job in the background of its shell.
    pub id: String,
    /// What runs.
    pub command: String,
    /// The ids of its processes; empty when it has ended.
    pub pids: Vec<i32>,
    /// Where it stands.
    pub status: ProcessStatus,
    /// The exit code, once it has ended by itself and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// When it was started.
    pub started_at: i64,
    /// How long it has run, or ran.
    pub duration_ms: u64,
    /// TCP ports that it listens on.
    pub ports: Vec<u16>,
}

/// Where a background process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessStatus {
    /// It goes on.
    Running,
    /// It ended by itself.
    Exited,
    /// It was killed on request.
    Killed,
}

/// A part of what a background process has printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProcessOutput {
    /// Offset of the first byte that the text is about: what was asked for, or 0 when all of it is told anew.
    pub from: u64,
    /// Offset to ask from the next time.
    pub next: u64,
    /// Bytes that are not kept, between `head` and `tail`.
    pub omitted: u64,
    /// The output, with its control sequences; credentials in addresses are hidden.
    pub head: String,
    /// What comes after the bytes that are not kept.
    pub tail: String,
    /// Whether this is the terminal of the agent's shell, which all jobs in its background share.
    pub shared: bool,
}
