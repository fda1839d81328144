//! Accepting connections from the sandbox: hand-shake, then tools or egress.

use std::sync::Arc;

use futures::StreamExt as _;
use slipway_protocol::Problem;
use slipway_protocol::event::EventBody;
use slipway_protocol::sandbox::{Attach, Channel};
use slipway_tools::client::{self, ClientError, ToolHostClient};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

use crate::app::AppState;
use crate::auth::secrets_match;
use crate::store::StoreError;
use crate::workspace::follow_changes;

/// The only sandbox of this instance.
const SANDBOX_ID: &str = "default";
/// Most connections at a time; further ones wait in the socket's queue.
const MAX_CONNECTIONS: usize = 512;

/// Accepts connections until the gateway stops.
pub async fn accept_connections(app: AppState, listener: UnixListener) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = async {
                let slot = Arc::clone(&slots).acquire_owned().await;
                (listener.accept().await, slot)
            } => accepted,
            () = app.shutdown.cancelled() => return,
        };
        match accepted {
            (Ok((stream, _)), Ok(slot)) => {
                let app = app.clone();
                app.tasks.clone().spawn(async move {
                    let _slot = slot;
                    tokio::select! {
                        () = serve(&app, stream) => {}
                        () = app.shutdown.cancelled() => {}
                    }
                });
            }
            (Err(error), _) => {
                tracing::error!(%error, "cannot accept a connection from the sandbox");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            (_, Err(_)) => return,
        }
    }
}

async fn serve(app: &AppState, stream: UnixStream) {
    match client::accept(stream, |attach| check(app, attach)).await {
        Ok((Channel::Tools, _, stream)) => {
            if let Err(error) = serve_tools(app, stream).await {
                tracing::warn!(%error, "the tool host's connection failed");
            }
        }
        Ok((Channel::Egress, _, stream)) => app.egress.serve(stream).await,
        Err(error) => tracing::warn!(%error, "a connection from the sandbox was not accepted"),
    }
}

/// Whether the connection may be used.
fn check(app: &AppState, attach: &Attach) -> Result<(), Problem> {
    if !secrets_match(&app.config.sandbox_token, &attach.token) {
        return Err(Problem::new(401, "sandbox_token_rejected", "The sandbox's token is wrong")
            .detail("It is not the token that the launcher gave to this gateway.")
            .hint("Start the instance again with `slipway up`."));
    }
    if attach.sandbox_id.as_str() != SANDBOX_ID {
        return Err(Problem::new(404, "unknown_sandbox", "The gateway does not know this sandbox")
            .detail(format!("It is called {}, not {SANDBOX_ID}.", attach.sandbox_id)));
    }
    if attach.channel == Channel::Tools && app.sandboxes.client().is_some() {
        return Err(already_attached());
    }
    Ok(())
}

fn already_attached() -> Problem {
    Problem::new(409, "sandbox_already_attached", "Another tool host is attached")
        .detail("A gateway uses one tool host at a time, and the present one is alive.")
}

/// Why a tool host was let go.
#[derive(Debug, thiserror::Error)]
enum AttachmentError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Refused(Problem),
}

/// Keeps a tool host attached until its connection is gone.
async fn serve_tools(app: &AppState, stream: UnixStream) -> Result<(), AttachmentError> {
    let (client, connection) = ToolHostClient::connect(stream).await?;
    let stop = app.shutdown.clone();
    let driver = app.tasks.spawn(async move {
        tokio::select! {
            ended = connection => ended,
            () = stop.cancelled() => Ok(()),
        }
    });
    let status = client.status().await?;
    if !app.sandboxes.attach(&client, &status) {
        driver.abort();
        return Err(AttachmentError::Refused(already_attached()));
    }
    tracing::info!(version = status.version, workspace = status.workspace, "tool host attached");
    let announced = announce(app).await;
    tokio::select! {
        () = client.closed() => {}
        () = async { tokio::join!(follow_ports(app, &client), follow_changes(app, &client)); } => {
            client.closed().await;
        }
    }
    app.sandboxes.detach();
    tracing::info!("tool host detached");
    announced.and(announce(app).await)?;
    Ok(())
}

/// Tells of every change of what the agent's programs listen on, for as long as the tool host does.
async fn follow_ports(app: &AppState, client: &ToolHostClient) {
    let lists = match client.ports().await {
        Ok(lists) => lists,
        Err(error) => {
            tracing::warn!(%error, "the tool host does not tell of listening ports");
            return;
        }
    };
    tokio::pin!(lists);
    while let Some(Ok(list)) = lists.next().await {
        if app.sandboxes.set_ports(list.ports)
            && let Err(error) = announce(app).await
        {
            tracing::warn!(%error, "a change of the listening ports was not recorded");
        }
    }
}

async fn announce(app: &AppState) -> Result<(), StoreError> {
    let mut write = app.store.write().await?;
    write.record(None, EventBody::SandboxUpdated { sandbox: app.sandbox_status() }).await?;
    write.commit().await
}
