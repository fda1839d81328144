//! Previews: what the agent's dev servers serve, on host names of their own.
//!
//! Cookies do not tell ports apart, so a preview must not share a host name with Slipway's UI:
//! `p-<port>-<random>.localhost`, which browsers take for this machine without asking anybody. Nothing of the
//! gateway is served there. Access takes a cookie of that host name, which a ticket of one use gives. In a frame of
//! the UI it is another one, which browsers send nowhere but in frames of that site ("partitioned").

mod forward;
mod headers;
mod host;
mod page;
mod tickets;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use slipway_tools::client::ClientError;

pub use self::tickets::Previews;
use crate::app::AppState;
use crate::auth::{Viewer, ended};

/// Where a preview is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A window of its own.
    Window,
    /// A frame of the gateway's UI.
    Frame,
}

impl Place {
    const ALL: [Self; 2] = [Self::Window, Self::Frame];

    /// Where a ticket is traded for the cookie; dev servers have nothing there.
    fn entrance(self) -> &'static str {
        match self {
            Self::Window => "/.slipway/enter",
            Self::Frame => "/.slipway/enter-frame",
        }
    }
}

/// The address that opens a preview once, on the port that the person reaches the gateway by.
pub fn address(
    app: &AppState,
    person: &Viewer,
    port: u16,
    gateway_host: Option<&str>,
    place: Place,
) -> String {
    let (label, ticket) = app.previews.open(port, person);
    let gateway_port = gateway_host.and_then(host::port).unwrap_or(app.public_port());
    format!("http://{label}.localhost:{gateway_port}{}?ticket={ticket}", place.entrance())
}

/// Answers requests for the host names of previews; all others go on to the gateway.
pub async fn intercept(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match host::label(&request).map(str::to_owned) {
        Some(label) => serve(&app, &label, request).await.unwrap_or_else(page::refuse),
        None => next.run(request).await,
    }
}

/// Why a preview is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// No cookie, or not the right one; or the gateway has started anew.
    Stranger,
    /// The ticket was used, or is too old.
    UsedTicket,
    /// Another site's page sent this.
    ForeignOrigin,
    /// No tool host is attached.
    NoSandbox,
    /// Nothing of the agent's listens there.
    NothingListens { port: u16 },
    /// The server broke off, or does not speak HTTP.
    Broken { port: u16 },
}

async fn serve(app: &AppState, label: &str, request: Request) -> Result<Response, Refusal> {
    if let Some(place) = Place::ALL.into_iter().find(|place| request.uri().path() == place.entrance()) {
        return enter(app, label, &request, place);
    }
    let name = cookie_name(app);
    let secret =
        CookieJar::from_headers(request.headers()).get(&name).map(|cookie| cookie.value().to_owned());
    let known = secret.and_then(|secret| app.previews.port(label, &secret));
    let (port, person) = known.ok_or(Refusal::Stranger)?;
    if ended::is_over(app, &person).await {
        return Err(Refusal::Stranger);
    }
    if !headers::is_own_origin(&request) {
        return Err(Refusal::ForeignOrigin);
    }
    let client = app.sandboxes.client().ok_or(Refusal::NoSandbox)?;
    let stream = client.port(port).await.map_err(|error| match error {
        ClientError::Refused { problem, .. } if problem.code == "port_not_listening" => {
            Refusal::NothingListens { port }
        }
        error => {
            tracing::warn!(%error, port, "a preview cannot be shown");
            Refusal::NoSandbox
        }
    })?;
    forward::forward(app, request, stream, port).await.map_err(|error| {
        tracing::debug!(%error, port, "a dev server broke off");
        Refusal::Broken { port }
    })
}

/// Trades the ticket for the cookie of this host name.
fn enter(app: &AppState, label: &str, request: &Request, place: Place) -> Result<Response, Refusal> {
    let query = request.uri().query().unwrap_or_default();
    let ticket = query.strip_prefix("ticket=").ok_or(Refusal::UsedTicket)?;
    let secret = app.previews.enter(label, ticket).ok_or(Refusal::UsedTicket)?;
    let cookie = Cookie::build((cookie_name(app), secret)).http_only(true).path("/");
    let cookie = match place {
        // The way here from Slipway's page crosses sites.
        Place::Window => cookie.same_site(SameSite::Lax),
        // A frame in Slipway's page is of another site. Browsers take names under localhost for secure.
        Place::Frame => cookie.same_site(SameSite::None).secure(true).partitioned(true),
    };
    let mut response = (CookieJar::new().add(cookie), Redirect::to("/")).into_response();
    keep_private(response.headers_mut());
    Ok(response)
}

/// The answer holds, or came by, a secret.
fn keep_private(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn cookie_name(app: &AppState) -> String {
    format!("{}preview_{}", headers::OWN_COOKIES, app.config.instance)
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::Stranger => StatusCode::UNAUTHORIZED,
            Self::UsedTicket | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NoSandbox => StatusCode::SERVICE_UNAVAILABLE,
            Self::NothingListens { .. } | Self::Broken { .. } => StatusCode::BAD_GATEWAY,
        }
    }
}
