//! What the sandbox uses: measured when somebody asks, but for the workspace's size, which is watched while it
//! has a bound.
//!
//! Near the bound the model is warned with every command; beyond it, processes that write there are ended.
//! Nothing is ever deleted: what lies in a workspace is the person's.

mod cgroup;
mod disk;
mod processes;
mod writers;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use slipway_protocol::api::SandboxUsage;
use slipway_protocol::id::ConversationId;
use slipway_protocol::sandbox::{Confinement, Space};
use tokio_util::sync::CancellationToken;

use self::cgroup::Cgroup;
pub(crate) use self::disk::Disk;
use self::disk::Look;
use crate::workspace::Workspace;

/// How often the file system is asked whether anything grew; that costs one system call.
const INTERVAL: Duration = Duration::from_millis(500);

/// Percent of the bound from which on the model is warned.
const NEAR_PERCENT: u64 = 90;

/// Measures what the sandbox uses.
pub struct Resources {
    workspace: Arc<Workspace>,
    /// `None` without a container: then only the host's own processes count.
    cgroup: Option<Cgroup>,
    disk: Disk,
    /// When processor time was last looked at, and what it was.
    processor: Mutex<Option<(Instant, Duration)>>,
    /// How often processes were ended because the workspace was full.
    stops: AtomicU64,
    /// How things stood when the model was last told, for each conversation.
    told: Mutex<HashMap<ConversationId, Mark>>,
}

/// How things stood at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    kills: u64,
    stops: u64,
}

impl Resources {
    /// For a workspace that may take up `limit` bytes.
    pub fn new(workspace: Arc<Workspace>, confinement: Confinement, limit: Option<u64>) -> Arc<Self> {
        let own = confinement == Confinement::Container;
        let disk = Disk::new(workspace.root().to_owned(), limit);
        Arc::new(Self {
            cgroup: own.then(|| Cgroup::at(&PathBuf::from("/sys/fs/cgroup"))).flatten(),
            disk,
            workspace,
            processor: Mutex::default(),
            stops: AtomicU64::new(0),
            told: Mutex::default(),
        })
    }

    /// Measures everything. Blocks for as long as it takes to walk through the workspace.
    pub fn measure(&self) -> SandboxUsage {
        let workspace_bytes = self.disk.measure();
        let now = Instant::now();
        let (memory, memory_limit, processes, processes_limit, processor) = match &self.cgroup {
            Some(group) => (
                group.memory(),
                group.memory_limit(),
                group.processes(),
                group.processes_limit(),
                group.processor_time(),
            ),
            None => {
                let own = processes::of_this_host();
                (own.memory, None, own.count, None, own.processor_time)
            }
        };
        SandboxUsage {
            cpu_percent: self.percent(now, processor),
            memory_bytes: memory,
            memory_limit,
            processes,
            processes_limit,
            workspace_bytes,
            further_workspaces: Vec::new(),
            all_workspaces_bytes: workspace_bytes,
            workspace_limit: self.disk.limit(),
            out_of_memory_kills: self.kills(),
        }
    }

    /// The disk that the workspace is on.
    ///
    /// # Errors
    /// The system's.
    pub fn space(&self) -> io::Result<Space> {
        disk::space(self.workspace.root())
    }

    fn percent(&self, now: Instant, processor: Duration) -> f64 {
        let mut last = self.processor.lock().unwrap_or_else(PoisonError::into_inner);
        match last.replace((now, processor)) {
            Some((then, before)) if now > then => {
                100.0 * processor.saturating_sub(before).as_secs_f64() / (now - then).as_secs_f64()
            }
            _ => 0.0,
        }
    }

