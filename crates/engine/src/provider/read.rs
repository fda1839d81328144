//! Reading a streamed answer without a network: for benchmarks, and whoever has the bytes of an answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use slipway_protocol::Problem;
use tokio::sync::Semaphore;

use crate::provider::answer::AnswerBuilder;
use crate::provider::body::{BodyTimeouts, normalised};
use crate::provider::failure::CallFailure;
use crate::provider::frame::Frame;

/// Longest wait for the next piece.
const SILENCE: Duration = Duration::from_secs(60);

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAnswer {
    /// Visible text.
    pub text: String,
    /// How many tools it calls.
    pub tool_calls: usize,
}

/// The answer whose body is cut into these pieces, as a model call would read it.
///
/// # Errors
/// What is wrong with it.
pub async fn read_answer(pieces: impl IntoIterator<Item = Bytes>) -> Result<ReadAnswer, Problem> {
    let pieces: Vec<Result<Bytes, Infallible>> = pieces.into_iter().map(Ok).collect();
    let timeouts = BodyTimeouts { first: SILENCE, idle: SILENCE };
    let flow = Arc::new(Semaphore::new(1));
    let mut events = std::pin::pin!(normalised(futures::stream::iter(pieces), timeouts, Arc::clone(&flow)));
    let mut builder = AnswerBuilder::new(Arc::default());
    let mut shown = Vec::new();
    while let Some(Ok(event)) = events.next().await {
        flow.add_permits(1);
        let data = event.strip_prefix(b"data: ").unwrap_or(&event);
        let frame = serde_json::from_slice(data)
            .map_err(|error| CallFailure::not_understood(format!("a part is not as expected: {error}")));
        match frame.map_err(|failure| *failure.problem)? {
            Frame::Chunk(chunk) => {
                builder.take(*chunk, &mut shown).map_err(|failure| *failure.problem)?;
                shown.clear();
            }
            Frame::Failure(failure) => return Err(*failure.problem),
            Frame::End(_) => break,
        }
    }
    if !builder.is_finished() {
        return Err(*CallFailure::cut("the answer has no end").problem);
    }
    let answer = builder.build();
    Ok(ReadAnswer { text: answer.text, tool_calls: answer.tool_calls.len() })
}
