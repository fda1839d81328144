//! Further workspaces: each a directory beside the others, with a host of its own that is made when it is first used.

mod directories;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path as PathParts, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{post, put};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use slipway_protocol::api::WorkspaceUsage;
use slipway_protocol::id::WorkspaceId;
use slipway_protocol::sandbox::WORKSPACE_HEADER;
use tokio_util::sync::CancellationToken;

use self::directories::{Directories, DirectoryError};
use super::problem::HostError;
use super::routes::{self, HostState, blocking};
use super::{Host, HostOptions};
use crate::resources::Disk;
use crate::workspace::Workspace;

/// Where hosts of further workspaces keep what they keep, in the state directory of the first.
const STATE: &str = "workspaces";

/// The further workspaces.
pub(super) struct Further {
    directories: Directories,
    /// What the first host was started with.
    options: HostOptions,
    open: Mutex<HashMap<WorkspaceId, Served>>,
    /// What each takes up, as last measured.
    disks: Mutex<HashMap<WorkspaceId, Disk>>,
}

#[derive(Clone)]
struct Served {
    host: Arc<Host>,
    router: Router,
}

impl Further {
    pub(super) fn new(directory: PathBuf, options: HostOptions) -> Self {
        let directories = Directories::new(directory, options.workspace.clone());
        Self { directories, options, open: Mutex::default(), disks: Mutex::default() }
    }

    pub(super) fn directory(&self) -> &Path {
        self.directories.root()
    }

    /// Those that were used.
    pub(super) fn hosts(&self) -> Vec<(WorkspaceId, Arc<Host>)> {
        self.open().iter().map(|(id, served)| (id.clone(), Arc::clone(&served.host))).collect()
    }

    /// What each of them takes up, used or not. Blocks for as long as it takes to walk through them.
    pub(super) fn sizes(&self, first: &Host) -> Vec<WorkspaceUsage> {
        let all = first.workspace.as_owner(|| self.directories.all());
        // Who asks meanwhile waits, and then finds most of it measured.
        let mut disks = self.disks.lock().unwrap_or_else(PoisonError::into_inner);
        disks.retain(|id, _| all.iter().any(|(known, _)| known == id));
        let sizes = all.into_iter().map(|(id, root)| {
            let bytes = disks.entry(id.clone()).or_insert_with(|| Disk::new(root, None)).measure();
            WorkspaceUsage { id, bytes }
        });
        sizes.collect()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Served>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The router of a workspace, whose host is made now if need be. Blocks; must be called within a runtime.
    fn router(&self, first: &Host, id: &WorkspaceId) -> Result<Router, DirectoryError> {
        let root = self.directories.existing(id)?;
        let mut open = self.open();
        let served = match open.entry(id.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(self.serve(first, id, &root)?),
        };
        Ok(served.router.clone())
    }

    fn serve(&self, first: &Host, id: &WorkspaceId, root: &Path) -> Result<Served, DirectoryError> {
        let state_directory = self.options.state_directory.join(STATE).join(id.as_str());
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o755).create(&state_directory);
        made.map_err(DirectoryError::Io)?;
        let workspace: Workspace = self.options.workspace.beside(root).map_err(DirectoryError::Io)?;
        let options = HostOptions { workspace, state_directory, ..self.options.clone() };
        let host = Host::assemble(options, first.desktop.clone(), first.eyes.clone(), None);
        let host = host.map_err(DirectoryError::Io)?;
        let resources = Arc::clone(&host.resources);
        // Ends with the host's calls.
        host.calls.attach(async move { resources.watch(CancellationToken::new()).await });
        Ok(Served { router: routes::router(Arc::clone(&host)), host })
    }
}

impl From<DirectoryError> for HostError {
    fn from(error: DirectoryError) -> Self {
        let (status, code, title) = match &error {
            DirectoryError::Unknown(_) => {
                (StatusCode::NOT_FOUND, "workspace_missing", "there is no such workspace")
            }
            DirectoryError::Taken(_) => {
                (StatusCode::CONFLICT, "workspace_taken", "something is there already")
            }
            DirectoryError::Io(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "workspace_failed", "the workspace cannot be prepared")
            }
        };
        Self::new(status, code, title).detail(error.to_string())
    }
}

/// The interface of the first workspace's host, which hands requests about others on to theirs: before they are routed,
/// because a path is taken to pieces only once.
pub(super) fn router(host: Arc<Host>) -> Router {
    let manage = Router::new()
        .route("/v1/workspaces/{id}", put(create).delete(remove))
        .route("/v1/workspaces/{id}/restore", post(restore))
        .with_state(Arc::clone(&host));
    let own = routes::router(Arc::clone(&host)).merge(manage);
    Router::new().fallback(dispatch).with_state(Front { host, own })
}

/// Where requests come in.
#[derive(Clone)]
struct Front {
    host: Arc<Host>,
    own: Router,
}

async fn dispatch(State(Front { host, own }): State<Front>, request: Request) -> Response {
    let router = match named(request.headers()) {
        None => Ok(own),
        Some(id) => router_for(host, id).await,
    };
    match router {
        Ok(router) => {
            let answer = TowerToHyperService::new(router).call(request).await;
            answer.unwrap_or_else(|never| match never {})
        }
        Err(error) => error.into_response(),
    }
}

fn named(headers: &HeaderMap) -> Option<WorkspaceId> {
    let text = headers.get(WORKSPACE_HEADER)?.to_str().unwrap_or_default();
    Some(WorkspaceId::from(text)).filter(|id| !id.is_default())
}

async fn router_for(host: Arc<Host>, id: WorkspaceId) -> Result<Router, HostError> {
    let router = blocking(move || match &host.further {
        Some(further) => further.router(&host, &id),
        None => Err(DirectoryError::Unknown(id)),
    });
    Ok(router.await??)
}

async fn create(
    State(host): HostState,
    PathParts(id): PathParts<WorkspaceId>,
) -> Result<StatusCode, HostError> {
    with_directories(host, id, Directories::create).await
}

/// Ends what goes on in a workspace, and puts it into the trash.
async fn remove(
    State(host): HostState,
    PathParts(id): PathParts<WorkspaceId>,
) -> Result<StatusCode, HostError> {
    let served = host.further.as_ref().and_then(|further| further.open().remove(&id));
    if let Some(served) = served {
        served.host.end_own().await;
    }
    with_directories(host, id, Directories::trash).await
}

async fn restore(
    State(host): HostState,
    PathParts(id): PathParts<WorkspaceId>,
) -> Result<StatusCode, HostError> {
    with_directories(host, id, Directories::restore).await
}

async fn with_directories(
    host: Arc<Host>,
    id: WorkspaceId,
    work: fn(&Directories, &WorkspaceId) -> Result<(), DirectoryError>,
) -> Result<StatusCode, HostError> {
    let done = blocking(move || match &host.further {
        Some(further) => host.workspace.as_owner(|| work(&further.directories, &id)),
        None => Err(DirectoryError::Unknown(id)),
    });
    done.await??;
    Ok(StatusCode::NO_CONTENT)
}
