//! Pictures in tool results: kept by the gateway, so that transcripts and events hold their ids only.

use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header;
use sha2::{Digest as _, Sha256};
use slipway_protocol::tool::{ImageContent, ToolImage, ToolOutcome};
use slipway_protocol::{ConversationId, ImageId, Problem};

use super::active::ActiveRun;
use super::patience::{again, storage_problem};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::images::{self, StoredImage};
use crate::store::{Store, StoreError};

/// Most pictures of one result, and most bytes of one.
const MOST: usize = 4;
const MAX_BYTES: usize = 6 << 20;

/// What a PNG begins with: the only kind that the tools make, hence the only one that is kept.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const PNG_TYPE: &str = "image/png";

/// Keeps the pictures of a result and leaves their ids in it; waits until they can be saved, unless the run is to stop.
/// What is no picture is left out: it comes from the sandbox, and browsers will show it. The model is told of pictures
/// that are lost.
pub(super) async fn keep(app: &AppState, run: &ActiveRun, outcome: &mut ToolOutcome) {
    let sent = std::mem::take(&mut outcome.images);
    let count = sent.len();
    let found: Vec<(ToolImage, ImageId, StoredImage)> =
        sent.into_iter().take(MOST).filter_map(checked).collect();
    if found.len() < count {
        tracing::warn!(left_out = count - found.len(), "a tool's pictures are not all usable");
    }
    if found.is_empty() {
        return;
    }
    let saved = loop {
        let attempt = save(&app.store, &run.conversation_id, &found).await;
        if !again(app, run, storage_problem(&attempt)).await {
            break attempt;
        }
    };
    if let Err(error) = saved {
        tracing::error!(%error, run_id = %run.id, "the pictures of a tool's result are not kept");
        outcome.text.push_str("\n[The pictures of this result could not be saved and are lost.]");
        return;
    }
    let named = |(image, id, _)| ToolImage { content: ImageContent::Stored(id), ..image };
    outcome.images.extend(found.into_iter().map(named));
}

async fn save(
    store: &Store,
    conversation: &ConversationId,
    pictures: &[(ToolImage, ImageId, StoredImage)],
) -> Result<(), StoreError> {
    let mut write = store.write().await?;
    for (_, id, stored) in pictures {
        images::keep(&mut write, conversation, id, stored).await?;
    }
    write.commit().await
}

/// A picture that may be shown to anybody.
fn checked(image: ToolImage) -> Option<(ToolImage, ImageId, StoredImage)> {
    let ImageContent::Inline(content) = &image.content else { return None };
    let bytes = BASE64_STANDARD.decode(content).ok()?;
    if image.media_type != PNG_TYPE || !bytes.starts_with(PNG) || bytes.len() > MAX_BYTES {
        return None;
    }
    let id = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let stored = StoredImage { media_type: image.media_type.clone(), content: content.clone() };
    Some((image, ImageId(id), stored))
}

/// A picture as an HTTP answer.
///
/// # Errors
/// When there is no such picture in the conversation, or the database fails.
pub(crate) async fn answer(
    store: &Store,
    conversation: &ConversationId,
    id: &ImageId,
) -> Result<Response, ApiError> {
    let mut moment = store.read().await?;
    let image = images::get(&mut moment, conversation, id).await?;
    let image = image.ok_or_else(|| ApiError::not_found("picture", id))?;
    let bytes = BASE64_STANDARD.decode(&image.content).map_err(|error| {
        Problem::new(500, "picture_damaged", "The picture is damaged").detail(error.to_string())
    })?;
    let headers = [
        (header::CONTENT_TYPE, image.media_type.as_str()),
        // What an id stands for never changes.
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
