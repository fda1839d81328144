//! The session that is played: reads, edits and quick commands in turn, on a handful of source files.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde_json::{Map, Value, json};
use slipway_scripted_model::script::{Arguments, Reply, ScriptedCall};

/// Files in the workspace; few enough that all can be open without a warning.
const FILES: usize = 6;
/// Lines of each.
const LINES: usize = 200;
/// Commands that end at once.
const COMMANDS: [&str; 4] = ["true", "echo done", "wc -l src/*.rs", "ls src"];

/// What the call of a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Opens a file.
    Read,
    /// Changes a line of a file.
    Edit,
    /// Runs a command in the shell.
    Command,
}

impl Kind {
    /// What step `step` (from 0) does.
    pub(super) fn of(step: usize) -> Self {
        match step % 3 {
            0 => Self::Read,
            1 => Self::Edit,
            _ => Self::Command,
        }
    }
}

/// Writes the session's files.
///
/// # Errors
/// When they cannot be written.
pub(super) fn fill(workspace: &Path) -> anyhow::Result<()> {
    fs::create_dir(workspace.join("src"))?;
    for file in 0..FILES {
        let text: String = (1..=LINES).map(|line| format!("{}\n", original(file, line))).collect();
        fs::write(workspace.join(name(file)), text)?;
    }
    Ok(())
}

/// Checks that a session of `steps` steps has made all its edits.
///
/// # Errors
/// When it has not: then its figures mean nothing.
pub(super) fn check(workspace: &Path, steps: usize) -> anyhow::Result<()> {
    for step in (0..steps).filter(|step| Kind::of(*step) == Kind::Edit) {
        let (file, line) = place(step);
        let text = fs::read_to_string(workspace.join(name(file)))?;
        let found = text.lines().nth(line - 1).context("a line is gone")?;
        if found != changed(step) {
            bail!("step {} was to change line {line} of {}, which is: {found}", step + 1, name(file));
        }
    }
    Ok(())
}

/// The model's answers of a session with real tools; the last one has no calls.
pub(super) fn replies(steps: usize) -> Vec<Reply> {
    let with_calls = (0..steps).map(|step| {
        let (name, arguments) = call(step);
        reply(name, arguments)
    });
    with_calls.chain([last()]).collect()
}

/// The answers of a session with a fake tool `quick`.
pub(super) fn quick_replies(steps: usize) -> Vec<Reply> {
    (0..steps).map(|step| reply("quick", json!({"n": step}))).chain([last()]).collect()
}

fn reply(name: &str, arguments: Value) -> Reply {
    Reply {
        text: "Next I look at what this does and change it where it is needed.".to_owned(),
        tool_calls: vec![ScriptedCall {
            id: None,
            name: name.to_owned(),
            arguments: Arguments::Object(arguments),
            extra: Map::new(),
        }],
        ..Reply::default()
    }
}

fn last() -> Reply {
    Reply { text: "All done.".to_owned(), ..Reply::default() }
}

fn call(step: usize) -> (&'static str, Value) {
    match Kind::of(step) {
        Kind::Read => ("read_file", json!({"file": name((step / 3) % FILES)})),
        Kind::Edit => {
            let (file, line) = place(step);
            let edit = json!({
                "remove_line_number": line.to_string(),
                "content_to_remove": original(file, line),
                "replace_content": changed(step),
            });
            ("edit_file", json!({"file": name(file), "edits": [edit]}))
        }
        Kind::Command => {
            let command = COMMANDS.get((step / 3) % COMMANDS.len()).copied().unwrap_or_default();
            ("run_terminal_command", json!({"command": command}))
        }
    }
}

/// The file and the line (from 1) that an edit is about: the file that was read the step before, and in it
/// a line that no other step of the session changes.
fn place(step: usize) -> (usize, usize) {
    let edit = step / 3;
    (edit % FILES, 1 + (edit / FILES) * 7 % LINES)
}

fn name(file: usize) -> String {
    format!("src/module_{file}.rs")
}

fn original(file: usize, line: usize) -> String {
    format!("    let value_{line} = compute(input_{file}, {line}); // line {line} of module {file}")
}

fn changed(step: usize) -> String {
    format!("    let value_of_step_{step} = compute_again(input, {step});")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_edits_are_about_the_same_line() {
        let edits: Vec<usize> = (0..900).filter(|step| Kind::of(*step) == Kind::Edit).collect();
        let places: HashSet<(usize, usize)> = edits.iter().map(|step| place(*step)).collect();
        assert_eq!(places.len(), edits.len());
    }
}
