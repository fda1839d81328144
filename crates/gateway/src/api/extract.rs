//! axum's extractors with refusals as problems. Use them instead of axum's own.

use axum::extract::{FromRequest, FromRequestParts};

use super::ApiError;

/// A JSON body; demands `Content-Type: application/json`.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct JsonBody<T>(pub T);

/// Parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct PathParts<T>(pub T);

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct QueryParts<T>(pub T);
