//! The API's one error type, answered as `application/problem+json`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use slipway_protocol::Problem;

/// What a handler returns.
pub type ApiResult<T> = Result<T, ApiError>;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Something that the caller should know and can act on.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// A failure of the gateway itself: logged with the request's id, never sent.
    #[error("internal error: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// A failure of the gateway itself.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// 404 for a thing (`conversation`) and its id.
    pub fn not_found(thing: &str, id: impl std::fmt::Display) -> Self {
        Problem::new(404, "not_found", format!("There is no such {thing}"))
            .detail(format!("No {thing} has the id {id}."))
            .into()
    }

    /// 404 for an address under which there is no API.
    pub fn unknown_path(path: &str) -> Self {
        Problem::new(404, "unknown_path", "There is no such API")
            .detail(format!("Nothing is at {path}."))
            .hint("/api/v1/openapi.json lists everything.")
            .into()
    }

    /// 422 for a value that cannot be used; `detail` says which and why.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Problem::new(422, "invalid_value", "The request holds a value that cannot be used")
            .detail(detail)
            .into()
    }

    /// What the caller is told; logs the cause of an internal failure (the request's span adds its id).
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Internal(source) => {
                tracing::error!(error = %chain(source.as_ref()), "request failed");
                Problem::new(500, "internal", "Slipway failed to do this")
                    .detail("The cause is in the gateway's log, under the id in the x-request-id header.")
                    .hint("Try again; if it keeps failing, look at the log with `slipway logs`.")
            }
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(error.source(), |source| source.source())
        .fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        problem_response(&self.into_problem())
    }
}

/// `problem` as an `application/problem+json` answer with its status.
pub fn problem_response(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(wait_ms) = problem.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1000)));
    }
    response
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
            _ => "invalid_body",
        };
        let status = match rejection {
            // What is no JSON at all is as unusable as JSON of another shape.
            JsonRejection::JsonSyntaxError(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => rejection.status(),
        };
        Problem::new(status.as_u16(), code, "The request's body cannot be used")
            .detail(rejection.body_text())
            .into()
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Problem::new(rejection.status().as_u16(), "invalid_path", "The request's path cannot be used")
            .detail(rejection.body_text())
            .into()
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Problem::new(422, "invalid_query", "The request's query cannot be used")
            .detail(rejection.body_text())
            .into()
    }
}
