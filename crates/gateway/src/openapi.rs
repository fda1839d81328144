//! The OpenAPI document of everything under `/api/v1`.

use slipway_protocol::event::Event;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::api;

/// What the document says besides the routes. Events are only streamed, so no route names them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Slipway gateway",
        description = "Conversations, events, settings and the sandbox of one Slipway instance. \
                       Every error is an RFC 9457 problem."
    ),
    components(schemas(Event))
)]
struct Document;

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", api::routes()).into_openapi()
}

/// The document as pretty JSON with a newline at the end, the same bytes for the same program.
///
/// # Errors
/// When it has no JSON form, which none has shown so far.
pub fn document_json() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&document())?;
    text.push('\n');
    Ok(text)
}
