//! What the person sees of the agent's processes, and may do with them. Looking takes nothing from the model: what it has
//! not read yet is still new to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use slipway_protocol::credentials::hide;
use slipway_protocol::id::ConversationId;
use slipway_protocol::terminal::{BackgroundProcess, ProcessOutput, ProcessStatus};

use super::target::{State, Target};
use crate::ports::Ports;
use crate::shell::{ProcessTable, ShellPool};

/// The processes of a conversation, the oldest first, those that have ended among them as long as they are kept.
pub(crate) async fn list(
    shells: &Arc<ShellPool>,
    ports: &Arc<Ports>,
    conversation: &ConversationId,
) -> Vec<BackgroundProcess> {
    let Some(table) = shells.processes(conversation) else { return Vec::new() };
    let pids = blocking({
        let table = Arc::clone(&table);
        move || members(&table)
    });
    let listening = blocking({
        let ports = Arc::clone(ports);
        move || ports.listening()
    });
    let (targets, pids, listening) = tokio::join!(Target::all(table), pids, listening);
    let mut found = Vec::new();
    for target in targets {
        let (status, exit_code) = match target.state().await {
            State::Running => (ProcessStatus::Running, None),
            State::Exited(code) => (ProcessStatus::Exited, Some(code)),
            State::Killed => (ProcessStatus::Killed, None),
            State::Gone => (ProcessStatus::Exited, None),
        };
        let is_its_own = |port: &&slipway_protocol::sandbox::ListeningPort| {
            port.conversation_id == *conversation && port.process_id.as_deref() == Some(target.id())
        };
        let pids = pids.get(target.id()).filter(|_| status == ProcessStatus::Running);
        let age = target.age();
        found.push(BackgroundProcess {
            id: target.id().to_owned(),
            command: hide(target.command()).into_owned(),
            pids: pids.cloned().unwrap_or_default(),
            status,
            exit_code,
            started_at: before_now(age),
            duration_ms: u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
            ports: listening.iter().filter(is_its_own).map(|port| port.port).collect(),
        });
    }
    found
}

/// What a process has printed from byte `from` on, as far as that is kept. `None` when there is no such process.
pub(crate) async fn output(
    shells: &Arc<ShellPool>,
    conversation: &ConversationId,
    id: &str,
    from: u64,
) -> Option<ProcessOutput> {
    let target = find(shells, conversation, id).await?;
    let (from, kept, next) = target.kept_output(from);
    let (head, tail) = (String::from_utf8_lossy(&kept.head), String::from_utf8_lossy(&kept.tail));
    Some(ProcessOutput {
        from,
        next,
        omitted: kept.omitted,
        head: hide(&head).into_owned(),
        tail: hide(&tail).into_owned(),
        shared: matches!(target, Target::Job(_)),
    })
}

/// Ends a process with everything that it started, within a second. `false` when there is no such process.
pub(crate) async fn kill(shells: &Arc<ShellPool>, conversation: &ConversationId, id: &str) -> bool {
    match find(shells, conversation, id).await {
        Some(target) => {
            target.kill().await;
            true
        }
        None => false,
    }
}

async fn find(shells: &Arc<ShellPool>, conversation: &ConversationId, id: &str) -> Option<Target> {
    let targets = Target::all(shells.processes(conversation)?).await;
    targets.into_iter().find(|target| target.id() == id)
}

/// The ids of the processes by the model's handles. Blocks for some milliseconds.
fn members(table: &ProcessTable) -> HashMap<String, Vec<i32>> {
    let mut members: HashMap<String, Vec<i32>> = HashMap::new();
    for group in table.programs() {
        if let Some(id) = group.process_id {
            members.entry(id).or_default().extend(group.members);
        }
    }
    members
}

fn before_now(age: Duration) -> i64 {
    let started = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    let since = started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

async fn blocking<R: Default + Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}
