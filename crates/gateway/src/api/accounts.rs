//! `/account` and `/sessions`: the person's own account, and where it is logged in.

use axum::Json;
use axum::extract::State;
use axum_extra::extract::CookieJar;
use http::StatusCode;
use slipway_protocol::Problem;
use slipway_protocol::api::{Account, ChangePassword, OwnAccount, UpdateAccount};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::{Viewer, Way, name, password, session};
use crate::store::{StoredUser, now_ms};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read, rename))
        .routes(routes!(change_password))
        .routes(routes!(end_all))
        .routes(routes!(end))
}

/// Tells who asks, and where they are logged in.
#[utoipa::path(get, path = "/account", tag = "accounts", operation_id = "get_account",
    responses((status = 200, body = OwnAccount),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<OwnAccount>> {
    let account = own(&app, &viewer).await?.account;
    let sessions = app.store.sessions(viewer.user(), viewer.session(), now_ms()).await?;
    Ok(Json(OwnAccount { account, sessions }))
}

/// Changes the name to log in with.
#[utoipa::path(patch, path = "/account", tag = "accounts", operation_id = "update_account",
    request_body = UpdateAccount,
    responses((status = 200, body = Account),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn rename(
    State(app): State<AppState>,
    viewer: Viewer,
    JsonBody(wanted): JsonBody<UpdateAccount>,
) -> ApiResult<Json<Account>> {
    let name = name::chosen(&wanted.name)?;
    if !app.store.rename_user(viewer.user(), &name).await? {
        return Err(name::taken(&name).into());
    }
    Ok(Json(own(&app, &viewer).await?.account))
}

/// Sets the password. All other sessions end.
///
/// Whoever has none yet gives none: the launcher's link has shown who they are.
#[utoipa::path(put, path = "/account/password", tag = "accounts", operation_id = "change_password",
    request_body = ChangePassword,
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn change_password(
    State(app): State<AppState>,
    viewer: Viewer,
    JsonBody(wanted): JsonBody<ChangePassword>,
) -> ApiResult<StatusCode> {
    password::check(&wanted.new)?;
    let user = own(&app, &viewer).await?;
    if let (Some(kept), Way::Session(_)) = (user.password, viewer.way())
        && !app.passwords.verify(wanted.current, Some(kept)).await?
    {
        return Err(Problem::new(403, "wrong_password", "This is not your present password")
            .detail("The password was not changed.")
            .hint("If you have forgotten it, whoever runs the instance resets it: `slipway user reset NAME`.")
            .into());
    }
    let hash = app.passwords.hash(wanted.new).await?;
    app.store.set_password(viewer.user(), &hash, viewer.session()).await?;
    app.ended_sessions.tell();
    Ok(StatusCode::NO_CONTENT)
}

/// Logs the person out everywhere, here too.
#[utoipa::path(delete, path = "/sessions", tag = "accounts", operation_id = "end_sessions",
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn end_all(State(app): State<AppState>, viewer: Viewer) -> ApiResult<(CookieJar, StatusCode)> {
    app.store.end_sessions(viewer.user()).await?;
    app.ended_sessions.tell();
    Ok((CookieJar::new().add(session::gone(&app)), StatusCode::NO_CONTENT))
}

/// Logs the person out of one browser.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "accounts", operation_id = "end_session",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn end(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<String>,
) -> ApiResult<StatusCode> {
    let is_name = id.chars().all(|c| c.is_ascii_hexdigit());
    if !is_name || !app.store.end_session(viewer.user(), &id).await? {
        return Err(ApiError::not_found("session", id));
    }
    app.ended_sessions.tell();
    Ok(StatusCode::NO_CONTENT)
}

async fn own(app: &AppState, viewer: &Viewer) -> ApiResult<StoredUser> {
    let user = app.store.user(viewer.user()).await?;
    user.ok_or_else(|| ApiError::not_found("account", viewer.user()))
}
