//! Errors of the host's own interface, as problem JSON.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use slipway_protocol::problem::Problem;

/// A request that the host cannot answer as asked.
pub(super) struct HostError(pub(super) Problem);

impl HostError {
    pub(super) fn new(status: StatusCode, code: &str, title: &str) -> Self {
        Self(Problem::new(status.as_u16(), code, title))
    }

    pub(super) fn detail(self, detail: impl Into<String>) -> Self {
        Self(self.0.detail(detail))
    }
}

impl IntoResponse for HostError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
