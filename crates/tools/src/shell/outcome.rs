//! What came of a command, and how it is told.

use std::time::{Duration, Instant};

use super::conversation::Job;
use super::report::{CommandData, CommandStatus, WHOLE_ANSWER, show, spoken};
use super::session::{Extent, Session};
use super::shared::{Death, Phase};
use super::watch::Verdict;

/// What is told of a command.
#[derive(Debug, Clone)]
pub struct CommandReport {
    /// For the UI.
    pub data: CommandData,
    /// For the model.
    pub text: String,
    /// Whether the text leaves output out.
    pub truncated: bool,
    /// What became of it.
    pub(crate) verdict: Verdict,
}

/// A command that was handed to a shell, and what came of it.
pub(super) struct Attempt {
    pub(super) session: Session,
    pub(super) shell: Shell,
    pub(super) verdict: Verdict,
}

/// Which shell a command got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// The one that the model counts on.
    AsExpected,
    /// A fresh one: the other had died meanwhile.
    Replaced,
}

/// What is known of a command when its call is answered.
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) data: CommandData,
    /// How much of the output is told.
    pub(super) told_bytes: u64,
    shell: Shell,
    /// What jobs in the background printed before.
    earlier: String,
    /// What a fresh shell would take over.
    extent: Extent,
    output: String,
    truncated: bool,
    background: bool,
    cwd_before: String,
    waited: Duration,
    duration: Duration,
}

impl Outcome {
    /// `earlier` is what jobs in the background printed before the command, `cwd` where it began.
    pub(super) fn new(attempt: &Attempt, job: &Job, started: Instant, cwd: &str, earlier: String) -> Self {
        let Attempt { session, shell, verdict } = attempt;
        let duration = started.elapsed();
        let (shown, screen, total_bytes) = session.shared.recording(|recording| {
            let shown = show(recording, 0, WHOLE_ANSWER);
            (shown, recording.screen.contents(), recording.total())
        });
        let (status, exit_code) = match (verdict, session.shared.phase()) {
            (Verdict::Finished(completion), _) => (CommandStatus::Exited, Some(completion.exit_code)),
            (Verdict::Died(death), _) => (CommandStatus::Exited, Some(exit_code(*death))),
            (Verdict::Cancelled, Phase::Finished(completion)) => {
                (CommandStatus::Killed, Some(completion.exit_code))
            }
            (Verdict::Cancelled, _) => (CommandStatus::Killed, None),
            (Verdict::TimedOut, _) => (CommandStatus::Running, None),
            (Verdict::WaitsForInput | Verdict::FullScreen, _) => (CommandStatus::WaitingForInput, None),
        };
        let after = match session.shared.phase() {
            Phase::Finished(completion) if !job.request.background => completion.directory,
            _ => cwd.to_owned(),
        };
        let data = CommandData {
            command: job.request.command.clone(),
            cwd: after,
            exit_code,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            status,
            process_id: None,
            total_bytes,
            full_output: shown.full_output,
        };
        let output = match (verdict, screen) {
            (Verdict::FullScreen, Some(screen)) => format!("{}{screen}\n", shown.text),
            _ => shown.text,
        };
        let cwd_before = cwd.to_owned();
        Self {
            verdict: verdict.clone(),
            data,
            told_bytes: total_bytes,
            shell: *shell,
            earlier,
            extent: session.extent(),
            output,
            truncated: shown.truncated,
            background: job.request.background,
            cwd_before,
            waited: job.request.timeout,
            duration,
        }
    }

    pub(super) fn into_report(self) -> CommandReport {
        let replaced = match self.shell {
            Shell::AsExpected => "",
            Shell::Replaced => {
                "; the shell had died before this command and was replaced: directory, variables and functions \
                 are as after the last command, all else is gone"
            }
        };
        let earlier = match self.earlier.as_str() {
            "" => String::new(),
            earlier => format!(
                "[jobs in the background printed since the last command:]\n{earlier}[this command printed:]\n"
            ),
        };
        let text = format!("{earlier}{}[{}{replaced}]", self.output, self.summary());
        CommandReport { data: self.data, text, truncated: self.truncated, verdict: self.verdict }
    }

    fn summary(&self) -> String {
        let process = self.data.process_id.as_deref().unwrap_or_default();
        let lasted = spoken(self.duration);
        match &self.verdict {
            Verdict::Finished(completion) => {
                let code = completion.exit_code;
                let moved = match self.data.cwd == self.cwd_before {
                    true => String::new(),
                    false => format!(", directory now {}", self.data.cwd),
                };
                format!("exit code {code}, {lasted}{moved}")
            }
            Verdict::Died(Death::Exited(code)) => format!(
                "the command ended the shell itself with exit code {code}, {lasted}; the next command gets a \
                 fresh shell with {}",
                self.extent.spoken()
            ),
            Verdict::Died(Death::Killed(signal)) => format!(
                "the shell itself was killed by signal {signal}, {lasted}; the next command gets a fresh \
                 shell with {}, as they were before this command",
                self.extent.spoken()
            ),
            Verdict::TimedOut if self.background => format!(
                "started in the background as process {process}: use the process tool with this id to read \
                 its output, wait for it, type into it or kill it"
            ),
            Verdict::TimedOut => format!(
                "still running after {}: it goes on as process {process}; use the process tool with this id \
                 to wait for it, read its output, type into it or kill it. The next command gets a fresh \
                 shell with {}",
                spoken(self.waited),
                self.extent.spoken()
            ),
            Verdict::WaitsForInput => format!(
                "waiting for input, {lasted}: it goes on as process {process}; use the process tool with this \
                 id to write what it asks for, or to kill it"
            ),
            Verdict::FullScreen => format!(
                "a full-screen program, {lasted}: above is what it shows; it goes on as process {process}; \
                 use the process tool with this id to send it keys, or to kill it"
            ),
            Verdict::Cancelled => format!("stopped after {lasted}, with everything that it had started"),
        }
    }
}

fn exit_code(death: Death) -> i32 {
    match death {
        Death::Exited(code) => code,
        Death::Killed(signal) => 128 + signal,
    }
}
