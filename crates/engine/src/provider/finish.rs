//! Why a model stopped, in the many words that providers have for it.

use slipway_protocol::Problem;
use slipway_protocol::transcript::Finish;

use crate::provider::failure::CallFailure;

/// What a finish reason means for the call.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The model goes on.
    NotYet,
    /// The answer is complete, or as complete as it will be.
    Finished(Finish),
    /// The provider gave up.
    Failed(Box<CallFailure>),
}

/// The meaning of a finish reason.
pub(crate) fn stop(reason: &str) -> Stop {
    let failed = |failure| Stop::Failed(Box::new(failure));
    match reason.to_ascii_lowercase().as_str() {
        "" | "null" => Stop::NotYet,
        "stop" | "end_turn" | "stop_sequence" | "eos" | "complete" | "completed" => {
            Stop::Finished(Finish::Stop)
        }
        "tool_calls" | "tool_call" | "tool_use" | "function_call" => Stop::Finished(Finish::ToolCalls),
        "length" | "max_tokens" | "max_output_tokens" => Stop::Finished(Finish::Length),
        "content_filter" | "sensitive" | "refusal" | "safety" | "prohibited_content" | "recitation" => {
            Stop::Finished(Finish::Filtered)
        }
        "error" => failed(CallFailure::cut("the provider ended the answer with an error")),
        "network_error" | "insufficient_system_resource" => failed(overloaded(reason)),
        "model_context_window_exceeded" => failed(CallFailure::overflow(format!("finish reason `{reason}`"))),
        _ => Stop::Finished(Finish::Other(reason.to_owned())),
    }
}

fn overloaded(reason: &str) -> CallFailure {
    CallFailure::passing(
        Problem::new(502, "provider_overloaded", "The model provider has a fault or is overloaded")
            .detail(format!("finish reason `{reason}`"))
            .hint("Continue in a while, or use another model."),
    )
}
