//! A request body that may neither be endless nor stand still.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::HeaderMap;
use slipway_protocol::Problem;
use slipway_tools::client::BoxError;

use crate::api::ApiError;

/// How long nothing may come of a body.
const STALL_LIMIT: Duration = Duration::from_secs(60);

/// How much of a refused body is read all the same, and for how long: a browser whose body is not taken sees a broken
/// connection instead of the answer.
const DRAINED_BYTES: usize = 64 << 20;
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// What became of a body that was passed on.
#[derive(Default)]
pub(super) struct Verdict {
    /// The rest of a body that is too large.
    too_large: Mutex<Option<BodyDataStream>>,
    stalled: AtomicBool,
    bytes: AtomicU64,
}

impl Verdict {
    /// Why the body was broken off on this side, if it was.
    pub(super) async fn problem(&self, limit: u64) -> Option<ApiError> {
        let rest = self.too_large.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(rest) = rest {
            drain(rest).await;
            return Some(too_large(limit).into());
        }
        self.stalled.load(Ordering::Relaxed).then(|| {
            let bytes = self.bytes.load(Ordering::Relaxed);
            Problem::new(408, "upload_stalled", "The upload stood still")
                .detail(format!("Nothing came for {} s, after {bytes} bytes.", STALL_LIMIT.as_secs()))
                .hint("Nothing was written. Try again.")
                .into()
        })
    }
}

/// The body's bytes, at most `limit` of them.
///
/// # Errors
/// When its headers say already that it is longer.
pub(super) async fn bounded(
    headers: &HeaderMap,
    body: Body,
    limit: u64,
) -> Result<(impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static, Arc<Verdict>), ApiError> {
    let announced =
        headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit) {
        drain(body.into_data_stream()).await;
        return Err(too_large(limit).into());
    }
    let verdict = Arc::<Verdict>::default();
    let watched = Arc::clone(&verdict);
    let pieces = futures::stream::unfold(Some(body.into_data_stream()), move |body| {
        let verdict = Arc::clone(&watched);
        async move {
            let mut body = body?;
            let piece = match tokio::time::timeout(STALL_LIMIT, body.next()).await {
                Ok(piece) => piece?,
                Err(elapsed) => {
                    verdict.stalled.store(true, Ordering::Relaxed);
                    return Some((Err(elapsed.into()), None));
                }
            };
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => return Some((Err(error.into()), None)),
            };
            let length = piece.len() as u64;
            if verdict.bytes.fetch_add(length, Ordering::Relaxed) + length > limit {
                *verdict.too_large.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
                return Some((Err("the body is too long".into()), None));
            }
            Some((Ok(piece), Some(body)))
        }
    });
    Ok((pieces, verdict))
}

async fn drain(mut body: BodyDataStream) {
    let reading = async {
        let mut left = DRAINED_BYTES;
        while let Some(Ok(piece)) = body.next().await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                break;
            }
        }
    };
    // When it takes longer, the sender has to do without the answer.
    let _ = tokio::time::timeout(DRAIN_LIMIT, reading).await;
}

fn too_large(limit: u64) -> Problem {
    Problem::new(413, "upload_too_large", "The upload is too large")
        .detail(format!("At most {} MiB are taken at a time. Nothing was written.", limit >> 20))
        .hint("SLIPWAY_MAX_UPLOAD_MIB raises the bound; or let the agent fetch it.")
}
