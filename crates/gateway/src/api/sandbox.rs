//! `/sandbox`: what the sandbox may use, what it uses, and starting it anew.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use slipway_protocol::Problem;
use slipway_protocol::api::{SandboxChoices, SandboxOrders, SandboxSettingsReport, SandboxUsage};
use slipway_protocol::sandbox::Confinement;
use slipway_tools::client::{ClientError, ToolHostClient};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::sandbox;
use crate::store::workspaces;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_settings, save_settings))
        .routes(routes!(usage))
        .routes(routes!(restart))
        .routes(routes!(reset))
        .routes(routes!(orders))
}

/// Tells what the sandbox may use and do, and where each value comes from.
#[utoipa::path(get, path = "/sandbox/settings", tag = "sandbox", operation_id = "get_sandbox_settings",
    responses((status = 200, body = SandboxSettingsReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read_settings(State(app): State<AppState>) -> ApiResult<Json<SandboxSettingsReport>> {
    Ok(Json(sandbox::settings_report(&app).await?))
}

/// Replaces what is saved in this instance; what is absent is left to the environment and the defaults.
#[utoipa::path(put, path = "/sandbox/settings", tag = "sandbox", operation_id = "save_sandbox_settings",
    request_body = SandboxChoices,
    responses((status = 200, body = SandboxSettingsReport),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn save_settings(
    State(app): State<AppState>,
    JsonBody(choices): JsonBody<SandboxChoices>,
) -> ApiResult<Json<SandboxSettingsReport>> {
    sandbox::save_settings(&app, choices).await?;
    Ok(Json(sandbox::settings_report(&app).await?))
}

/// Measures what the sandbox uses, and what each workspace takes up that the person can use. Nothing is measured while
/// nobody asks.
#[utoipa::path(get, path = "/sandbox/usage", tag = "sandbox", operation_id = "get_sandbox_usage",
    responses((status = 200, body = SandboxUsage),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn usage(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<SandboxUsage>> {
    let mut usage = client(&app)?.usage().await.map_err(|error| failed(&error))?;
    let own = workspaces::of_person(&mut *app.store.read().await?, viewer.user()).await?;
    usage.further_workspaces.retain(|one| own.iter().any(|own| own.id == one.id));
    Ok(Json(usage))
}

/// Ends all processes and shells of the sandbox and starts it again. Files stay, installed packages too.
#[utoipa::path(post, path = "/sandbox/restart", tag = "sandbox", operation_id = "restart_sandbox",
    responses((status = 202, description = "It ends now and attaches again within seconds"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn restart(State(app): State<AppState>) -> ApiResult<StatusCode> {
    client(&app)?.restart().await.map_err(|error| failed(&error))?;
    Ok(StatusCode::ACCEPTED)
}

/// Makes the sandbox anew from its image: installed packages and everything outside the workspace are gone.
#[utoipa::path(post, path = "/sandbox/reset", tag = "sandbox", operation_id = "reset_sandbox",
    responses((status = 202, description = "The launcher makes it anew; it attaches again within seconds"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn reset(State(app): State<AppState>) -> ApiResult<StatusCode> {
    if app.sandboxes.status().confinement.is_some_and(|confinement| confinement != Confinement::Container) {
        return Err(Problem::new(409, "no_container", "There is no container that could be made anew")
            .detail("Slipway runs on this machine itself, where nothing tells the agent's files from yours.")
            .hint("Restart the sandbox instead: that ends the agent's processes.")
            .into());
    }
    if !app.sandbox_orders.reset() {
        return Err(Problem::new(409, "no_launcher", "Nobody is there who could make the sandbox anew")
            .detail("Only the launcher talks to Docker, and none waits for orders at the moment.")
            .hint("Run `slipway reset`, or `slipway up` once more.")
            .into());
    }
    Ok(StatusCode::ACCEPTED)
}

/// Waits up to 20 seconds for something that the launcher is to do. For the launcher only.
#[utoipa::path(get, path = "/sandbox/orders", tag = "sandbox", operation_id = "get_sandbox_orders",
    responses((status = 200, body = SandboxOrders),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn orders(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<SandboxOrders>> {
    viewer.must_be_launcher("It runs `slipway attend` for this.")?;
    let order = tokio::select! {
        order = app.sandbox_orders.next() => order,
        () = app.shutdown.cancelled() => slipway_protocol::api::SandboxOrder::Wait,
    };
    Ok(Json(SandboxOrders { order }))
}

fn client(app: &AppState) -> ApiResult<ToolHostClient> {
    app.sandboxes.client().ok_or_else(|| {
        Problem::new(503, "sandbox_not_attached", "The sandbox is not there")
            .detail("No tool host is attached to this gateway.")
            .hint("It attaches by itself within seconds; if not, look at `slipway logs`.")
            .into()
    })
}

fn failed(error: &ClientError) -> ApiError {
    Problem::new(502, "sandbox_failed", "The sandbox did not do this")
        .detail(error.to_string())
        .hint("Look at the sandbox's log with `slipway logs`.")
        .into()
}
