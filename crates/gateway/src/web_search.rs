//! `google_search`: searches the web with the engine that the person has configured.
//!
//! It is answered here and not in the sandbox, because keys never get there. Only the chosen engine is asked,
//! no redirect is followed, and a query is a way out like any other: a sandbox without one has no search, and one
//! with a list of hosts searches only with an engine whose host is on it.

mod ask;
mod configured;
mod engines;
mod report;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolSpec};
use slipway_protocol::tool_schema::parameters_of;

pub use self::configured::{current, save};
pub(crate) use configured::key_in_force;

use crate::app::AppState;
use crate::egress::EgressMode;

/// Name of the tool.
pub const NAME: &str = "google_search";

const DESCRIPTION: &str =
    "Search the web. Gives titles, exact URLs and excerpts; read a page with web_browser.";

/// Most results, and how many there are by default.
const MAX_RESULTS: u32 = 10;

/// Longest query, in characters.
const MAX_QUERY: usize = 400;

/// Arguments of `google_search`.
#[derive(Debug, Deserialize, JsonSchema)]
struct Arguments {
    /// What to search for, as one would type it into a search engine.
    query: String,
    /// Most results; 10 by default and at most.
    #[serde(default)]
    count: Option<u32>,
}

/// What models are told of the tool.
pub fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME.to_owned(),
        description: DESCRIPTION.to_owned(),
        parameters: parameters_of::<Arguments>(),
        access: ToolAccess::ReadOnly,
    }
}

/// Carries out a call.
pub async fn answer(app: &AppState, arguments: serde_json::Value) -> ToolOutcome {
    search(app, arguments).await.unwrap_or_else(ToolOutcome::error)
}

async fn search(app: &AppState, arguments: serde_json::Value) -> Result<ToolOutcome, String> {
    let arguments: Arguments =
        serde_json::from_value(arguments).map_err(|error| format!("The arguments are wrong: {error}."))?;
    let query = arguments.query.trim();
    if query.is_empty() {
        return Err("`query` is empty: say what to search for.".to_owned());
    }
    if query.chars().count() > MAX_QUERY {
        return Err(format!("The query is longer than {MAX_QUERY} characters: search for fewer words."));
    }
    let policy = app.egress.policy();
    if policy.mode == EgressMode::None {
        return Err(
            "This sandbox has no way out (SLIPWAY_EGRESS=none), so the web cannot be searched.".to_owned()
        );
    }
    let configured = configured::in_force(app).await.map_err(|error| {
        format!("The search settings cannot be read: {error}. Ask the person to save them again.")
    })?;
    let Some(configured) = configured else { return Err(report::none_configured()) };
    if let Some(host) = engines::host(&configured)
        && !policy.may_name(&host)
    {
        return Err(report::not_listed(configured.engine, &host));
    }
    let count = arguments.count.unwrap_or(MAX_RESULTS).clamp(1, MAX_RESULTS);
    let results = ask::ask(app, &configured, query, count).await?;
    Ok(report::outcome(query, configured.engine, &results, &policy))
}
