//! `edit_file`: what is applied where, what is refused, and what is said about it.

mod anchors;
mod bytes;
mod disk;
mod indentation;
mod properties;
mod rebasing;
mod refusals;
mod texts;

use slipway_tools::edit::{Edit, EditFileArgs, EditRequest, Edited, edit};

/// One edit as (remove_line_number, content_to_remove, replace_content).
type Triple<'a> = (&'a str, &'a str, &'a str);

fn call(edits: &[Triple<'_>]) -> EditFileArgs {
    let edit = |(numbers, content, replacement): &Triple<'_>| Edit {
        remove_line_number: (*numbers).to_owned(),
        content_to_remove: (*content).to_owned(),
        replace_content: (*replacement).to_owned(),
    };
    EditFileArgs { file: "file".to_owned(), edits: edits.iter().map(edit).collect() }
}

/// A file that the model was shown as it is, unless `seen` says otherwise.
fn run(file: &[u8], seen: Option<&[u8]>, edits: &[Triple<'_>]) -> Edited {
    edit(&EditRequest { disk: file, seen: Some(seen.unwrap_or(file)) }, "file", &call(edits))
}

/// The edits apply and make `expected` of `file`; returns what the model is told.
#[track_caller]
fn applies(file: &str, edits: &[Triple<'_>], expected: &str) -> String {
    applies_bytes(file.as_bytes(), None, edits, expected.as_bytes())
}

#[track_caller]
fn applies_bytes(file: &[u8], seen: Option<&[u8]>, edits: &[Triple<'_>], expected: &[u8]) -> String {
    match run(file, seen, edits) {
        Edited::Applied { bytes, text, .. } => {
            assert_eq!(bytes.escape_ascii().to_string(), expected.escape_ascii().to_string(), "{text}");
            text
        }
        Edited::Refused { text } => panic!("refused: {text}"),
    }
}

/// The call is refused; returns what the model is told.
#[track_caller]
fn refused(file: &str, edits: &[Triple<'_>]) -> String {
    refused_bytes(file.as_bytes(), None, edits)
}

#[track_caller]
fn refused_bytes(file: &[u8], seen: Option<&[u8]>, edits: &[Triple<'_>]) -> String {
    match run(file, seen, edits) {
        Edited::Refused { text } => text,
        Edited::Applied { bytes, text, .. } => panic!("applied: {text}\n{}", bytes.escape_ascii()),
    }
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

/// `count` numbered lines that all differ: `line 1` and so on.
fn numbered(count: usize) -> String {
    (1..=count).map(|number| format!("line {number}\n")).collect()
}
