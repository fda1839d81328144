//! Sessions: cookies whose tokens the database keeps as hashes, and the one-time links that give them.

use std::time::{Duration, Instant};

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::HeaderMap;
use slipway_protocol::Problem;
use slipway_protocol::api::LoginLink;

use super::{random_token, secrets_match, token_hash};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::now_ms;

/// How long a session lasts.
const SESSION: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a login link can be used.
const LINK_MS: i64 = 24 * 3600 * 1000;

/// Makes a link that gives a session to whoever opens it first.
pub async fn create_link(app: &AppState) -> Result<LoginLink, ApiError> {
    let token = random_token();
    let expires_at = now_ms() + LINK_MS;
    app.store.add_login_link(&token_hash(&token), expires_at).await?;
    Ok(LoginLink { path: format!("/login?token={token}"), expires_at })
}

/// Trades a link's token (once) or the launcher's for a session cookie.
pub async fn log_in(app: &AppState, token: &str) -> Result<Cookie<'static>, ApiError> {
    if let Some(wait) = app.login_attempts.wait(Instant::now()) {
        let mut problem = Problem::new(429, "too_many_logins", "Too many logins have failed")
            .detail("Logins are refused for a while, right or wrong.")
            .hint("Wait a minute and try again.");
        problem.retry_after_ms = u64::try_from(wait.as_millis()).ok();
        return Err(problem.into());
    }
    let accepted = secrets_match(&app.config.launcher_token, token)
        || app.store.use_login_link(&token_hash(token), now_ms()).await?;
    if !accepted {
        app.login_attempts.failed(Instant::now());
        return Err(link_refused().into());
    }
    let session = random_token();
    app.store
        .add_session(&token_hash(&session), now_ms() + i64::try_from(SESSION.as_millis()).unwrap_or(i64::MAX))
        .await?;
    Ok(cookie(app.config.instance, session))
}

/// Ends the session that the request's cookie names.
pub async fn log_out(app: &AppState, headers: &HeaderMap) -> Result<Cookie<'static>, ApiError> {
    if let Some(token) = token_of(headers, app.config.instance) {
        app.store.remove_session(&token_hash(&token)).await?;
    }
    let mut gone = cookie(app.config.instance, String::new());
    gone.make_removal();
    Ok(gone)
}

/// The session token in the request's cookies.
pub fn token_of(headers: &HeaderMap, instance: u32) -> Option<String> {
    CookieJar::from_headers(headers).get(&cookie_name(instance)).map(|cookie| cookie.value().to_owned())
}

/// Whether a session token is good.
pub async fn is_valid(app: &AppState, token: &str) -> Result<bool, ApiError> {
    Ok(app.store.has_session(&token_hash(token), now_ms()).await?)
}

/// What somebody with a used, expired or wrong link is told.
fn link_refused() -> Problem {
    Problem::new(401, "login_refused", "This login link cannot be used")
        .detail("It was used before, has expired, or is not complete.")
        .hint("Run `slipway open` for a new one.")
}

/// Cookies do not tell ports apart, so the name carries the instance.
fn cookie_name(instance: u32) -> String {
    format!("slipway_session_{instance}")
}

fn cookie(instance: u32, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(instance), token))
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        // Kept when the browser is closed; 30 days are far within what the type holds.
        .max_age(SESSION.try_into().unwrap_or_default())
        .build()
}
