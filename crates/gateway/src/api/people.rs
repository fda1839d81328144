//! `/people`: who may use the instance. For administrators.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use slipway_protocol::api::{Account, CreatePerson, PasswordGiven, ResetPassword, Role, UpdatePerson};
use slipway_protocol::{Problem, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts, PathValue, QueryParts};
use super::pages::{self, Part, PartQuery};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::{Viewer, Way, name, password};
use crate::runs::deleting;
use crate::store::ownership;

/// Most accounts of an instance: all are on the first page of the list.
const MOST: usize = 1000;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update, remove)).routes(routes!(reset))
}

impl PathValue for UserId {}

/// Lists everybody.
#[utoipa::path(get, path = "/people", tag = "accounts", operation_id = "list_people", params(PartQuery),
    responses((status = 200, body = Vec<Account>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<AppState>,
    QueryParts(query): QueryParts<PartQuery>,
) -> ApiResult<Part<Account>> {
    let limit = pages::limit(query.limit, pages::MOST, pages::MOST)?;
    let all = app.store.users().await?;
    Part::behind(all, query.after.as_deref(), limit, |account: &Account| account.id.to_string())
}

/// Adds a person. Without a password one is made, and told once.
#[utoipa::path(post, path = "/people", tag = "accounts", operation_id = "create_person",
    request_body = CreatePerson,
    responses((status = 201, body = PasswordGiven),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn create(
    State(app): State<AppState>,
    JsonBody(wanted): JsonBody<CreatePerson>,
) -> ApiResult<(StatusCode, Json<PasswordGiven>)> {
    let name = name::chosen(&wanted.name)?;
    if app.store.users().await?.len() >= MOST {
        return Err(Problem::new(409, "too_many_people", "There are as many accounts as can be")
            .detail(format!("At most {MOST} are possible."))
            .hint("Remove one that is not needed.")
            .into());
    }
    let (hash, made) = given_or_made(&app, wanted.password).await?;
    let account = app.store.add_user(&name, wanted.role, &hash).await?;
    let account = account.ok_or_else(|| name::taken(&name))?;
    Ok((StatusCode::CREATED, Json(PasswordGiven { account, password: made })))
}

/// Changes what a person may do, and whether they may come in. Disabling somebody ends their sessions.
#[utoipa::path(patch, path = "/people/{id}", tag = "accounts", operation_id = "update_person",
    params(("id" = UserId, Path)), request_body = UpdatePerson,
    responses((status = 200, body = Account),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn update(
    State(app): State<AppState>,
    PathParts(id): PathParts<UserId>,
    JsonBody(wanted): JsonBody<UpdatePerson>,
) -> ApiResult<Json<Account>> {
    let account = existing(&app, &id).await?;
    let is_demoted = wanted.role.is_some_and(|role| role != Role::Admin);
    if account.owner && (is_demoted || wanted.disabled == Some(true)) {
        return Err(Problem::new(409, "owner_stays", "The owner's account stays an administrator's")
            .detail("Whoever runs the instance acts as this person, by the launcher.")
            .hint("Add an account for everyday work, and use the owner's for administration.")
            .into());
    }
    app.store.change_user(&id, wanted.role, wanted.disabled).await?;
    app.ended_sessions.tell();
    existing(&app, &id).await.map(Json)
}

/// What becomes of the conversations of a person who is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Left {
    /// Whoever runs the instance gets them.
    HandOver,
    /// They are deleted.
    Delete,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct RemoveQuery {
    /// What becomes of the person's conversations.
    #[param(inline)]
    conversations: Left,
}

/// Removes a person with their webhooks (what waits for those is not sent), keys and sessions. Their conversations are
/// deleted, or become those of whoever runs the instance, as their workspaces do in any case.
#[utoipa::path(delete, path = "/people/{id}", tag = "accounts", operation_id = "remove_person",
    params(("id" = UserId, Path), RemoveQuery),
    responses((status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<UserId>,
    QueryParts(query): QueryParts<RemoveQuery>,
) -> ApiResult<StatusCode> {
    let account = existing(&app, &id).await?;
    if account.owner || id == *viewer.user() {
        return Err(Problem::new(409, "person_stays", "This account cannot be removed")
            .detail("Nobody removes themselves, and whoever runs the instance stays.")
            .hint("Ask another administrator.")
            .into());
    }
    // From here on they make nothing new.
    app.store.change_user(&id, None, Some(true)).await?;
    app.ended_sessions.tell();
    let heir = ownership::OWNER.into();
    match query.conversations {
        Left::HandOver => app.store.hand_over(&id, &heir).await?,
        Left::Delete => {
            for conversation in app.store.conversations_of(&id).await? {
                deleting::delete_for_good(&app, conversation).await?;
            }
        }
    }
    if !app.store.remove_user(&id, &heir).await? {
        return Err(Problem::new(409, "person_busy", "The person made something new meanwhile")
            .detail("They cannot come in any more, but a request of theirs was under way.")
            .hint("Try again.")
            .into());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a person another password and ends their sessions. Without a password one is made, and told once.
#[utoipa::path(post, path = "/people/{id}/password", tag = "accounts", operation_id = "reset_password",
    params(("id" = UserId, Path)), request_body = ResetPassword,
    responses((status = 200, body = PasswordGiven),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn reset(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<UserId>,
    JsonBody(wanted): JsonBody<ResetPassword>,
) -> ApiResult<Json<PasswordGiven>> {
    let account = existing(&app, &id).await?;
    if account.owner && matches!(viewer.way(), Way::Session(_)) {
        // Else any administrator could become whoever runs the instance.
        return Err(Problem::new(403, "owner_resets", "The owner's password is not for others to reset")
            .hint("The owner changes it in the settings, or with `slipway user reset` on the host.")
            .into());
    }
    let (hash, made) = given_or_made(&app, wanted.password).await?;
    app.store.set_password(&id, &hash, None).await?;
    app.ended_sessions.tell();
    Ok(Json(PasswordGiven { account: existing(&app, &id).await?, password: made }))
}

/// The hash of a given password, or of one that is made, with that.
async fn given_or_made(app: &AppState, given: Option<String>) -> ApiResult<(String, Option<String>)> {
    match given {
        Some(given) => {
            password::check(&given)?;
            Ok((app.passwords.hash(given).await?, None))
        }
        None => {
            let made = password::made();
            Ok((app.passwords.hash(made.clone()).await?, Some(made)))
        }
    }
}

async fn existing(app: &AppState, id: &UserId) -> ApiResult<Account> {
    let user = app.store.user(id).await?;
    Ok(user.ok_or_else(|| ApiError::not_found("person", id))?.account)
}
