//! axum's extractors with refusals as problems. Use them instead of axum's own.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use slipway_protocol::{CallId, ConversationId, MessageId, ProviderId};

use super::ApiError;
use crate::app::AppState;
use crate::auth::Viewer;
use crate::store::ownership;

/// A JSON body; demands `Content-Type: application/json`. A field that nobody knows is refused here, where it may be
/// a slip of the caller's, and nowhere else: the same types are read from answers and databases of other versions.
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(request, state).await.map_err(JsonRejection::from)?;
        let request = Request::from_parts(parts, Body::from(bytes.clone()));
        let Json(value) = Json::<T>::from_request(request, state).await?;
        match unknown_field::<T>(&bytes) {
            Some(path) => Err(ApiError::invalid(format!("There is no field `{path}`."))),
            None => Ok(Self(value)),
        }
    }
}

/// The first field that the type has no place for.
fn unknown_field<T: DeserializeOwned>(json: &[u8]) -> Option<String> {
    let mut found = None;
    let mut note = |path: serde_ignored::Path<'_>| {
        found.get_or_insert_with(|| path.to_string().replace(".?", ""));
    };
    let mut json = serde_json::Deserializer::from_slice(json);
    // That it can be read is known already.
    let _ = serde_ignored::deserialize::<_, _, T>(&mut json, &mut note);
    found
}

/// Parts of the path that are nobody's own.
pub struct PathParts<T>(pub T);

/// What a path may name without anybody asking whose it is. A conversation's id is no such thing: take it by
/// [`Own`], which lets only its owner through.
#[diagnostic::on_unimplemented(
    message = "nobody has asked whose `{Self}` is",
    note = "take a conversation by `Own`; implement `PathValue` for what belongs to no single person"
)]
pub trait PathValue: DeserializeOwned + Send {}

impl PathValue for String {}
impl PathValue for ProviderId {}

/// `{call_id}` of a path below a conversation's.
#[derive(Deserialize)]
pub struct OfCall {
    /// The call.
    pub call_id: CallId,
}

impl PathValue for OfCall {}

/// `{message_id}` of a path below a conversation's.
#[derive(Deserialize)]
pub struct OfMessage {
    /// The message.
    pub message_id: MessageId,
}

impl PathValue for OfMessage {}

impl<S: Send + Sync, T: PathValue> FromRequestParts<S> for PathParts<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(value) = Path::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

/// The conversation that the path's `{id}` names, which is the asking person's. Somebody else's is answered like one
/// that is not there (404).
pub struct Own(pub ConversationId);

#[derive(Deserialize)]
struct OwnPath {
    id: ConversationId,
}

impl FromRequestParts<AppState> for Own {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        let Path(OwnPath { id }) = Path::from_request_parts(parts, app).await?;
        let mut connection = app.store.read().await?;
        match ownership::owner(&mut connection, &id).await? {
            Some(owner) if owner == *viewer.user() => Ok(Self(id)),
            _ => Err(ApiError::not_found("conversation", id)),
        }
    }
}

/// The same, even if the conversation is deleted and can still be brought back. For the way back alone.
pub struct OwnEvenIfDeleted(pub ConversationId);

impl FromRequestParts<AppState> for OwnEvenIfDeleted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        let Path(OwnPath { id }) = Path::from_request_parts(parts, app).await?;
        let mut connection = app.store.read().await?;
        match ownership::owner_even_if_deleted(&mut connection, &id).await? {
            Some(owner) if owner == *viewer.user() => Ok(Self(id)),
            _ => Err(ApiError::not_found("conversation", id)),
        }
    }
}

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct QueryParts<T>(pub T);
