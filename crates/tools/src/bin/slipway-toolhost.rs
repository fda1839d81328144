//! `slipway-toolhost`: runs the tools inside a sandbox, or replays tool calls from standard input.

use std::ffi::OsString;
use std::fs::Permissions;
use std::io::{BufReader, BufWriter};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, ValueEnum};
use slipway_protocol::sandbox::{Confinement, RESTART_CODE};
use slipway_tools::bounds::{Bounds, OutputBounds, ViewBounds};
use slipway_tools::fetch::{FetchOptions, convert};
use slipway_tools::heap::share_one_arena;
use slipway_tools::home;
use slipway_tools::host::{
    Credentials, GatewayAddress, Host, HostOptions, confine, forward_egress, serve_forever, withhold,
};
use slipway_tools::packages::{self, Broker, BrokerOptions};
use slipway_tools::replay;
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::{Owner, Workspace};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing_subscriber::EnvFilter;

/// Runs Slipway's tools.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Serves the tools to a gateway, connecting to it again whenever the connection ends.
    Serve(Box<ServeArguments>),
    /// Replays tool calls: one JSON case per line of standard input, one JSON answer per line.
    Replay,
    /// Converts a document from standard input to text, within limits of its own.
    #[command(hide = true)]
    Convert {
        /// What it is.
        kind: convert::Kind,
        /// Where it comes from.
        #[arg(long)]
        url: String,
        /// Its encoding, as the server names it.
        #[arg(long)]
        charset: Option<String>,
    },
    /// Has the tool host of this sandbox run a package program as root; what `sudo`, `apt` and `apt-get` are
    /// in the agent's shell.
    AsRoot {
        /// `sudo`, `apt` or `apt-get`, and the arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

#[derive(Args)]
struct ServeArguments {
    /// The gateway's socket: a path, or host:port. Several gateways that share a database are separated by commas;
    /// the tools are served to each.
    #[arg(long, required = true, value_delimiter = ',')]
    gateway: Vec<GatewayAddress>,
    /// File that holds the token for the gateway.
    #[arg(long)]
    token_file: PathBuf,
    /// Directory to work in.
    #[arg(long)]
    workspace: PathBuf,
    /// Directory in which further workspaces are made; without one there are none.
    #[arg(long, value_name = "DIRECTORY")]
    workspaces: Option<PathBuf>,
    /// Name of this sandbox.
    #[arg(long, default_value = "default")]
    sandbox_id: String,
    /// How tools are fenced in.
    #[arg(long, value_enum)]
    confinement: ConfinementArgument,
    /// User id for the shell and for files, when the host runs as root.
    #[arg(long, requires = "shell_gid")]
    shell_uid: Option<u32>,
    /// Group id for the shell and for files, when the host runs as root.
    #[arg(long, requires = "shell_uid")]
    shell_gid: Option<u32>,
    /// Never starts a desktop.
    #[arg(long)]
    no_desktop: bool,
    /// Number of the desktop's X display.
    #[arg(long, default_value_t = 1)]
    display: u16,
    /// After how many minutes without a viewer and a window the desktop is ended; the next window starts it again.
    #[arg(long, env = "SLIPWAY_DESKTOP_IDLE_MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    desktop_idle_minutes: u64,
    /// Where a directory for the shells' files is made; it must be writable and not full.
    #[arg(long, default_value = "/tmp")]
    state: PathBuf,
    /// Listens here as the HTTP proxy of programs in the sandbox, forwards them to the gateway, and tells
    /// shells so by the usual variables.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:3128")]
    egress: Option<SocketAddr>,
    /// Home directory of the shells, made when it is not there [default: that of their user]
    #[arg(long, value_name = "DIRECTORY")]
    home: Option<PathBuf>,
    /// Most MiB that the workspace may take up; beyond, what writes to it is ended. 0 for no bound.
    #[arg(long, env = "SLIPWAY_WORKSPACE_MIB", default_value_t = 0)]
    workspace_mib: u64,
    /// Seconds that a command is waited for when its call names none.
    #[arg(long, env = "SLIPWAY_COMMAND_SECONDS", default_value_t = 120)]
    command_seconds: u64,
    /// Characters of a command's output that the model is given.
    #[arg(long, env = "SLIPWAY_OUTPUT_CHARS", default_value_t = OutputBounds::default().chars)]
    output_chars: usize,
    /// MiB of disk that whole outputs of commands may take up.
    #[arg(long, env = "SLIPWAY_OUTPUT_MIB", default_value_t = OutputBounds::default().disk_bytes >> 20)]
    output_mib: u64,
    /// Characters of a file that the model is shown at a time.
    #[arg(long, env = "SLIPWAY_FILE_CHARS", default_value_t = ViewBounds::default().chars)]
    file_chars: usize,
    /// Says in the shells why system packages cannot be installed, and keeps the token from them, who are the same
    /// user: nothing below its directory can be read any more.
    #[arg(long, conflicts_with = "packages")]
    strict: bool,
    /// Lets the agent install system packages: runs apt and dpkg as root when its shell asks. Needs root.
    #[arg(long)]
    packages: bool,
}

/// Where the proxy listens when the shell is not told of it.
const ANY_LOCAL_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConfinementArgument {
    /// This process is alone in a container.
    Container,
    /// Restrict this process with Landlock.
    Landlock,
    /// Nothing but file permissions.
    None,
}

fn main() -> anyhow::Result<ExitCode> {
    share_one_arena();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Command::parse() {
        Command::Serve(arguments) => serve(*arguments),
        Command::Replay => {
            let (input, output) =
                (BufReader::new(std::io::stdin()), BufWriter::new(std::io::stdout().lock()));
            replay::run(input, output).context("cannot go on replaying")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Convert { kind, url, charset } => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            convert::run(kind, url, charset, input, output).context("cannot convert the document")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::AsRoot { words } => Ok(packages::as_root(&words)),
    }
}

fn serve(arguments: ServeArguments) -> anyhow::Result<ExitCode> {
    let token = std::fs::read_to_string(&arguments.token_file)
        .with_context(|| format!("cannot read the token file {}", arguments.token_file.display()))?;
    let workspace = workspace(&arguments)
        .with_context(|| format!("cannot open the workspace {}", arguments.workspace.display()))?;
    let home = arguments.home.as_deref().map(home::prepare).transpose()?;
    let further = arguments.workspaces.as_deref().map(Path::canonicalize).transpose();
    let further = further.context("cannot open the directory of further workspaces")?;
    let writable = [Some(workspace.root().to_owned()), further.clone(), home.clone()];
    let confinement = enforce(arguments.confinement, writable.into_iter().flatten())?;
    if arguments.strict {
        keep_from_agent(&arguments.token_file);
    }
    let state = state_directory(&arguments.state)?;
    let environment = environment(arguments.egress);
    let packages = arguments.packages.then(|| BrokerOptions {
        socket: state.path().join("packages.sock"),
        programs: PathBuf::from("/usr/bin"),
        environment: environment.clone(),
        workspaces: [Some(workspace.root().to_owned()), further.clone()].into_iter().flatten().collect(),
    });
    let allowed =
        packages.as_ref().map(|packages| (packages::SOCKET_VARIABLE.into(), packages.socket.clone().into()));
    let strict = arguments.strict.then(|| (packages::PROFILE_VARIABLE.into(), "strict".into()));
    let at_home = home.as_deref().map(home::variables).unwrap_or_default();
    let mut options = HostOptions {
        workspace,
        confinement,
        state_directory: state.path().to_owned(),
        environment: environment.into_iter().chain(allowed).chain(strict).chain(at_home).collect(),
        display: (!arguments.no_desktop).then_some(arguments.display),
        fetch: None,
        workspace_limit: (arguments.workspace_mib > 0).then_some(arguments.workspace_mib << 20),
        command_patience: Duration::from_secs(arguments.command_seconds.clamp(1, 3600)),
        desktop_idle: Duration::from_secs(60 * arguments.desktop_idle_minutes),
        bounds: Bounds {
            output: OutputBounds { chars: arguments.output_chars, disk_bytes: arguments.output_mib << 20 },
            view: ViewBounds { chars: arguments.file_chars },
        },
    };
    let credentials = Credentials { sandbox_id: arguments.sandbox_id.into(), token: token.trim().to_owned() };
    // After Landlock, which confines only threads that start later.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let is_restart = runtime.block_on(async {
        // Pages are fetched through the gateway's proxy even where the shell needs none.
        let address = arguments.egress.unwrap_or(ANY_LOCAL_PORT);
        let egress =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        options.fetch =
            Some(FetchOptions { proxy: egress.local_addr()?, converter: std::env::current_exe()? });
        let host = Host::with_further(options, further).context("cannot set up the shells")?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let gateways = arguments.gateway.clone();
        tasks.spawn(forward_egress(egress, gateways, credentials.clone(), stop.clone()));
        if let Some(options) = packages {
            let broker = Broker::listen(options).context("cannot listen for requests for packages")?;
            tasks.spawn(broker.serve(stop.clone()));
        }
        for gateway in arguments.gateway {
            tasks.spawn(serve_forever(host.clone(), gateway, credentials.clone(), stop.clone()));
        }
        tasks.spawn(host.clone().watch_workspace(stop.clone()));
        tasks.close();
        let is_restart = tokio::select! {
            signalled = wait_for_signal() => signalled.map(|()| false)?,
            () = host.restart_requested() => true,
        };
        tracing::info!(is_restart, "stopping");
        host.shut_down().await;
        stop.cancel();
        tasks.wait().await;
        anyhow::Ok(is_restart)
    })?;
    // Blocking work that hangs in the kernel must not keep the process.
    runtime.shutdown_background();
    Ok(if is_restart { ExitCode::from(RESTART_CODE) } else { ExitCode::SUCCESS })
}

