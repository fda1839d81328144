//! `recall_output`: output that is not shown any more, or only its beginning and end.

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::CallId;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::Entry;

use super::Scene;

/// What the model is told.
pub(super) const DESCRIPTION: &str = "\
Shows the full output of an earlier call, or a message of the person, of which only the beginning and the \
end are shown to you or which a summary stands for. Give line numbers to see a part.";

/// Most characters of one answer.
const MOST: usize = 24_000;

/// Calls that are named when there is none with the id that was given.
const NAMED: usize = 30;

/// Its arguments.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RecallOutput {
    /// The call's id, as the note about what was left out gives it.
    call_id: String,
    /// The first line to show, from 1.
    #[serde(default)]
    start_line: Option<usize>,
    /// The last line to show.
    #[serde(default)]
    end_line: Option<usize>,
}

/// The lines that were asked for, with a note on what is missing.
pub(super) fn answer(arguments: &RecallOutput, scene: &Scene<'_>) -> ToolOutcome {
    let Some(text) = find(scene.transcript, &arguments.call_id) else {
        return ToolOutcome::error(unknown(scene.transcript, &arguments.call_id));
    };
    let lines = text.lines().count();
    let first = arguments.start_line.unwrap_or(1).max(1);
    let last = arguments.end_line.unwrap_or(lines).min(lines);
    if first > last {
        return ToolOutcome::error(format!(
            "There are no lines {first} to {last}: the output has {lines} lines."
        ));
    }
    let wanted: String = text.split_inclusive('\n').skip(first - 1).take(last - first + 1).collect();
    let whole = first == 1 && last == lines;
    match wanted.char_indices().nth(MOST) {
        None if whole => ToolOutcome::ok(wanted),
        None => ToolOutcome::ok(format!("[lines {first} to {last} of {lines}]\n{wanted}")),
        Some((cut, _)) => {
            let shown = wanted.get(..cut).unwrap_or_default();
            let to = first + shown.matches('\n').count();
            let mut outcome = ToolOutcome::ok(format!(
                "[lines {first} to {to} of {lines}]\n{shown}\n[cut after {MOST} characters; go on with \
                 start_line {to}]"
            ));
            outcome.truncated = true;
            outcome
        }
    }
}

fn find<'a>(transcript: &'a [Entry], id: &str) -> Option<&'a str> {
    transcript.iter().rev().find_map(|entry| match entry {
        Entry::ToolResult(result) if result.call_id.as_str() == id => Some(result.outcome.text.as_str()),
        Entry::User(message) if message.id.as_str() == id => Some(message.text.as_str()),
        _ => None,
    })
}

fn unknown(transcript: &[Entry], id: &str) -> String {
    let known: Vec<(&CallId, &str)> = transcript
        .iter()
        .rev()
        .filter_map(|entry| match entry {
            Entry::ToolResult(result) => Some((&result.call_id, result.name.as_str())),
            _ => None,
        })
        .take(NAMED)
        .collect();
    if known.is_empty() {
        return format!("There is no output of a call `{id}`: no call has ended yet.");
    }
    let known: Vec<String> = known.iter().map(|(id, name)| format!("{id} ({name})")).collect();
    format!("There is no output of a call `{id}`. The newest calls are: {}.", known.join(", "))
}
