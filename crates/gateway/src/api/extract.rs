//! axum's extractors with refusals as problems. Use them instead of axum's own.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use serde::de::DeserializeOwned;

use super::ApiError;

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

/// Parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct PathParts<T>(pub T);

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct QueryParts<T>(pub T);
