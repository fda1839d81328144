//! Memory of the gateway with its engine: idle, and while an answer streams into a conversation whose history
//! is a megabyte long.

use std::time::Duration;

use anyhow::bail;
use serde::Serialize;
use slipway_scripted_model::script::Reply;
use slipway_scripted_model::{Script, Server};

use crate::figures::milliseconds;
use crate::stack::{Programs, Stack};

/// What a token looks like: as many characters as tokens have on average.
const TOKEN: &str = "word";

/// How long the programs are left alone before they count as idle.
const SETTLING: Duration = Duration::from_secs(2);

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Bytes of the history.
    #[arg(long, default_value_t = 1_000_000)]
    history: usize,
    /// Tokens of the answer that streams.
    #[arg(long, default_value_t = 30_000)]
    tokens: usize,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    programs: Programs,
}

#[derive(Debug, Serialize)]
struct Report {
    /// How long the gateway took to be ready to serve, in ms.
    ready_ms: f64,
    /// Resident when nothing is asked of it, in MiB.
    idle_mib: f64,
    /// Most that was resident until the history was there, and until the answer was, in MiB.
    after_history_mib: f64,
    after_answer_mib: f64,
}

/// Measures and prints.
///
/// # Errors
/// When a run fails or a token is lost.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let history =
        Reply { text: TOKEN.repeat(options.history / TOKEN.len()), chunk_chars: 256, ..Reply::default() };
    let answer = Reply { text: TOKEN.repeat(options.tokens), chunk_chars: TOKEN.len(), ..Reply::default() };
    let mut script = Script::of_replies([history]);
    script.turns.extend(Script::of_replies([answer]).turns);
    let model = Server::start(script).await?;
    let stack = Stack::start(&options.programs, None).await?;
    stack.api.prepare(&model.base_url()).await?;
    tokio::time::sleep(SETTLING).await;
    let idle_mib = stack.consumption()?.0.resident_mib;
    let id = stack.api.begin().await?;
    stack.api.say(&id, "Write a book.").await?;
    let after_history_mib = stack.consumption()?.0.peak_mib;
    let followed = stack.api.say(&id, "Go on.").await?;
    if followed.characters != options.tokens * TOKEN.len() {
        bail!("{} of {} characters arrived", followed.characters, options.tokens * TOKEN.len());
    }
    let after_answer_mib = stack.consumption()?.0.peak_mib;
    let ready_ms = milliseconds(stack.ready_after);
    let report = Report { ready_ms, idle_mib, after_history_mib, after_answer_mib };
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("gateway+engine ready to serve after {ready_ms:.0} ms");
        println!("  idle            memory {idle_mib:.1} MiB");
        println!("  history of {} bytes came: {after_history_mib:.1} MiB at its peak", options.history);
        println!("  then {} tokens streamed:  {after_answer_mib:.1} MiB at its peak", options.tokens);
    }
    Ok(())
}
