//! `/settings/all`: every setting with what is in force, for whom it holds, and where it comes from.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use slipway_protocol::Problem;
use slipway_protocol::api::{
    ProviderOrigin, SettingEntry, SettingList, SettingScope, SettingSource, UpdateSettings,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiResult, permission_settings, retention_settings, settings, subagent_settings};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::config::budgets::DefaultLimits;
use crate::providers::{self, preset};
use crate::{sandbox, web_search};

/// Fields of the limits of runs, with their variables.
const RUN: [(&str, &str); 6] = [
    ("max_steps", "SLIPWAY_RUN_MAX_STEPS"),
    ("max_total_tokens", "SLIPWAY_RUN_MAX_TOKENS"),
    ("max_cost_micros", "SLIPWAY_RUN_MAX_COST"),
    ("max_minutes", "SLIPWAY_RUN_MAX_MINUTES"),
    ("max_parallel_calls", ""),
    ("max_output_tokens", ""),
];
/// Fields of the budget of conversations, with their variables.
const CONVERSATION: [(&str, &str); 4] = [
    ("steps", "SLIPWAY_CONVERSATION_MAX_STEPS"),
    ("tokens", "SLIPWAY_CONVERSATION_MAX_TOKENS"),
    ("cost_micros", "SLIPWAY_CONVERSATION_MAX_COST"),
    ("minutes", "SLIPWAY_CONVERSATION_MAX_MINUTES"),
];
/// Variables that may choose the search engine.
const SEARCH: [&str; 4] =
    ["GOOGLE_SEARCH_API_KEY", "BRAVE_SEARCH_API_KEY", "TAVILY_API_KEY", "SLIPWAY_SEARXNG_URL"];

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Lists every setting with what is in force, for whom it holds, where it comes from, and the variable that sets it.
#[utoipa::path(get, path = "/settings/all", tag = "settings", operation_id = "list_settings",
    responses((status = 200, body = SettingList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<SettingList>> {
    let mut items = of_instance(&app).await?;
    items.extend(subagent_settings::report(&app).await?.entries());
    items.extend(permission_settings::report(&app).await?.entries());
    items.extend(retention_settings::report(&app).await?.entries());
    items.extend(sandbox::settings_report(&app).await?.entries());
    items.push(of_search(&app).await?);
    items.extend(of_providers(&app).await?);
    items.extend(of_start(&app));
    items.extend(of_person(&app, &viewer).await?);
    Ok(Json(SettingList { items }))
}

/// The settings that `/settings` holds.
async fn of_instance(app: &AppState) -> ApiResult<Vec<SettingEntry>> {
    let (current, saved) = (settings::current(app).await?, app.store.settings().await?);
    let UpdateSettings { default_model, secondary_model, limits, conversation_budget, .. } = &saved;
    let whole = |name: &str, value: Value, is_saved: bool| entry(name, value, of_saved(is_saved), None);
    let mut items = vec![
        whole("default_model", json!(current.default_model), default_model.is_some()),
        whole("secondary_model", json!(current.secondary_model), secondary_model.is_some()),
        whole("context_mode", json!(current.context_mode), saved.context_mode.is_some()),
        whole("instructions", json!(current.instructions), saved.instructions.is_some()),
    ];
    let (given, built_in) = (app.config.limits, DefaultLimits::default());
    let source = Sources { app, given: &given.run, built_in: &built_in.run, is_saved: limits.is_some() };
    items.extend(source.entries("limits", &current.limits, &RUN));
    let (given, built_in) = (&given.conversation, &built_in.conversation);
    let source = Sources { app, given, built_in, is_saved: conversation_budget.is_some() };
    items.extend(source.entries("conversation_budget", &current.conversation_budget, &CONVERSATION));
    Ok(items)
}

/// What tells where fields come from that are saved together.
struct Sources<'a, T> {
    app: &'a AppState,
    /// What the configuration says.
    given: &'a T,
    /// What it says when nobody chooses.
    built_in: &'a T,
    is_saved: bool,
}

impl<T: Serialize> Sources<'_, T> {
    fn entries(&self, kind: &str, current: &T, fields: &[(&str, &str)]) -> Vec<SettingEntry> {
        let [current, given, built_in] = [current, self.given, self.built_in].map(|values| json!(values));
        let entries = fields.iter().map(|(field, variable)| {
            // An option of the command line has no variable, but an effect.
            let is_given = is_set(self.app, variable) || given.get(field) != built_in.get(field);
            let source = match (self.is_saved, is_given) {
                (true, _) => SettingSource::Instance,
                (false, true) => of_variable(self.app, variable),
                (false, false) => SettingSource::Default,
            };
            let value = current.get(field).cloned().unwrap_or_default();
            entry(&format!("{kind}.{field}"), value, source, Some(*variable))
        });
        entries.collect()
    }
}

