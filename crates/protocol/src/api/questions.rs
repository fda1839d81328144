//! Answering the model's questions.

use serde::{Deserialize, Serialize};

use crate::id::RunId;
use crate::question::Answer;

/// `POST /conversations/{id}/questions/{call_id}/answer`, answered by 202 and an [`AnswerReceipt`]. Sending
/// the same `client_id` again changes nothing and answers the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestion {
    /// Idempotency key chosen by the client, at most 64 characters.
    pub client_id: String,
    /// The answer.
    pub answer: Answer,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AnswerReceipt {
    /// The run that asked.
    pub run_id: RunId,
    /// Questions that remain; the run goes on once there is none.
    pub remaining: u32,
}