/// In the strict profile the agent is the same user as this process, which has read its token by now: nothing that it
/// starts is to read it as well.
fn keep_from_agent(token: &Path) {
    let Some(directory) = token.parent() else { return };
    if let Err(error) = withhold(directory) {
        tracing::warn!(%error, "the agent can read the token with which tool hosts attach");
    }
}

/// A directory that the shell's user can reach, and only this process writes to; removed at the end.
fn state_directory(parent: &Path) -> anyhow::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("slipway-toolhost-")
        .permissions(Permissions::from_mode(0o755))
        .tempdir_in(parent)
        .with_context(|| format!("cannot create a directory in {}", parent.display()))
}

/// What shells get of this process' environment, and the way out.
fn environment(egress: Option<SocketAddr>) -> Vec<(OsString, OsString)> {
    const LOCAL: &str = "localhost,127.0.0.1,::1";
    let mut variables = inheritable(std::env::vars_os());
    if let Some(address) = egress {
        let proxy = format!("http://{address}");
        for (name, value) in [
            ("HTTP_PROXY", proxy.as_str()),
            ("HTTPS_PROXY", &proxy),
            ("NO_PROXY", LOCAL),
            ("http_proxy", &proxy),
            ("https_proxy", &proxy),
            ("no_proxy", LOCAL),
            ("NODE_USE_ENV_PROXY", "1"),
        ] {
            variables.retain(|(known, _)| known != name);
            variables.push((name.into(), value.into()));
        }
    }
    variables
}

