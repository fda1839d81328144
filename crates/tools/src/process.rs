//! The tool `process`: looks after commands that `run_terminal_command` left running.

mod keys;
mod listening;
pub(crate) mod person;
mod target;

use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolStatus};
use tokio::time::Instant;

use self::listening::Listening;
use self::target::{State, Target};
use crate::ports::Ports;
use crate::registry::{Tool, ToolContext};
use crate::resources::Resources;
use crate::shell::{Activity, CommandStatus, ShellPool, spoken};

const DEFAULT_WAIT: u64 = 30;
const MAX_WAIT: u64 = 3600;

/// How long the reaction to typed input is waited for, and how long the terminal must then be silent.
const REACTION_LIMIT: Duration = Duration::from_secs(3);
const REACTION_REST: Duration = Duration::from_millis(300);

/// How long a process gets to react to a signal.
const SIGNAL_REACTION: Duration = Duration::from_millis(300);

/// How often a process that is waited for is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How long a process must be silent before it is examined for waiting for input.
const QUIET: Duration = Duration::from_millis(700);

/// What to do with which process.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ProcessArguments {
    /// `list` all processes; `read` output that you have not seen yet; `write` input; `wait` until it ends,
    /// prints `until` or asks for input; `signal` it; `kill` it with everything that it started.
    action: Action,
    /// The process, for example `p1`, or `j4711` for a job that you put into the background with `&`. Needed
    /// for everything but `list`.
    #[serde(default)]
    process_id: Option<String>,
    /// `write`: the text to type.
    #[serde(default)]
    input: Option<String>,
    /// `write`: whether to press Enter after the text (default: yes if there is text).
    #[serde(default)]
    enter: Option<bool>,
    /// `write`: keys to press after the text, for example `ctrl-c`, `ctrl-d`, `escape`, `tab`, `up`, `f5`, `q`.
    #[serde(default)]
    keys: Vec<String>,
    /// `wait`: stop waiting as soon as the new output contains this text.
    #[serde(default)]
    until: Option<String>,
    /// `wait`: seconds to wait at most, 1 to 3600 (default 30).
    #[serde(default)]
    seconds: Option<u64>,
    /// `signal`: its name, for example `INT`, `HUP`, `USR1`, `STOP` or `CONT`.
    #[serde(default)]
    signal: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    List,
    Read,
    Write,
    Wait,
    Signal,
    Kill,
}

/// Structured particulars for the UI: the processes that the call was about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcessData {
    /// Oldest first.
    pub processes: Vec<ProcessSummary>,
}

/// A process in one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcessSummary {
    /// The handle, for example `p1`.
    pub process_id: String,
    /// What runs.
    pub command: String,
    /// Where it stands.
    pub status: CommandStatus,
    /// The exit code, once it has ended by itself.
    pub exit_code: Option<i32>,
    /// How long it has run, or ran.
    pub duration_ms: u64,
    /// Bytes that it has printed so far.
    pub total_bytes: u64,
    /// TCP ports that it listens on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listening: Vec<u16>,
}

/// Looks after the processes of the conversation's shell.
pub struct ProcessTool {
    shells: Arc<ShellPool>,
    ports: Arc<Ports>,
    resources: Arc<Resources>,
}

impl ProcessTool {
    /// The tool, on these shells.
    pub fn new(shells: Arc<ShellPool>, ports: Arc<Ports>, resources: Arc<Resources>) -> Self {
        Self { shells, ports, resources }
    }

    /// The outcome, with what became of memory and disk since the model was last told.
    async fn noted(
        self: Arc<Self>,
        mut outcome: ToolOutcome,
        context: &ToolContext,
        exit_code: Option<i32>,
    ) -> ToolOutcome {
        let id = context.conversation_id.clone();
        let note = tokio::task::spawn_blocking(move || self.resources.note(&id, None, exit_code)).await;
        outcome.text.push_str(&note.ok().flatten().unwrap_or_default());
        outcome
    }

    /// Where the programs of a conversation listen, by their handles.
    async fn listening(&self, context: &ToolContext) -> Listening {
        let ports = Arc::clone(&self.ports);
        let found = tokio::task::spawn_blocking(move || ports.listening()).await.unwrap_or_default();
        let own = found.into_iter().filter(|port| port.conversation_id == context.conversation_id);
        Listening(own.filter_map(|port| Some((port.process_id?, port.port))).collect())
    }

    async fn targets(&self, context: &ToolContext) -> Vec<Target> {
        match self.shells.processes(&context.conversation_id) {
            Some(table) => Target::all(table).await,
            None => Vec::new(),
        }
    }
}

