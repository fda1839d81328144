//! `continue_as_new_chat`: the model hands over to a new conversation when this one fills its window.

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::Entry;

use super::{Builtin, Scene, succeeded};
use crate::context::window::HAND_OVER_FROM;

/// What the model is told.
pub(super) const DESCRIPTION: &str = "\
Ends this conversation and goes on with the task in a new, empty one in the same workspace. Only possible \
when the conversation fills most of your window: a notice tells you when. Make no other call together with \
it. The new conversation knows nothing but the prompt.";

/// Its arguments.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ContinueAsNewChat {
    /// The first message of the new conversation: the task in the person's own words with every requirement,
    /// what is done and how it was verified, decisions and dead ends, the files that matter, and the next
    /// steps.
    prompt: String,
}

/// Accepts or refuses the hand-over.
pub(super) fn answer(arguments: &ContinueAsNewChat, scene: &Scene<'_>) -> ToolOutcome {
    if let Some(reason) = refusal(arguments, scene) {
        return ToolOutcome::error(reason);
    }
    ToolOutcome::ok("The task goes on in a new conversation, which begins with this prompt.")
}

fn refusal(arguments: &ContinueAsNewChat, scene: &Scene<'_>) -> Option<String> {
    match scene.fullness {
        None => {
            return Some(
                "Refused: the size of your window is not known, so there is no telling whether it is full. \
                 Go on here; the conversation is summarised when it must be."
                    .to_owned(),
            );
        }
        Some(fullness) if fullness < HAND_OVER_FROM => {
            return Some(format!(
                "Refused: the conversation fills {:.0} % of your window; a new one is possible from {:.0} % \
                 on. Go on here.",
                100.0 * fullness,
                100.0 * HAND_OVER_FROM
            ));
        }
        Some(_) => {}
    }
    if !scene.alone {
        return Some(
            "Refused: it was called together with other calls, whose results would be lost. Call it alone, \
             and put what matters of those results into the prompt."
                .to_owned(),
        );
    }
    if arguments.prompt.trim().is_empty() {
        return Some(
            "Refused: the prompt is empty, and it is all that the new conversation knows.".to_owned(),
        );
    }
    None
}

/// The prompt of a hand-over that was accepted and has not been carried out: nobody has said anything since.
pub(crate) fn accepted(transcript: &[Entry]) -> Option<String> {
    let last = transcript
        .iter()
        .rev()
        .find(|entry| matches!(entry, Entry::User(_) | Entry::Assistant(_) | Entry::Handover(_)))?;
    let Entry::Assistant(step) = last else { return None };
    let name = Builtin::ContinueAsNewChat.name();
    let calls = step.tool_calls.iter().filter(|call| call.name == name);
    let accepted: Option<ContinueAsNewChat> =
        calls.into_iter().find_map(|call| succeeded(transcript, &call.id));
    accepted.map(|arguments| arguments.prompt)
}
