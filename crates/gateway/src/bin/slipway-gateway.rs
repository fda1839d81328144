//! The gateway's program.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use serde_json::json;
use slipway_gateway::app::{Gateway, StartError};
use slipway_gateway::auth::offline;
use slipway_gateway::config::Options;
use slipway_gateway::openapi;
use slipway_gateway::secrets;
use slipway_gateway::store::Store;
use slipway_protocol::api::{PasswordGiven, Role};
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
    /// Make a new key for the secrets in the database; it takes the place of the old one at the next start
    RotateKey,
    /// Add people and reset passwords, on the machine that has the database
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Subcommand)]
enum UserCommand {
    /// List everybody
    List,
    /// Add a person; a password is made and shown, unless one is given
    Add {
        /// The name to log in with
        name: String,
        /// What the person may do: viewer, member or admin
        #[arg(long, default_value = "member")]
        role: Role,
        /// Read the password from the first line of the standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a person another password and end their sessions
    Reset {
        /// The name
        name: String,
        /// Read the password from the first line of the standard input
        #[arg(long)]
        password_stdin: bool,
    },
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
        Some(Command::RotateKey) => rotate_key(arguments.options),
        Some(Command::User(command)) => manage_people(arguments.options, command),
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

fn rotate_key(options: Options) -> anyhow::Result<()> {
    let config = options.resolve(environment())?;
    anyhow::ensure!(
        config.secret_key.is_none(),
        "the key comes from the environment: start with a new SLIPWAY_SECRET_KEY, and the one of now as \
         SLIPWAY_OLD_SECRET_KEY"
    );
    secrets::prepare(&config.data_dir)?;
    let line = "A new secret key waits. At the next start all secrets are encrypted with it, and the old one is deleted.";
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn serve(arguments: Arguments) -> anyhow::Result<()> {
    start_log(arguments.log);
    let mut config = arguments.options.resolve(environment())?;
    if let Some(profiles) = config.profiles.take() {
        slipway_engine::install_profiles(profiles)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(run(config));
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    outcome
}

/// The variables of this process, as far as they are text.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

async fn run(config: slipway_gateway::config::Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let gateway = Gateway::start(config).await?;
    announce(&gateway)?;
    let lost_lease = gateway.app().lost_lease.clone();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = lost_lease.cancelled() => {
            gateway.stop().await;
            anyhow::bail!("another gateway has taken over; start this one again");
        }
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

fn manage_people(options: Options, command: UserCommand) -> anyhow::Result<()> {
    let config = options.resolve(environment())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let lines = runtime.block_on(async {
        let store = Store::open(&config.database()).await?;
        let lines = match command {
            UserCommand::List => {
                let people = offline::list(&store).await?;
                people.iter().map(|person| format!("{} {}", person.name, person.role.name())).collect()
            }
            UserCommand::Add { name, role, password_stdin } => {
                told(&offline::add(&store, &name, role, given(password_stdin)?).await?)
            }
            UserCommand::Reset { name, password_stdin } => {
                told(&offline::reset(&store, &name, given(password_stdin)?).await?)
            }
        };
        store.close().await;
        anyhow::Ok(lines)
    })?;
    let mut stdout = std::io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    Ok(())
}

fn given(from_stdin: bool) -> anyhow::Result<Option<String>> {
    if !from_stdin {
        return Ok(None);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn told(given: &PasswordGiven) -> Vec<String> {
    let person = &given.account;
    let who = format!("{} may log in now, as {}.", person.name, person.role.name());
    let password = given.password.as_ref();
    let password = password.map(|password| format!("The password, told this once: {password}"));
    [Some(who), password].into_iter().flatten().collect()
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| slipway_gateway::log::Lines)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
