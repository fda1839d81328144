//! The gateway's program.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use serde_json::json;
use slipway_gateway::app::{Gateway, StartError};
use slipway_gateway::config::Options;
use slipway_gateway::openapi;
use slipway_tools::heap::share_one_arena;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Keeps conversations, drives runs, serves the UI.
#[derive(Parser)]
#[command(name = "slipway-gateway", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
    /// How to write the log (to stderr; RUST_LOG sets what)
    #[arg(long, env = "SLIPWAY_LOG", value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (the default)
    Serve,
    /// Print the OpenAPI document of the HTTP API
    Openapi,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

fn main() -> ExitCode {
    share_one_arena();
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::Openapi) => print_openapi(),
        Some(Command::Serve) | None => serve(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "slipway-gateway: {error:#}").ok();
            let cannot_listen = matches!(error.downcast_ref(), Some(StartError::Listen(_)));
            ExitCode::from(if cannot_listen { 2 } else { 1 })
        }
    }
}

fn print_openapi() -> anyhow::Result<()> {
    std::io::stdout().write_all(openapi::document_json()?.as_bytes())?;
    Ok(())
}

fn serve(arguments: Arguments) -> anyhow::Result<()> {
    start_log(arguments.log);
    let mut config = arguments.options.resolve(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
    )?;
    if let Some(profiles) = config.profiles.take() {
        slipway_engine::install_profiles(profiles)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(run(config));
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    outcome
}

async fn run(config: slipway_gateway::config::Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let gateway = Gateway::start(config).await?;
    announce(&gateway)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    gateway.stop().await;
    Ok(())
}

/// Tells whoever started the gateway that it is ready, and where.
fn announce(gateway: &Gateway) -> anyhow::Result<()> {
    let line = json!({
        "event": "ready",
        "url": gateway.url(),
        "desktop_url": gateway.desktop_url(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    tracing::info!(url = gateway.url(), desktop_url = gateway.desktop_url(), "ready");
    Ok(())
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