fn workspace(arguments: &ServeArguments) -> std::io::Result<Workspace> {
    let mut workspace = Workspace::open(&arguments.workspace)?;
    if arguments.confinement == ConfinementArgument::Container {
        workspace = workspace.with_outside();
    }
    if let (Some(uid), Some(gid)) = (arguments.shell_uid, arguments.shell_gid)
        && nix::unistd::geteuid().is_root()
    {
        workspace = workspace.with_owner(Owner { uid, gid });
    }
    Ok(workspace)
}

fn enforce(wanted: ConfinementArgument, own: impl Iterator<Item = PathBuf>) -> anyhow::Result<Confinement> {
    match wanted {
        ConfinementArgument::Container => Ok(Confinement::Container),
        ConfinementArgument::None => Ok(Confinement::None),
        ConfinementArgument::Landlock => {
            let runtime_directory = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
            // An X server of root's compiles its keyboard description there and does not start without.
            let keyboards = PathBuf::from("/var/lib/xkb");
            let writable = own.chain([PathBuf::from("/tmp"), keyboards]).chain(runtime_directory);
            let enforced = confine(&writable.collect::<Vec<_>>()).context("Landlock refused its rules")?;
            if enforced == Confinement::None {
                tracing::warn!("this kernel has no Landlock: tools can write wherever this user can");
            }
            Ok(enforced)
        }
    }
}

async fn wait_for_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
