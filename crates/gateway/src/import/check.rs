//! Whether a file can be a conversation here. What is refused is named by its place in the file.

use std::collections::HashSet;

use slipway_protocol::export::{ConversationExport, ExportedRun, FORMAT, VERSION};
use slipway_protocol::transcript::{ContextChange, Entry};

/// Most runs of a file.
const MOST_RUNS: usize = 10_000;
/// Most entries of a file.
const MOST_ENTRIES: usize = 100_000;
/// Longest title, in characters; a conversation's own is no longer.
const MAX_TITLE: usize = 200;
/// Longest id and name, in bytes.
const MAX_NAME: usize = 500;
/// The end of the year 9999, in ms since the epoch.
const LATEST: i64 = 253_402_300_799_999;

/// Why a file cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    /// It is something else.
    #[error("it is no exported conversation: `format` is not \"{FORMAT}\"")]
    Format,
    /// It is from a newer Slipway.
    #[error("it has version {0} of the format, and this Slipway knows those from 1 to {VERSION}")]
    Version(u32),
    /// It has too much of something.
    #[error("it has more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are possible.
        most: usize,
    },
    /// Something in it makes no sense.
    #[error("{place} {reason}")]
    At {
        /// Where.
        place: String,
        /// Why it makes none.
        reason: String,
    },
}

/// Looks for something that makes no sense.
pub(crate) fn check(export: &ConversationExport) -> Result<(), Flaw> {
    if export.format != FORMAT {
        return Err(Flaw::Format);
    }
    if export.version == 0 || export.version > VERSION {
        return Err(Flaw::Version(export.version));
    }
    if export.runs.len() > MOST_RUNS {
        return Err(Flaw::TooMany { what: "runs", most: MOST_RUNS });
    }
    if export.runs.iter().map(|run| run.entries.len()).sum::<usize>() > MOST_ENTRIES {
        return Err(Flaw::TooMany { what: "entries", most: MOST_ENTRIES });
    }
    let conversation = &export.conversation;
    let title = conversation.title.trim();
    if title.chars().count() > MAX_TITLE || title.contains(char::is_control) {
        return Err(at("conversation.title", format!("is not one line of at most {MAX_TITLE} characters")));
    }
    time("conversation.created_at", conversation.created_at)?;
    time("conversation.updated_at", conversation.updated_at)?;
    let mut seen = Seen::default();
    let mut last = 0;
    for (place, run) in export.runs.iter().enumerate() {
        let place = format!("runs[{place}]");
        check_run(&place, run, &mut seen)?;
        if run.started_at < last {
            return Err(at(&format!("{place}.started_at"), "is before that of the run before".to_owned()));
        }
        last = run.started_at;
    }
    Ok(())
}

/// What earlier entries have named.
#[derive(Default)]
struct Seen<'a> {
    entries: usize,
    messages: HashSet<&'a str>,
    calls: HashSet<&'a str>,
    results: HashSet<&'a str>,
}

fn check_run<'a>(place: &str, run: &'a ExportedRun, seen: &mut Seen<'a>) -> Result<(), Flaw> {
    name(&format!("{place}.provider.id"), run.provider.id.as_str())?;
    name(&format!("{place}.provider.name"), &run.provider.name)?;
    name(&format!("{place}.provider.profile"), &run.provider.profile)?;
    name(&format!("{place}.model"), &run.model)?;
    time(&format!("{place}.started_at"), run.started_at)?;
    if let Some(ended_at) = run.ended_at {
        time(&format!("{place}.ended_at"), ended_at)?;
    }
    for (number, entry) in run.entries.iter().enumerate() {
        check_entry(&format!("{place}.entries[{number}]"), entry, seen)?;
        seen.entries += 1;
    }
    Ok(())
}

fn check_entry<'a>(place: &str, entry: &'a Entry, seen: &mut Seen<'a>) -> Result<(), Flaw> {
    match entry {
        Entry::User(message) => {
            time(&format!("{place}.created_at"), message.created_at)?;
            new(&format!("{place}.id"), message.id.as_str(), &mut seen.messages)
        }
        Entry::Assistant(step) => {
            time(&format!("{place}.created_at"), step.created_at)?;
            new(&format!("{place}.id"), step.id.as_str(), &mut seen.messages)?;
            for (number, call) in step.tool_calls.iter().enumerate() {
                let place = format!("{place}.tool_calls[{number}]");
                name(&format!("{place}.name"), &call.name)?;
                new(&format!("{place}.id"), call.id.as_str(), &mut seen.calls)?;
            }
            Ok(())
        }
        Entry::ToolResult(result) => {
            let place_of_id = format!("{place}.call_id");
            time(&format!("{place}.created_at"), result.created_at)?;
            known(&place_of_id, result.call_id.as_str(), &seen.calls)?;
            new(&place_of_id, result.call_id.as_str(), &mut seen.results)
        }
        Entry::Correction(correction) => {
            known(&format!("{place}.call_id"), correction.call_id.as_str(), &seen.calls)
        }
        Entry::ContextChange(ContextChange::Compact { entries, .. })
            if usize::try_from(*entries).is_ok_and(|entries| entries > seen.entries) =>
        {
            Err(at(&format!("{place}.entries"), "counts more entries than there are before it".to_owned()))
        }
        Entry::View(_) | Entry::Notice(_) | Entry::Handover(_) | Entry::ContextChange(_) | Entry::Plan(_) => {
            Ok(())
        }
    }
}

/// An id that nothing has had before.
fn new<'a>(place: &str, id: &'a str, seen: &mut HashSet<&'a str>) -> Result<(), Flaw> {
    name(place, id)?;
    if id.is_empty() {
        return Err(at(place, "is empty".to_owned()));
    }
    if seen.insert(id) { Ok(()) } else { Err(at(place, format!("is {id:?}, which stands there twice"))) }
}

/// A call that was made before.
fn known(place: &str, id: &str, calls: &HashSet<&str>) -> Result<(), Flaw> {
    if calls.contains(id) { Ok(()) } else { Err(at(place, "names no call that was made before".to_owned())) }
}

fn name(place: &str, text: &str) -> Result<(), Flaw> {
    if text.len() > MAX_NAME {
        return Err(at(place, format!("has more than {MAX_NAME} bytes")));
    }
    if text.contains(char::is_control) {
        return Err(at(place, "has control characters".to_owned()));
    }
    Ok(())
}

fn time(place: &str, at_ms: i64) -> Result<(), Flaw> {
    if (0..=LATEST).contains(&at_ms) {
        return Ok(());
    }
    Err(at(place, "is no time in ms since 1970 and before the year 10000".to_owned()))
}

fn at(place: &str, reason: String) -> Flaw {
    Flaw::At { place: format!("`{place}`"), reason }
}
