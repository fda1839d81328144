//! What the model is told of a search.

use std::fmt::Write as _;

use serde_json::json;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};

use super::collect::Role;
use super::scan::{End, FileFindings, Findings};

/// The outcome of a search for `pattern` in `place`.
pub(super) fn outcome(pattern: &str, place: &str, findings: &Findings) -> ToolOutcome {
    let mut text = String::new();
    for file in &findings.files {
        write_file(&mut text, file);
    }
    let more = findings.matches - findings.kept;
    if more > 0 {
        let _ = writeln!(
            text,
            "… {more} more matches; in all {}{} in {} files: narrow the search down, or raise limit",
            if findings.end == End::Complete { "" } else { "at least " },
            findings.matches,
            findings.matching_files
        );
    }
    if findings.matches == 0 {
        let binary = match findings.binary {
            0 => String::new(),
            count => format!("; {count} binary ones left out"),
        };
        let searched = findings.searched;
        let _ = writeln!(text, "No match for `{pattern}` in {place} ({searched} files searched{binary}).");
    }
    match findings.end {
        End::Complete => {}
        End::TimeLimit => {
            text.push_str("The search took too long and was broken off: name a smaller path.\n")
        }
        End::TooMany => text.push_str(
            "There are so many matches that the search was broken off: make the pattern narrower.\n",
        ),
        End::Cancelled => text.push_str("The search was stopped.\n"),
    }
    let status = if findings.end == End::Cancelled { ToolStatus::Stopped } else { ToolStatus::Ok };
    let paths: Vec<_> = findings.files.iter().map(|file| file.path.to_string_lossy()).collect();
    ToolOutcome {
        data: json!({
            "matches": findings.matches,
            "files": findings.matching_files,
            "shown": findings.kept,
            "searched": findings.searched,
            "paths": paths,
        }),
        truncated: more > 0 || findings.end != End::Complete,
        ..ToolOutcome::new(status, text.trim_end())
    }
}

/// A file's name on a line of its own, then `12:` before matching lines and `13-` before context.
fn write_file(text: &mut String, file: &FileFindings) {
    let _ = writeln!(text, "{}", file.path.to_string_lossy());
    for line in &file.lines {
        let _ = match line.role {
            Role::Match => writeln!(text, "{}:{}", line.number, line.text),
            Role::Context => writeln!(text, "{}-{}", line.number, line.text),
            Role::Break => writeln!(text, "--"),
        };
    }
    text.push('\n');
}
