//! Plain HTTP requests in absolute form (`GET http://host/path`).

use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use super::idle::Idle;
use super::policy::Policy;
use super::{Body, EgressError};

/// Headers that concern one connection only, and those meant for the proxy.
const HOP_HEADERS: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "proxy-status",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Sends the request on over a connection of its own and streams the answer back.
pub(super) async fn forward(
    policy: &Policy,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, EgressError> {
    let uri = request.uri().clone();
    let (Some(authority), Some("http")) = (uri.authority(), uri.scheme_str()) else {
        return Err(EgressError::BadRequest("this is a proxy: ask for http://host/path, or use CONNECT"));
    };
    if authority.as_str().contains('@') {
        return Err(EgressError::BadRequest("the address must not hold a name or password"));
    }
    let host = HeaderValue::from_str(authority.as_str())
        .map_err(|_| EgressError::BadRequest("the host name is malformed"))?;
    let stream = policy.connect(authority.host(), authority.port_u16().unwrap_or(80)).await?;
    let failed = |error: hyper::Error| EgressError::Unreachable(format!("{authority}: {error}"));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(Idle::new(stream))).await.map_err(failed)?;
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    *request.version_mut() = http::Version::HTTP_11;
    remove_hop_headers(request.headers_mut());
    // The address that was checked decides, not what the client says that it wants.
    request.headers_mut().insert(header::HOST, host);
    let driver = Driver(tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a forwarded connection ended early");
        }
    }));
    let mut response = sender.send_request(request).await.map_err(failed)?;
    remove_hop_headers(response.headers_mut());
    // The connection must be driven until the body is through, and not longer.
    Ok(response.map(move |body| {
        let body = body.map_frame(move |frame| {
            let _ = &driver;
            frame
        });
        body.boxed()
    }))
}

/// Owns the task that drives a connection.
struct Driver(tokio::task::JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn remove_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_HEADERS {
        headers.remove(name);
    }
}
