//! `POST /v1/desktop`: the two directions of an RFB byte stream as request and response body.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Host;
use super::byte_stream::joined;
use super::problem::HostError;

/// Connects the caller with the desktop. The stream ends when either side ends it, or the caller drops the
/// response.
pub(super) async fn connect(State(host): State<Arc<Host>>, upload: Body) -> Result<Response, HostError> {
    let unavailable = |reason: &str| {
        HostError::new(StatusCode::SERVICE_UNAVAILABLE, "no_desktop", "there is no desktop here")
            .detail(reason)
    };
    let Some(desktop) = &host.desktop else {
        return Err(unavailable("this tool host was started without one"));
    };
    let stream = desktop.connect().await.map_err(|error| unavailable(&error.to_string()))?;
    Ok(joined(&host, stream, upload))
}