    /// Keeps the workspace within its bound until `stop` fires. Without a bound it returns at once.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        if self.disk.limit().is_none() {
            return;
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
            let this = Arc::clone(&self);
            if tokio::task::spawn_blocking(move || this.look()).await.is_err() {
                tracing::error!("looking at the workspace's size broke");
            }
        }
    }

    fn look(&self) {
        let Look::Full { limit } = self.disk.look() else { return };
        let writers = writers::of(&self.workspace);
        if writers.is_empty() {
            return;
        }
        let used = self.disk.measure_for_verdict();
        if used <= limit {
            return;
        }
        // Counted first, so that whoever waits for them finds the reason.
        self.stops.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(used, limit, processes = ?writers, "the workspace is full; ending what writes to it");
        writers::end(&writers, self.workspace.owner());
    }

    /// How things stand now; to be taken before a command, see [`Self::note`].
    pub(crate) fn mark(&self, conversation: &ConversationId) -> Mark {
        let now = Mark { kills: self.kills(), stops: self.stops.load(Ordering::Relaxed) };
        self.told().entry(conversation.clone()).or_insert(now);
        now
    }

    /// What the model must know about a command that began at `began` (`None`: before it was last told anything) and
    /// ended with `exit_code`, and about what else happened since it was last told. May walk through the workspace,
    /// so not to be called where that would keep others waiting.
    pub(crate) fn note(
        &self,
        conversation: &ConversationId,
        began: Option<Mark>,
        exit_code: Option<i32>,
    ) -> Option<String> {
        const KILLED: i32 = 137;
        let now = self.mark(conversation);
        let told = self.told().insert(conversation.clone(), now).unwrap_or(now);
        let began = began.unwrap_or(told);
        let mut notes = Vec::new();
        if now.kills > told.kills {
            let limit = self.cgroup.as_ref().and_then(Cgroup::memory_limit);
            let limit =
                limit.map(|limit| format!(" (the sandbox has {})", spoken(limit))).unwrap_or_default();
            notes.push(match exit_code {
                Some(KILLED) if now.kills > began.kills => format!("killed: out of memory{limit}"),
                _ => format!("meanwhile a process was killed: out of memory{limit}"),
            });
        }
        if let Some(limit) = self.disk.limit() {
            let mut used = self.disk.used();
            if is_near(used, limit) {
                // The command may have made room.
                used = self.disk.measure_for_verdict();
            }
            let standing = standing(used, limit);
            if now.stops > told.stops {
                notes.push(format!(
                    "stopped: the workspace is full ({standing}), so what wrote to it was ended. Nothing was \
                     deleted: delete what is not needed, then go on"
                ));
            } else if is_near(used, limit) {
                notes.push(format!("the workspace is almost full: {standing}. Delete what is not needed"));
            }
        }
        (!notes.is_empty()).then(|| format!("\n[{}]", notes.join("; ")))
    }

    /// Forgets what a conversation was told.
    pub(crate) fn forget(&self, conversation: &ConversationId) {
        self.told().remove(conversation);
    }

    /// Whether a file in the workspace may grow by so many bytes. What lies elsewhere has other limits. May walk
    /// through the workspace.
    ///
    /// # Errors
    /// When the workspace would be beyond its bound; what to tell the model.
    pub(crate) fn room_for(&self, path: &Path, growth: u64) -> Result<(), String> {
        let Some(limit) = self.disk.limit().filter(|_| path.starts_with(self.workspace.root())) else {
            return Ok(());
        };
        let is_beyond = |used: u64| used.saturating_add(growth) > limit;
        if !is_beyond(self.disk.used()) {
            return Ok(());
        }
        let used = self.disk.measure_for_verdict();
        if !is_beyond(used) {
            return Ok(());
        }
        let more =
            if growth > 0 { format!(", and this would take {growth} bytes more") } else { String::new() };
        Err(format!(
            "The workspace is full: {}{more}. Nothing was written. Delete what is not needed, or ask the person for \
             a larger bound (Settings, Sandbox, Workspace).",
            standing(used, limit)
        ))
    }

    fn told(&self) -> std::sync::MutexGuard<'_, HashMap<ConversationId, Mark>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kills(&self) -> u64 {
        self.cgroup.as_ref().map_or(0, Cgroup::out_of_memory_kills)
    }
}

fn is_near(used: u64, limit: u64) -> bool {
    used >= limit / 100 * NEAR_PERCENT
}

fn standing(used: u64, limit: u64) -> String {
    format!("{} of {}", spoken(used), spoken(limit))
}

/// A size as a person says it.
fn spoken(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes < 10 << 30 { format!("{} MiB", bytes / MIB) } else { format!("{} GiB", bytes / MIB / 1024) }
}
