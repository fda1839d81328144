//! Sessions: cookies whose tokens the database keeps as hashes, and the ways to one: a link that works once, the
//! launcher's token, a name with a password.

use std::time::{Duration, Instant};

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::{HeaderMap, header};
use slipway_protocol::api::LoginLink;
use slipway_protocol::{Problem, UserId};

use super::{Viewer, name, random_token, secrets_match, token_hash};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::{NewSession, now_ms, ownership};

/// How long a session lasts.
const SESSION: Duration = Duration::from_secs(30 * 24 * 3600);
/// How exactly it is noted when a session was last used.
const SEEN_EVERY_MS: i64 = 10 * 60 * 1000;
/// Most characters of a browser's name for itself.
const MAX_AGENT: usize = 200;
/// How long a login link can be used.
const LINK_MS: i64 = 24 * 3600 * 1000;

/// What is known of a browser that logs in.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    agent: &'a str,
    is_secure: bool,
}

impl<'a> Browser<'a> {
    /// What a request tells of it. Whether it speaks TLS is known from a proxy in front; who claims that without
    /// a proxy gets a cookie that their browser does not send back, and nothing else.
    pub fn of(headers: &'a HeaderMap) -> Self {
        let value = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        Self {
            agent: value(header::USER_AGENT).unwrap_or_default(),
            is_secure: value(header::HeaderName::from_static("x-forwarded-proto")) == Some("https"),
        }
    }
}

/// Makes a link that gives a session as `user` to whoever opens it first.
pub async fn create_link(app: &AppState, user: &UserId) -> Result<LoginLink, ApiError> {
    let token = random_token();
    let expires_at = now_ms() + LINK_MS;
    app.store.add_login_link(&token_hash(&token), user, expires_at).await?;
    Ok(LoginLink { path: format!("/login?token={token}"), expires_at })
}

/// Trades a link's token (once) or the launcher's for a session cookie.
pub async fn log_in(app: &AppState, token: &str, browser: &Browser<'_>) -> Result<Cookie<'static>, ApiError> {
    if let Some(wait) = app.login_attempts.wait(Instant::now()) {
        let problem = Problem::new(429, "too_many_logins", "Too many logins have failed")
            .detail("Logins are refused for a while, right or wrong.")
            .hint("Wait a minute and try again.");
        return Err(later(problem, wait));
    }
    let user = if secrets_match(&app.config.launcher_token, token) {
        Some(UserId::from(ownership::OWNER))
    } else {
        app.store.use_login_link(&token_hash(token), now_ms()).await?
    };
    let Some(user) = user else {
        app.login_attempts.failed(Instant::now());
        return Err(link_refused().into());
    };
    open(app, &user, browser).await
}

/// Trades a name and a password for a session cookie. Whether the name or the password is wrong shows neither in the
/// answer nor in the time that it takes.
pub async fn log_in_with_password(
    app: &AppState,
    given: &str,
    password: String,
    browser: &Browser<'_>,
) -> Result<Cookie<'static>, ApiError> {
    let name = name::normal(given);
    // Names that nobody can have count as one.
    let counted = name.as_deref().unwrap_or_default();
    app.backoff.begin(counted, Instant::now()).map_err(|wait| {
        let problem = Problem::new(429, "too_many_logins", "Too many logins with this name have failed")
            .detail("After five, each takes a longer wait.")
            .hint("Wait a little and try again; right or wrong, nothing is looked at until then.");
        later(problem, wait)
    })?;
    let known = match &name {
        Some(name) => app.store.user_named(name).await?,
        None => None,
    };
    let (account, kept) = match known.filter(|user| !user.account.disabled) {
        Some(user) => (Some(user.account), user.password),
        None => (None, None),
    };
    let is_right = app.passwords.verify(password, kept).await?;
    let Some(account) = account.filter(|_| is_right) else { return Err(password_refused().into()) };
    app.backoff.succeeded(counted);
    open(app, &account.id, browser).await
}

/// Opens a session for somebody who has shown who they are.
async fn open(app: &AppState, user: &UserId, browser: &Browser<'_>) -> Result<Cookie<'static>, ApiError> {
    let session = random_token();
    let now = now_ms();
    let expires_at = now + i64::try_from(SESSION.as_millis()).unwrap_or(i64::MAX);
    let agent = browser.agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT).collect();
    let row = NewSession { token_hash: token_hash(&session), user: user.clone(), now, expires_at, agent };
    app.store.add_session(&row).await?;
    let mut cookie = cookie(app.config.instance, session);
    cookie.set_secure(browser.is_secure);
    Ok(cookie)
}

/// Ends the session that the request's cookie names.
pub async fn log_out(app: &AppState, headers: &HeaderMap) -> Result<Cookie<'static>, ApiError> {
    if let Some(token) = token_of(headers, app.config.instance) {
        app.store.remove_session(&token_hash(&token)).await?;
        app.ended_sessions.tell();
    }
    Ok(gone(app))
}

/// What takes the session's cookie from a browser.
pub fn gone(app: &AppState) -> Cookie<'static> {
    let mut gone = cookie(app.config.instance, String::new());
    gone.make_removal();
    gone
}

/// The session token in the request's cookies.
pub fn token_of(headers: &HeaderMap, instance: u32) -> Option<String> {
    CookieJar::from_headers(headers).get(&cookie_name(instance)).map(|cookie| cookie.value().to_owned())
}

/// Whose session a token stands for; `None` when it is over, or that person may not come in any more.
pub async fn viewer(app: &AppState, token: &str) -> Result<Option<Viewer>, ApiError> {
    let (hash, now) = (token_hash(token), now_ms());
    let Some(session) = app.store.session(&hash, now).await? else { return Ok(None) };
    if now - session.seen_at > SEEN_EVERY_MS {
        // A full disk must keep nobody out.
        if let Err(error) = app.store.session_seen(&hash, now).await {
            tracing::debug!(%error, "it is not noted that a session is in use");
        }
    }
    Ok(Some(Viewer::person(session.user, session.role, hash)))
}

/// A refusal that says how long to wait.
fn later(mut problem: Problem, wait: Duration) -> ApiError {
    problem.retry_after_ms = u64::try_from(wait.as_millis()).ok();
    problem.into()
}

/// What somebody with a used, expired or wrong link is told.
fn link_refused() -> Problem {
    Problem::new(401, "login_refused", "This login link cannot be used")
        .detail("It was used before, has expired, or is not complete.")
        .hint("Run `slipway open` for a new one.")
}

/// What somebody with a wrong name or a wrong password is told.
fn password_refused() -> Problem {
    Problem::new(401, "login_refused", "This name and password do not fit")
        .detail("There is no account with this name and this password.")
        .hint("If you have forgotten the password, somebody who administers this instance can reset it.")
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
