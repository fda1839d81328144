//! The OpenAPI document of everything under `/api/v1`.

use slipway_protocol::event::Event;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::{ObjectBuilder, Required, ResponseBuilder, Type};
use utoipa_axum::router::OpenApiRouter;

use crate::api;

/// What the document says besides the routes. Events are only streamed, so no route names them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Slipway gateway",
        description = "Conversations, events, settings and the sandbox of one Slipway instance. \
                       Every error is an RFC 9457 problem (`application/problem+json`) with a stable `code`. Lists come \
                       in pages; `next` of one leads to the next. Log in with a session's cookie, or with the \
                       launcher's token as `Authorization: Bearer`."
    ),
    components(schemas(Event))
)]
struct Document;

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    let routes = OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", api::routes());
    let mut document = routes.into_openapi();
    for (path, item) in &mut document.paths.paths {
        tell_of_headers(path, item);
    }
    document
}

/// Adds the headers that every operation of a kind knows ([`api::answers`], [`api::etags`]).
fn tell_of_headers(path: &str, item: &mut PathItem) {
    let takes_keys = path.strip_prefix("/api/v1").is_some_and(api::answers::takes_keys);
    if let Some(post) = item.post.as_mut().filter(|_| takes_keys) {
        let name = "A name of the client's for this request: sent again within 24 hours, it does nothing again \
                    and is answered as before; with another body it is refused (422).";
        add_header(post, "Idempotency-Key", name);
    }
    let own_tags = path.starts_with("/api/v1/workspace/");
    let Some(get) = item.get.as_mut().filter(|get| !own_tags && answers_with_json(get)) else { return };
    add_header(get, "If-None-Match", "An `ETag` of before: answered with 304 while it holds.");
    let unchanged = ResponseBuilder::new().description("Nothing has changed since").build();
    get.responses.responses.insert("304".to_owned(), unchanged.into());
    for change in [&mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten() {
        let seen = "The `ETag` that GET told here: changes nothing (412) if there is something else now.";
        add_header(change, "If-Match", seen);
    }
}

fn answers_with_json(operation: &Operation) -> bool {
    let answer = operation.responses.responses.get("200");
    matches!(answer, Some(utoipa::openapi::RefOr::T(answer)) if answer.content.contains_key("application/json"))
}

fn add_header(operation: &mut Operation, name: &str, description: &str) {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let header: Parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(text))
        .build();
    operation.parameters.get_or_insert_default().push(header.into());
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
