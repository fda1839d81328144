//! `/workspaces`: the list, making, naming and deleting with a way back.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use slipway_protocol::api::{NameWorkspace, Role, Workspace, WorkspaceList};
use slipway_protocol::{Problem, WorkspaceId};
use slipway_tools::client::{ClientError, ToolHostClient};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{KEPT_MS, id, own, usable};
use crate::api::extract::{JsonBody, PathParts, PathValue};
use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::auth::Viewer;
use crate::store::workspaces as rows;
use crate::workspace::failed;

/// Longest name, in characters.
const MAX_NAME: usize = 60;
/// Most workspaces of a person, those in the trash among them.
const MOST: usize = 200;
/// How many ids are tried for a name.
const ATTEMPTS: u32 = 1000;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(rename, remove))
        .routes(routes!(restore))
}

/// Whose it is, every handler asks by [`own`].
impl PathValue for WorkspaceId {}

/// Lists the workspaces that the person can use.
#[utoipa::path(get, path = "/workspaces", tag = "workspaces", operation_id = "list_workspaces",
    responses((status = 200, body = WorkspaceList),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<AppState>, viewer: Viewer) -> ApiResult<Json<WorkspaceList>> {
    let mut read = app.store.read().await?;
    let own = rows::of_person(&mut read, viewer.user()).await?;
    let shared =
        Workspace { id: WorkspaceId::default(), name: String::new(), created_at: 0, deleted_at: None };
    let mut items: Vec<Workspace> = std::iter::once(shared).chain(own).collect();
    items.sort_by_key(|workspace| workspace.deleted_at.is_some());
    let can_create = viewer.role() != Role::Viewer && app.sandboxes.can_have_workspaces();
    Ok(Json(WorkspaceList { items, can_create }))
}

