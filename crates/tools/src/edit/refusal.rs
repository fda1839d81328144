//! Why an edit was refused, told so that the next call can be right.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt::Write as _;

use super::arguments::Edit;
use super::document::{Document, Line};
use super::matching::Pass;
use super::plan::PROOF;
use super::request::{RequestError, Span, Target};

/// Lines shown on each side of the place in question.
const CONTEXT: usize = 3;

/// As many candidates and occurrences are listed; more are counted.
const MAX_LISTED: usize = 6;

/// As many lines of changed text are shown.
const MAX_SHOWN: usize = 40;

/// Lines longer than this many characters are cut in messages.
const MAX_LINE: usize = 200;

/// What to do about text that changed.
const AGAIN: &str = "If the edit is still needed, send it again for these lines.\n";

/// Why one edit cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It makes no sense whatever the file holds.
    Request(RequestError),
    /// Its text is not where it should be, nor anywhere else.
    NotFound(Target),
    /// Its text is at one other place only, but too common to be moved there.
    TooCommon(Target, Span),
    /// The model was never shown the file, and its text, found here, does not prove the place.
    Unseen(Target, Span),
    /// The pasted block is not there, and its length is not that of the range.
    Length(Target, usize),
    /// Several places fit.
    Ambiguous(Target, Vec<Span>),
    /// The lines changed after the model saw them; this stands there now.
    Changed(Span, Span),
    /// It would change nothing.
    Unchanged(Span),
    /// It would write this comment in place of code.
    Placeholder(String),
    /// It meets another edit of the call, counted from 1, at these lines.
    Overlap(usize, Span),
}

impl Refusal {
    /// The refusal of edit `number` in words. `document` is what the edit's numbers refer to, `disk` the
    /// file as it is.
    pub(super) fn describe(
        &self,
        number: usize,
        edit: &Edit,
        document: &Document<'_>,
        disk: &Document<'_>,
    ) -> String {
        let lines = document.lines.as_slice();
        let reason = match self {
            Self::Request(error) => format!("{error}.\n"),
            Self::NotFound(target) => not_found(target, lines, edit),
            Self::TooCommon(target, place) => too_common(target, *place, lines),
            Self::Unseen(target, place) => unseen(target, *place, lines),
            Self::Length(target, pasted) => length(target, *pasted, lines, edit),
            Self::Ambiguous(target, candidates) => ambiguous(target, candidates, lines),
            Self::Changed(seen, now) => changed(*seen, *now, &disk.lines),
            Self::Unchanged(span) => format!(
                "replace_content is what line{} {span} already hold{}; nothing would change. (A newline at its end only \
                 ends the last line; two add a blank one.)\n",
                if span.len() == 1 { "" } else { "s" },
                if span.len() == 1 { "s" } else { "" },
            ),
            Self::Placeholder(comment) => format!(
                "replace_content leaves code out with {comment:?}. It would be written to the file as it is: write \
                 every line, or make smaller edits around the lines that stay. If the file is really to hold this \
                 line, put it there with run_terminal_command.\n"
            ),
            Self::Overlap(other, span) => format!(
                "it overlaps edit {other} at line{} {span}. Join the two into one edit.\n",
                if span.len() == 1 { "" } else { "s" },
            ),
        };
        format!("Edit {number} ({}): {reason}", edit.remove_line_number.trim())
    }
}

