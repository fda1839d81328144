//! The UI: files built from `frontend/`, embedded with the feature `ui`; a placeholder without it.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, Uri, header};
use slipway_protocol::Problem;

#[cfg(feature = "ui")]
#[path = "ui/embedded.rs"]
mod files;
#[cfg(not(feature = "ui"))]
#[path = "ui/placeholder.rs"]
mod files;

use crate::api::ApiError;

/// A file of the UI.
pub(crate) struct UiFile {
    bytes: std::borrow::Cow<'static, [u8]>,
    media_type: String,
    /// Identifies the contents, as `ETag` wants it; weak, because answers may be compressed.
    tag: String,
}

/// Serves the UI: its files, and its page for every other path (the page has routes of its own).
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    answer(&method, &uri, &headers, "index.html")
}

/// Serves the stand-alone desktop page and the files that it needs.
pub async fn serve_desktop(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    answer(&method, &uri, &headers, "desktop.html")
}

fn answer(method: &Method, uri: &Uri, headers: &HeaderMap, page: &str) -> Response {
    if uri.path() == "/api" || uri.path().starts_with("/api/") {
        return ApiError::unknown_path(uri.path()).into_response();
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        return ApiError::from(Problem::new(405, "wrong_method", "Pages can only be read")).into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let is_page = path.is_empty() || path.ends_with(".html");
    if !is_page && let Some(file) = files::get(path) {
        return respond(headers, file, caching(path));
    }
    // A missing file must not look like the page: a browser would take HTML for a script.
    if path.starts_with("assets/") {
        return ApiError::not_found("file", path).into_response();
    }
    match files::get(page) {
        Some(file) => respond(headers, file, "no-cache"),
        None => ApiError::not_found("page", page).into_response(),
    }
}

/// Names under `assets/` hold a hash of the contents.
fn caching(path: &str) -> &'static str {
    if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn respond(headers: &HeaderMap, file: UiFile, caching: &'static str) -> Response {
    let tags = [(header::CACHE_CONTROL, caching.to_owned()), (header::ETAG, file.tag.clone())];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    if known.is_some_and(|known| known == file.tag) {
        return (http::StatusCode::NOT_MODIFIED, tags).into_response();
    }
    (tags, [(header::CONTENT_TYPE, file.media_type)], file.bytes).into_response()
}
