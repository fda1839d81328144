//! After a start: runs that another life of the gateway left going on are ended, with everything that was
//! recorded of them kept. Runs that wait for the person are left waiting.

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::Conversation;
use slipway_protocol::{ConversationId, Problem};

use super::active::ActiveRun;
use super::conclude::{Ending, conclude};
use super::waiting;
use crate::app::AppState;
use crate::store::{StoreError, call_stops, conversations};

/// Ends every run that the database thinks goes on and no other gateway drives, and tells how many there were. To be called once,
/// before anything can begin a run.
///
/// # Errors
/// When the database fails.
pub async fn recover(app: &AppState) -> Result<usize, StoreError> {
    if app.store.member().is_some() {
        let left = app.store.take_over(false).await?;
        end_all(app, &left, restarted).await?;
        return Ok(left.len());
    }
    let mut read = app.store.read().await?;
    let interrupted = conversations::active(&mut read).await?;
    drop(read);
    if !interrupted.is_empty() {
        reach(Point::RecoveryFound);
    }
    for conversation in &interrupted {
        end(app, conversation, restarted()).await?;
        reach(Point::RecoveryEnded);
    }
    Ok(interrupted.len())
}

/// Ends the runs of these conversations, which another gateway drove until it was gone.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_taken_over(app: &AppState, taken: &[ConversationId]) -> Result<(), StoreError> {
    end_all(app, taken, taken_over).await
}

async fn end_all(app: &AppState, ids: &[ConversationId], why: fn() -> Problem) -> Result<(), StoreError> {
    for id in ids {
        let mut read = app.store.read().await?;
        let stored = conversations::get(&mut read, id).await?;
        drop(read);
        if let Some(stored) = stored {
            end(app, &stored.conversation, why()).await?;
        }
    }
    Ok(())
}

async fn end(app: &AppState, conversation: &Conversation, problem: Problem) -> Result<(), StoreError> {
    let (Some(run_id), Some(started_at)) = (conversation.run_id.clone(), conversation.run_started_at) else {
        return Ok(());
    };
    let mut read = app.store.read().await?;
    let timeline = waiting::restored(&mut read, conversation, &run_id).await?;
    let stopped = call_stops::all(&mut read, &conversation.id).await?;
    drop(read);
    let run = ActiveRun::new(run_id, conversation, started_at);
    stopped.iter().for_each(|call| run.stop_call(call));
    let next = conclude(app, &run, timeline, Vec::new(), Ending::Restarted(problem)).await;
    if let Some(next) = next {
        super::drive::launch(app, next);
    }
    Ok(())
}

fn taken_over() -> Problem {
    Problem::new(503, "gateway_lost", "The gateway that drove this run is gone")
        .detail("Another one has taken over. What had been done and said until then is kept.")
        .hint("Press Continue to go on from there, or send a new message.")
}

fn restarted() -> Problem {
    Problem::new(503, "gateway_restarted", "Slipway was restarted during this run")
        .detail("What had been done and said until then is kept.")
        .hint("Press Continue to go on from there, or send a new message.")
}