fn not_found(target: &Target, lines: &[Line<'_>], edit: &Edit) -> String {
    let mut text = format!("content_to_remove is not at or within 3 lines of {}.\n", at(target.stated));
    if target.stated.start >= lines.len() {
        let _ = writeln!(text, "The file has {} lines.", lines.len());
    }
    compare(&mut text, target, lines);
    occurrences(&mut text, target, lines);
    hints(&mut text, target, edit);
    surroundings(&mut text, target.stated, lines);
    text
}

fn too_common(target: &Target, place: Span, lines: &[Line<'_>]) -> String {
    let mut text = format!(
        "content_to_remove is not at or within 3 lines of {}. It fits {} only, but says too little to be moved \
         there. If that is meant, send \"{place}\".\n",
        at(target.stated),
        at(place)
    );
    surroundings(&mut text, target.stated, lines);
    surroundings(&mut text, place, lines);
    text
}

fn unseen(target: &Target, place: Span, lines: &[Line<'_>]) -> String {
    let off = if place == target.stated {
        format!("content_to_remove says too little to prove {}", at(place))
    } else {
        format!("content_to_remove is at {}, not at {}", at(place), at(target.stated))
    };
    let mut text = format!(
        "you were not shown this file in this conversation, so its lines must be named exactly, and by at least \
         {PROOF} letters and digits; {off}. Read the file first, or send the exact numbers and more lines of the \
         text.\n"
    );
    surroundings(&mut text, place, lines);
    text
}

fn length(target: &Target, pasted: usize, lines: &[Line<'_>], edit: &Edit) -> String {
    let mut text = format!(
        "content_to_remove holds {pasted} lines, but {} has {}, and the text is not there line for line. Give the \
         first line, a line with only [TO], and the last line.\n",
        at(target.stated),
        target.stated.len()
    );
    compare(&mut text, target, lines);
    hints(&mut text, target, edit);
    surroundings(&mut text, target.stated, lines);
    text
}

fn ambiguous(target: &Target, candidates: &[Span], lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    let stated = candidates.contains(&target.stated);
    let _ = writeln!(
        text,
        "content_to_remove {} and fits {} place{}:",
        if stated {
            "differs in indentation from the stated lines".to_owned()
        } else {
            format!("is not exactly at {}", at(target.stated))
        },
        candidates.len(),
        if candidates.len() == 1 { "" } else { "s" },
    );
    for candidate in candidates.iter().take(MAX_LISTED) {
        let first = lines.get(candidate.start).map(shown).unwrap_or_default();
        let _ = match candidate.len() {
            0 | 1 => writeln!(text, "  {candidate}: {first}"),
            _ => {
                let last = lines.get(candidate.end - 1).map(shown).unwrap_or_default();
                writeln!(text, "  {candidate}: {first} ... {last}")
            }
        };
    }
    if candidates.len() > MAX_LISTED {
        let _ = writeln!(text, "  and {} more", candidates.len() - MAX_LISTED);
    }
    text.push_str(if stated {
        "Copy the lines with their indentation, or give several lines of text before and after [TO].\n"
    } else {
        "Send the exact numbers, or several lines of text before and after [TO].\n"
    });
    surroundings(&mut text, target.stated, lines);
    text
}

fn changed(seen: Span, now: Span, disk: &[Line<'_>]) -> String {
    if now.len() == 0 {
        let mut text =
            format!("{} was deleted after you were shown it. Around that place there is now:\n", at(seen));
        number_lines(
            &mut text,
            Span { start: now.start.saturating_sub(CONTEXT), end: now.start + CONTEXT },
            disk,
        );
        text.push_str(AGAIN);
        return text;
    }
    let mut text = format!(
        "{} changed after you were shown the file. In that place there is now {}:\n",
        at(seen),
        at(now)
    );
    number_lines(&mut text, Span { end: now.end.min(now.start + MAX_SHOWN), ..now }, disk);
    if now.len() > MAX_SHOWN {
        let _ = writeln!(text, "(and {} lines more)", now.len() - MAX_SHOWN);
    }
    text.push_str(AGAIN);
    text
}

/// Shows the first line that is not what the model expected, at the stated place.
fn compare(text: &mut String, target: &Target, lines: &[Line<'_>]) {
    let (first, last) = target.anchors.parts();
    let last_start = target.stated.end.saturating_sub(last.len());
    let pairs = first.iter().zip(target.stated.start..).chain(last.iter().zip(last_start..));
    for (expected, index) in pairs {
        let Some(line) = lines.get(index) else {
            let _ = writeln!(text, "Expected {}; there is no line {}.", quoted(expected), index + 1);
            return;
        };
        if Pass::Strict.matches(line, expected) {
            continue;
        }
        let note = if Pass::Folded.matches(line, expected) {
            " (only white space or punctuation differs)"
        } else {
            ""
        };
        let _ =
            writeln!(text, "Expected {}\nbut line {} is {}{note}.", quoted(expected), index + 1, shown(line));
        return;
    }
}

/// Says where else the ends of the range occur.
fn occurrences(text: &mut String, target: &Target, lines: &[Line<'_>]) {
    let (first, last) = target.anchors.parts();
    let ends = match last.last() {
        Some(last) => vec![("first", first.first()), ("last", Some(last))],
        None => vec![("first", first.first())],
    };
    for (name, anchor) in ends {
        let Some(anchor) = anchor.filter(|anchor| !anchor.trim().is_empty()) else { continue };
        let pass = Pass::ALL.into_iter().find(|pass| lines.iter().any(|line| pass.matches(line, anchor)));
        let Some(pass) = pass else {
            let _ = write!(text, "The {name} line of the text is nowhere in this file");
            let _ = match closest(anchor, target.stated.start, lines) {
                Some((number, line)) => writeln!(text, "; most like it is line {number}: {}.", shown(line)),
                None => writeln!(text, "."),
            };
            continue;
        };
        let matches = lines.iter().zip(1..).filter(|(line, _)| pass.matches(line, anchor));
        let numbers: Vec<String> = matches.map(|(_, number): (_, usize)| number.to_string()).collect();
        let more = numbers.len().saturating_sub(MAX_LISTED);
        let listed = numbers.into_iter().take(MAX_LISTED).collect::<Vec<_>>().join(", ");
        let rest = if more > 0 { format!(" and {more} more places") } else { String::new() };
        let white = if pass == Pass::Strict { "" } else { ", with other white space or punctuation" };
        let _ = writeln!(text, "The {name} line of the text is at line {listed}{rest}{white}.");
    }
}

/// The line that has most words in common with `anchor`, at least half of both; of equals the nearest.
fn closest<'a>(anchor: &str, stated: usize, lines: &'a [Line<'a>]) -> Option<(usize, &'a Line<'a>)> {
    let wanted = words(anchor);
    let scored = lines.iter().enumerate().filter_map(|(index, line)| {
        let text = line.text();
        let found = words(&text);
        let shared = found.intersection(&wanted).count();
        let all = found.len() + wanted.len();
        // In thousandths, so that it can be ordered.
        let likeness = 2000 * shared / all.max(1);
        (likeness >= 500).then_some(((likeness, Reverse(index.abs_diff(stated))), (index + 1, line)))
    });
    scored.max_by_key(|(score, _)| *score).map(|(_, found)| found)
}

fn words(text: &str) -> HashSet<&str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

fn hints(text: &mut String, target: &Target, edit: &Edit) {
    let numbered = |line: &String| {
        let rest = line.trim_start().trim_start_matches(|character: char| character.is_ascii_digit());
        rest.len() < line.trim_start().len() && rest.starts_with(['\t', '|'])
    };
    if target.anchors.lines().all(numbered) {
        text.push_str("Leave the line numbers of the view out of content_to_remove.\n");
    }
    if edit.content_to_remove.contains("\\n") || edit.content_to_remove.contains("\\\"") {
        text.push_str(
            "content_to_remove holds backslash escapes (\\n or \\\"): it may have been escaped twice.\n",
        );
    }
}

fn surroundings(text: &mut String, span: Span, lines: &[Line<'_>]) {
    if lines.is_empty() {
        text.push_str(
            "The file is empty; fill it with remove_line_number \"0\" and empty content_to_remove.\n",
        );
        return;
    }
    let around = |index: usize| {
        let index = index.min(lines.len() - 1);
        Span { start: index.saturating_sub(CONTEXT), end: (index + CONTEXT + 1).min(lines.len()) }
    };
    let (first, last) = (around(span.start), around(span.end.max(1) - 1));
    text.push_str("There is:\n");
    if last.start <= first.end {
        number_lines(text, Span { start: first.start, end: last.end }, lines);
    } else {
        number_lines(text, first, lines);
        text.push_str("...\n");
        number_lines(text, last, lines);
    }
}

fn number_lines(text: &mut String, span: Span, lines: &[Line<'_>]) {
    for index in span.start..span.end {
        if let Some(line) = lines.get(index) {
            let _ = writeln!(text, "{}\t{}", index + 1, cut(&line.text()));
        }
    }
}

fn at(span: Span) -> String {
    format!("line{} {span}", if span.len() == 1 { "" } else { "s" })
}

fn shown(line: &Line<'_>) -> String {
    quoted(&line.text())
}

fn quoted(text: &str) -> String {
    format!("{:?}", cut(text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_LINE) {
        Some((at, _)) => format!("{}[cut]", text.split_at(at).0),
        None => text.to_owned(),
    }
}
