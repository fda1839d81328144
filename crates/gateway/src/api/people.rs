//! `/people`: who may use the instance. For administrators.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use slipway_protocol::api::{Account, CreatePerson, PasswordGiven, ResetPassword, Role, UpdatePerson};
use slipway_protocol::{Problem, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{JsonBody, PathParts, PathValue};
use super::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::{Viewer, Way, name, password};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update)).routes(routes!(reset))
}

impl PathValue for UserId {}

/// Lists everybody.
#[utoipa::path(get, path = "/people", tag = "accounts", operation_id = "list_people",
    responses((status = 200, body = Vec<Account>),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>) -> ApiResult<Json<Vec<Account>>> {
    Ok(Json(app.store.users().await?))
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
