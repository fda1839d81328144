//! `/conversations`: the list, and one conversation's state and history.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_protocol::api::{
    Conversation, ConversationPage, ConversationSnapshot, CreateConversation, ModelChoice, UpdateConversation,
};
use slipway_protocol::event::RunStatus;
use slipway_protocol::message::{Message, PartBody};
use slipway_protocol::transcript::Entry;
use slipway_protocol::{ConversationId, ImageId, MessageId, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::budget::check_own;
use super::extract::{JsonBody, Own, PathParts, PathValue, QueryParts};
use super::pages::{self, Part, PartQuery};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::providers;
use crate::runs::{continuing, pictures};
use crate::store::conversations::{self, PageKey, Shelf, StoredConversation};
use crate::store::message_pages::{self, Place};
use crate::store::{approvals, branches, budgets, messages, questions, queue, transcript};
use crate::workspaces;

/// Most messages in one answer.
const MAX_MESSAGES: u32 = 100;
/// Messages in an answer that does not ask for a number.
const DEFAULT_MESSAGES: u32 = 60;
/// Bytes of entries after which a part of a transcript ends.
const TRANSCRIPT_BYTES: usize = 4 << 20;
/// Conversations on one page.
const PAGE: u32 = 50;
/// Longest title, in characters.
const MAX_TITLE: usize = 200;
/// Characters of a message in the outline.
const OUTLINE_CHARS: usize = 120;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update))
        .routes(routes!(outline))
        .routes(routes!(export))
        .routes(routes!(image))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `next` of the page before.
    before: Option<String>,
    /// Whether to list those that are put away instead of the others.
    #[serde(default)]
    archived: bool,
    /// How many, from 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Lists conversations: pinned ones first, each group newest first.
#[utoipa::path(get, path = "/conversations", tag = "conversations", operation_id = "list_conversations",
    params(ListQuery),
    responses((status = 200, body = ConversationPage),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<AppState>,
    viewer: Viewer,
    QueryParts(query): QueryParts<ListQuery>,
) -> ApiResult<Json<ConversationPage>> {
    let before = query.before.as_deref().map(page_key).transpose()?;
    // Taken before the rows are read: what is newer than it is told again, which changes nothing.
    let cursor = app.events.cursor();
    let mut connection = app.store.read().await?;
    let shelf = if query.archived { Shelf::Archived } else { Shelf::Current };
    let limit = pages::limit(query.limit, PAGE, 2 * PAGE)?;
    let items = conversations::page(&mut connection, viewer.user(), shelf, before.as_ref(), limit).await?;
    let last = items.last().filter(|_| items.len() == limit as usize);
    let next = last.map(|last| format!("{}-{}-{}", u8::from(last.pinned), last.updated_at, last.id));
    Ok(Json(ConversationPage { items, next, cursor }))
}

fn page_key(text: &str) -> Result<PageKey, ApiError> {
    let mut pieces = text.splitn(3, '-');
    let mut key = || {
        let pinned = pieces.next()? == "1";
        let updated_at = pieces.next()?.parse().ok()?;
        Some(PageKey { pinned, updated_at, id: pieces.next()?.into() })
    };
    key().ok_or_else(|| ApiError::invalid("`before` is not the `next` of a page."))
}

/// Creates a conversation.
#[utoipa::path(post, path = "/conversations", tag = "conversations", operation_id = "create_conversation",
    request_body = CreateConversation,
    responses((status = 201, body = Conversation),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn create(
    State(app): State<AppState>,
    viewer: Viewer,
    JsonBody(body): JsonBody<CreateConversation>,
) -> ApiResult<(StatusCode, Json<Conversation>)> {
    let title = valid_title(&body.title)?;
    check_own(&body.budgets)?;
    let model = match body.model {
        Some(model) => model,
        None => providers::default_model(&app).await?,
    };
    let scripted = is_scripted(&app, &model).await?;
    let mut write = app.store.write().await?;
    workspaces::usable(write.connection(), viewer.user(), &body.workspace_id).await?;
    let conversation = Conversation {
        id: ConversationId::generate(),
        title,
        status: RunStatus::Idle,
        run_id: None,
        run_started_at: None,
        problem: None,
        model,
        workspace_id: body.workspace_id,
        scripted,
        pinned: false,
        archived: false,
        branch_of: None,
        imported_at: None,
        created_at: write.now(),
        updated_at: write.now(),
    };
    conversations::insert(&mut write, viewer.user(), &conversation).await?;
    budgets::set_own(&mut write, &conversation.id, &body.budgets).await?;
    if let Some(old) = &body.continues
        && !continuing::link(&mut write, viewer.user(), old, &conversation).await?
    {
        return Err(ApiError::not_found("conversation", old));
    }
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(conversation)))
}