impl Tool for ProcessTool {
    type Arguments = ProcessArguments;
    const NAME: &'static str = "process";
    const DESCRIPTION: &'static str = "Look after commands that run_terminal_command left running: list them, \
        read their new output, type into them, wait for them, signal or kill them. Jobs that a command put into \
        the background with `&` are listed, too.";
    const ACCESS: ToolAccess = ToolAccess::Writing;

    async fn run(self: Arc<Self>, arguments: Self::Arguments, context: ToolContext) -> ToolOutcome {
        let processes = self.targets(&context).await;
        if arguments.action == Action::List {
            let listed = list(&processes, &self.listening(&context).await).await;
            return self.noted(listed, &context, None).await;
        }
        let process = match find(&processes, arguments.process_id.as_deref()) {
            Ok(process) => process,
            Err(text) => return ToolOutcome::error(text),
        };
        let outcome = match arguments.action {
            Action::List | Action::Read => (ToolStatus::Ok, Activity::Working),
            Action::Write => match write(process, &arguments).await {
                Ok(activity) => (ToolStatus::Ok, activity),
                Err(text) => return ToolOutcome::error(text),
            },
            Action::Wait => wait(process, &arguments, &context).await,
            Action::Signal => match signal(process, &arguments).await {
                Ok(()) => (ToolStatus::Ok, Activity::Working),
                Err(text) => return ToolOutcome::error(text),
            },
            Action::Kill => {
                process.kill().await;
                (ToolStatus::Ok, Activity::Working)
            }
        };
        let (status, activity) = outcome;
        let outcome = report(process, status, activity, &self.listening(&context).await).await;
        // The person sees what came meanwhile; what finds no room is in the result as well.
        let _ = context.output.offer(process.take_live());
        let exit_code = match process.state().await {
            State::Exited(code) => Some(code),
            State::Running | State::Killed | State::Gone => None,
        };
        self.noted(outcome, &context, exit_code).await
    }
}

fn find<'a>(processes: &'a [Target], id: Option<&str>) -> Result<&'a Target, String> {
    let known = || match processes {
        [] => "There is none: nothing was left running.".to_owned(),
        _ => {
            let ids: Vec<&str> = processes.iter().map(Target::id).collect();
            format!("There are: {}.", ids.join(", "))
        }
    };
    let Some(id) = id else {
        return Err(format!("Which process? Give its `process_id`. {}", known()));
    };
    let found = processes.iter().find(|process| process.id() == id);
    found.ok_or_else(|| format!("There is no process `{id}`. {}", known()))
}

async fn list(processes: &[Target], listening: &Listening) -> ToolOutcome {
    let mut text = String::new();
    let mut summaries = Vec::new();
    for process in processes {
        let state = process.state().await;
        let standing = format!("{}{}", standing(process, state), listening.told(process.id()));
        text.push_str(&format!("{}: {standing}\n    {}\n", process.id(), process.command()));
        summaries.push(summary(process, state, Activity::Working, listening));
    }
    if text.is_empty() {
        text.push_str("No processes: nothing was left running.");
    }
    ToolOutcome { data: to_value(&ProcessData { processes: summaries }), ..ToolOutcome::ok(text) }
}

