//! Playing trials through the tool host's replay, and judging what came of them byte by byte.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_tools::edit::Document;

use super::trial::{Expected, Seen, Trial};

/// What came of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The file is what it should be.
    Ok,
    /// A file was changed in another way, or was to stay and did not.
    Wrong,
    /// Nothing was changed, and the model was told why.
    Reject,
}

/// A trial's outcome, and what the model was told.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) texts: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    id: usize,
    results: Vec<CallResult>,
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct CallResult {
    status: String,
    text: String,
}

/// The line that `slipway-toolhost replay` reads for a trial.
pub(crate) fn case(id: usize, trial: &Trial<'_>) -> Value {
    let files: serde_json::Map<String, Value> = trial
        .files()
        .into_iter()
        .map(|(path, bytes)| (path.to_owned(), STANDARD.encode(bytes).into()))
        .collect();
    let seen = match &trial.seen {
        Seen::Disk => json!({}),
        Seen::Other(bytes) => json!({ trial.path: STANDARD.encode(bytes) }),
        Seen::Never => json!({ trial.path: null }),
    };
    let call = |edits| json!({"name": "edit_file", "arguments": {"file": trial.path, "edits": edits}});
    let calls: Vec<Value> = trial.calls.iter().map(call).collect();
    json!({"id": id, "files": files, "seen": seen, "calls": calls})
}

/// Where trials are played.
#[derive(Debug)]
pub(crate) enum Player {
    /// By the code behind `slipway-toolhost replay`.
    InProcess,
    /// By this program, through its standard input and output.
    Program(PathBuf),
}

impl Player {
    /// Plays trials and gives a verdict on each, in order.
    ///
    /// # Errors
    /// When the replay does not answer each case.
    pub(crate) fn play(&self, trials: &[Trial<'_>]) -> anyhow::Result<Vec<Verdict>> {
        let mut input = Vec::new();
        for (id, trial) in trials.iter().enumerate() {
            serde_json::to_writer(&mut input, &case(id, trial))?;
            input.push(b'\n');
        }
        let output = match self {
            Self::InProcess => {
                let mut output = Vec::new();
                slipway_tools::replay::run(input.as_slice(), &mut output)?;
                output
            }
            Self::Program(path) => replay_by(path, input)?,
        };
        judge(trials, &output)
    }
}

fn replay_by(program: &Path, input: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut host = Command::new(program)
        .arg("replay")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let mut stdin = host.stdin.take().context("no pipe")?;
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = host.wait_with_output()?;
    let _ = writer.join();
    ensure!(output.status.success(), "{} replay: {}", program.display(), output.status);
    Ok(output.stdout)
}

/// Verdicts from what a replay answered to the trials' cases.
fn judge(trials: &[Trial<'_>], output: &[u8]) -> anyhow::Result<Vec<Verdict>> {
    let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let answers = lines
        .map(|line| serde_json::from_slice(line).with_context(|| String::from_utf8_lossy(line).into_owned()))
        .collect::<anyhow::Result<Vec<Answer>>>()?;
    ensure!(
        answers.iter().map(|answer| answer.id).eq(0..trials.len()),
        "{} cases were answered with {} lines",
        trials.len(),
        answers.len()
    );
    trials.iter().zip(answers).map(|(trial, answer)| verdict(trial, answer)).collect()
}

fn verdict(trial: &Trial<'_>, answer: Answer) -> anyhow::Result<Verdict> {
    let mut files = BTreeMap::new();
    for (path, content) in &answer.files {
        files.insert(path.as_str(), STANDARD.decode(content)?);
    }
    let ended = files.remove(trial.path).context("the file is gone")?;
    let applied = answer.results.iter().any(|result| result.status == "ok");
    let changed = ended != trial.disk || !files.is_empty();
    let as_wanted = match &trial.expected {
        Expected::File(bytes) => applied && ended == *bytes,
        Expected::FileButNewEndings(bytes) => applied && same_but_new_endings(&trial.disk, bytes, &ended),
        Expected::Refusal => false,
    };
    let outcome = match (as_wanted, applied || changed) {
        (true, _) => Outcome::Ok,
        (false, true) => Outcome::Wrong,
        (false, false) => Outcome::Reject,
    };
    Ok(Verdict { outcome, texts: answer.results.into_iter().map(|result| result.text).collect() })
}

/// Whether two files are the same, but for how the lines end that are not at the beginning or the end of
/// the file before.
fn same_but_new_endings(before: &[u8], expected: &[u8], ended: &[u8]) -> bool {
    let (before, expected, ended) =
        (Document::parse(before), Document::parse(expected), Document::parse(ended));
    if expected.lines.len() != ended.lines.len() || expected.byte_order_mark != ended.byte_order_mark {
        return false;
    }
    let old = before.lines.iter().zip(&expected.lines).take_while(|(old, new)| old == new).count();
    let kept = before.lines.iter().rev().zip(expected.lines.iter().rev()).take_while(|(old, new)| old == new);
    let kept = kept.count().min(expected.lines.len() - old);
    let new = old..expected.lines.len() - kept;
    let fits = |(index, (expected, ended))| match new.contains(&index) {
        true => same_body(expected, ended),
        false => expected == ended,
    };
    expected.lines.iter().zip(&ended.lines).enumerate().all(fits)
}

fn same_body(one: &slipway_tools::edit::Line<'_>, other: &slipway_tools::edit::Line<'_>) -> bool {
    one.body == other.body && one.ending.is_empty() == other.ending.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endings_of_new_lines_may_differ() {
        let same = |ended: &[u8]| same_but_new_endings(b"a\r\nb\nc\r\n", b"a\r\nx\ny\nc\r\n", ended);
        assert!(same(b"a\r\nx\ny\nc\r\n") && same(b"a\r\nx\r\ny\nc\r\n"));
        assert!(!same(b"a\nx\ny\nc\r\n") && !same(b"a\r\nx\ny\nc\n") && !same(b"a\r\nx\nz\nc\r\n"));
    }
}
