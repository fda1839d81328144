//! What the gateway counts: runs, steps, model calls, tokens, money, tool calls, requests. Counters are fields, so
//! that nothing grows with use and nothing is looked up.

mod text;

use std::sync::atomic::{AtomicU64, Ordering};

use slipway_protocol::event::RunStatus;
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::Entry;
use slipway_protocol::usage::Usage;

use crate::app::AppState;
use crate::store::{Backend, now_ms};

/// How runs end, by their names on the wire.
const ENDINGS: [(RunStatus, &str); 7] = [
    (RunStatus::Done, "done"),
    (RunStatus::WaitingApproval, "waiting_approval"),
    (RunStatus::Paused, "paused"),
    (RunStatus::WaitingUser, "waiting_user"),
    (RunStatus::LimitReached, "limit_reached"),
    (RunStatus::Stopped, "stopped"),
    (RunStatus::Error, "error"),
];
/// How tool calls end.
const OUTCOMES: [(ToolStatus, &str); 6] = [
    (ToolStatus::Ok, "ok"),
    (ToolStatus::Error, "error"),
    (ToolStatus::Denied, "denied"),
    (ToolStatus::Stopped, "stopped"),
    (ToolStatus::TimedOut, "timed_out"),
    (ToolStatus::Interrupted, "interrupted"),
];
/// Classes of statuses of HTTP.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Kinds of tokens.
const TOKENS: [&str; 5] = ["input", "cached", "cache_written", "output", "reasoning"];

/// Counters since the start of the process.
#[derive(Debug)]
pub struct Metrics {
    /// In ms since the epoch.
    started_at: i64,
    requests: [AtomicU64; CLASSES.len()],
    runs: [AtomicU64; ENDINGS.len()],
    tool_calls: [AtomicU64; OUTCOMES.len()],
    tool_ms: AtomicU64,
    tokens: [AtomicU64; TOKENS.len()],
    steps: AtomicU64,
    model_calls: AtomicU64,
    failed_model_calls: AtomicU64,
    retries: AtomicU64,
    cost_micros: AtomicU64,
    cached_expected: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started_at: now_ms(),
            requests: Default::default(),
            runs: Default::default(),
            tool_calls: Default::default(),
            tool_ms: AtomicU64::default(),
            tokens: Default::default(),
            steps: AtomicU64::default(),
            model_calls: AtomicU64::default(),
            failed_model_calls: AtomicU64::default(),
            retries: AtomicU64::default(),
            cost_micros: AtomicU64::default(),
            cached_expected: AtomicU64::default(),
        }
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Metrics {
    /// When counting began, in milliseconds since the epoch.
    pub fn started_at(&self) -> i64 {
        self.started_at
    }

    /// The same in whole seconds, as metrics have it.
    pub fn started_at_seconds(&self) -> u64 {
        u64::try_from(self.started_at / 1000).unwrap_or_default()
    }

    /// Counts an answered request.
    pub(crate) fn request(&self, status: http::StatusCode) {
        if let Some(class) = self.requests.get(usize::from(status.as_u16() / 100).wrapping_sub(1)) {
            add(class, 1);
        }
    }

    /// Counts the end of a run.
    pub(crate) fn run_ended(&self, how: RunStatus) {
        for ((status, _), counter) in ENDINGS.iter().zip(&self.runs) {
            if *status == how {
                add(counter, 1);
            }
        }
    }

    /// Counts what an engine tells of a run, its sub-agents included.
    pub(crate) fn engine_event(&self, event: &EngineEvent) {
        match event {
            EngineEvent::StepStarted { .. } => add(&self.steps, 1),
            EngineEvent::Retrying { .. } => add(&self.retries, 1),
            EngineEvent::Settled { spent, failed } => {
                add(&self.model_calls, 1);
                add(&self.cost_micros, spent.cost_micros);
                if let Some(failed) = failed {
                    add(&self.failed_model_calls, 1);
                    self.usage(failed);
                }
            }
            EngineEvent::Usage { usage, predicted_cached, .. } => {
                self.usage(usage);
                add(&self.cached_expected, predicted_cached.unwrap_or_default());
            }
            EngineEvent::Entry { entry } => {
                if let Entry::ToolResult(result) = &**entry {
                    self.tool_call(result.outcome.status, result.duration_ms);
                }
            }
            EngineEvent::Nested { event, .. } => self.engine_event(event),
            EngineEvent::TextDelta { .. }
            | EngineEvent::ReasoningDelta { .. }
            | EngineEvent::ToolCallDelta { .. }
            | EngineEvent::ToolStarted { .. }
            | EngineEvent::ToolOutput { .. }
            | EngineEvent::ContextFiles { .. }
            | EngineEvent::Reserved { .. }
            | EngineEvent::Notice { .. }
            | EngineEvent::Finished { .. } => {}
        }
    }

    fn usage(&self, usage: &Usage) {
        let counts = [usage.input, usage.cached, usage.written, usage.output, usage.reasoning];
        for (counter, count) in self.tokens.iter().zip(counts) {
            add(counter, count);
        }
    }

    fn tool_call(&self, how: ToolStatus, duration_ms: u64) {
        for ((status, _), counter) in OUTCOMES.iter().zip(&self.tool_calls) {
            if *status == how {
                add(counter, 1);
            }
        }
        add(&self.tool_ms, duration_ms);
    }
}

