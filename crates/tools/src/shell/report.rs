//! What the model and the person are told of a command.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::recording::{Kept, Recording};
use super::text::plain;
use crate::bounds::OutputBounds;

/// How much of an output the model is shown, as a part of what the bounds allow: one in so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share(usize);

/// For the output of the command that was called for.
pub(crate) const WHOLE_ANSWER: Share = Share(1);

/// For what else was printed.
pub(super) const SIDE_NOTE: Share = Share(7);

/// The same in characters.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// Most characters of the beginning when the middle is left out.
    head: usize,
    /// Most characters of the end; errors tend to be there.
    tail: usize,
}

impl Room {
    fn of(bounds: OutputBounds, share: Share) -> Self {
        let chars = bounds.chars / share.0;
        let head = chars * 2 / 5;
        Self { head, tail: chars - head }
    }
}

/// Structured particulars of a command, for the UI.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommandData {
    /// What was run.
    pub command: String,
    /// The shell's directory afterwards; the one before while the command still runs.
    pub cwd: String,
    /// The exit code, once there is one (128 and the signal's number when a signal ended it).
    pub exit_code: Option<i32>,
    /// How long it has run so far.
    pub duration_ms: u64,
    /// Where it stands.
    pub status: CommandStatus,
    /// The handle for the process tool, if the command goes on.
    pub process_id: Option<String>,
    /// Bytes that it has printed so far.
    pub total_bytes: u64,
    /// The file with the whole output, when the text shows only part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_output: Option<String>,
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandStatus {
    /// It has ended by itself.
    Exited,
    /// It goes on.
    Running,
    /// It was stopped on request.
    Killed,
    /// It goes on when somebody types something.
    WaitingForInput,
}

/// Output as the model is shown it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Plain text, ending with a newline unless empty.
    pub(crate) text: String,
    /// The file with everything, if the text leaves something out and the file could be written.
    pub(crate) full_output: Option<String>,
    /// Whether the text leaves something out.
    pub(crate) truncated: bool,
}

/// Shows a recording's output from byte `from` on.
pub(crate) fn show(recording: &mut Recording, from: u64, share: Share) -> Shown {
    let kept = recording.since(from);
    let room = Room::of(recording.bounds(), share);
    let Some((head, left_out, tail)) = cut(&kept, room) else {
        return Shown { text: with_newline(plain(&kept.head)), ..Shown::default() };
    };
    let full_output = recording.full_output().map(|path| path.display().to_string());
    let reference = match &full_output {
        Some(path) => format!("full output: {path}"),
        None => {
            let reason = recording.refusal().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("the full output could not be kept{reason}")
        }
    };
    let text =
        format!("{}[… {left_out} bytes left out; {reference} …]\n{}", with_newline(head), with_newline(tail));
    Shown { text, full_output, truncated: true }
}

/// Beginning, number of bytes left out, and end; `None` when everything can be shown.
fn cut(kept: &Kept, room: Room) -> Option<(String, u64, String)> {
    if kept.omitted == 0 {
        let all = plain(&kept.head);
        let count = all.chars().count();
        if count <= room.head + room.tail {
            return None;
        }
        let head = all.get(..char_offset(&all, room.head)).unwrap_or_default();
        let tail = all.get(char_offset(&all, count - room.tail)..).unwrap_or_default();
        let left_out = all.len() - head.len() - tail.len();
        return Some((head.to_owned(), left_out as u64, tail.to_owned()));
    }
    let (head, tail) = (plain(&kept.head), plain(&kept.tail));
    let shown_head = head.get(..char_offset(&head, room.head)).unwrap_or_default();
    let tail_count = tail.chars().count();
    let tail_start = char_offset(&tail, tail_count.saturating_sub(room.tail));
    let shown_tail = tail.get(tail_start..).unwrap_or_default();
    let cut_off = (head.len() - shown_head.len()) + (tail.len() - shown_tail.len());
    Some((shown_head.to_owned(), kept.omitted + cut_off as u64, shown_tail.to_owned()))
}

fn char_offset(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(offset, _)| offset)
}

fn with_newline(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A duration as a person says it, for example `0.4 s` or `3 min 5 s`.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let mut text = String::new();
    let written = match seconds {
        0..60 => write!(text, "{:.1} s", duration.as_secs_f64()),
        60..3600 => write!(text, "{} min {} s", seconds / 60, seconds % 60),
        _ => write!(text, "{} h {} min", seconds / 3600, seconds % 3600 / 60),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
    text
}
