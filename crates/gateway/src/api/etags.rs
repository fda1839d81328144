//! ETags of everything that is read as JSON: `If-None-Match` saves a client from reading what it knows, `If-Match`
//! saves it from overwriting what it does not.
//!
//! A tag is a hash of what GET answers at an address, without the position in the event stream (`cursor`), which
//! is no content. PUT, PATCH and DELETE at the same address compare `If-Match` with it; no two changes are made
//! at a time while one of them is so compared. Files of the workspace have tags and conflicts of their own.

use axum::Router;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use sha2::{Digest, Sha256};
use slipway_protocol::Problem;

use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;

/// Longest answer that gets a tag, in bytes.
const MAX_BODY: usize = 64 << 20;
/// Most changes at a time; one with a condition takes the place of all.
pub const MOST_CHANGES: u32 = 1024;
/// What the position in the event stream looks like at the end of an answer.
const CURSOR: &[u8] = b",\"cursor\":\"";

/// What the conditions of a change are compared with.
#[derive(Clone)]
pub struct Conditions {
    /// The gateway.
    pub app: AppState,
    /// The routes of the API. What comes after this layer is the handler of one method of one of them.
    pub api: Router,
}

/// Adds tags and heeds conditions.
pub async fn conditional(State(conditions): State<Conditions>, request: Request, next: Next) -> Response {
    let outcome = match *request.method() {
        Method::GET => read(request, next).await,
        Method::PUT | Method::PATCH | Method::DELETE => change(&conditions, request, next).await,
        _ => Ok(next.run(request).await),
    };
    outcome.unwrap_or_else(IntoResponse::into_response)
}

async fn read(request: Request, next: Next) -> ApiResult<Response> {
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = tagged(next.run(request).await).await?;
    let tag = response.headers().get(header::ETAG);
    match (known, tag) {
        (Some(known), Some(tag)) if response.status() == StatusCode::OK && names(&known, tag) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::ETAG, tag.clone());
            Ok((StatusCode::NOT_MODIFIED, headers).into_response())
        }
        _ => Ok(response),
    }
}

async fn change(Conditions { app, api }: &Conditions, request: Request, next: Next) -> ApiResult<Response> {
    if request.uri().path().starts_with("/workspace/") {
        return Ok(next.run(request).await);
    }
    let Some(wanted) = request.headers().get(header::IF_MATCH).cloned() else {
        let _with_others = app.changes.acquire().await.map_err(ApiError::internal)?;
        return Ok(next.run(request).await);
    };
    let _alone = app.changes.acquire_many(MOST_CHANGES).await.map_err(ApiError::internal)?;
    let Ok(now) = TowerToHyperService::new(api.clone()).call(look_at(&request)).await;
    let now = tagged(now).await?;
    match now.headers().get(header::ETAG) {
        Some(tag) if wanted == "*" || names(&wanted, tag) => Ok(next.run(request).await),
        Some(_) => Err(Problem::new(412, "changed_meanwhile", "It has changed since you read it")
            .detail("Its ETag is not one of those in If-Match.")
            .hint("Read it again, and make the change to what it is now.")
            .into()),
        None if now.status().is_success() || now.status() == StatusCode::METHOD_NOT_ALLOWED => {
            Err(ApiError::invalid("`If-Match` means nothing here: what is at this address has no ETag."))
        }
        None => Ok(now),
    }
}

/// The request that reads what `request` is to change.
fn look_at(request: &Request) -> Request {
    let mut look = Request::new(Body::empty());
    *look.uri_mut() = request.uri().clone();
    if let Some(viewer) = request.extensions().get::<Viewer>() {
        look.extensions_mut().insert(viewer.clone());
    }
    look
}

/// The answer with a tag, if it is one that gets one.
async fn tagged(response: Response) -> ApiResult<Response> {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let is_whole = response.body().size_hint().exact().is_some_and(|bytes| bytes <= MAX_BODY as u64);
    let has_one = response.headers().contains_key(header::ETAG);
    if response.status() != StatusCode::OK || !is_json || !is_whole || has_one {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.map_err(ApiError::internal)?;
    let hash = crate::auth::hex(&Sha256::digest(without_cursor(&bytes)));
    let tag = format!("\"{}\"", hash.get(..32).unwrap_or(&hash));
    parts.headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(ApiError::internal)?);
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// The answer up to the position in the event stream, where it ends with one.
fn without_cursor(json: &[u8]) -> &[u8] {
    let Some(start) = json.windows(CURSOR.len()).rposition(|window| window == CURSOR) else { return json };
    let (content, end) = json.split_at(start);
    let value = end.get(CURSOR.len()..).unwrap_or_default();
    let is_last = value.strip_suffix(b"\"}").is_some_and(|cursor| !cursor.contains(&b'"'));
    if is_last { content } else { json }
}

/// Whether a list of tags names this one.
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else { return false };
    list.split(',').map(str::trim).any(|listed| listed == "*" || listed == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_position_at_the_very_end_is_left_out() {
        let check = |json: &str, wanted: &str| assert_eq!(without_cursor(json.as_bytes()), wanted.as_bytes());
        check(r#"{"a":1,"cursor":"x-1"}"#, r#"{"a":1"#);
        check(r#"{"a":{"b":1,"cursor":"x-1"},"c":2}"#, r#"{"a":{"b":1,"cursor":"x-1"},"c":2}"#);
        check(r#"{"a":1,"cursor":"x","c":"y"}"#, r#"{"a":1,"cursor":"x","c":"y"}"#);
        check("[]", "[]");
    }

    #[test]
    fn lists_of_tags_are_read() {
        let check = |list: &str| names(&list.parse().unwrap(), &HeaderValue::from_static("\"a\""));
        assert!(check("\"a\"") && check("\"b\", \"a\"") && check("*"));
        assert!(!check("\"b\"") && !check("a") && !check("W/\"a\"") && !check(""));
    }
}
