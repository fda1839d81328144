//! Configuration: flags and environment variables, resolved once to plain values.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use slipway_protocol::api::{
    EgressMode, PermissionChoices, RetentionChoices, SandboxChoices, SettingError, SubagentChoices,
};
use url::Url;

pub mod budgets;
mod keys;
mod profiles;
mod reach;
pub mod search;
mod token;

use self::budgets::{BudgetOptions, DefaultLimits};
use self::keys::Keys;
pub use self::reach::Reach;
use self::search::SearchOptions;
use crate::egress::AddressRange;
use crate::log;
use crate::store::Location;
use crate::telemetry::Collector;
use crate::webhooks;

/// What can be given on the command line or in the environment.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Where to serve the UI and the API
    #[arg(long, env = "SLIPWAY_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Where to serve the stand-alone desktop page
    #[arg(long, env = "SLIPWAY_DESKTOP_LISTEN", default_value = "127.0.0.1:6080")]
    pub desktop_listen: SocketAddr,
    /// Where to serve the engine that runs in this process (a loopback address: it has no login)
    #[arg(long, env = "SLIPWAY_ENGINE_LISTEN", default_value = "127.0.0.1:8080")]
    pub engine_listen: SocketAddr,
    /// Engines to use instead of the one in this process, separated by commas
    #[arg(long, env = "SLIPWAY_ENGINE_URLS", value_delimiter = ',')]
    pub engine_urls: Vec<Url>,
    /// Where engines reach the tools
    #[arg(long, env = "SLIPWAY_TOOLS_LISTEN", default_value = "127.0.0.1:8081")]
    pub tools_listen: SocketAddr,
    /// From where browsers reach this: loopback or network, which takes accounts [default: what --listen says]
    #[arg(long, env = "SLIPWAY_REACH", value_enum)]
    pub reach: Option<Reach>,
    /// Names besides localhost by which browsers reach this, separated by commas
    #[arg(long, env = "SLIPWAY_HOSTS", value_delimiter = ',')]
    pub hosts: Vec<String>,
    /// Address of the tools listener as engines on other machines see it
    #[arg(long, env = "SLIPWAY_TOOLS_URL")]
    pub tools_url: Option<Url>,
    /// Unix socket that the sandbox's tool host dials [default: sandbox.sock in the data directory]
    #[arg(long, env = "SLIPWAY_SANDBOX_SOCKET")]
    pub sandbox_socket: Option<PathBuf>,
    /// Directory for the database and the secret key
    #[arg(long, env = "SLIPWAY_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Database to use instead of SQLite in the data directory
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Seconds without a sign of life after which other gateways on the same database take over
    #[arg(long, env = "SLIPWAY_LEASE_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub lease_seconds: u64,
    /// Number of this instance, from 1
    #[arg(long, env = "SLIPWAY_INSTANCE", default_value_t = 1)]
    pub instance: u32,
    /// Image that the containers run from, to be told
    #[arg(long, env = "SLIPWAY_IMAGE")]
    pub image: Option<String>,
    /// Port under which the person reaches the UI, when it differs from the one listened on
    #[arg(long, env = "SLIPWAY_PUBLIC_PORT")]
    pub public_port: Option<u16>,
    /// Port under which the person reaches the desktop page, when it differs
    #[arg(long, env = "SLIPWAY_PUBLIC_DESKTOP_PORT")]
    pub public_desktop_port: Option<u16>,
    /// File with the token that tool hosts must present [default: sandbox.token in the data directory]
    #[arg(long, env = "SLIPWAY_SANDBOX_TOKEN_FILE")]
    pub sandbox_token_file: Option<PathBuf>,
    /// File with the launcher's token [default: launcher.token in the data directory]
    #[arg(long, env = "SLIPWAY_LAUNCHER_TOKEN_FILE")]
    pub launcher_token_file: Option<PathBuf>,
    /// What programs in the sandbox may reach: public, allowlist, none or direct [default: public]
    #[arg(long, env = "SLIPWAY_EGRESS")]
    pub egress: Option<EgressMode>,
    /// Address ranges that the egress proxy allows although they are not public, separated by commas
    #[arg(long, env = "SLIPWAY_EGRESS_EXEMPT", value_delimiter = ',')]
    pub egress_exempt: Vec<AddressRange>,
    /// File with provider profiles that add to or change the built-in ones (docs/providers.md)
    #[arg(long, env = "SLIPWAY_PROFILES", value_name = "FILE")]
    pub profiles: Option<PathBuf>,
    /// What such a file holds, for where no file can be handed over
    #[arg(
        long,
        env = "SLIPWAY_PROFILES_TOML",
        value_name = "TOML",
        conflicts_with = "profiles",
        hide = true
    )]
    pub profiles_toml: Option<String>,
    /// Limits until somebody saves others
    #[command(flatten)]
    pub budgets: BudgetOptions,
    /// The search engine until somebody saves another
    #[command(flatten)]
    pub search: SearchOptions,
    /// Most MiB that the person may upload to the workspace at a time
    #[arg(long, env = "SLIPWAY_MAX_UPLOAD_MIB", default_value_t = 2048)]
    pub max_upload_mib: u32,
    /// Most MiB that recorded states of the workspace take up; beyond, the oldest are given up
    #[arg(long, env = "SLIPWAY_CHECKPOINT_MIB", default_value_t = 4096)]
    pub checkpoint_mib: u64,
    /// Waits between attempts to reach a webhook, in seconds, separated by commas [default: nine attempts in a day]
    #[arg(long, env = "SLIPWAY_WEBHOOK_WAITS", value_delimiter = ',')]
    pub webhook_waits: Vec<u32>,
    /// Token with which metrics can be read, and nothing else (docs/observability.md)
    #[arg(long, env = "SLIPWAY_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Base URL of an OpenTelemetry collector that is sent traces and metrics (OTLP over HTTP, JSON)
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    pub otlp_endpoint: Option<Url>,
    /// Headers for it: name=value, separated by commas
    #[arg(long, env = "OTEL_EXPORTER_OTLP_HEADERS", hide_env_values = true, requires = "otlp_endpoint")]
    pub otlp_headers: Option<String>,
    /// Exported conversation whose answers play the model (`slipway replay` sets it)
    #[arg(long, env = "SLIPWAY_RECORDING", value_name = "FILE")]
    pub recording: Option<PathBuf>,
}

