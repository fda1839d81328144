//! The way out of the sandbox: an HTTP/1.1 proxy that reaches public hosts only.
//!
//! It resolves names itself, checks every address, and connects to the address that it checked, so that a
//! name that changes its mind (DNS rebinding) gains nothing. TLS goes through untouched.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;

pub mod address;
mod forward;
mod idle;
mod policy;
mod resolve;
mod tunnel;

pub use address::AddressRange;
pub use policy::Policy;
pub(crate) use policy::is_local_name;
pub use resolve::{Resolve, SystemResolver};
pub use slipway_protocol::api::EgressMode;

/// Most connections at a time; further ones are refused.
const MAX_CONNECTIONS: usize = 256;
/// Longest request head, in bytes.
const MAX_HEAD: usize = 16 * 1024;
/// How long a client may take to send a request's head.
const HEAD_LIMIT: Duration = Duration::from_secs(30);

/// Marks an answer as the proxy's own. Never passed on from the other side.
const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// A body that is streamed through, or made up here.
type Body = BoxBody<Bytes, hyper::Error>;

/// The proxy. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Egress {
    policy: Arc<RwLock<Arc<Policy>>>,
    slots: Arc<Semaphore>,
}

/// Why a request is not carried out; its text is the answer's body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    /// The request is malformed or not for a proxy.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The policy does not allow it.
    #[error("Slipway's egress proxy does not allow this: {0}")]
    Forbidden(String),
    /// The other side cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// Too many connections.
    #[error("the egress proxy has no free connection, try again later")]
    Busy,
}

impl Egress {
    /// A proxy that follows `policy`.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy: Arc::new(RwLock::new(Arc::new(policy))),
            slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }

    /// The rules in force.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has every further request follow other rules.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Serves one client's connection to its end. Dropping the future closes everything that belongs to
    /// it.
    pub async fn serve(&self, client: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let slot = self.slots.try_acquire();
        let tunnels = tunnel::Tunnels::default();
        let service = service_fn(|request| {
            let is_free = slot.is_ok();
            let tunnels = tunnels.clone();
            async move {
                let outcome = if is_free {
                    handle(&self.policy(), &tunnels, request).await
                } else {
                    Err(EgressError::Busy)
                };
                Ok::<_, Infallible>(outcome.unwrap_or_else(|error| refusal(&error)))
            }
        });
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(client), service)
            .with_upgrades()
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "an egress connection ended early");
        }
        tunnels.run().await;
    }
}

async fn handle(
    policy: &Policy,
    tunnels: &tunnel::Tunnels,
    request: Request<Incoming>,
) -> Result<Response<Body>, EgressError> {
    if request.method() == Method::CONNECT {
        tunnel::open(policy, tunnels, request).await
    } else {
        forward::forward(policy, request).await
    }
}

fn refusal(error: &EgressError) -> Response<Body> {
    let status = match error {
        EgressError::BadRequest(_) => StatusCode::BAD_REQUEST,
        EgressError::Forbidden(_) => StatusCode::FORBIDDEN,
        EgressError::Unreachable(_) => StatusCode::BAD_GATEWAY,
        EgressError::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    tracing::info!(status = status.as_u16(), reason = %error, "egress refused");
    let text = Full::new(Bytes::from(format!("{error}\n"))).map_err(|never| match never {}).boxed();
    let mut response = Response::new(text);
    *response.status_mut() = status;
    let plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    // RFC 9209; tells clients that it was not the other side which said this.
    response
        .headers_mut()
        .insert(PROXY_STATUS, http::HeaderValue::from_static("slipway; error=http_request_denied"));
    response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}

fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed()
}
