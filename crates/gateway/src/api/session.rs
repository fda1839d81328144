//! `/session`: logging in and out, and links that log in.

use axum::Json;
use axum::extract::State;
use axum_extra::extract::CookieJar;
use http::{HeaderMap, StatusCode};
use slipway_protocol::Problem;
use slipway_protocol::api::{Login, LoginLink};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::JsonBody;
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::session::Browser;
use crate::auth::{Viewer, session};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(log_in, log_out)).routes(routes!(create_link))
}

/// Trades a token, or a name and a password, for a session cookie.
#[utoipa::path(post, path = "/session", tag = "session", operation_id = "log_in", request_body = Login,
    responses((status = 204, description = "The answer sets the session cookie"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn log_in(
    State(app): State<AppState>,
    headers: HeaderMap,
    JsonBody(login): JsonBody<Login>,
) -> ApiResult<(CookieJar, StatusCode)> {
    let browser = Browser::of(&headers);
    let cookie = match login {
        Login { token: Some(token), name: None, password: None } => {
            session::log_in(&app, &token, &browser).await?
        }
        Login { token: None, name: Some(name), password: Some(password) } => {
            session::log_in_with_password(&app, &name, password, &browser).await?
        }
        _ => return Err(ApiError::invalid("A login has either `token`, or `name` and `password`.")),
    };
    Ok((CookieJar::new().add(cookie), StatusCode::NO_CONTENT))
}

/// Ends the session.
#[utoipa::path(delete, path = "/session", tag = "session", operation_id = "log_out",
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn log_out(State(app): State<AppState>, headers: HeaderMap) -> ApiResult<(CookieJar, StatusCode)> {
    let cookie = session::log_out(&app, &headers).await?;
    Ok((CookieJar::new().add(cookie), StatusCode::NO_CONTENT))
}

/// Makes a link that logs a browser in, once. For the launcher only.
#[utoipa::path(post, path = "/session/links", tag = "session", operation_id = "create_login_link",
    responses((status = 201, body = LoginLink),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn create_link(
    State(app): State<AppState>,
    viewer: Viewer,
) -> ApiResult<(StatusCode, Json<LoginLink>)> {
    viewer.must_be_launcher("Run `slipway open`.")?;
    Ok((StatusCode::CREATED, Json(session::create_link(&app, viewer.user()).await?)))
}