/// The resolved configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to serve the UI and the API.
    pub listen: SocketAddr,
    /// Where to serve the stand-alone desktop page.
    pub desktop_listen: SocketAddr,
    /// From where browsers reach it.
    pub reach: Reach,
    /// Names besides localhost by which browsers reach it.
    pub hosts: Vec<String>,
    /// Which engines run the loop.
    pub engines: Engines,
    /// Where engines reach the tools.
    pub tools_listen: SocketAddr,
    /// Address of the tools listener as engines see it; `None` when they run on this machine.
    pub tools_url: Option<Url>,
    /// Unix socket that the gateway creates and owns.
    pub sandbox_socket: PathBuf,
    /// Directory for the database and the secret key; exists.
    pub data_dir: PathBuf,
    /// Database to use instead of SQLite in the data directory; may hold a password.
    pub database_url: Option<SecretString>,
    /// How long this gateway may be silent until others on the same database take over.
    pub lease: Duration,
    /// Number of this instance, from 1.
    pub instance: u32,
    /// Image that the containers run from; `None` where there are none.
    pub image: Option<String>,
    /// Port under which the person reaches the UI; `None` when it is the one listened on.
    pub public_port: Option<u16>,
    /// Port under which the person reaches the desktop page; `None` when it is the one listened on.
    pub public_desktop_port: Option<u16>,
    /// What a tool host must present.
    pub sandbox_token: SecretString,
    /// What the launcher presents.
    pub launcher_token: SecretString,
    /// Key for secrets at rest, 64 hexadecimal digits; `None` to keep one in the data directory.
    pub secret_key: Option<SecretString>,
    /// The key before it, whose secrets are to be encrypted anew.
    pub old_secret_key: Option<SecretString>,
    /// Provider keys from the environment, by the variable's name (`DEEPSEEK_API_KEY`).
    pub provider_keys: BTreeMap<String, SecretString>,
    /// What the environment says about the sandbox.
    pub sandbox: SandboxChoices,
    /// What it says about sub-agents.
    pub subagents: SubagentChoices,
    /// What it says about how long things are kept.
    pub retention: RetentionChoices,
    /// What it says about which calls are made without asking.
    pub permissions: PermissionChoices,
    /// Names of the variables of the environment that are set.
    pub variables: BTreeSet<String>,
    /// Variables of the environment that a file had set (`SLIPWAY_SET_IN_FILE`, from the launcher).
    pub set_in_file: Vec<String>,
    /// Ranges that the egress proxy allows although they are not public.
    pub egress_exempt: Vec<AddressRange>,
    /// Provider profiles to use instead of the built-in ones.
    pub profiles: Option<Vec<slipway_engine::Profile>>,
    /// Limits until somebody saves others.
    pub limits: DefaultLimits,
    /// The search engine until somebody saves another.
    pub search: SearchOptions,
    /// Most bytes that the person may upload to the workspace at a time.
    pub max_upload_bytes: u64,
    /// Most bytes that recorded states of the workspace take up.
    pub checkpoint_bytes: u64,
    /// Waits between attempts to reach a webhook.
    pub webhook_waits: Vec<Duration>,
    /// Exported conversation whose answers play the model.
    pub recording: Option<PathBuf>,
    /// What lets somebody read metrics, and nothing else.
    pub metrics_token: Option<SecretString>,
    /// Who is sent traces and metrics.
    pub collector: Option<Collector>,
}

