//! When a conversation outgrows the window, a summary stands for its oldest entries. Here is what is pure
//! about it: where to cut, what to ask the model, and what to say when the model cannot be asked.

use std::collections::BTreeSet;

use slipway_protocol::transcript::{AssistantStep, ContextChange, Entry, UserMessage};

use crate::context::masking::{Excerpt, compacted, excerpt};
use crate::provider::estimate;

/// Characters of the person's first message, and of each later one, that stay verbatim.
const FIRST_MESSAGE: usize = 6_000;
const LATER_MESSAGE: usize = 2_000;

/// Characters of all the person's messages together.
const ALL_MESSAGES: usize = 24_000;

/// Of a digest: how many of the newest calls are named, and characters of each thing that is quoted.
const DIGEST_CALLS: usize = 25;
const DIGEST_QUOTE: usize = 160;
const DIGEST_ANSWER: usize = 1_500;
const DIGEST_SUMMARY: usize = 6_000;
const DIGEST_FILES: usize = 100;

/// What the model is asked for a summary with, after everything else. Nothing before it differs from an
/// ordinary request, so the provider's cache serves it.
pub(crate) const INSTRUCTION: &str = "\
[Slipway] This conversation is about to exceed your window. Write a summary that will stand for everything \
so far; you go on from it and from the last few steps. Do not call a tool. Use these headings and leave out \
what is empty:
## Task: what the person wants, every requirement and wish, in their own words where they matter
## Decisions: what was decided and why, what was tried and did not work
## Done: files changed and how, commands run and what came of them
## State: what works, what is broken, exact error texts, names, paths, numbers and call ids that matter
## Next: the very next steps, in order
Be exact and complete rather than short, but stay below 1500 words.";

/// Where the newest entries begin that stay as they are: so many entries from the first are summarised.
/// The newest ones are at most `keep` tokens, but at least the newest answer with its results. `None` when
/// nothing can be summarised that is not summarised already.
pub(crate) fn boundary(transcript: &[Entry], keep: u64) -> Option<u32> {
    let done = transcript.iter().filter_map(compacted).next_back().unwrap_or_default();
    let mut tokens = 0;
    let mut best = None;
    for (position, entry) in transcript.iter().enumerate().rev() {
        if position <= done {
            break;
        }
        tokens += size(entry);
        if begins_a_group(entry) {
            if best.is_some() && tokens > keep {
                break;
            }
            best = Some(position);
        }
    }
    best.and_then(|position| u32::try_from(position).ok())
}

/// Whether an entry may be the first that is shown: never in the middle of an answer and its results.
fn begins_a_group(entry: &Entry) -> bool {
    match entry {
        Entry::User(_) => true,
        Entry::Assistant(step) => !step.tool_calls.is_empty() || !step.text.trim().is_empty(),
        _ => false,
    }
}

fn size(entry: &Entry) -> u64 {
    match entry {
        Entry::User(message) => estimate::text(&message.text),
        Entry::Assistant(step) => {
            let calls: u64 = step.tool_calls.iter().map(|call| estimate::text(&call.arguments)).sum();
            estimate::text(&step.text) + estimate::text(&step.reasoning) + calls
        }
        Entry::ToolResult(result) => estimate::text(&result.outcome.text),
        // Views are shown however the transcript is cut, or not at all.
        _ => 0,
    }
}

/// A summary without a model: what was summarised before, which files and commands there were, and what the
/// model said last.
pub(crate) fn digest(transcript: &[Entry], entries: u32) -> String {
    let end = usize::try_from(entries).unwrap_or(usize::MAX);
    let old = transcript.get(..end.min(transcript.len())).unwrap_or_default();
    let mut sections =
        vec!["No model could be asked for this summary; it lists what is recorded.".to_owned()];
    let earlier = transcript.iter().rev().find_map(|entry| match entry {
        Entry::ContextChange(ContextChange::Compact { summary, .. }) => Some(summary),
        _ => None,
    });
    if let Some(earlier) = earlier {
        sections.push(format!("## Earlier summary\n{}", shortened(earlier, DIGEST_SUMMARY, None)));
    }
    let files: BTreeSet<&str> = old.iter().flat_map(changed_paths).map(String::as_str).collect();
    if !files.is_empty() {
        let names: Vec<&str> = files.iter().copied().take(DIGEST_FILES).collect();
        let more = files.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        sections.push(format!("## Files changed\n{}{more}", names.join(", ")));
    }
    let calls = calls(old);
    if !calls.is_empty() {
        sections.push(format!("## Last calls\n{}", calls.join("\n")));
    }
    let said = old.iter().rev().find_map(|entry| match entry {
        Entry::Assistant(step) if !step.text.trim().is_empty() => Some(step.text.trim()),
        _ => None,
    });
    if let Some(said) = said {
        sections.push(format!("## You said last\n{}", shortened(said, DIGEST_ANSWER, None)));
    }
    sections.join("\n\n")
}

