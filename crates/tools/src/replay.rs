//! `slipway-toolhost replay`: tool calls on given files, and what came of them.
//!
//! Each line of input is a case of its own with a scratch directory of its own; all its calls are one step,
//! so the line numbers of its edits refer to the files as the case gives them. Cases run in parallel; answers
//! come in the order of the cases, each as soon as it and all before it are there.

mod case;
mod scratch;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rayon::prelude::*;
use serde_json::Value;
use slipway_protocol::id::{ConversationId, InvocationId};
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::tool::ToolOutcome;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use self::case::{Answer, Call, CallResult, Case, CaseError, Reply};
use self::scratch::Scratch;
use crate::registry::{OutputSink, Registry, ToolContext};
use crate::resources::Resources;
use crate::views::Views;
use crate::workspace::Workspace;
use crate::{files, search};

/// Cases that are worked on at a time.
const BATCH: usize = 64;

/// Reads cases from `input` until it ends and writes one line each to `output`, flushed.
///
/// # Errors
/// When reading or writing fails; a case that makes no sense is answered with a line saying so instead.
pub fn run(mut input: impl BufRead + Send, mut output: impl Write) -> io::Result<()> {
    let player = Player::new()?;
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
            let replies: Vec<Reply> = batch.par_iter().map(|line| player.reply_to(line)).collect();
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

/// The tools that need nothing but files, as a host has them.
struct Player {
    views: Arc<Views>,
    registry: Registry,
    runtime: Runtime,
}

impl Player {
    fn new() -> io::Result<Self> {
        let views = Arc::new(Views::default());
        // Cases have workspaces of their own, without a bound.
        let anywhere = Arc::new(Workspace::open(Path::new("/"))?);
        let resources = Resources::new(anywhere, Confinement::None, None);
        let registry = search::register(files::register(Registry::new(), &views, &resources));
        let runtime = Builder::new_multi_thread().enable_time().build()?;
        Ok(Self { views, registry, runtime })
    }

    fn reply_to(&self, line: &[u8]) -> Reply {
        let id = || {
            let value: Option<Value> = serde_json::from_slice(line).ok();
            value.and_then(|value| value.get("id").cloned()).unwrap_or(Value::Null)
        };
        let answer = serde_json::from_slice(line).map_err(CaseError::from).and_then(|case| self.play(case));
        answer.map_or_else(|error| Reply::Error { id: id(), error: error.to_string() }, Reply::Answer)
    }

    fn play(&self, case: Case) -> Result<Answer, CaseError> {
        let scratch = Scratch::new(&case.files, &case.modes)?;
        let context = ToolContext {
            workspace: Arc::new(Workspace::open(scratch.root())?),
            conversation_id: ConversationId::generate(),
            invocation_id: InvocationId::generate(),
            step: 1,
            output: OutputSink::discard(),
            cancel: CancellationToken::new(),
        };
        let on_disk = case.files.iter().map(|(name, content)| (name, Some(content)));
        let mut seen = BTreeMap::new();
        for (name, content) in on_disk.chain(case.seen.iter().map(|(name, content)| (name, content.as_ref())))
        {
            seen.insert(case::normalised(name).ok_or_else(|| CaseError::Path(name.clone()))?, content);
        }
        for (name, content) in seen {
            if let Some(content) = content {
                self.views.set_seen(&context.conversation_id, &name, &content.0);
            }
        }
        let results =
            case.calls.iter().map(|call| CallResult::from(self.carry_out(call, &context))).collect();
        self.views.forget(&context.conversation_id);
        let (files, modes) = scratch.read_back()?;
        Ok(Answer { id: case.id, results, files, modes })
    }

    fn carry_out(&self, call: &Call, context: &ToolContext) -> ToolOutcome {
        match call.arguments() {
            Ok(arguments) => {
                self.runtime.block_on(self.registry.dispatch(&call.name, arguments, context.clone()))
            }
            Err(text) => ToolOutcome::error(text),
        }
    }
}