/// Which engines run the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engines {
    /// One in this process, listening here.
    InProcess(SocketAddr),
    /// These.
    Remote(Vec<Url>),
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The data directory cannot be made.
    #[error("cannot create the data directory {}: {source} (set another with --data-dir)", path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A token file cannot be read or written.
    #[error("cannot use the token file {}: {source}", path.display())]
    TokenFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A token file holds no token.
    #[error("the token file {} is empty; it must hold one token of at least 16 characters", path.display())]
    EmptyToken {
        /// Which.
        path: PathBuf,
    },
    /// The profile file cannot be read.
    #[error("cannot read the provider profiles {}: {source} (--profiles)", path.display())]
    ProfileFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The profile file makes no sense.
    #[error("cannot use the provider profiles (SLIPWAY_PROFILES): {0}")]
    Profiles(#[from] slipway_engine::ProfileError),
    /// A setting makes no sense.
    #[error("cannot use a setting of the environment: {0}")]
    Setting(#[from] SettingError),
    /// Instances count from 1.
    #[error("the instance number is 0, but instances count from 1 (--instance)")]
    InstanceZero,
}

impl Config {
    /// Where the database is.
    pub fn database(&self) -> Location {
        match &self.database_url {
            Some(url) => Location::Url(url.expose_secret().to_owned()),
            None => Location::in_data_dir(&self.data_dir),
        }
    }
}

impl Config {
    /// The password in the database's address, if it has one.
    pub(crate) fn database_password(&self) -> Option<String> {
        let url = Url::parse(self.database_url.as_ref()?.expose_secret()).ok()?;
        url.password().map(str::to_owned)
    }

    /// Has the log leave out every secret that is configured; those in the database follow when they are used.
    pub(crate) fn withhold_from_log(&self) {
        let headers = self.collector.as_ref().and_then(|collector| collector.headers.as_ref());
        let values = headers.into_iter().flat_map(|headers| headers.expose_secret().split(','));
        let values = values.filter_map(|header| Some(header.split_once('=')?.1.trim().to_owned()));
        for secret in values.chain(self.database_password()) {
            log::withhold(&secret.into());
        }
        let own = [Some(&self.sandbox_token), Some(&self.launcher_token)];
        let keys = [self.secret_key.as_ref(), self.old_secret_key.as_ref()];
        let optional = keys.into_iter().chain([self.metrics_token.as_ref()]);
        let own = own.into_iter().chain(optional).flatten();
        own.chain(self.provider_keys.values()).for_each(log::withhold);
    }
}

impl Options {
    /// Resolves defaults that depend on other values and reads the token files. `environment` holds
    /// the variables of the process; only keys (`SLIPWAY_SECRET_KEY`, `*_API_KEY`) and the settings of the sandbox, of
    /// sub-agents and of retention are taken from it.
    ///
    /// # Errors
    /// When a value cannot be used or a file cannot be read or made.
    pub fn resolve(
        self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigError> {
        if self.instance == 0 {
            return Err(ConfigError::InstanceZero);
        }
        create_data_dir(&self.data_dir)?;
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        let mut sandbox = SandboxChoices::from_environment(|name| environment.get(name).cloned())?;
        sandbox.egress = self.egress.or(sandbox.egress);
        let subagents = SubagentChoices::from_environment(|name| environment.get(name).cloned())?;
        let permissions = PermissionChoices::from_environment(|name| environment.get(name).cloned())?;
        let retention = RetentionChoices::from_environment(|name| environment.get(name).cloned())?;
        let is_set = |(name, value): (&String, &String)| (!value.trim().is_empty()).then(|| name.clone());
        let variables = environment.iter().filter_map(is_set).collect();
        let set_in_file =
            environment.get("SLIPWAY_SET_IN_FILE").map(|names| names.split(',').map(str::to_owned));
        let set_in_file = set_in_file.into_iter().flatten().collect();
        let Keys { secret_key, old_secret_key, provider_keys } = Keys::of(environment);
        let in_data_dir =
            |path: Option<PathBuf>, name: &str| path.unwrap_or_else(|| self.data_dir.join(name));
        let sandbox_token = token::read_or_create(in_data_dir(self.sandbox_token_file, "sandbox.token"))?;
        let launcher_token = token::read_or_create(in_data_dir(self.launcher_token_file, "launcher.token"))?;
        let engines = if self.engine_urls.is_empty() {
            Engines::InProcess(self.engine_listen)
        } else {
            Engines::Remote(self.engine_urls)
        };
        Ok(Config {
            reach: self.reach.unwrap_or_else(|| Reach::of([self.listen, self.desktop_listen])),
            hosts: self.hosts,
            listen: self.listen,
            desktop_listen: self.desktop_listen,
            engines,
            tools_listen: self.tools_listen,
            tools_url: self.tools_url,
            sandbox_socket: in_data_dir(self.sandbox_socket, "sandbox.sock"),
            database_url: self.database_url.filter(|url| !url.is_empty()).map(Into::into),
            lease: Duration::from_secs(self.lease_seconds),
            instance: self.instance,
            image: self.image.filter(|image| !image.is_empty()),
            public_port: self.public_port,
            public_desktop_port: self.public_desktop_port,
            sandbox_token,
            launcher_token,
            secret_key,
            old_secret_key,
            provider_keys,
            sandbox,
            subagents,
            retention,
            permissions,
            variables,
            set_in_file,
            egress_exempt: self.egress_exempt,
            profiles: profiles::read(self.profiles, self.profiles_toml)?,
            limits: self.budgets.into(),
            search: self.search,
            max_upload_bytes: u64::from(self.max_upload_mib) << 20,
            checkpoint_bytes: self.checkpoint_mib << 20,
            webhook_waits: webhook_waits(&self.webhook_waits),
            recording: self.recording,
            metrics_token: self.metrics_token.filter(|token| !token.is_empty()).map(Into::into),
            collector: self
                .otlp_endpoint
                .map(|endpoint| Collector { endpoint, headers: self.otlp_headers.map(Into::into) }),
            data_dir: self.data_dir,
        })
    }
}

fn webhook_waits(seconds: &[u32]) -> Vec<Duration> {
    if seconds.is_empty() {
        return webhooks::WAITS.to_vec();
    }
    seconds.iter().map(|seconds| Duration::from_secs(u64::from(*seconds))).collect()
}

fn create_data_dir(path: &Path) -> Result<(), ConfigError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| ConfigError::DataDir { path: path.to_owned(), source })
}
