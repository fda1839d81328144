//! `Idempotency-Key`: a POST that a client repeats, because it does not know whether it arrived, does nothing again
//! and is answered as before.
//!
//! A key is the person's, for 24 hours. Only answers that tell of success are kept: a request that was refused has
//! done nothing and may be repeated. Messages have the `client_id` besides, which lies in the conversation, holds
//! for ever and is recorded in the same transaction as the message; a key holds for the HTTP request as a whole.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use slipway_protocol::Problem;

use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::secrets::owner;
use crate::store::answers::{self, KnownRequest, RequestName, StoredAnswer};

/// The client's name for its request.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Longest key, in characters.
const MAX_KEY: usize = 255;
/// Longest body of a request or an answer that is looked at here, in bytes.
const MAX_BODY: usize = 4 << 20;

/// Routes whose requests or answers hold what logs somebody in; nothing of that is kept.
const SECRET: [&str; 2] = ["/session", "/people"];

/// Whether a POST to this path (below `/api/v1`) can be repeated by a key.
pub(crate) fn takes_keys(path: &str) -> bool {
    !SECRET.iter().any(|secret| path.starts_with(secret))
}

/// Carries a POST with a key out once, where keys are taken.
pub async fn once(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>().cloned();
    let is_meant = request.method() == Method::POST && takes_keys(request.uri().path());
    let (Some(key), Some(viewer), true) = (request.headers().get(KEY).cloned(), viewer, is_meant) else {
        return next.run(request).await;
    };
    match try_once(&app, &viewer, &key, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn try_once(
    app: &AppState,
    viewer: &Viewer,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> ApiResult<Response> {
    let id = RequestName { user: viewer.user().clone(), name: valid(key)? };
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_too_long| too_long())?;
    let hash = request_hash(&parts, &bytes);
    let mut write = app.store.write().await?;
    let known = answers::claim(&mut write, &id, &hash).await?;
    write.commit().await?;
    if let Some(known) = known {
        return answer_again(app, &id, &hash, known);
    }
    let state = app.clone();
    // To its end, even if the client goes away: it will ask again.
    let carried_out = app.tasks.spawn(async move {
        let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
        remember(&state, &id, response).await
    });
    carried_out.await.map_err(ApiError::internal)?
}

fn valid(key: &HeaderValue) -> ApiResult<String> {
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY);
    key.map(str::to_owned).ok_or_else(|| {
        ApiError::invalid(format!("`Idempotency-Key` must have 1 to {MAX_KEY} visible ASCII characters."))
    })
}

fn request_hash(parts: &http::request::Parts, body: &Bytes) -> String {
    let media_type = parts.headers.get(header::CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let mut hash = Sha256::new();
    for piece in [target.as_bytes(), media_type, body] {
        hash.update(piece.len().to_le_bytes());
        hash.update(piece);
    }
    crate::auth::hex(&hash.finalize())
}

/// What a repeated request is answered.
fn answer_again(app: &AppState, id: &RequestName, hash: &str, known: KnownRequest) -> ApiResult<Response> {
    if known.request != hash {
        return Err(Problem::new(422, "idempotency_key_reused", "This key was used for another request")
            .detail("The Idempotency-Key of this request came with another path or body within 24 hours.")
            .hint("Use a new key for every new request.")
            .into());
    }
    let Some(answer) = known.answer else {
        return Err(Problem::new(
            409,
            "idempotency_key_in_use",
            "The first request with this key has no answer yet",
        )
        .detail("It is being carried out, or Slipway was stopped in the middle of it.")
        .hint(
            "Ask again in a moment. If that does not help, look whether it was done before using a new key.",
        )
        .into());
    };
    let body = app
        .secrets
        .decrypt(&owner::answer(&id.user, &id.name), &answer.encrypted_body)
        .map_err(ApiError::internal)?;
    let status = StatusCode::from_u16(answer.status).map_err(ApiError::internal)?;
    let mut response = (status, body.expose_secret().to_owned()).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if !answer.media_type.is_empty() {
        let media_type = HeaderValue::from_str(&answer.media_type).map_err(ApiError::internal)?;
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Keeps an answer that tells of success; gives the name back otherwise.
async fn remember(app: &AppState, id: &RequestName, response: Response) -> ApiResult<Response> {
    let (parts, body) = response.into_parts();
    let mut write = app.store.write().await?;
    if !parts.status.is_success() {
        answers::release(&mut write, id).await?;
        write.commit().await?;
        return Ok(Response::from_parts(parts, body));
    }
    let bytes = to_bytes(body, MAX_BODY).await.map_err(ApiError::internal)?;
    let text = String::from_utf8(bytes.to_vec()).map_err(ApiError::internal)?;
    let media_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let answer = StoredAnswer {
        status: parts.status.as_u16(),
        media_type: media_type.unwrap_or_default().to_owned(),
        // It may hold a secret that is told once.
        encrypted_body: app
            .secrets
            .encrypt(&owner::answer(&id.user, &id.name), &text.into())
            .map_err(ApiError::internal)?,
    };
    answers::keep(&mut write, id, &answer).await?;
    write.commit().await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn too_long() -> ApiError {
    Problem::new(413, "body_too_large", "The request's body cannot be used")
        .detail(format!("At most {MAX_BODY} bytes are possible."))
        .into()
}
