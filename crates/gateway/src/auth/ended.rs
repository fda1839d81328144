//! What lasts longer than a request must end with the session that began it: streams of events, the desktop.

use std::time::Duration;

use tokio::sync::watch;

use super::{Viewer, Way};
use crate::app::AppState;
use crate::store::now_ms;

/// How often it is looked whether a session is still good: it may expire, or be ended by another gateway.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Tells those who wait that sessions may have ended.
#[derive(Debug)]
pub struct EndedSessions(watch::Sender<()>);

impl Default for EndedSessions {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl EndedSessions {
    /// Has everybody who waits look again.
    pub fn tell(&self) {
        self.0.send_replace(());
    }
}

/// Whether somebody may still come in as who they came in as.
async fn may_stay(app: &AppState, viewer: &Viewer) -> bool {
    let Way::Session(hash) = viewer.way() else { return true };
    match app.store.session(hash, now_ms()).await {
        Ok(session) => session.is_some_and(|session| session.role == viewer.role()),
        Err(error) => {
            tracing::warn!(%error, "whether a session is good cannot be told now");
            true
        }
    }
}

/// Whether the session by which somebody came in is good.
pub async fn is_over(app: &AppState, viewer: &Viewer) -> bool {
    !may_stay(app, viewer).await
}

/// Waits until the session by which somebody came in is over, or that person's role is another. Never, for the
/// launcher.
pub async fn over(app: &AppState, viewer: &Viewer) {
    let mut told = app.ended_sessions.0.subscribe();
    while may_stay(app, viewer).await {
        if *viewer.way() == Way::Launcher {
            std::future::pending::<()>().await;
        }
        tokio::select! {
            _ = told.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
