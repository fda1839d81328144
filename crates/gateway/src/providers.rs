//! Model providers: the built-in demo, those from the environment, and those that the person added.

use slipway_protocol::Problem;
use slipway_protocol::api::ModelChoice;
use slipway_protocol::run::ModelEndpoint;

use crate::app::AppState;

/// Providers that are not rows of the database.
#[derive(Debug, Clone, Default)]
pub struct Providers {}

/// The endpoint behind `choice`, with its key, for a run.
pub async fn resolve(_app: &AppState, choice: &ModelChoice) -> Result<ModelEndpoint, Problem> {
    Err(Problem::new(409, "provider_not_found", "The chosen provider is not configured")
        .detail(format!("No provider has the id {}.", choice.provider_id)))
}
