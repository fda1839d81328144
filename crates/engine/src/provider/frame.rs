//! What the HTTP layer hands up through async-openai's event stream: chunks as they are, and how the
//! stream ended, which async-openai itself does not tell.

use serde::Deserialize;

use crate::provider::chunk::Chunk;
use crate::provider::failure::CallFailure;
use crate::provider::surrogates::with_whole_characters;

/// One event of a normalised stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Frame {
    /// A chunk of the answer.
    Chunk(Box<Chunk>),
    /// The stream is over.
    End(Ending),
    /// The stream failed; nothing follows.
    Failure(Box<CallFailure>),
}

/// How a stream was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// The provider said so.
    Done,
    /// The connection was closed without a word.
    Silence,
}

/// The event that carries a chunk, given its JSON text.
pub(crate) fn chunk_event(json: &str) -> String {
    // Line breaks are white space in JSON, but would end the event's line.
    let line = with_whole_characters(json).replace(['\n', '\r'], " ");
    format!("data: {{\"chunk\":{line}}}\n\n")
}

/// The event that says how the stream was over.
pub(crate) fn end_event(ending: Ending) -> String {
    let name = match ending {
        Ending::Done => "done",
        Ending::Silence => "silence",
    };
    format!("data: {{\"end\":\"{name}\"}}\n\n")
}

/// The event that carries a failure.
pub(crate) fn failure_event(failure: &CallFailure) -> String {
    format!("data: {}\n\n", serde_json::json!({"failure": failure}))
}
