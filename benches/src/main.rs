//! `slipway-bench`: programs that measure Slipway, one subcommand each.

#![expect(clippy::print_stdout, reason = "the figures are what the programs are for")]

mod step_overhead;

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
    /// What the engine adds to a step of a session with quick tool calls.
    StepOverhead(step_overhead::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::StepOverhead(options) => step_overhead::run(&options).await,
    }
}
