//! What a long answer costs on its way from the provider, one event per token, to one reader.

use std::time::Instant;

use anyhow::bail;
use serde::Serialize;
use slipway_scripted_model::script::Reply;
use slipway_scripted_model::{Script, Server};

use crate::figures::milliseconds;
use crate::process::Consumption;
use crate::stack::{Programs, Stack};

/// What a token looks like: as many characters as tokens have on average.
const TOKEN: &str = "word";

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Tokens of the answer.
    #[arg(default_value_t = 30_000)]
    tokens: usize,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    programs: Programs,
}

#[derive(Debug, Serialize)]
struct Report {
    tokens: usize,
    /// Events that the reader got.
    events: usize,
    /// From the message to the end of the run, in ms.
    answer_ms: f64,
    /// Resident memory of the gateway before, in MiB.
    resident_before_mib: f64,
    /// Gateway with its engine.
    gateway: Consumption,
}

/// Has the answer relayed and prints what it took.
///
/// # Errors
/// When the run fails or a token is lost.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let tokens = options.tokens;
    let reply = Reply { text: TOKEN.repeat(tokens), chunk_chars: TOKEN.len(), ..Reply::default() };
    let model = Server::start(Script::of_replies([reply])).await?;
    let stack = Stack::start(&options.programs, None).await?;
    stack.api.prepare(&model.base_url()).await?;
    let (before, _) = stack.consumption()?;
    let started = Instant::now();
    let followed = stack.api.run("Tell me everything.").await?;
    let answer_ms = milliseconds(started.elapsed());
    let (after, _) = stack.consumption()?;
    if followed.characters != tokens * TOKEN.len() {
        bail!("{} of {} characters arrived", followed.characters, tokens * TOKEN.len());
    }
    let report = Report {
        tokens,
        events: followed.events,
        answer_ms,
        resident_before_mib: before.resident_mib,
        gateway: after.since(before),
    };
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{tokens} tokens in {answer_ms:.0} ms, {} events to the reader", report.events);
        println!("  gateway+engine  {}", report.gateway);
        println!("  before          memory {:.1} MiB", report.resident_before_mib);
    }
    Ok(())
}
