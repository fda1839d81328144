//! `read_file`: opens files in the model's view.

use std::io;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_protocol::id::ConversationId;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};
use slipway_protocol::view::{LineRange, ViewChange};

use super::{count_text, missing, ranges_text, reason_text, size_text};
use crate::bounds::ViewBounds;
use crate::edit::Document;
use crate::registry::{OneOrMany, Tool, ToolContext};
use crate::views::{FileKind, Shown, Views, merged, shown};
use crate::workspace::{Access, MAX_FILE_BYTES, Place, Workspace, read_regular};

/// Most files of one call; a model that asks for more is told which were left out.
const MAX_FILES: usize = 20;

/// Arguments of `read_file`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ReadFileArguments {
    /// Path of the file, or a list of paths; relative to the workspace or absolute.
    file: OneOrMany<String>,
    /// First line to show, counted from 1. Only needed for parts of a large file.
    #[serde(default)]
    start_line: Option<u32>,
    /// Last line to show, included.
    #[serde(default)]
    end_line: Option<u32>,
}

/// `data` of the outcome.
#[derive(Debug, Serialize)]
pub struct ReadFileData {
    /// The files that are open now, in the order asked for.
    pub files: Vec<OpenedFile>,
}

/// A file that was opened.
#[derive(Debug, Serialize)]
pub struct OpenedFile {
    /// Normalised workspace path.
    pub path: String,
    /// Lines of the whole file.
    pub lines: usize,
    /// Bytes of the whole file.
    pub bytes: usize,
    /// What is shown of it; empty means all.
    pub shown: Vec<LineRange>,
}

/// Opens files.
pub struct ReadFile {
    views: Arc<Views>,
}

impl ReadFile {
    /// The tool on a host's views.
    pub fn new(views: Arc<Views>) -> Self {
        Self { views }
    }
}

impl Tool for ReadFile {
    type Arguments = ReadFileArguments;
    const NAME: &'static str = "read_file";
    const DESCRIPTION: &'static str = "Open one or more text files. An open file is shown to you with numbered lines \
and is kept up to date by itself after every change, whoever makes it, so never read it again to see changes; close \
files that you no longer need with close_file. Large files are shown in part: use start_line and end_line to see \
other parts.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: ReadFileArguments, context: ToolContext) -> ToolOutcome {
        let wanted = match wanted_range(arguments.start_line, arguments.end_line) {
            Ok(wanted) => wanted,
            Err(text) => return ToolOutcome::error(text),
        };
        let call = context.clone();
        context.blocking(move || self.open_all(&arguments.file.0, wanted, &call)).await
    }
}

fn wanted_range(start: Option<u32>, end: Option<u32>) -> Result<Option<LineRange>, String> {
    match (start, end) {
        (None, None) => Ok(None),
        (start, end) => {
            let range = LineRange { start: start.unwrap_or(1), end: end.unwrap_or(u32::MAX) };
            if range.start == 0 || range.end < range.start {
                return Err(format!(
                    "start_line {} and end_line {} make no range: lines count from 1, and the end must not lie \
                     before the start.",
                    range.start, range.end
                ));
            }
            Ok(Some(range))
        }
    }
}

impl ReadFile {
    fn open_all(&self, files: &[String], wanted: Option<LineRange>, context: &ToolContext) -> ToolOutcome {
        if files.is_empty() {
            return ToolOutcome::error("`file` is an empty list: name at least one file.");
        }
        let (mut lines, mut data, mut changes) = (Vec::new(), ReadFileData { files: Vec::new() }, Vec::new());
        let mut failed = false;
        for file in files.iter().take(MAX_FILES) {
            match self.open(file, wanted, context) {
                Ok((line, opened)) => {
                    changes
                        .push(ViewChange::Open { path: opened.path.clone(), ranges: opened.shown.clone() });
                    data.files.push(opened);
                    lines.push(line);
                }
                Err(line) => {
                    failed = true;
                    lines.push(line);
                }
            }
        }
        if let Some(left_out) = files.get(MAX_FILES..).filter(|rest| !rest.is_empty()) {
            failed = true;
            lines.push(format!(
                "Not opened, because {MAX_FILES} files per call are the limit: {}",
                left_out.join(", ")
            ));
        }
        let text = lines.join("\n");
        let outcome = if failed { ToolOutcome::error(text) } else { ToolOutcome::ok(text) };
        let data = serde_json::to_value(data).unwrap_or_default();
        ToolOutcome { data, view_changes: changes, ..outcome }
    }

