//! `slipway-bench`: programs that measure Slipway, one subcommand each.

#![expect(clippy::print_stdout, reason = "the figures are what the programs are for")]

mod context_bench;
mod edit_replay;
mod step_overhead;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures Slipway. Run with `cargo run --release -p slipway-benches -- <COMMAND>`.
#[derive(Parser)]
#[command(name = "slipway-bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What each way of keeping files in the context costs with each provider.
    ContextBench(context_bench::Options),
    /// Whether edits land where they should, on hunks of git repositories.
    EditReplay(edit_replay::Options),
    /// What the engine adds to a step of a session with quick tool calls.
    StepOverhead(step_overhead::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Command::ContextBench(options) => {
            return tokio::task::spawn_blocking(move || context_bench::run(&options)).await?;
        }
        Command::EditReplay(options) => {
            return tokio::task::spawn_blocking(move || edit_replay::run(&options)).await?;
        }
        Command::StepOverhead(options) => step_overhead::run(&options).await?,
    }
    Ok(ExitCode::SUCCESS)
}