fn changed_paths(entry: &Entry) -> &[String] {
    match entry {
        Entry::ToolResult(result) => &result.outcome.changed_paths,
        _ => &[],
    }
}

/// The newest calls with the first words of what came of them.
fn calls(entries: &[Entry]) -> Vec<String> {
    let results = entries.iter().rev().filter_map(|entry| match entry {
        Entry::ToolResult(result) => Some(result),
        _ => None,
    });
    let answers: Vec<&AssistantStep> = entries
        .iter()
        .filter_map(|entry| if let Entry::Assistant(step) = entry { Some(step) } else { None })
        .collect();
    let arguments = |id: &slipway_protocol::CallId| {
        let calls = answers.iter().rev().flat_map(|step| &step.tool_calls);
        calls.into_iter().find(|call| call.id == *id).map_or("", |call| call.arguments.as_str())
    };
    let mut lines: Vec<String> = results
        .take(DIGEST_CALLS)
        .map(|result| {
            format!(
                "- {} {} → {} [{}]",
                result.name,
                one_line(arguments(&result.call_id)),
                one_line(&result.outcome.text),
                result.call_id
            )
        })
        .collect();
    lines.reverse();
    lines
}

fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = words.chars().take(DIGEST_QUOTE).collect();
    if cut.len() < words.len() { format!("{cut}…") } else { cut }
}

/// What the model is shown instead of the oldest entries: the person's words, which are never summarised,
/// and the summary. The first message comes first, as it did before, so that the cache serves it.
pub(crate) fn head(said: &[&UserMessage], summary: &str) -> String {
    let mut sections = Vec::new();
    let (first, later) = said.split_first().map_or((None, said), |(first, later)| (Some(first), later));
    if let Some(first) = first {
        sections.push(shortened(&first.text, FIRST_MESSAGE, Some(first)));
    }
    sections.push(
        "[Slipway] The conversation had become too long for your window. What follows stands for its older \
         part. Nothing is lost: recall_output shows the full output of any earlier call."
            .to_owned(),
    );
    let mut room = ALL_MESSAGES;
    let mut shown = Vec::new();
    let mut left_out = Vec::new();
    for message in later.iter().rev() {
        let text = shortened(&message.text, LATER_MESSAGE, Some(message));
        if left_out.is_empty() && text.len() <= room {
            room -= text.len();
            shown.push(format!("- {text}"));
        } else {
            left_out.push(message.id.as_str());
        }
    }
    if !left_out.is_empty() {
        left_out.reverse();
        shown.push(format!(
            "[Slipway] {} earlier messages are left out; recall_output with one of these as call_id shows \
             them: {}",
            left_out.len(),
            left_out.join(", ")
        ));
    }
    if !shown.is_empty() {
        shown.reverse();
        sections.push(format!("# What the person said after that\n{}", shown.join("\n")));
    }
    sections.push(format!("# Summary\n{}", summary.trim()));
    sections.join("\n\n")
}

/// A text with its middle left out, if it is too long; `message` is where the whole is to be had.
fn shortened(text: &str, most: usize, message: Option<&UserMessage>) -> String {
    let Excerpt { head, left_out, tail } = excerpt(text, most * 3 / 4, most / 4);
    if left_out.is_empty() {
        return text.to_owned();
    }
    let how = message.map_or_else(String::new, |message| {
        format!("; recall_output with call_id \"{}\" shows them", message.id)
    });
    format!("{head}\n[Slipway] {} characters are left out here{how}.\n{tail}", left_out.chars().count())
}