/// Types, and tells what the program does then; or why nothing was typed.
async fn write(target: &Target, arguments: &ProcessArguments) -> Result<Activity, String> {
    let Target::Command(process) = target else {
        return Err(format!(
            "Nothing was typed: {} is in the background and cannot read the terminal. To type into a program, \
             start it with `background` of run_terminal_command instead of `&`.",
            target.id()
        ));
    };
    let state = target.state().await;
    if state != State::Running {
        let standing = standing(target, state);
        return Err(format!("Nothing was typed: {} is not running any more ({standing}).", process.id));
    }
    let text = arguments.input.as_deref().unwrap_or_default();
    let enter = arguments.enter.unwrap_or(!text.is_empty());
    let typed = match keys::encode(text, enter, &arguments.keys) {
        Ok(typed) => typed,
        Err(error) => return Err(format!("Nothing was typed: {error}.")),
    };
    let before = process.total_bytes();
    if let Err(error) = process.write(&typed) {
        return Err(format!(
            "{} did not take all of the input: {error}. It does not seem to read its terminal.",
            process.id
        ));
    }
    let deadline = Instant::now() + REACTION_LIMIT;
    while target.state().await == State::Running && Instant::now() < deadline {
        if process.total_bytes() > before && process.silent_for() >= REACTION_REST {
            break;
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
    Ok(process.activity().await)
}

/// Sends a signal, or tells why not.
async fn signal(process: &Target, arguments: &ProcessArguments) -> Result<(), String> {
    let name = arguments.signal.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    let name = if name.starts_with("SIG") { name } else { format!("SIG{name}") };
    let Ok(signal) = name.parse::<Signal>() else {
        return Err(
            "Nothing was sent: give the name of a `signal`, such as INT, TERM, HUP, USR1, STOP or CONT."
                .to_owned(),
        );
    };
    process.signal(signal).await;
    let deadline = Instant::now() + SIGNAL_REACTION;
    while process.state().await == State::Running && Instant::now() < deadline {
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
    Ok(())
}

async fn wait(
    process: &Target,
    arguments: &ProcessArguments,
    context: &ToolContext,
) -> (ToolStatus, Activity) {
    let limit = Duration::from_secs(arguments.seconds.unwrap_or(DEFAULT_WAIT).clamp(1, MAX_WAIT));
    let deadline = Instant::now() + limit;
    let mut seen_bytes = None;
    let mut examined_at = Instant::now();
    loop {
        if process.state().await != State::Running {
            return (ToolStatus::Ok, Activity::Working);
        }
        let total = process.total_bytes();
        if seen_bytes != Some(total)
            && arguments.until.as_ref().is_some_and(|until| process.peek_new().contains(until))
        {
            return (ToolStatus::Ok, Activity::Working);
        }
        seen_bytes = Some(total);
        if process.silent_for() >= QUIET && Instant::now() >= examined_at {
            let activity = process.activity().await;
            if activity != Activity::Working {
                return (ToolStatus::Ok, activity);
            }
            examined_at = Instant::now() + QUIET;
        }
        if Instant::now() >= deadline {
            return (ToolStatus::TimedOut, Activity::Working);
        }
        tokio::select! {
            () = context.cancel.cancelled() => {
                return (ToolStatus::Stopped, Activity::Working);
            }
            () = process.ended() => {}
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
        }
    }
}

/// The new output and where the process stands.
async fn report(
    process: &Target,
    status: ToolStatus,
    activity: Activity,
    listening: &Listening,
) -> ToolOutcome {
    let state = process.state().await;
    let shown = process.read_new();
    let output = match process.screen() {
        Some(screen) => format!("{screen}\n"),
        None => shown.text,
    };
    let doing = match activity {
        Activity::Working => "",
        Activity::WaitsForInput => ", waiting for input",
        Activity::ShowsFullScreen => ", showing a full screen",
    };
    let ports = listening.told(process.id());
    let text = format!("{output}[{}: {}{doing}{ports}]", process.id(), standing(process, state));
    let processes = vec![summary(process, state, activity, listening)];
    ToolOutcome {
        data: to_value(&ProcessData { processes }),
        truncated: shown.truncated,
        ..ToolOutcome::new(status, text)
    }
}

fn standing(process: &Target, state: State) -> String {
    let age = spoken(process.age());
    match (state, process) {
        (State::Running, Target::Command(_)) => format!("running for {age}"),
        (State::Running, Target::Job(_)) => format!("running for {age} in the background of the shell"),
        (State::Exited(code), _) => format!("exited with code {code} after {age}"),
        (State::Killed, _) => format!("killed after {age}"),
        (State::Gone, _) => "ended; `wait` in the shell tells its exit code".to_owned(),
    }
}

fn summary(process: &Target, state: State, activity: Activity, listening: &Listening) -> ProcessSummary {
    let (status, exit_code) = match (state, activity) {
        (State::Running, Activity::Working) => (CommandStatus::Running, None),
        (State::Running, Activity::WaitsForInput | Activity::ShowsFullScreen) => {
            (CommandStatus::WaitingForInput, None)
        }
        (State::Exited(code), _) => (CommandStatus::Exited, Some(code)),
        (State::Killed, _) => (CommandStatus::Killed, None),
        (State::Gone, _) => (CommandStatus::Exited, None),
    };
    ProcessSummary {
        process_id: process.id().to_owned(),
        command: process.command().to_owned(),
        status,
        exit_code,
        duration_ms: u64::try_from(process.age().as_millis()).unwrap_or(u64::MAX),
        total_bytes: process.total_bytes(),
        listening: listening.of(process.id()).collect(),
    }
}

fn to_value(data: &ProcessData) -> serde_json::Value {
    serde_json::to_value(data).unwrap_or_default()
}
