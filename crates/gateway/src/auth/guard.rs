//! Middleware that every request passes: Host, Origin, then identity.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, header};
use slipway_protocol::Problem;

use super::{Viewer, Way, login, policy, rates, secrets_match, session};
use crate::api::ApiError;
use crate::app::AppState;

/// What needs no identity: it tells nothing, or is how one gets an identity, or gives it up.
const OPEN: [(Method, &str); 7] = [
    (Method::GET, "/healthz"),
    (Method::GET, "/readyz"),
    // It looks for a token of its own.
    (Method::GET, "/metrics"),
    (Method::GET, "/login"),
    (Method::POST, "/login"),
    (Method::POST, "/api/v1/session"),
    (Method::DELETE, "/api/v1/session"),
];

/// The names by which people reach a listener, besides those of this machine itself.
#[derive(Debug, Clone, Default)]
pub struct KnownHosts(Arc<[String]>);

impl KnownHosts {
    /// These names, without ports.
    pub fn new(names: &[String]) -> Self {
        Self(
            names
                .iter()
                .map(|name| name.trim().to_ascii_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
        )
    }

    /// Whether `host` (with or without a port) is one of them, or names this machine.
    fn knows(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        is_local_name(name) || self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Refuses requests for foreign host names (421), which is what DNS rebinding looks like. Every host that a
/// request names counts, in each header and in its first line: programs differ in which one they follow.
pub async fn check_host(State(known): State<KnownHosts>, request: Request, next: Next) -> Response {
    match foreign_host(&known, &request) {
        None => next.run(request).await,
        Some(host) => ApiError::from(
            Problem::new(421, "foreign_host", "This address does not belong to Slipway")
                .detail(format!("The request was for the host {host}."))
                .hint(
                    "Use http://localhost or http://127.0.0.1 with Slipway's port, or tell Slipway its other \
                     names with SLIPWAY_HOSTS.",
                ),
        )
        .into_response(),
    }
}

/// Refuses what other web sites' pages send (403): requests that change something, WebSockets, and reading in
/// any way but by following a link. Failed logins count, so not even `/login` may be an image's address.
pub async fn check_origin(request: Request, next: Next) -> Response {
    let is_websocket = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let allowed = match request.headers().get(header::ORIGIN) {
        _ if is_safe && !is_websocket => !is_cross_site(request.headers()) || is_link(request.headers()),
        Some(origin) => origin.to_str().is_ok_and(|origin| is_same_origin(origin, request_host(&request))),
        None => !is_websocket && !is_cross_site(request.headers()),
    };
    if allowed {
        return next.run(request).await;
    }
    ApiError::from(
        Problem::new(403, "foreign_origin", "This request does not come from Slipway's own page")
            .detail("Its Origin header is missing or names another host."),
    )
    .into_response()
}

/// Finds out whom the request comes from; refuses strangers (401) except where it is [`OPEN`], and those whose role
/// is too small for the route (403).
pub async fn authenticate(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    match identify(&app, request.headers()).await {
        Ok(Some(viewer)) => {
            let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
            let needed = policy::needed(request.method(), route);
            if viewer.role() < needed {
                return ApiError::from(policy::refused(viewer.role(), needed)).into_response();
            }
            if *viewer.way() != Way::Launcher {
                let cost = rates::cost(request.method(), route);
                if let Err(wait) = app.rates.take(viewer.user(), cost, Instant::now()) {
                    return ApiError::from(rates::refused(wait)).into_response();
                }
            }
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        Ok(None) if is_open(&request) => next.run(request).await,
        Ok(None) => login::refuse(&app, request.headers()).await,
        Err(error) => error.into_response(),
    }
}

fn is_open(request: &Request) -> bool {
    let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
    OPEN.iter().any(|(open, path)| open == method && *path == request.uri().path())
}

async fn identify(app: &AppState, headers: &HeaderMap) -> Result<Option<Viewer>, ApiError> {
    if let Some(token) = bearer(headers) {
        let is_launcher = secrets_match(&app.config.launcher_token, token);
        return Ok(is_launcher.then(Viewer::launcher));
    }
    match session::token_of(headers, app.config.instance) {
        Some(token) => session::viewer(app, &token).await,
        None => Ok(None),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Host and port that the request is for.
fn request_host(request: &Request) -> Option<&str> {
    match request.headers().get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri().authority().map(http::uri::Authority::as_str),
    }
}

/// The first host of those that the request names that is not this machine; `(none)` when it names none.
fn foreign_host(known: &KnownHosts, request: &Request) -> Option<String> {
    let in_headers = request.headers().get_all(header::HOST).into_iter();
    let in_headers = in_headers.map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let in_line = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let named: Vec<String> = in_headers.chain(in_line).collect();
    if named.is_empty() {
        return Some("(none)".to_owned());
    }
    named.into_iter().find(|host| !known.knows(host))
}

/// The name in `host`, which may have a port; `None` when that is no port.
pub(super) fn name_of(host: &str) -> Option<&str> {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => port.parse::<u16>().ok().map(|_| name),
        _ => Some(host),
    }
}

/// Whether a name is this machine's own. Exact names only: prefixes such as `127.` would match names that anybody
/// can register.
pub(super) fn is_local_name(name: &str) -> bool {
    matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost")
}

fn is_same_origin(origin: &str, host: Option<&str>) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

/// Whether the browser itself says that another site's page made the request.
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// Whether the browser says that a person followed a link, rather than that a page loads something.
fn is_link(headers: &HeaderMap) -> bool {
    let says = |name, value| headers.get(name).is_some_and(|said: &http::HeaderValue| said == value);
    says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_local_names_are_local() {
        let is_local_host = |host: &str| KnownHosts::default().knows(host);
        for host in ["localhost", "LOCALHOST:3000", "127.0.0.1:1", "127.0.0.1", "[::1]", "[::1]:6080"] {
            assert!(is_local_host(host), "{host}");
        }
        let foreign = [
            "",
            "127.0.0.1.evil.test",
            "127.evil.test:3000",
            "localhost.evil.test",
            "evil.test",
            "evil.test:3000",
            "localhost:port",
            "localhost:3000:3000",
            "user@localhost",
            "::1",
            "[::2]:3000",
            "0.0.0.0:3000",
            "127.0.0.2",
            "localhost.",
        ];
        for host in foreign {
            assert!(!is_local_host(host), "{host}");
        }
    }

    #[test]
    fn names_that_were_told_are_known_exactly() {
        let known =
            KnownHosts::new(&["Slipway.Example".to_owned(), " 192.168.1.5 ".to_owned(), String::new()]);
        for host in ["slipway.example", "SLIPWAY.example:3000", "192.168.1.5:3000", "localhost"] {
            assert!(known.knows(host), "{host}");
        }
        for host in ["", ":3000", "x.slipway.example", "slipway.example.evil.test", "slipway.example:x"] {
            assert!(!known.knows(host), "{host}");
        }
    }

    #[test]
    fn an_origin_must_be_the_host_asked() {
        let host = Some("localhost:3000");
        assert!(is_same_origin("http://localhost:3000", host));
        for origin in
            ["null", "http://localhost:3001", "http://localhost", "http://evil.test", "localhost:3000"]
        {
            assert!(!is_same_origin(origin, host), "{origin}");
        }
        assert!(!is_same_origin("http://localhost:3000", None));
    }
}
