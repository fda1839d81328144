//! `slipway`, the launcher: starts, stops and drives Slipway from the host. It is the only program that
//! talks to Docker.

mod answer;
mod browser;
mod cli;
mod commands;
mod docker;
mod doctor;
mod environment;
mod exec;
mod gateway;
mod local;
mod payload;
mod plain;
mod ports;
mod program;
mod replay;
mod state;
mod terminal;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Fails only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::error(format_args!("cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(commands::run(cli));
    // A thread that reads the keyboard would otherwise keep the process waiting for a key.
    runtime.shutdown_timeout(Duration::ZERO);
    match outcome {
        Ok(code) => code,
        Err(error) => {
            terminal::error(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
