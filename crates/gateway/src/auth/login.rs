//! `/login`, and what a person without a session sees.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use slipway_protocol::Problem;

use super::session;
use crate::api::ApiError;
use crate::api::extract::QueryParts;
use crate::app::AppState;

/// Query of `/login`.
#[derive(Deserialize)]
pub struct LoginQuery {
    /// The link's token.
    #[serde(default)]
    token: String,
}

/// `GET /login?token=…`: gives a session and goes to the UI.
pub async fn open(
    State(app): State<AppState>,
    headers: HeaderMap,
    QueryParts(query): QueryParts<LoginQuery>,
) -> Response {
    match session::log_in(&app, &query.token, session::agent_of(&headers)).await {
        Ok(cookie) => (CookieJar::new().add(cookie), Redirect::to("/")).into_response(),
        Err(error) => page(&error.into_problem()),
    }
}

/// Refuses a request without identity: a page for a browser's address line, a problem for the rest.
pub fn refuse(headers: &HeaderMap) -> Response {
    let problem = Problem::new(401, "not_logged_in", "You are not logged in")
        .detail("This browser has no session with this Slipway instance, or it has expired.")
        .hint("Run `slipway open` to open Slipway in your browser.");
    if wants_html(headers) { page(&problem) } else { ApiError::from(problem).into_response() }
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|a| a.contains("text/html"))
}

fn page(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNAUTHORIZED);
    let body = include_str!("login.html")
        .replace("{title}", &escape(&problem.title))
        .replace("{detail}", &escape(&problem.detail))
        .replace("{hint}", &escape(&problem.hint).replace("`slipway open`", "<code>slipway open</code>"));
    (status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
