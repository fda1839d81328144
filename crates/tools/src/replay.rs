//! `slipway-toolhost replay`: tool calls on given files, and what came of them.
//!
//! Each line of input is a case of its own with a scratch directory of its own; all its calls are one step,
//! so the line numbers of its edits refer to the files as the case gives them. Cases run in parallel; answers
//! come in the order of the cases, each as soon as it and all before it are there.

mod case;
mod scratch;

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rayon::prelude::*;
use serde_json::Value;
use slipway_protocol::tool::ToolOutcome;

use self::case::{Answer, Call, CallResult, Case, CaseError, Reply};
use self::scratch::Scratch;
use crate::edit::{EditFileArgs, edit_file};

/// Cases that are worked on at a time.
const BATCH: usize = 64;

/// Reads cases from `input` until it ends and writes one line each to `output`, flushed.
///
/// # Errors
/// When reading or writing fails; a case that makes no sense is answered with a line saying so instead.
pub fn run(mut input: impl BufRead + Send, mut output: impl Write) -> io::Result<()> {
    let (sender, receiver) = sync_channel(BATCH);
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut line = Vec::new();
            while input.read_until(b'\n', &mut line)? > 0 {
                if !line.trim_ascii().is_empty() && sender.send(std::mem::take(&mut line)).is_err() {
                    break;
                }
                line.clear();
            }
            io::Result::Ok(())
        });
        while let Some(batch) = next_batch(&receiver) {
            let replies: Vec<Reply> = batch.par_iter().map(|line| reply_to(line)).collect();
            for reply in replies {
                serde_json::to_writer(&mut output, &reply)?;
                output.write_all(b"\n")?;
                output.flush()?;
            }
        }
        drop(receiver);
        reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader of the cases broke")))
    })
}

/// What has come in, waiting only for the first.
fn next_batch(receiver: &Receiver<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    let first = receiver.recv().ok()?;
    Some(std::iter::once(first).chain(receiver.try_iter().take(BATCH - 1)).collect())
}

fn reply_to(line: &[u8]) -> Reply {
    let id = || {
        let value: Option<Value> = serde_json::from_slice(line).ok();
        value.and_then(|value| value.get("id").cloned()).unwrap_or(Value::Null)
    };
    let answer = serde_json::from_slice(line).map_err(CaseError::from).and_then(play);
    answer.map_or_else(|error| Reply::Error { id: id(), error: error.to_string() }, Reply::Answer)
}

fn play(case: Case) -> Result<Answer, CaseError> {
    let scratch = Scratch::new(&case.files, &case.modes)?;
    let results = case.calls.iter().map(|call| CallResult::from(carry_out(&scratch, &case, call))).collect();
    let (files, modes) = scratch.read_back()?;
    Ok(Answer { id: case.id, results, files, modes })
}

fn carry_out(scratch: &Scratch, case: &Case, call: &Call) -> ToolOutcome {
    let arguments = match call.arguments() {
        Ok(arguments) => arguments,
        Err(text) => return ToolOutcome::error(text),
    };
    if call.name != "edit_file" {
        return ToolOutcome::error(format!("There is no tool named `{}`.", call.name));
    }
    let args: EditFileArgs = match serde_json::from_value(arguments) {
        Ok(args) => args,
        Err(error) => return ToolOutcome::error(format!("Wrong arguments for edit_file: {error}.")),
    };
    let Some(name) = case::normalised(Path::new(&args.file)) else {
        return ToolOutcome::error(format!("{} lies outside the workspace.", args.file));
    };
    let seen = case.seen.get(&name).or_else(|| case.files.get(&name));
    edit_file(&scratch.path(&name), &name, &args, seen.map(|content| content.0.as_slice()))
}
