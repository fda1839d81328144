//! The runs that go on in this process, and what others may ask of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use slipway_protocol::api::Conversation;
use slipway_protocol::tool::{ToolAccess, ToolSpec, ToolStatus};
use slipway_protocol::{CallId, ConversationId, InvocationId, RunId, WorkspaceId};
use subtle::ConstantTimeEq;
use tokio::sync::{SetOnce, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::near_budget::Granted;
use super::timeline::Change;
use crate::checkpoints::Watched;

/// Runs that are going on. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    active: Registry,
    /// Runs that do not go on: somebody looks at what their first request would be.
    imagined: Registry,
}

type Registry = Arc<Mutex<HashMap<RunId, Arc<ActiveRun>>>>;

/// A run that goes on.
#[derive(Debug)]
pub struct ActiveRun {
    /// The run.
    pub id: RunId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Where it works.
    pub workspace: WorkspaceId,
    /// Since when it goes on, in ms since the epoch.
    pub started_at: i64,
    /// Calls of its last answer that have waited for the person and are to be made first.
    pub(super) held: Vec<CallId>,
    /// Cancelled when the person wants it to stop.
    pub stop: CancellationToken,
    /// Whether the person wants it to come to rest.
    pub(super) pause: watch::Sender<bool>,
    /// What it may consume, once an engine was told.
    pub(super) granted: OnceLock<Granted>,
    /// Counts changes of what the person wants pinned.
    pub(super) pins: watch::Sender<u64>,
    /// The engine that drives it, once one does.
    pub engine: SetOnce<Url>,
    /// Permission to use the run's tools.
    token: SecretString,
    /// Calls that are recorded in the transcript, hence may be executed.
    recorded: watch::Sender<HashSet<CallId>>,
    calls: Mutex<Calls>,
    /// Tools that change nothing, once the engine has asked which there are.
    read_only: OnceLock<HashSet<String>>,
    /// What of the workspace is recorded.
    pub(crate) watched: Watched,
}

/// Executions of the run's calls.
#[derive(Debug, Default)]
struct Calls {
    in_flight: HashSet<InvocationId>,
    /// Have ended; that is not recorded yet.
    ended: Vec<Change>,
    /// What stops a single call, also one that has not begun.
    stops: HashMap<CallId, CancellationToken>,
}

/// Keeps a run among those that go on, or are imagined; dropping it ends that.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) run: Arc<ActiveRun>,
    among: Registry,
}

impl Runs {
    /// The run, if it goes on.
    pub fn get(&self, id: &RunId) -> Option<Arc<ActiveRun>> {
        self.lock().get(id).cloned()
    }

    /// Tells the conversation's run to stop, if one goes on.
    pub(super) fn stop(&self, conversation: &ConversationId) {
        let active = self.lock();
        for run in active.values().filter(|run| run.conversation_id == *conversation) {
            run.stop.cancel();
        }
    }

    /// These engines, those that drive the fewest of the runs first.
    pub(super) fn by_load(&self, engines: &[Url]) -> Vec<Url> {
        let active = self.lock();
        let load = |engine: &Url| active.values().filter(|run| run.engine.get() == Some(engine)).count();
        let mut engines = engines.to_vec();
        engines.sort_by_cached_key(load);
        engines
    }

    /// Whether one goes on in this workspace.
    pub fn are_in(&self, workspace: &WorkspaceId) -> bool {
        self.lock().values().any(|run| run.workspace == *workspace)
    }

    /// How many go on.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn register(&self, run: ActiveRun) -> Registration {
        Registration::among(&self.active, run)
    }

    /// Lets an engine ask about the tools and files of a run that does not go on.
    pub(super) fn imagine(&self, run: ActiveRun) -> Registration {
        Registration::among(&self.imagined, run)
    }

    /// The run, if somebody imagines it.
    pub(super) fn imagined(&self, id: &RunId) -> Option<Arc<ActiveRun>> {
        locked(&self.imagined).get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Arc<ActiveRun>>> {
        locked(&self.active)
    }
}

