//! `slipway-bench`: programs that measure Slipway, one subcommand each.

#![expect(clippy::print_stdout, reason = "the figures are what the programs are for")]

mod answer_relay;
mod api;
mod checkpoint_scan;
mod context_bench;
mod desktop;
mod edit_call;
mod edit_replay;
mod event_load;
mod figures;
mod filling;
mod process;
mod resident;
mod search;
mod shell_round_trip;
mod stack;
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
    /// What Slipway adds to each step of a session: from the model's last byte to the next request.
    StepOverhead(step_overhead::Options),
    /// What a long answer costs on its way from the provider to one reader.
    AnswerRelay(answer_relay::Options),
    /// How long searches take, beside `rg` on the same trees.
    Search(search::Options),
    /// How long the desktop takes to start and to be looked at, and what it costs while it is idle.
    Desktop(desktop::Options),
    /// How long a command that does nothing takes.
    ShellRoundTrip(shell_round_trip::Options),
    /// How long edit_file takes on a large file on disk.
    EditCall(edit_call::Options),
    /// How long the workspace's state takes to be read before and after steps.
    CheckpointScan(checkpoint_scan::Options),
    /// The event log under load: cost of tokens, latency with many readers, memory; exits with 1 when a bar is missed.
    EventLoad(event_load::Options),
    /// Memory of the gateway, idle and while an answer streams, and how soon it is ready.
    Resident(resident::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    slipway_engine::install_crypto_provider();
    match Cli::parse().command {
        Command::ContextBench(options) => {
            return tokio::task::spawn_blocking(move || context_bench::run(&options)).await?;
        }
        Command::EditReplay(options) => {
            return tokio::task::spawn_blocking(move || edit_replay::run(&options)).await?;
        }
        Command::Search(options) => {
            return tokio::task::spawn_blocking(move || search::run(&options)).await?;
        }
        Command::StepOverhead(options) => step_overhead::run(&options).await?,
        Command::AnswerRelay(options) => answer_relay::run(&options).await?,
        Command::Desktop(options) => desktop::run(&options).await?,
        Command::ShellRoundTrip(options) => shell_round_trip::run(&options).await?,
        Command::EditCall(options) => tokio::task::spawn_blocking(move || edit_call::run(&options)).await??,
        Command::CheckpointScan(options) => {
            tokio::task::spawn_blocking(move || checkpoint_scan::run(&options)).await??;
        }
        Command::EventLoad(options) => return event_load::run(&options).await,
        Command::Resident(options) => resident::run(&options).await?,
    }
    Ok(ExitCode::SUCCESS)
}