/// What a family of figures is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Is only added to.
    Counter,
}

/// Figures under one name, told apart by a label.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    /// The label's name; empty where there is one figure only.
    pub(crate) label: &'static str,
    /// Values of the label with their figures.
    pub(crate) samples: Vec<(&'static str, u64)>,
}

impl Family {
    fn one(kind: Kind, name: &'static str, help: &'static str, figure: u64) -> Self {
        Self { name, help, kind, label: "", samples: vec![("", figure)] }
    }

    fn counters<const N: usize>(
        name: &'static str,
        help: &'static str,
        label: &'static str,
        names: [&'static str; N],
        counters: &[AtomicU64],
    ) -> Self {
        let samples = names.into_iter().zip(counters.iter().map(get)).collect();
        Self { name, help, kind: Kind::Counter, label, samples }
    }
}

/// All figures as they are now.
pub(crate) fn families(app: &AppState) -> Vec<Family> {
    let mut families = standing(app);
    families.extend(counted(&app.metrics));
    families
}

/// How the gateway stands.
fn standing(app: &AppState) -> Vec<Family> {
    use Kind::{Counter, Gauge};
    let version = vec![(env!("CARGO_PKG_VERSION"), 1)];
    let backend = if app.store.backend() == Backend::Postgres { "postgres" } else { "sqlite" };
    let connections = vec![(backend, u64::from(app.store.pool().size()))];
    let attached = u64::from(app.sandboxes.status().attached);
    let newest = u64::try_from(app.store.feed().newest()).unwrap_or_default();
    vec![
        Family {
            name: "slipway_info",
            help: "The version, as a label.",
            kind: Gauge,
            label: "version",
            samples: version,
        },
        Family::one(
            Gauge,
            "process_start_time_seconds",
            "When it started, in seconds since the epoch.",
            app.metrics.started_at_seconds(),
        ),
        Family::one(
            Gauge,
            "process_resident_memory_bytes",
            "Memory in use; 0 where it is not known.",
            resident_bytes().unwrap_or_default(),
        ),
        Family::one(Gauge, "slipway_runs_active", "Runs that this gateway drives.", app.runs.count() as u64),
        Family::one(Gauge, "slipway_sandbox_attached", "1 while a tool host is attached.", attached),
        Family {
            name: "slipway_database_connections",
            help: "Open connections.",
            kind: Gauge,
            label: "system",
            samples: connections,
        },
        Family::one(Counter, "slipway_events_total", "Number of the newest event.", newest),
    ]
}

/// What was counted.
fn counted(metrics: &Metrics) -> [Family; 11] {
    let single = |name, help, counter: &AtomicU64| Family::one(Kind::Counter, name, help, get(counter));
    [
        Family::counters(
            "slipway_http_requests_total",
            "Answered requests.",
            "class",
            CLASSES,
            &metrics.requests,
        ),
        Family::counters(
            "slipway_runs_total",
            "Runs that ended, by how.",
            "status",
            ENDINGS.map(|(_, name)| name),
            &metrics.runs,
        ),
        single("slipway_steps_total", "Steps of runs and sub-agents.", &metrics.steps),
        single("slipway_model_calls_total", "Model calls, failed ones included.", &metrics.model_calls),
        single(
            "slipway_model_calls_failed_total",
            "Model calls that failed after the provider had begun.",
            &metrics.failed_model_calls,
        ),
        single("slipway_model_retries_total", "Model calls that were made again.", &metrics.retries),
        Family::counters("slipway_tokens_total", "Tokens, by kind.", "kind", TOKENS, &metrics.tokens),
        single(
            "slipway_tokens_cache_expected_total",
            "Input tokens that providers should have found in their caches.",
            &metrics.cached_expected,
        ),
        single(
            "slipway_cost_micros_total",
            "Cost, in millionths of the unit of the providers' prices.",
            &metrics.cost_micros,
        ),
        Family::counters(
            "slipway_tool_calls_total",
            "Tool calls that ended, by how.",
            "status",
            OUTCOMES.map(|(_, name)| name),
            &metrics.tool_calls,
        ),
        single("slipway_tool_milliseconds_total", "Time that tool calls took.", &metrics.tool_ms),
    ]
}

/// Everything in Prometheus' text format.
pub fn render(app: &AppState) -> String {
    text::render(&families(app))
}

/// Memory of this process, where the system tells it.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
