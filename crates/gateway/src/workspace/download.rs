//! Files and folders out of the workspace.
//!
//! What is in them was written by the agent, so no browser may ever run it as a page of this gateway: every answer is an
//! attachment of no particular type, and if it were shown all the same, it would be without scripts and origin.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use serde::Deserialize;
use slipway_protocol::Problem;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::place::{Within, WorkspaceQuery};
use super::{client, failed};
use crate::api::ApiResult;
use crate::api::extract::QueryParts;
use crate::app::AppState;

/// For the case that a browser shows it although it is told not to.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(download)).routes(routes!(zip))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// The file.
    path: String,
}

/// Downloads a file as it is.
#[utoipa::path(get, path = "/workspace/file", tag = "workspace", operation_id = "download_workspace_file",
    params(FileQuery, WorkspaceQuery),
    responses((status = 200, body = String, content_type = "application/octet-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn download(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(FileQuery { path }): QueryParts<FileQuery>,
) -> ApiResult<Response> {
    let (content, size) = client(&app, &workspace)?.download(&path).await.map_err(failed)?;
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("file");
    let length = [(header::CONTENT_LENGTH, size.to_string())];
    Ok((length, attachment(name, "application/octet-stream", Body::from_stream(content))).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ZipQuery {
    /// The directory; the whole workspace by default.
    #[serde(default)]
    path: String,
    /// Whether what ignore files name, and `.git`, goes in too.
    #[serde(default)]
    ignored: bool,
}

/// Downloads a directory as a zip file, made while it is sent. What could not be put in is named in a note in it.
#[utoipa::path(get, path = "/workspace/zip", tag = "workspace", operation_id = "download_workspace_zip",
    params(ZipQuery, WorkspaceQuery),
    responses((status = 200, body = String, content_type = "application/zip"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn zip(
    State(app): State<AppState>,
    Within(workspace): Within,
    QueryParts(ZipQuery { path, ignored }): QueryParts<ZipQuery>,
) -> ApiResult<Response> {
    let content = client(&app, &workspace)?.download_zip(&path, ignored).await.map_err(failed)?;
    let name = path.rsplit('/').find(|part| !part.is_empty() && *part != ".").unwrap_or("workspace");
    Ok(attachment(&format!("{name}.zip"), "application/zip", Body::from_stream(content)))
}

fn attachment(name: &str, media_type: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(name)),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        // Compressing what may be large and compressed already would only cost the length.
        (header::CONTENT_ENCODING, "identity".to_owned()),
    ];
    (headers, body).into_response()
}

/// The header for a file of this name, which may hold anything: an approximation, then the name itself (RFC 6266).
fn disposition(name: &str) -> String {
    use std::fmt::Write as _;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._ ".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let exact = name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let text = disposition("a\"; x=\r\nSet-Cookie: y\u{e4}.html");
        assert!(text.is_ascii() && !text.contains(['\r', '\n']), "{text}");
        assert_eq!(text.matches('"').count(), 2, "{text}");
        assert!(text.ends_with("%0D%0ASet-Cookie%3A%20y%C3%A4.html"), "{text}");
    }
}
