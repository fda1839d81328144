//! `Idempotency-Key`: a POST that a client repeats, because it does not know whether it arrived, does nothing again
//! and is answered as before.
//!
//! Where the gateway died in the middle, the next life knows whether anything was changed, because that is noted with the
//! first change: if not, the request is carried out anew, else the client is told so and where to look.
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
use slipway_fail_points::{Point, reach};
use slipway_protocol::{ConversationId, Problem};

use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::secrets::owner;
use crate::store::StoreError;
use crate::store::answers::{self, Claim, KnownRequest, RequestName, RequestOutcome, StoredAnswer};

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
    let claim = answers::claim(&mut write, &id, &hash).await?;
    write.commit().await?;
    reach(Point::KeyClaimed);
    let under_way = match claim {
        Claim::Ours(under_way) => under_way,
        Claim::Known(known) => return answer_again(app, &id, &hash, known),
    };
    let state = app.clone();
    // To its end, even if the client goes away: it will ask again.
    let carried_out = app.tasks.spawn(async move {
        let work = next.run(Request::from_parts(parts, Body::from(bytes)));
        let response = answers::carry_out(id.clone(), work).await;
        reach(Point::KeyCarriedOut);
        let response = remember(&state, &id, response).await;
        reach(Point::KeyAnswerKept);
        drop(under_way);
        response
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
    let answer = match known.outcome {
        RequestOutcome::Answered(answer) => answer,
        RequestOutcome::UnderWay => {
            return Err(Problem::new(
                409,
                "idempotency_key_in_use",
                "The first request with this key has no answer yet",
            )
            .detail("It is being carried out.")
            .hint("Ask again in a moment.")
            .into());
        }
        RequestOutcome::Lost(conversation) => return Err(lost(conversation.as_ref()).into()),
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

/// What is answered where a request has changed something, and then nobody was left to answer it.
fn lost(conversation: Option<&ConversationId>) -> Problem {
    let problem = Problem::new(
        409,
        "idempotency_answer_lost",
        "The first request with this key took effect, unanswered",
    );
    match conversation {
        Some(id) => problem
            .detail(format!("Slipway was stopped before it had answered. The conversation {id} was changed."))
            .hint(format!("Do not send it anew: GET /api/v1/conversations/{id} shows what came of it.")),
        None => problem
            .detail("Slipway was stopped before it had answered.")
            .hint("Do not send it anew: look at what it was to change, which is done."),
    }
}

/// Keeps an answer that tells of success; gives the name back where nothing was changed. A client that gets the answer
/// need not know that it could not be kept.
async fn remember(app: &AppState, id: &RequestName, response: Response) -> ApiResult<Response> {
    let (parts, body) = response.into_parts();
    if !parts.status.is_success() {
        let released = release(app, id, parts.status).await;
        if let Err(error) = released {
            tracing::warn!(%error, "the key of a request that failed stays in use");
        }
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
    if let Err(error) = keep(app, id, &answer).await {
        tracing::warn!(%error, "an answer is given once and not kept");
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

async fn keep(app: &AppState, id: &RequestName, answer: &StoredAnswer) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    answers::keep(&mut write, id, answer).await?;
    write.commit().await
}

/// What was refused has done nothing; what failed may have.
async fn release(app: &AppState, id: &RequestName, status: StatusCode) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    if status.is_server_error() {
        answers::release_unchanged(&mut write, id).await?;
    } else {
        answers::release(&mut write, id).await?;
    }
    write.commit().await
}

fn too_long() -> ApiError {
    Problem::new(413, "body_too_large", "The request's body cannot be used")
        .detail(format!("At most {MAX_BODY} bytes are possible."))
        .into()
}
