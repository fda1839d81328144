//! Writes groups as the messages of a request.

use serde_json::{Map, Value};
use slipway_protocol::transcript::{AssistantStep, ToolCall, ToolResult, UserMessage};

use crate::context::ProjectionFacts;
use crate::context::compaction;
use crate::context::entries::Entries;
use crate::context::groups::{Called, Group, GroupBody};
use crate::context::masking::masked_text;
use crate::context::riders;
use crate::provider::adapt::skipped_signature;
use crate::provider::estimate;
use crate::provider::pictures::WirePart;
use crate::provider::profile::{Profile, ReasoningReplay};
use crate::provider::request::{WireAssistant, WireCall, WireFunction, WireMessage};
use crate::tools::arguments;

/// Longest function name that providers accept.
const MAX_NAME: usize = 64;

/// What a call without a result is answered by.
const INTERRUPTED: &str =
    "The call was interrupted: it is unknown whether it took effect. Check before repeating it.";

/// Appends a group's messages.
pub(crate) fn append(
    group: &Group,
    entries: Entries<'_>,
    facts: &ProjectionFacts<'_>,
    messages: &mut Vec<WireMessage>,
) {
    let with_riders = |mut text: String| {
        for rider in riders::texts(&group.riders, entries) {
            text.push_str("\n\n");
            text.push_str(&rider);
        }
        text
    };
    match &group.body {
        GroupBody::User(message) => {
            say(with_riders(entries.user(*message).map(user_text).unwrap_or_default()), messages);
        }
        GroupBody::Summary { said, summary } => {
            let said: Vec<&UserMessage> = said.iter().filter_map(|at| entries.user(*at)).collect();
            let summary = entries.summary(*summary).unwrap_or_default();
            messages.push(WireMessage::User { content: with_riders(compaction::head(&said, summary)) });
        }
        GroupBody::Gone => {}
        GroupBody::Slipway => {
            let riders: Vec<String> = riders::texts(&group.riders, entries).collect();
            say(riders.join("\n\n"), messages);
        }
        GroupBody::Assistant(answer, calls) => {
            let Some(step) = entries.answer(*answer) else { return };
            messages.push(WireMessage::Assistant(assistant(step, calls, entries, facts)));
            let last = calls.len().saturating_sub(1);
            for (position, (call, called)) in step.tool_calls.iter().zip(calls).enumerate() {
                let mut content = result_text(called, entries);
                if let Some(words) = instead_of_pictures(called, entries, facts.profile) {
                    content.push_str(words);
                }
                if facts.profile.signs_reasoning
                    && let Some(applied) = called.correction.and_then(|at| entries.correction(at))
                {
                    content.push_str(&format!("\n\n[Slipway] The arguments were applied as: {applied}"));
                }
                if position == last {
                    content = with_riders(content);
                }
                messages.push(WireMessage::Tool { tool_call_id: call.id.0.clone(), content });
            }
            let pictures = pictures(calls, entries, facts.profile);
            if !pictures.is_empty() {
                messages.push(WireMessage::Pictures { content: pictures });
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
    } else if let Some(WireMessage::Pictures { content }) = messages.last_mut() {
        content.push(WirePart::Text { text });
    } else {
        messages.push(WireMessage::User { content: text });
    }
}

/// The pictures that came of calls, each with words that say of which.
fn pictures(calls: &[Called], entries: Entries<'_>, profile: &Profile) -> Vec<WirePart> {
    let shown = calls.iter().filter(|called| profile.sees && !called.masked);
    let mut parts = Vec::new();
    for result in shown.filter_map(|called| entries.result(called.result?)) {
        for image in &result.outcome.images {
            let Some(id) = image.id() else { continue };
            let text = format!("[Slipway] The picture of the call {} of {}:", result.call_id, result.name);
            parts.push(WirePart::Text { text });
            let tokens = estimate::picture(image.width, image.height);
            parts.push(WirePart::Image { id: id.clone(), tokens });
        }
    }
    parts
}

/// What a result says about pictures that are not shown.
fn instead_of_pictures(called: &Called, entries: Entries<'_>, profile: &Profile) -> Option<&'static str> {
    let result = entries.result(called.result?)?;
    match (profile.sees, called.masked) {
        _ if result.outcome.images.is_empty() => None,
        (true, false) => None,
        (true, true) => Some("\n[Slipway] The picture is left out here to save room."),
        (false, _) => Some("\n[Slipway] The picture is not shown: this model does not see pictures."),
    }
}

fn user_text(message: &UserMessage) -> String {
    let mut text = message.text.clone();
    for attachment in &message.attachments {
        text.push_str(&format!("\n\n[Attached file: {} ({})]", attachment.path, attachment.media_type));
    }
    text
}

fn result_text(called: &Called, entries: Entries<'_>) -> String {
    let result: Option<&ToolResult> = called.result.and_then(|at| entries.result(at));
    match result {
        None => INTERRUPTED.to_owned(),
        Some(result) if result.outcome.text.trim().is_empty() => "(no output)".to_owned(),
        Some(result) if called.masked => masked_text(&result.call_id, &result.outcome.text),
        Some(result) => result.outcome.text.clone(),
    }
}

fn assistant(
    step: &AssistantStep,
    calls: &[Called],
    entries: Entries<'_>,
    facts: &ProjectionFacts<'_>,
) -> WireAssistant {
    let profile = facts.profile;
    let replay = if facts.reasoning_off { ReasoningReplay::Never } else { profile.reasoning_replay };
    let reasoning_content = match replay {
        ReasoningReplay::Never => None,
        ReasoningReplay::WhenPresent => (!step.reasoning.is_empty()).then(|| step.reasoning.clone()),
        ReasoningReplay::Required if !step.reasoning.is_empty() => Some(step.reasoning.clone()),
        ReasoningReplay::Required => (!step.tool_calls.is_empty()).then(|| " ".to_owned()),
    };
    let tool_calls = step.tool_calls.iter().zip(calls).enumerate();
    WireAssistant {
        content: step.text.clone(),
        reasoning_content,
        tool_calls: tool_calls
            .map(|(position, (call, called))| {
                let correction = called.correction.and_then(|at| entries.correction(at));
                wire_call(call, position, profile, correction)
            })
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

fn wire_call(call: &ToolCall, position: usize, profile: &Profile, correction: Option<&str>) -> WireCall {
    let corrected = correction.filter(|_| !profile.signs_reasoning);
    let arguments = arguments::replayable(corrected.unwrap_or(&call.arguments));
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