    fn open(
        &self,
        file: &str,
        wanted: Option<LineRange>,
        context: &ToolContext,
    ) -> Result<(String, OpenedFile), String> {
        let place = context
            .workspace
            .resolve(file, Access::Read)
            .map_err(|error| format!("Cannot read: {error}."))?;
        let name = &place.name;
        let (bytes, _) =
            read_regular(&place.absolute).map_err(|error| refusal(&context.workspace, &place, &error))?;
        if let Some(kind) = FileKind::of(&bytes).refusal() {
            let size = size_text(bytes.len() as u64);
            return Err(format!(
                "{name} ({size}) is not text but {}: it cannot be shown here.",
                with_article(&kind)
            ));
        }
        let lines = Document::parse(&bytes).lines.len();
        if let Some(wanted) = wanted
            && wanted.start as usize > lines.max(1)
        {
            return Err(format!(
                "{name} has only {}: start_line {} lies beyond.",
                count_text(lines, "line"),
                wanted.start
            ));
        }
        let before = self.views.open_ranges(&context.conversation_id, name, &bytes);
        let unchanged = self.is_known(&context.conversation_id, name, &bytes);
        let bounds = self.views.bounds();
        let ranges = open_more((&bytes, lines), before.as_deref(), wanted, bounds);
        let already = unchanged && before.as_ref() == Some(&ranges);
        self.views.set_open(&context.conversation_id, name, &ranges, &bytes);
        let line = opened_text(name, (&bytes, lines), shown(&bytes, &ranges, bounds), already);
        Ok((line, OpenedFile { path: name.clone(), lines, bytes: bytes.len(), shown: ranges }))
    }

    fn is_known(&self, conversation: &ConversationId, name: &str, bytes: &[u8]) -> bool {
        self.views.seen(conversation, name).is_some_and(|seen| *seen == *bytes)
    }
}

/// What is to be open now: what was open before and what is asked for.
fn open_more(
    (bytes, lines): (&[u8], usize),
    before: Option<&[LineRange]>,
    wanted: Option<LineRange>,
    bounds: ViewBounds,
) -> Vec<LineRange> {
    let last = u32::try_from(lines).unwrap_or(u32::MAX).max(1);
    let default = match shown(bytes, &[], bounds) {
        Shown::All => None,
        Shown::Part(windows) => Some(windows),
    };
    let wanted = wanted.map(|range| LineRange { start: range.start, end: range.end.min(last) });
    match (default, before, wanted) {
        (None, _, None) | (None, Some([]), Some(_)) => Vec::new(),
        (Some(_), None | Some([]), None) => Vec::new(),
        (None, before, Some(wanted)) | (Some(_), before @ (None | Some([_, ..])), Some(wanted)) => {
            merged(before.unwrap_or_default().iter().copied().chain([wanted]), 0)
        }
        (Some(windows), Some([]), Some(wanted)) => merged(windows.into_iter().chain([wanted]), 0),
        (Some(windows), Some(before), None) => merged(windows.into_iter().chain(before.iter().copied()), 0),
    }
}

fn opened_text(name: &str, (bytes, lines): (&[u8], usize), shown: Shown, already: bool) -> String {
    let head = format!("{name} ({}, {})", count_text(lines, "line"), size_text(bytes.len() as u64));
    match (shown, already) {
        (_, true) => format!("{head} was open already and is unchanged: see its view above."),
        (Shown::All, false) => format!("{head} is open below."),
        (Shown::Part(windows), false) => {
            format!("{head} is open below in part: {}.", ranges_text(&windows))
        }
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

fn refusal(workspace: &Workspace, place: &Place, error: &io::Error) -> String {
    let name = &place.name;
    match error.kind() {
        io::ErrorKind::NotFound => missing::text(workspace, name),
        io::ErrorKind::IsADirectory => {
            format!("{name} is a directory: use list_directory to see what is in it.")
        }
        io::ErrorKind::FileTooLarge => format!(
            "{name} is larger than {} MiB: look at it with grep_search or with commands such as head and tail.",
            MAX_FILE_BYTES >> 20
        ),
        _ => format!("Cannot read {name}: {}.", reason_text(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_only_grows() {
        let range = |start, end| LineRange { start, end };
        let small = "x\n".repeat(100);
        let large = "x\n".repeat(5_000);
        type Ranges = Vec<LineRange>;
        let cases: [(&str, Option<Ranges>, Option<LineRange>, Ranges); 8] = [
            (&small, None, None, vec![]),
            (&small, None, Some(range(10, 20)), vec![range(10, 20)]),
            (&small, Some(vec![]), Some(range(10, 20)), vec![]),
            (&small, Some(vec![range(10, 20)]), None, vec![]),
            (&large, None, None, vec![]),
            (&large, None, Some(range(4_990, u32::MAX)), vec![range(4_990, 5_000)]),
            (&large, Some(vec![]), Some(range(900, 910)), vec![range(1, 400), range(900, 910)]),
            (&large, Some(vec![range(900, 910)]), None, vec![range(1, 400), range(900, 910)]),
        ];
        for (text, before, wanted, expected) in cases {
            let lines = text.lines().count();
            let open = open_more((text.as_bytes(), lines), before.as_deref(), wanted, ViewBounds::default());
            assert_eq!(open, expected, "{lines} lines, {before:?}, {wanted:?}");
        }
    }
}
