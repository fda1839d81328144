//! What another gateway has accepted for a run that this one drives.

use slipway_protocol::RunId;

use super::{pausing, pinning, steer, stop_call};
use crate::app::AppState;
use crate::store::conversations::StoredConversation;
use crate::store::gateways::{self, Order};
use crate::store::{StoreError, Write};

/// Does what was ordered. What cannot be done has lost its point: the run has ended meanwhile.
pub(crate) fn carry_out(app: &AppState, order: Order) {
    match order {
        Order::Stop { run_id } => {
            if let Some(run) = app.runs.get(&run_id) {
                run.stop.cancel();
            }
        }
        Order::Tell { run_id, message } => steer::pass_on(app, &run_id, message),
        Order::TakeBack { run_id, message_id } => steer::take_back(app, &run_id, &message_id),
        Order::Pause { run_id, pause } => pausing::carry_out(app, &run_id, pause),
        Order::Pin { run_id } => pinning::carry_out(app, &run_id),
        Order::StopCall { run_id, call_id } => {
            let state = app.clone();
            app.tasks.spawn(async move {
                if let Err(problem) = stop_call::carry_out(&state, &run_id, &call_id).await {
                    tracing::warn!(%call_id, detail = problem.detail, "a call that was to be stopped may go on");
                }
            });
        }
    }
}

/// Orders something of the gateway that drives the conversation's run, if that is another one; `false` when it is
/// to be done here.
///
/// # Errors
/// When the database fails.
pub(super) async fn pass(
    write: &mut Write,
    stored: &StoredConversation,
    order: impl FnOnce(RunId) -> Order,
) -> Result<bool, StoreError> {
    let Some(run_id) = stored.conversation.run_id.clone() else { return Ok(false) };
    let Some(gateway) = gateways::elsewhere(write, &stored.conversation.id).await? else { return Ok(false) };
    gateways::order(write, &gateway, &order(run_id)).await?;
    Ok(true)
}
