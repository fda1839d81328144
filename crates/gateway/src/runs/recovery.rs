//! After a start: runs that another life of the gateway left going on are ended, with everything that was
//! recorded of them kept. Runs that wait for the person are left waiting.

use slipway_fail_points::{Point, reach};
use slipway_protocol::Problem;
use slipway_protocol::api::Conversation;

use super::active::ActiveRun;
use super::conclude::{Ending, conclude};
use super::waiting;
use crate::app::AppState;
use crate::store::{StoreError, conversations};

/// Ends every run that the database thinks goes on, and tells how many there were. To be called once,
/// before anything can begin a run.
///
/// # Errors
/// When the database fails.
pub async fn recover(app: &AppState) -> Result<usize, StoreError> {
    let mut read = app.store.read().await?;
    let interrupted = conversations::active(&mut read).await?;
    drop(read);
    if !interrupted.is_empty() {
        reach(Point::RecoveryFound);
    }
    for conversation in &interrupted {
        end(app, conversation).await?;
        reach(Point::RecoveryEnded);
    }
    Ok(interrupted.len())
}

async fn end(app: &AppState, conversation: &Conversation) -> Result<(), StoreError> {
    let (Some(run_id), Some(started_at)) = (conversation.run_id.clone(), conversation.run_started_at) else {
        return Ok(());
    };
    let mut read = app.store.read().await?;
    let timeline = waiting::restored(&mut read, conversation, &run_id).await?;
    drop(read);
    let run = ActiveRun::new(run_id, conversation.id.clone(), started_at);
    let next = conclude(app, &run, timeline, Vec::new(), Ending::Restarted(restarted())).await;
    if let Some(next) = next {
        super::drive::launch(app, next);
    }
    Ok(())
}

fn restarted() -> Problem {
    Problem::new(503, "gateway_restarted", "Slipway was restarted during this run")
        .detail("What had been done and said until then is kept.")
        .hint("Press Continue to go on from there, or send a new message.")
}
