//! `slipway-scripted-model`: plays a script as an OpenAI-compatible server.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use slipway_scripted_model::{Script, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Plays a script as an OpenAI-compatible model server.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// The script, in YAML; the built-in demo when absent.
    #[arg(long)]
    script: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let script = match &arguments.script {
        None => Script::demo(),
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            Script::from_yaml(&text).with_context(|| format!("cannot play {}", path.display()))?
        }
    };
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    tracing::info!(script = %script.name, address = %listener.local_addr()?, "playing");
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            on_signal.cancel();
        }
    });
    serve(script, listener, stop).await.context("the server failed")
}
