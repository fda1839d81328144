//! What a run changes, one thing at a time.

use slipway_protocol::budget::{Reservation, Spending};
use slipway_protocol::message::{Message, Part};
use slipway_protocol::run::ContextFile;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::Entry;
use slipway_protocol::usage::Usage;
use slipway_protocol::{CallId, InvocationId, MessageId, PartId, Problem};

use super::nested::NestedChange;

/// Something to record: rows and the event that tells of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A model call begins.
    Step {
        /// Its number in the run.
        number: u32,
    },
    /// A model call is made again later.
    Retrying {
        /// Number of the attempt that comes next.
        attempt: u32,
        /// When it is made.
        at: i64,
        /// Why.
        problem: Problem,
    },
    /// A message begins.
    MessageCreated {
        /// As it is.
        message: Message,
    },
    /// A message is void.
    MessageRemoved {
        /// Which.
        message_id: MessageId,
    },
    /// A part begins.
    PartStarted {
        /// As it is.
        part: Part,
        /// Its place in the message, from 0.
        ordinal: usize,
    },
    /// A part that streams is not what was told; all of it is told again.
    PartRestarted {
        /// As it is.
        part: Part,
    },
    /// More text or reasoning.
    TextDelta {
        /// Which part.
        part_id: PartId,
        /// What to append.
        text: String,
    },
    /// More of a call's arguments.
    ArgumentsDelta {
        /// Which part.
        part_id: PartId,
        /// What to append.
        text: String,
    },
    /// More live output, as far as it is shown.
    OutputDelta {
        /// Which part.
        part_id: PartId,
        /// Bytes left out before `text`.
        skipped: u64,
        /// What to append.
        text: String,
    },
    /// More live output, to be kept.
    OutputKept {
        /// Which call.
        call_id: CallId,
        /// Where `text` begins in the whole output, in bytes.
        start: u64,
        /// The piece.
        text: String,
    },
    /// A call runs.
    ToolStarted {
        /// Its part without what was told by deltas since it began.
        base: Part,
        /// Since when.
        at: i64,
    },
    /// A text or reasoning part is final.
    PartDone {
        /// As it is.
        part: Part,
    },
    /// A call has ended.
    ToolFinished {
        /// As it is.
        part: Part,
    },
    /// The execution of a call has ended.
    CallEnded {
        /// Which execution.
        invocation_id: InvocationId,
        /// How.
        status: ToolStatus,
    },
    /// An entry is final.
    Entry {
        /// What to append to the transcript.
        entry: Entry,
    },
    /// A model call consumed something.
    Usage {
        /// Of this call.
        last: Usage,
        /// Tokens of the window in use.
        context_used: u64,
        /// The window.
        context_limit: Option<u64>,
    },
    /// A model call is about to be made.
    CallReserved {
        /// What it counts as if it is not settled.
        call: Reservation,
    },
    /// A model call has ended.
    CallSettled {
        /// What it counts as.
        spent: Spending,
        /// What it has probably consumed, when it failed.
        failed: Option<Usage>,
    },
    /// Something changed in a sub-agent that is no part of the timeline.
    Nested {
        /// The call inside which it works.
        call_id: CallId,
        /// What.
        change: NestedChange,
    },
    /// Other files are open.
    ContextFiles {
        /// All of them.
        files: Vec<ContextFile>,
    },
    /// Workspace files changed.
    FilesChanged {
        /// Which are known to have.
        paths: Vec<String>,
    },
}
