//! A diagnostics bundle: what somebody who is to help needs to know of an instance, and nothing of what people said,
//! of what is in their files, or of any secret.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde::Serialize;
use slipway_protocol::api::{ProviderOrigin, SandboxStatus};
use slipway_protocol::{ConversationId, RunId};

use crate::api::ApiError;
use crate::app::AppState;
use crate::config::Config;
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
    configuration: BTreeMap<&'static str, String>,
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

fn configuration(config: &Config) -> BTreeMap<&'static str, String> {
    let present = |given: bool| if given { "set" } else { "not set" }.to_owned();
    BTreeMap::from([
        ("instance", config.instance.to_string()),
        ("engines", format!("{:?}", config.engines)),
        ("listen", config.listen.to_string()),
        ("data_dir", config.data_dir.display().to_string()),
        ("sandbox_socket", config.sandbox_socket.display().to_string()),
        ("lease_seconds", config.lease.as_secs().to_string()),
        ("sandbox", format!("{:?}", config.sandbox)),
        ("limits", format!("{:?}", config.limits)),
        ("set_in_file", config.set_in_file.join(", ")),
        ("secret_key", present(config.secret_key.is_some())),
        ("metrics_token", present(config.metrics_token.is_some())),
        ("keys_in_environment", config.provider_keys.keys().cloned().collect::<Vec<_>>().join(", ")),
        ("checkpoint_bytes", config.checkpoint_bytes.to_string()),
        ("max_upload_bytes", config.max_upload_bytes.to_string()),
    ])
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