async fn of_search(app: &AppState) -> ApiResult<SettingEntry> {
    let search = web_search::current(app).await?;
    let variable = SEARCH.into_iter().find(|variable| is_set(app, variable));
    let source = match (search.engine, search.from_environment) {
        (None, _) => SettingSource::Default,
        (Some(_), true) => variable.map_or(SettingSource::Env, |variable| of_variable(app, variable)),
        (Some(_), false) => SettingSource::Instance,
    };
    Ok(entry("search.engine", json!(search.engine), source, variable))
}

async fn of_providers(app: &AppState) -> ApiResult<Vec<SettingEntry>> {
    let presets = preset::presets();
    let all = providers::all(app).await?.into_iter().map(|known| {
        let provider = known.provider;
        let preset = presets.iter().find(|preset| preset.profile == provider.id.as_str());
        let variable = preset.map(|preset| preset.key_env.as_str());
        let source = match provider.origin {
            ProviderOrigin::BuiltIn => SettingSource::Default,
            ProviderOrigin::Environment => of_variable(app, variable.unwrap_or_default()),
            ProviderOrigin::Person => SettingSource::Instance,
        };
        let value = json!({ "base_url": provider.base_url, "has_key": provider.has_key });
        entry(&format!("providers.{}", provider.id), value, source, variable)
    });
    Ok(all.collect())
}

/// What holds for the person who asks alone.
async fn of_person(app: &AppState, viewer: &Viewer) -> ApiResult<Vec<SettingEntry>> {
    let keys = app.store.own_keys(viewer.user()).await?.into_iter().map(|key| SettingEntry {
        scope: SettingScope::Person,
        ..entry(&format!("own_keys.{}", key.provider_id), json!(true), SettingSource::Instance, None)
    });
    Ok(keys.collect())
}

/// What can be said at the start only.
fn of_start(app: &AppState) -> Vec<SettingEntry> {
    let config = &app.config;
    let told = |name: &str, value: Value, variable: &str| {
        let source = if is_set(app, variable) { of_variable(app, variable) } else { SettingSource::Default };
        entry(name, value, source, Some(variable))
    };
    let waits: Vec<_> = config.webhook_waits.iter().map(std::time::Duration::as_secs).collect();
    vec![
        told("start.max_upload_mib", json!(config.max_upload_bytes >> 20), "SLIPWAY_MAX_UPLOAD_MIB"),
        told("start.checkpoint_mib", json!(config.checkpoint_bytes >> 20), "SLIPWAY_CHECKPOINT_MIB"),
        told("start.webhook_waits", json!(waits), "SLIPWAY_WEBHOOK_WAITS"),
        told("start.hosts", json!(config.hosts), "SLIPWAY_HOSTS"),
    ]
}

fn entry(name: &str, value: Value, source: SettingSource, variable: Option<&str>) -> SettingEntry {
    let variable = variable.filter(|variable| !variable.is_empty()).map(str::to_owned);
    SettingEntry { name: name.to_owned(), value, scope: SettingScope::Instance, source, variable }
}

fn of_saved(is_saved: bool) -> SettingSource {
    if is_saved { SettingSource::Instance } else { SettingSource::Default }
}

/// Where a variable that is set was set.
fn of_variable(app: &AppState, variable: &str) -> SettingSource {
    let in_file = app.config.set_in_file.iter().any(|name| name == variable);
    if in_file { SettingSource::File } else { SettingSource::Env }
}

fn is_set(app: &AppState, variable: &str) -> bool {
    app.config.variables.contains(variable)
}
