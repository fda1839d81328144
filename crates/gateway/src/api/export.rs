//! `/conversations/{id}/export`: a conversation as a file.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use serde::Deserialize;
use slipway_protocol::Problem;
use slipway_protocol::export::ConversationExport;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use super::extract::{Own, QueryParts};
use crate::app::AppState;
use crate::export::{self, Form, Plan};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `json` (the default) to be played again by `slipway replay`, `markdown` for people.
    #[serde(default)]
    #[param(inline, value_type = Option<Form>)]
    format: Form,
}

/// Gives a conversation as a file to keep, to read, or to play again.
///
/// It holds what was said and done, and neither keys nor provider addresses: where a key that this instance
/// knows stands in a text, `[removed]` stands instead. The answer is written as it is read; what is added
/// to the conversation meanwhile is left out.
#[utoipa::path(get, path = "/conversations/{id}/export", tag = "conversations",
    operation_id = "export_conversation", params(("id" = String, Path), ExportQuery),
    responses(
        (status = 200, description = "The file.", content(
            (ConversationExport = "application/json"),
            (String = "text/markdown"))),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn export(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<ExportQuery>,
) -> ApiResult<Response> {
    let plan = Plan::of(&app, &id).await?;
    let (media_type, ending) = match query.format {
        Form::Json => ("application/json", "json"),
        Form::Markdown => ("text/markdown; charset=utf-8", "md"),
    };
    let disposition = format!("attachment; filename=\"{}.{ending}\"", plan.file_name());
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(export::write(app, plan, query.format))).into_response())
}
