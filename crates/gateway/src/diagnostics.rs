//! A diagnostics bundle: what somebody who is to help needs to know of an instance, and nothing of what people said,
//! of what is in their files, or of any secret.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde::Serialize;
use slipway_protocol::api::{ProviderOrigin, SandboxChoices, SandboxStatus};
use slipway_protocol::budget::Budget;
use slipway_protocol::run::RunLimits;
use slipway_protocol::{ConversationId, RunId};
use url::Url;

use crate::api::ApiError;
use crate::app::AppState;
use crate::config::{Config, Engines};
use crate::export::{self, Scrubber};
use crate::store::StoreError;
use crate::store::facts::{self, RunFacts};
use crate::{log, metrics, providers, web_search};

/// Most runs that are told of.
const RUNS: u32 = 50;

/// What helps to find a fault.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Diagnostics {
    /// Version of the gateway.
    version: &'static str,
    /// When it was put together, in ms since the epoch.
    made_at: i64,
    /// Settings from the command line and the environment, those only that are no secrets.
    configuration: ConfigurationFacts,
    /// The sandbox as the gateway sees it.
    sandbox: SandboxStatus,
    /// Model providers, without keys.
    providers: Vec<ProviderFacts>,
    /// The database.
    database: DatabaseFacts,
    /// The newest runs, newest first, without anything that was said in them.
    runs: Vec<RunReport>,
    /// Counters and gauges, as `/metrics` gives them.
    metrics: String,
    /// The newest lines of the gateway's log.
    log: Vec<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ConfigurationFacts {
    instance: u32,
    /// Where engines run the loop.
    engines: Vec<String>,
    listen: String,
    data_dir: String,
    sandbox_socket: String,
    /// After how long a silence another gateway takes over.
    lease_seconds: u64,
    sandbox: SandboxChoices,
    run_limits: RunLimits,
    conversation_budget: Budget,
    /// Variables that were set in the `.env` file.
    set_in_file: Vec<String>,
    has_secret_key: bool,
    has_metrics_token: bool,
    /// Providers whose keys are in the environment.
    providers_with_keys: Vec<String>,
    checkpoint_bytes: u64,
    max_upload_bytes: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ProviderFacts {
    id: String,
    profile: String,
    base_url: String,
    models: usize,
    has_key: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DatabaseFacts {
    /// `sqlite` or `postgres`.
    system: String,
    /// Steps of the schema that were taken.
    schema: Vec<i64>,
    /// Rows of each table.
    rows: BTreeMap<String, i64>,
    newest_event: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RunReport {
    id: RunId,
    conversation_id: ConversationId,
    status: String,
    provider_id: String,
    model: String,
    step: i64,
    /// The code of why it ended so.
    problem: Option<String>,
    started_at: i64,
    ended_at: Option<i64>,
}

/// Puts a bundle together, as JSON in which no secret stands that the gateway knows.
///
/// # Errors
/// When the database fails.
pub(crate) async fn collect(app: &AppState) -> Result<serde_json::Value, ApiError> {
    let configured = providers::all(app).await?;
    let mut secrets = export::secrets(app, &configured);
    secrets.extend(web_search::key_in_force(app).await);
    secrets.extend(app.config.metrics_token.as_ref().map(|token| token.expose_secret().to_owned()));
    secrets.extend(app.config.database_password());
    let diagnostics = Diagnostics {
        version: env!("CARGO_PKG_VERSION"),
        made_at: crate::store::now_ms(),
        configuration: configuration(&app.config),
        sandbox: app.sandbox_status(),
        providers: configured
            .into_iter()
            .filter(|known| known.provider.origin != ProviderOrigin::BuiltIn)
            .map(|known| ProviderFacts {
                id: known.provider.id.to_string(),
                profile: known.provider.profile,
                base_url: known.provider.base_url,
                models: known.provider.models.len(),
                has_key: known.provider.has_key,
            })
            .collect(),
        database: database(app).await?,
        runs: runs(app).await?,
        metrics: metrics::render(app),
        log: log::recent(),
    };
    let value = serde_json::to_value(diagnostics).map_err(ApiError::internal)?;
    Ok(Scrubber::new(&secrets, "").clean_value(value))
}

fn configuration(config: &Config) -> ConfigurationFacts {
    ConfigurationFacts {
        instance: config.instance,
        engines: match &config.engines {
            Engines::InProcess(address) => vec![format!("in this process, at {address}")],
            Engines::Remote(urls) => urls.iter().map(Url::to_string).collect(),
        },
        listen: config.listen.to_string(),
        data_dir: config.data_dir.display().to_string(),
        sandbox_socket: config.sandbox_socket.display().to_string(),
        lease_seconds: config.lease.as_secs(),
        sandbox: config.sandbox.clone(),
        run_limits: config.limits.run,
        conversation_budget: config.limits.conversation,
        set_in_file: config.set_in_file.clone(),
        has_secret_key: config.secret_key.is_some(),
        has_metrics_token: config.metrics_token.is_some(),
        providers_with_keys: config.provider_keys.keys().cloned().collect(),
        checkpoint_bytes: config.checkpoint_bytes,
        max_upload_bytes: config.max_upload_bytes,
    }
}

async fn database(app: &AppState) -> Result<DatabaseFacts, StoreError> {
    let mut moment = app.store.read().await?;
    Ok(DatabaseFacts {
        system: format!("{:?}", app.store.backend()).to_lowercase(),
        schema: facts::schema(&mut moment).await?,
        rows: facts::rows(&mut moment).await?,
        newest_event: app.store.newest_event(&mut moment).await?,
    })
}

async fn runs(app: &AppState) -> Result<Vec<RunReport>, StoreError> {
    let mut moment = app.store.read().await?;
    let runs = facts::newest_runs(&mut moment, RUNS).await?;
    Ok(runs
        .into_iter()
        .map(|RunFacts { id, conversation_id, status, model, step, problem, started_at, ended_at }| {
            RunReport {
                id,
                conversation_id,
                status,
                provider_id: model.provider_id.to_string(),
                model: model.model,
                step,
                problem: problem.map(|problem| problem.code),
                started_at,
                ended_at,
            }
        })
        .collect())
}
