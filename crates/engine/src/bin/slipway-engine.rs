//! Runs the engine on its own, apart from a gateway.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// The model loop as a server.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen on; port 0 chooses a free one.
    #[arg(long, env = "SLIPWAY_ENGINE_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// File with provider profiles that add to or change the built-in ones (docs/providers.md)
    #[arg(long, env = "SLIPWAY_PROFILES", value_name = "FILE")]
    profiles: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    if let Some(path) = &arguments.profiles {
        use_profiles(path)?;
    }
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    tracing::info!(address = %listener.local_addr()?, "the engine is ready");
    slipway_engine::serve(listener, stop_signal()?).await?;
    Ok(())
}

fn use_profiles(path: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the provider profiles {}", path.display()))?;
    let profiles = slipway_engine::parse_profiles(&text)
        .with_context(|| format!("cannot use the provider profiles {}", path.display()))?;
    Ok(slipway_engine::install_profiles(profiles)?)
}

/// A token that SIGINT and SIGTERM cancel.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    });
    Ok(token)
}
