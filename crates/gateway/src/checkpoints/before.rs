//! The state of the workspace before a message.

use std::collections::HashMap;

use slipway_protocol::api::{Checkpoint, CheckpointKind};
use slipway_protocol::transcript::Entry;
use slipway_protocol::{ConversationId, MessageId, RunId};
use sqlx::AnyConnection;

use crate::store::branches::Said;
use crate::store::{StoreError, checkpoints, export, transcript};

/// The state that was recorded before a message; `None` when no run of its conversation has changed anything since.
///
/// # Errors
/// When the database fails.
pub async fn before_message(
    connection: &mut AnyConnection,
    id: &ConversationId,
    message_id: &MessageId,
    said: &Said,
) -> Result<Option<Checkpoint>, StoreError> {
    let runs: HashMap<RunId, usize> =
        export::runs(connection, id).await?.into_iter().map(|run| run.id).zip(0..).collect();
    let Some(run) = said.run_id.as_ref().and_then(|run| runs.get(run).copied()) else { return Ok(None) };
    let step = if said.begins_run { 0 } else { step_before(connection, id, message_id).await? };
    let all = checkpoints::all(connection, id, None).await?;
    let all: Vec<Checkpoint> = all.into_iter().map(|stored| stored.checkpoint).collect();
    Ok(state_at(&all, &runs, Place { run, step }).cloned())
}

/// Where in a conversation a message was said.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The place of its run among the runs.
    run: usize,
    /// The last step of that run before it; 0 when the run began with it.
    step: u32,
}

/// The number of the last step before a message.
async fn step_before(
    connection: &mut AnyConnection,
    id: &ConversationId,
    message_id: &MessageId,
) -> Result<u32, StoreError> {
    let mut step = 0;
    for entry in transcript::all(connection, id).await? {
        match entry {
            Entry::User(message) if message.id == *message_id => break,
            Entry::Assistant(answer) => step = answer.step,
            _ => {}
        }
    }
    Ok(step)
}

/// The state from which the first change after a place was made.
fn state_at<'a>(all: &'a [Checkpoint], runs: &HashMap<RunId, usize>, place: Place) -> Option<&'a Checkpoint> {
    let is_later = |checkpoint: &Checkpoint| {
        let run = checkpoint.run_id.as_ref().and_then(|run| runs.get(run));
        // What has no step was recorded before one, in which the change is.
        let later_step = checkpoint.step.map_or(place.step == 0, |step| step > place.step);
        run.is_some_and(|run| *run > place.run || (*run == place.run && later_step))
    };
    let first = all.iter().position(is_later)?;
    match all.get(first)?.kind {
        // It holds the change; the state before that is the one recorded before it.
        CheckpointKind::Step => all.get(first.checked_sub(1)?),
        _ => all.get(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(name: &str, run: Option<&str>, step: Option<u32>, kind: CheckpointKind) -> Checkpoint {
        Checkpoint {
            id: name.into(),
            conversation_id: "conv_1".into(),
            run_id: run.map(Into::into),
            step,
            kind,
            changed_files: 1,
            files: 1,
            unkept: Vec::new(),
            unkept_count: 0,
            created_at: 0,
        }
    }

    #[test]
    fn the_state_is_that_from_which_the_next_change_was_made() {
        use CheckpointKind::{BeforeRestore, BeforeRun, Outside, Restored, Step};
        let all = [
            checkpoint("a", Some("run_1"), None, BeforeRun),
            checkpoint("b", Some("run_1"), Some(2), Step),
            checkpoint("c", Some("run_1"), None, Outside),
            checkpoint("d", Some("run_1"), Some(4), Step),
            checkpoint("e", None, None, BeforeRestore),
            checkpoint("f", None, None, Restored),
            checkpoint("g", Some("run_3"), None, BeforeRun),
            checkpoint("h", Some("run_3"), Some(1), Step),
        ];
        let runs: HashMap<RunId, usize> =
            ["run_1", "run_2", "run_3", "run_4"].into_iter().map(RunId::from).zip(0..).collect();
        for (run, step, expected) in [
            (0, 0, Some("a")),
            (0, 1, Some("a")),
            (0, 2, Some("c")),
            (0, 3, Some("c")),
            (0, 4, Some("g")),
            (1, 0, Some("g")),
            (2, 0, Some("g")),
            (2, 1, None),
            (3, 0, None),
        ] {
            let found = state_at(&all, &runs, Place { run, step });
            assert_eq!(found.map(|found| found.id.as_str()), expected, "run {run}, step {step}");
        }
        assert_eq!(state_at(&all[1..2], &runs, Place { run: 0, step: 0 }), None);
    }
}