/// Makes an empty workspace of the person's own.
#[utoipa::path(post, path = "/workspaces", tag = "workspaces", operation_id = "create_workspace",
    request_body = NameWorkspace,
    responses((status = 201, body = Workspace),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn create(
    State(app): State<AppState>,
    viewer: Viewer,
    JsonBody(wanted): JsonBody<NameWorkspace>,
) -> ApiResult<(StatusCode, Json<Workspace>)> {
    let name = valid_name(&wanted.name)?;
    let client = host(&app)?;
    // On a task of its own: it is finished even when the client goes away.
    let state = app.clone();
    let made = app.tasks.spawn(async move {
        let mut write = state.store.write().await?;
        if rows::of_person(write.connection(), viewer.user()).await?.len() >= MOST {
            return Err(too_many());
        }
        let mut attempt = 1;
        let id = loop {
            let id = id::of_name(&name, attempt);
            if rows::get(write.connection(), &id).await?.is_none() {
                break id;
            }
            attempt += 1;
            if attempt > ATTEMPTS {
                return Err(too_many());
            }
        };
        let workspace = Workspace { id, name, created_at: write.now(), deleted_at: None };
        rows::insert(&mut write, viewer.user(), &workspace).await?;
        write.commit().await?;
        if let Err(error) = client.create_workspace(&workspace.id).await
            && !is(&error, "workspace_taken")
        {
            let mut write = state.store.write().await?;
            rows::remove(&mut write, &workspace.id).await?;
            write.commit().await?;
            return Err(failed(error));
        }
        Ok(workspace)
    });
    Ok((StatusCode::CREATED, Json(made.await.map_err(ApiError::internal)??)))
}

/// Gives a workspace another name. Its directory keeps its own.
#[utoipa::path(patch, path = "/workspaces/{id}", tag = "workspaces", operation_id = "rename_workspace",
    params(("id" = String, Path)), request_body = NameWorkspace,
    responses((status = 200, body = Workspace),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn rename(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WorkspaceId>,
    JsonBody(wanted): JsonBody<NameWorkspace>,
) -> ApiResult<Json<Workspace>> {
    let name = valid_name(&wanted.name)?;
    let mut write = app.store.write().await?;
    let workspace = own(write.connection(), viewer.user(), &id).await?;
    rows::set_name(&mut write, &id, &name).await?;
    write.commit().await?;
    Ok(Json(Workspace { name, ..workspace }))
}

/// Puts a workspace into the trash, from where it can be brought back for a week. Its conversations stay, and can be
/// read; what goes on in it outside of runs ends. While a run goes on in it, or waits, it is refused.
#[utoipa::path(delete, path = "/workspaces/{id}", tag = "workspaces", operation_id = "delete_workspace",
    params(("id" = String, Path)),
    responses((status = 200, body = Workspace),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn remove(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WorkspaceId>,
) -> ApiResult<Json<Workspace>> {
    let mut write = app.store.write().await?;
    let workspace = own(write.connection(), viewer.user(), &id).await?;
    usable(write.connection(), viewer.user(), &id).await?;
    if rows::is_in_use(write.connection(), &id).await? || app.clones.are_running_in(&id) {
        return Err(in_use());
    }
    let client = host(&app)?;
    let state = app.clone();
    let removed = app.tasks.spawn(async move {
        let deleted_at = Some(write.now());
        rows::set_deleted(&mut write, &id, deleted_at).await?;
        write.commit().await?;
        match client.trash_workspace(&id).await {
            Err(error) if !is(&error, "workspace_missing") => {
                let mut write = state.store.write().await?;
                rows::set_deleted(&mut write, &id, None).await?;
                write.commit().await?;
                Err(failed(error))
            }
            _ => Ok(Workspace { deleted_at, ..workspace }),
        }
    });
    Ok(Json(removed.await.map_err(ApiError::internal)??))
}

/// Brings a workspace back from the trash.
#[utoipa::path(post, path = "/workspaces/{id}/restore", tag = "workspaces", operation_id = "restore_workspace",
    params(("id" = String, Path)),
    responses((status = 200, body = Workspace),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn restore(
    State(app): State<AppState>,
    viewer: Viewer,
    PathParts(id): PathParts<WorkspaceId>,
) -> ApiResult<Json<Workspace>> {
    let mut read = app.store.read().await?;
    let workspace = own(&mut read, viewer.user(), &id).await?;
    drop(read);
    let Some(deleted_at) = workspace.deleted_at else { return Ok(Json(workspace)) };
    let client = host(&app)?;
    let state = app.clone();
    let restored = app.tasks.spawn(async move {
        match client.restore_workspace(&id).await {
            // It had not been moved, because something broke in between.
            Err(error) if is(&error, "workspace_taken") => {}
            Err(error) if is(&error, "workspace_missing") => return Err(emptied(deleted_at).into()),
            Err(error) => return Err(failed(error)),
            Ok(()) => {}
        }
        let mut write = state.store.write().await?;
        rows::set_deleted(&mut write, &id, None).await?;
        write.commit().await?;
        Ok::<_, ApiError>(())
    });
    restored.await.map_err(ApiError::internal)??;
    Ok(Json(Workspace { deleted_at: None, ..workspace }))
}

fn host(app: &AppState) -> ApiResult<ToolHostClient> {
    let client = crate::workspace::client(app, &WorkspaceId::default())?;
    if app.sandboxes.can_have_workspaces() {
        return Ok(client);
    }
    Err(Problem::new(409, "one_workspace", "This sandbox has one workspace only")
        .detail("It was started without a directory for further ones.")
        .hint("Make it anew: `slipway reset`, or in the settings of the sandbox.")
        .into())
}

fn is(error: &ClientError, code: &str) -> bool {
    matches!(error, ClientError::Refused { problem, .. } if problem.code == code)
}

fn valid_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        return Err(ApiError::invalid(format!("A name is one line of 1 to {MAX_NAME} characters.")));
    }
    Ok(name.to_owned())
}

fn too_many() -> ApiError {
    Problem::new(409, "too_many_workspaces", "There are enough workspaces")
        .detail(format!("A person has at most {MOST}, those in the trash among them."))
        .into()
}

fn in_use() -> ApiError {
    Problem::new(409, "workspace_in_use", "Somebody is at work in this workspace")
        .detail("A run goes on in it or waits for you, or a repository is being cloned into it.")
        .hint("Stop that first, then delete the workspace.")
        .into()
}

fn emptied(deleted_at: i64) -> Problem {
    let days = KEPT_MS / (24 * 3600 * 1000);
    Problem::new(410, "workspace_emptied", "The workspace is not in the trash any more").detail(format!(
        "It was deleted at {deleted_at} ms since 1970; what is deleted stays for {days} days."
    ))
}
