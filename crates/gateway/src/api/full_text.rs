//! `/search`: finding what was said.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use slipway_protocol::search::{SearchHit, SearchPage};
use slipway_protocol::{ConversationId, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::QueryParts;
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::full_text::Words;
use crate::store::search::{self, Candidate, TimeKey};

/// Messages on one page.
const PAGE: usize = 30;
/// Conversations whose title fits.
const MAX_TITLES: usize = 20;
/// Parts that are read at a time.
const PORTION: u32 = 200;
/// Portions that one request reads at most; what is further back is on the next page.
const MAX_PORTIONS: usize = 10;
/// Longest query, in characters.
const MAX_QUERY: usize = 500;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(find))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FindQuery {
    /// Words that are all to be found, in any case; a part in quotation marks is found as it is.
    q: String,
    /// The one conversation to look through; its title is not looked at.
    #[param(value_type = Option<String>)]
    conversation: Option<ConversationId>,
    /// `next` of the page before.
    before: Option<String>,
}

/// Finds words in titles, messages and the arguments of tools, newest first.
#[utoipa::path(get, path = "/search", tag = "conversations", operation_id = "search", params(FindQuery),
    responses((status = 200, body = SearchPage),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn find(
    State(app): State<AppState>,
    viewer: Viewer,
    QueryParts(query): QueryParts<FindQuery>,
) -> ApiResult<Json<SearchPage>> {
    if query.q.chars().count() > MAX_QUERY {
        return Err(ApiError::invalid(format!("A search has at most {MAX_QUERY} characters.")));
    }
    let words = Words::parse(&query.q)
        .ok_or_else(|| ApiError::invalid("`q` has no words: write what is to be found."))?;
    let mut before = query.before.as_deref().map(time_key).transpose()?;
    let patterns = words.patterns();
    let mut connection = app.store.read().await?;
    let mut conversations = Vec::new();
    if before.is_none() && query.conversation.is_none() {
        conversations = search::titles(&mut connection, viewer.user(), &patterns, PORTION).await?;
        conversations.retain(|conversation| words.find_in(&conversation.title).is_some());
        conversations.truncate(MAX_TITLES);
    }
    let mut hits: Vec<SearchHit> = Vec::new();
    for _ in 0..MAX_PORTIONS {
        let within = query.conversation.as_ref();
        let mut candidates =
            search::parts(&mut connection, viewer.user(), within, &patterns, before.as_ref(), PORTION)
                .await?;
        let is_last = candidates.len() < PORTION as usize;
        if !is_last {
            drop_incomplete(&mut candidates);
        }
        for candidate in candidates {
            if hits.len() == PAGE && hits.last().is_some_and(|hit| hit.message_id != candidate.message_id) {
                let next = hits.last().map(|hit| key_text(hit.created_at, hit.message_id.as_str()));
                return Ok(Json(SearchPage { conversations, hits, next }));
            }
            before = Some(TimeKey { created_at: candidate.created_at, id: candidate.message_id.clone() });
            if hits.last().is_none_or(|hit| hit.message_id != candidate.message_id) {
                hits.extend(hit(&words, candidate));
            }
        }
        if is_last {
            return Ok(Json(SearchPage { conversations, hits, next: None }));
        }
    }
    let next = before.map(|key| key_text(key.created_at, key.id.as_str()));
    Ok(Json(SearchPage { conversations, hits, next }))
}

/// Drops the parts of the last message: there may be further ones, which the next portion will have.
fn drop_incomplete(candidates: &mut Vec<Candidate>) {
    let last = candidates.last().map(|candidate| candidate.message_id.clone());
    let whole =
        candidates.iter().take_while(|candidate| Some(&candidate.message_id) != last.as_ref()).count();
    if whole > 0 {
        candidates.truncate(whole);
    }
}

fn hit(words: &Words, candidate: Candidate) -> Option<SearchHit> {
    let found = words.find(&candidate.part)?;
    Some(SearchHit {
        conversation_id: candidate.conversation_id,
        title: candidate.title,
        message_id: candidate.message_id,
        part_id: candidate.part.id,
        role: candidate.role,
        tool: found.tool,
        excerpt: found.excerpt,
        created_at: candidate.created_at,
    })
}

fn key_text(created_at: i64, id: &str) -> String {
    format!("{created_at}-{id}")
}

fn time_key(text: &str) -> ApiResult<TimeKey> {
    let key = text
        .split_once('-')
        .and_then(|(created_at, id)| Some(TimeKey { created_at: created_at.parse().ok()?, id: id.into() }));
    key.ok_or_else(|| ApiError::invalid("`before` is not the `next` of a page."))
}
