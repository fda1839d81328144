//! Writes groups as the messages of a request.

use std::collections::HashMap;

use serde_json::{Map, Value};
use slipway_protocol::CallId;
use slipway_protocol::transcript::{AssistantStep, Entry, ToolCall, ToolResult, UserMessage};

use crate::context::ProjectionFacts;
use crate::context::compaction;
use crate::context::groups::{Called, Group, GroupBody};
use crate::context::masking::masked_text;
use crate::context::riders::Rider;
use crate::provider::adapt::skipped_signature;
use crate::provider::profile::{Profile, ReasoningReplay};
use crate::provider::request::{WireAssistant, WireCall, WireFunction, WireMessage};
use crate::tools::arguments;

/// Longest function name that providers accept.
const MAX_NAME: usize = 64;

/// What a call without a result is answered by.
const INTERRUPTED: &str =
    "The call was interrupted: it is unknown whether it took effect. Check before repeating it.";

/// Corrected arguments by call.
pub(crate) type Corrections<'a> = HashMap<&'a CallId, &'a str>;

/// The newest correction of each call. One that comes after the next answer comes too late: the call was sent
/// as it was, and changing it would change a request that was made already.
pub(crate) fn corrections(transcript: &[Entry]) -> Corrections<'_> {
    let mut corrections = Corrections::new();
    let mut newest: &[ToolCall] = &[];
    for entry in transcript {
        match entry {
            Entry::Assistant(step) => newest = &step.tool_calls,
            Entry::Correction(correction) if newest.iter().any(|call| call.id == correction.call_id) => {
                corrections.insert(&correction.call_id, correction.arguments.as_str());
            }
            _ => {}
        }
    }
    corrections
}

/// Appends a group's messages.
pub(crate) fn append(
    group: &Group<'_>,
    facts: &ProjectionFacts<'_>,
    corrections: &Corrections<'_>,
    messages: &mut Vec<WireMessage>,
) {
    let riders = &group.riders;
    match &group.body {
        GroupBody::User(message) => {
            say(with_riders(user_text(message), riders), messages);
        }
        GroupBody::Summary { said, summary } => {
            let content = with_riders(compaction::head(said, summary), riders);
            messages.push(WireMessage::User { content });
        }
        GroupBody::Gone => {}
        GroupBody::Slipway => {
            let riders: Vec<String> = riders.iter().map(Rider::text).collect();
            say(riders.join("\n\n"), messages);
        }
        GroupBody::Assistant(step, calls) => {
            messages.push(WireMessage::Assistant(assistant(step, facts, corrections)));
            let last = calls.len().saturating_sub(1);
            for (position, Called { call, result, masked }) in calls.iter().enumerate() {
                let mut content = result_text(*result, *masked);
                if facts.profile.signs_reasoning
                    && let Some(applied) = corrections.get(&call.id)
                {
                    content.push_str(&format!("\n\n[Slipway] The arguments were applied as: {applied}"));
                }
                if position == last {
                    content = with_riders(content, riders);
                }
                messages.push(WireMessage::Tool { tool_call_id: call.id.0.clone(), content });
            }
        }
    }
}

/// Appends what is not the model's. What nobody has answered yet is one message: the templates of many
/// models reject two in a row.
fn say(text: String, messages: &mut Vec<WireMessage>) {
    if let Some(WireMessage::User { content }) = messages.last_mut() {
        content.push_str("\n\n");
        content.push_str(&text);
    } else {
        messages.push(WireMessage::User { content: text });
    }
}

fn with_riders(mut text: String, riders: &[Rider<'_>]) -> String {
    for rider in riders {
        text.push_str("\n\n");
        text.push_str(&rider.text());
    }
    text
}

fn user_text(message: &UserMessage) -> String {
    let mut text = message.text.clone();
    for attachment in &message.attachments {
        text.push_str(&format!("\n\n[Attached file: {} ({})]", attachment.path, attachment.media_type));
    }
    text
}

fn result_text(result: Option<&ToolResult>, masked: bool) -> String {
    match result {
        None => INTERRUPTED.to_owned(),
        Some(result) if result.outcome.text.trim().is_empty() => "(no output)".to_owned(),
        Some(result) if masked => masked_text(&result.call_id, &result.outcome.text),
        Some(result) => result.outcome.text.clone(),
    }
}

fn assistant(
    step: &AssistantStep,
    facts: &ProjectionFacts<'_>,
    corrections: &Corrections<'_>,
) -> WireAssistant {
    let profile = facts.profile;
    let replay = if facts.reasoning_off { ReasoningReplay::Never } else { profile.reasoning_replay };
    let reasoning_content = match replay {
        ReasoningReplay::Never => None,
        ReasoningReplay::WhenPresent => (!step.reasoning.is_empty()).then(|| step.reasoning.clone()),
        ReasoningReplay::Required if !step.reasoning.is_empty() => Some(step.reasoning.clone()),
        ReasoningReplay::Required => (!step.tool_calls.is_empty()).then(|| " ".to_owned()),
    };
    let tool_calls = step.tool_calls.iter().enumerate();
    WireAssistant {
        content: step.text.clone(),
        reasoning_content,
        tool_calls: tool_calls
            .map(|(position, call)| wire_call(call, position, profile, corrections))
            .collect(),
        opaque: message_fields(step, profile),
    }
}

/// The answer's uninterpreted fields that the provider wants back.
fn message_fields(step: &AssistantStep, profile: &Profile) -> Map<String, Value> {
    let mut fields = only(&step.opaque, &profile.message_fields);
    if profile.drops_unsigned_reasoning
        && let Some(Value::Array(details)) = fields.get_mut("reasoning_details")
    {
        details.retain(|detail| {
            let is_text = detail.get("type").is_some_and(|kind| kind == "reasoning.text");
            !is_text || detail.get("signature").is_some_and(|signature| !signature.is_null())
        });
    }
    fields
}

fn wire_call(call: &ToolCall, position: usize, profile: &Profile, corrections: &Corrections<'_>) -> WireCall {
    let correction = corrections.get(&call.id).filter(|_| !profile.signs_reasoning);
    let arguments = correction
        .map_or_else(|| arguments::replayable(&call.arguments), |corrected| arguments::replayable(corrected));
    let mut opaque = only(&call.opaque, &profile.call_fields);
    if profile.google_thought_signatures && position == 0 && !is_signed(&opaque) {
        // The call was made by another model; the provider has a word for that.
        opaque.insert("extra_content".to_owned(), skipped_signature());
    }
    WireCall {
        id: call.id.0.clone(),
        kind: "function",
        function: WireFunction { name: acceptable_name(&call.name), arguments },
        opaque,
    }
}

fn is_signed(fields: &Map<String, Value>) -> bool {
    let google = fields.get("extra_content").and_then(|extra| extra.get("google"));
    google.and_then(|google| google.get("thought_signature")).is_some_and(|signature| !signature.is_null())
}

fn only(fields: &Map<String, Value>, wanted: &[String]) -> Map<String, Value> {
    let kept = fields.iter().filter(|(name, _)| wanted.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The name as providers accept it in a request, where the model made one up that they do not.
fn acceptable_name(name: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let name: String =
        name.chars().take(MAX_NAME).map(|letter| if allowed(letter) { letter } else { '_' }).collect();
    if name.is_empty() { "unknown".to_owned() } else { name }
}