fn locked(registry: &Registry) -> MutexGuard<'_, HashMap<RunId, Arc<ActiveRun>>> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registration {
    fn among(registry: &Registry, run: ActiveRun) -> Self {
        let run = Arc::new(run);
        locked(registry).insert(run.id.clone(), Arc::clone(&run));
        Self { run, among: Arc::clone(registry) }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut active = locked(&self.among);
        // A run that has waited for the person goes on under the same id, perhaps before this one is dropped.
        if active.get(&self.run.id).is_some_and(|present| Arc::ptr_eq(present, &self.run)) {
            active.remove(&self.run.id);
        }
    }
}

impl ActiveRun {
    pub(super) fn new(id: RunId, conversation: &Conversation, started_at: i64) -> Self {
        let token = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        Self {
            id,
            conversation_id: conversation.id.clone(),
            workspace: conversation.workspace_id.clone(),
            started_at,
            held: Vec::new(),
            stop: CancellationToken::new(),
            pause: watch::Sender::default(),
            granted: OnceLock::new(),
            pins: watch::Sender::default(),
            engine: SetOnce::new(),
            token: token.into(),
            recorded: watch::Sender::default(),
            calls: Mutex::default(),
            read_only: OnceLock::new(),
            watched: Watched::default(),
        }
    }

    /// The bearer token for the run's tools.
    pub(super) fn token(&self) -> &SecretString {
        &self.token
    }

    /// Whether this is the run's bearer token.
    pub(super) fn accepts(&self, token: &str) -> bool {
        self.token.expose_secret().as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// Notes which tools there are.
    pub(super) fn set_tools(&self, tools: &[ToolSpec]) {
        let read_only = tools.iter().filter(|tool| tool.access == ToolAccess::ReadOnly);
        // They are the same whenever they are asked for.
        self.read_only.set(read_only.map(|tool| tool.name.clone()).collect()).ok();
    }

    /// Whether calls of this tool may change something.
    pub(super) fn may_change(&self, tool: &str) -> bool {
        !self.read_only.get().is_some_and(|names| names.contains(tool))
    }

    /// From now on these calls may be executed.
    pub(super) fn allow(&self, calls: impl IntoIterator<Item = CallId>) {
        self.recorded.send_modify(|recorded| recorded.extend(calls));
    }

    /// Waits until the call may be executed.
    pub(super) async fn allowed(&self, call: &CallId) {
        let mut changes = self.recorded.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        changes.wait_for(|recorded| recorded.contains(call)).await.ok();
    }

    pub(super) fn call_began(&self, id: InvocationId) {
        self.calls().in_flight.insert(id);
    }

    /// Notes how an execution ended, to be recorded together with what comes of it.
    pub(super) fn call_ended(&self, id: &InvocationId, status: ToolStatus) {
        let mut calls = self.calls();
        calls.in_flight.remove(id);
        calls.ended.push(Change::CallEnded { invocation_id: id.clone(), status });
    }

    /// Executions that have ended and are not recorded to have.
    pub(super) fn take_ended(&self) -> Vec<Change> {
        std::mem::take(&mut self.calls().ended)
    }

    /// Executions that go on.
    pub(super) fn in_flight(&self) -> Vec<InvocationId> {
        self.calls().in_flight.iter().cloned().collect()
    }

    /// Fires when the person stops this call, which may have happened before it began.
    pub(super) fn stop_of(&self, call: &CallId) -> CancellationToken {
        self.calls().stops.entry(call.clone()).or_default().clone()
    }

    /// Stops a call, at once or as soon as it begins.
    pub(super) fn stop_call(&self, call: &CallId) {
        self.stop_of(call).cancel();
    }

    /// Calls that the person has stopped.
    pub(super) fn stopped_calls(&self) -> HashSet<CallId> {
        let calls = self.calls();
        let stopped = calls.stops.iter().filter(|(_, token)| token.is_cancelled());
        stopped.map(|(call, _)| call.clone()).collect()
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