/// Whether a script plays this model.
async fn is_scripted(app: &AppState, model: &ModelChoice) -> ApiResult<bool> {
    match providers::find(app, &model.provider_id).await? {
        Some(known) => Ok(known.provider.scripted),
        None => Err(Problem::new(422, "provider_not_found", "The chosen provider is not configured")
            .detail(format!("No provider has the id {}.", model.provider_id))
            .hint("Choose one of the configured models, or add the provider in the settings.")
            .into()),
    }
}

fn valid_title(title: &str) -> ApiResult<String> {
    let title = title.trim();
    if title.chars().count() > MAX_TITLE || title.contains(char::is_control) {
        return Err(ApiError::invalid(format!("A title is one line of at most {MAX_TITLE} characters.")));
    }
    Ok(title.to_owned())
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReadQuery {
    /// How many messages, from 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    tail: Option<u32>,
    /// Only messages before this one.
    #[param(value_type = Option<String>)]
    before: Option<MessageId>,
    /// Only messages behind this one, the nearest first.
    #[param(value_type = Option<String>)]
    after: Option<MessageId>,
    /// The messages around this one, or around the one that has the part of this id.
    around: Option<String>,
}

impl ReadQuery {
    fn place(self) -> ApiResult<Place> {
        match (self.before, self.after, self.around) {
            (None, None, None) => Ok(Place::Newest),
            (Some(before), None, None) => Ok(Place::Before(before)),
            (None, Some(after), None) => Ok(Place::After(after)),
            (None, None, Some(around)) => Ok(Place::Around(around)),
            _ => Err(ApiError::invalid("`before`, `after` and `around` exclude each other.")),
        }
    }
}

/// Gives a conversation as it is now.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", operation_id = "get_conversation",
    params(("id" = String, Path), ReadQuery),
    responses((status = 200, body = ConversationSnapshot),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<ReadQuery>,
) -> ApiResult<Json<ConversationSnapshot>> {
    let limit = pages::limit_named("tail", query.tail, DEFAULT_MESSAGES, MAX_MESSAGES)?;
    let mut moment = app.store.read().await?;
    let seq = app.store.newest_event(&mut moment).await?;
    let Some(stored) = conversations::get(&mut moment, &id).await? else {
        return Err(ApiError::not_found("conversation", id));
    };
    let (messages, has_more) = message_pages::page(&mut moment, &id, &query.place()?, limit).await?;
    let nested = match stored.conversation.run_id.as_ref().filter(|_| stored.conversation.status.is_active())
    {
        Some(run_id) => messages::nested_in_run(&mut moment, &id, run_id).await?,
        None => Vec::new(),
    };
    let queue = queue::list(&mut moment, &id).await?;
    let questions = questions::open(&mut moment, &id).await?;
    let approvals = approvals::open(&mut moment, &id).await?;
    let wordings = branches::list(&mut moment, &id).await?;
    let StoredConversation { conversation, usage, context, plan, is_deleted: _ } = stored;
    Ok(Json(ConversationSnapshot {
        conversation,
        messages,
        has_more,
        nested,
        queue,
        usage,
        context_used: context.used,
        context_limit: context.limit,
        context_files: context.files,
        plan,
        questions,
        approvals,
        wordings,
        cursor: format!("{}-{seq}", app.store.epoch()),
    }))
}

/// Changes a conversation's title or model, pins it or puts it away.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations",
    operation_id = "update_conversation", params(("id" = String, Path)),
    request_body = UpdateConversation,
    responses((status = 200, body = Conversation),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn update(
    State(app): State<AppState>,
    Own(id): Own,
    JsonBody(body): JsonBody<UpdateConversation>,
) -> ApiResult<Json<Conversation>> {
    let title = body.title.as_deref().map(valid_title).transpose()?;
    let scripted = match &body.model {
        Some(model) => is_scripted(&app, model).await?,
        None => false,
    };
    let mut write = app.store.write().await?;
    if let Some(title) = title {
        conversations::set_title(&mut write, &id, &title).await?;
    }
    if let Some(model) = &body.model {
        conversations::set_model(&mut write, &id, model, scripted).await?;
    }
    if let Some(pinned) = body.pinned {
        conversations::set_pinned(&mut write, &id, pinned).await?;
    }
    if let Some(archived) = body.archived {
        conversations::set_archived(&mut write, &id, archived).await?;
    }
    let Some(stored) = conversations::get(write.connection(), &id).await? else {
        return Err(ApiError::not_found("conversation", id));
    };
    conversations::announce(&mut write, &id).await?;
    write.commit().await?;
    Ok(Json(stored.conversation))
}

/// A message of the user, in short.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OutlineItem {
    /// The message.
    message_id: MessageId,
    /// Its first 120 characters.
    text: String,
    /// When it was sent.
    created_at: i64,
}

/// Lists the user's messages of a conversation, oldest first, in short.
#[utoipa::path(get, path = "/conversations/{id}/outline", tag = "conversations",
    operation_id = "get_outline", params(("id" = String, Path), PartQuery),
    responses((status = 200, body = Vec<OutlineItem>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn outline(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<PartQuery>,
) -> ApiResult<Part<OutlineItem>> {
    let limit = pages::limit(query.limit, pages::MOST, pages::MOST)?;
    let after = query.after.map(MessageId);
    let mut moment = app.store.read().await?;
    if conversations::get(&mut moment, &id).await?.is_none() {
        return Err(ApiError::not_found("conversation", id));
    }
    let messages = messages::from_user(&mut moment, &id, after.as_ref(), limit + 1).await?;
    Ok(Part::of(messages, limit, |message| message.id.to_string()).map(in_short))
}

fn in_short(message: Message) -> OutlineItem {
    let text = message.parts.iter().find_map(|part| match &part.body {
        PartBody::Text { text } => Some(text.chars().take(OUTLINE_CHARS).collect()),
        PartBody::Reasoning { .. } | PartBody::Tool(_) | PartBody::Notice { .. } => None,
    });
    OutlineItem { message_id: message.id, text: text.unwrap_or_default(), created_at: message.created_at }
}

/// Gives a conversation's transcript, oldest entries first: at most a thousand entries, or 4 MiB, at a time.
#[utoipa::path(get, path = "/conversations/{id}/transcript", tag = "conversations",
    operation_id = "get_transcript", params(("id" = String, Path), PartQuery),
    responses((status = 200, body = Vec<Entry>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn export(
    State(app): State<AppState>,
    Own(id): Own,
    QueryParts(query): QueryParts<PartQuery>,
) -> ApiResult<Part<Entry>> {
    let limit = pages::limit(query.limit, pages::MOST, pages::MOST)?;
    let after = query.after.as_deref().map_or(Ok(0), str::parse);
    let after = after.map_err(|_| ApiError::invalid("`after` is not the number of an entry."))?;
    let mut moment = app.store.read().await?;
    if conversations::get(&mut moment, &id).await?.is_none() {
        return Err(ApiError::not_found("conversation", id));
    }
    let (entries, more) = transcript::part(&mut moment, &id, after, limit, TRANSCRIPT_BYTES).await?;
    let shown = u32::try_from(entries.len()).unwrap_or(limit) - u32::from(more);
    // Entries are numbered from 1 without gaps.
    Ok(Part::ending(entries, shown as usize, more.then(|| (after + i64::from(shown)).to_string()), limit))
}

#[derive(Deserialize)]
struct ImagePath {
    image_id: ImageId,
}

impl PathValue for ImagePath {}

/// Gives a picture that came of one of the conversation's tool calls.
#[utoipa::path(get, path = "/conversations/{id}/images/{image_id}", tag = "conversations",
    operation_id = "get_image", params(("id" = String, Path), ("image_id" = String, Path)),
    responses((status = 200, body = [u8], content_type = "image/png"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn image(
    State(app): State<AppState>,
    Own(id): Own,
    PathParts(path): PathParts<ImagePath>,
) -> ApiResult<Response> {
    pictures::answer(&app.store, &id, &path.image_id).await
}
