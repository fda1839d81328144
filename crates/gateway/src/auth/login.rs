//! `/login`, and what a person without a session sees.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use slipway_protocol::Problem;

use super::session::{self, Browser};
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

/// What the page's form sends.
#[derive(Deserialize)]
pub struct LoginForm {
    name: String,
    password: String,
}

/// `GET /login?token=…`: gives a session and goes to the UI. Without a token it asks for name and password.
pub async fn open(
    State(app): State<AppState>,
    headers: HeaderMap,
    QueryParts(query): QueryParts<LoginQuery>,
) -> Response {
    if query.token.is_empty() {
        return refuse(&app, &headers).await;
    }
    let outcome = session::log_in(&app, &query.token, &Browser::of(&headers)).await;
    enter(&app, outcome).await
}

/// `POST /login`: gives a session for a name and a password, and goes to the UI.
pub async fn submit(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Response {
    let Form(form) = match form {
        Ok(form) => form,
        Err(rejection) => {
            let problem =
                Problem::new(rejection.status().as_u16(), "invalid_form", "This form cannot be used");
            return ApiError::from(problem.detail(rejection.body_text())).into_response();
        }
    };
    let outcome =
        session::log_in_with_password(&app, &form.name, form.password, &Browser::of(&headers)).await;
    enter(&app, outcome).await
}

async fn enter(app: &AppState, outcome: Result<Cookie<'static>, ApiError>) -> Response {
    match outcome {
        Ok(cookie) => (CookieJar::new().add(cookie), Redirect::to("/")).into_response(),
        Err(error) => page(app, &error.into_problem()).await,
    }
}

/// Refuses a request without identity: a page for a browser's address line, a problem for the rest.
pub async fn refuse(app: &AppState, headers: &HeaderMap) -> Response {
    let problem = Problem::new(401, "not_logged_in", "You are not logged in")
        .detail("This browser has no session with this Slipway instance, or it has expired.")
        .hint("Run `slipway open` to open Slipway in your browser.");
    if wants_html(headers) { page(app, &problem).await } else { ApiError::from(problem).into_response() }
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|a| a.contains("text/html"))
}

async fn page(app: &AppState, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNAUTHORIZED);
    // Where nobody has a password there is nothing to fill in.
    let has_accounts = app.store.has_accounts().await.unwrap_or(false);
    let body = include_str!("login.html")
        .replace("{form}", if has_accounts { include_str!("login_form.html") } else { "" })
        .replace("{title}", &escape(&problem.title))
        .replace("{detail}", &escape(&problem.detail))
        .replace("{hint}", &escape(&problem.hint).replace("`slipway open`", "<code>slipway open</code>"));
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response();
    if has_accounts {
        // Under `no-referrer` a browser sends the form with the origin `null`, which nobody could tell from a
        // stranger's.
        let referrer = HeaderValue::from_static("same-origin");
        response.headers_mut().insert(header::REFERRER_POLICY, referrer);
    }
    if let Some(wait_ms) = problem.retry_after_ms {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1000)));
    }
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
