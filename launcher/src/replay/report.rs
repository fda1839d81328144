//! What a replay found, for people and for machines.

use serde::Serialize;
use slipway_protocol::CallId;
use slipway_protocol::event::RunStatus;

use crate::terminal;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    /// Always `slipway.replay`.
    pub(super) format: &'static str,
    /// Version of the format.
    pub(super) version: u32,
    /// The Slipway that made the recording.
    pub(super) recorded_by: String,
    /// How often each verdict was reached, over calls.
    pub(super) summary: Summary,
    /// Runs, in order.
    pub(super) runs: Vec<RunReport>,
    /// Calls, in order.
    pub(super) calls: Vec<CallReport>,
    /// What else the person should know.
    pub(super) notes: Vec<String>,
}

/// How often each verdict was reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) same: usize,
    pub(super) differs: usize,
    pub(super) missing: usize,
    pub(super) not_compared: usize,
}

/// How a run ended, then and now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RunReport {
    /// From 1.
    pub(super) run: usize,
    /// How it ended then.
    pub(super) recorded: RunStatus,
    /// How it ended now; `None` when it was not reached.
    pub(super) replayed: Option<RunStatus>,
    /// How many answers of the model were recorded.
    pub(super) recorded_steps: usize,
    /// How many of them were asked for now.
    pub(super) replayed_steps: usize,
    /// Why it ended now, if that is not the usual end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
    #[serde(flatten)]
    pub(super) verdict: Verdict,
}

/// What came of a call, then and now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CallReport {
    /// Its run, from 1.
    pub(super) run: usize,
    /// Its step in the run, from 1.
    pub(super) step: usize,
    pub(super) call_id: CallId,
    pub(super) tool: String,
    #[serde(flatten)]
    pub(super) verdict: Verdict,
}

/// How then and now relate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Nothing of importance differs.
    Same,
    /// These things do.
    Differs { differences: Vec<Difference> },
    /// It did not happen now.
    Missing,
    /// It cannot be told.
    NotCompared { reason: &'static str },
}

/// A thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// Which.
    pub(super) field: &'static str,
    /// As it was then.
    pub(super) recorded: String,
    /// As it is now.
    pub(super) replayed: String,
    /// For long texts: the lines that differ, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diff: Option<String>,
}

impl Verdict {
    fn is_as_recorded(&self) -> bool {
        match self {
            Self::Same | Self::NotCompared { .. } => true,
            Self::Differs { .. } | Self::Missing => false,
        }
    }
}

impl Summary {
    pub(super) fn of(calls: &[CallReport]) -> Self {
        let mut summary = Self::default();
        for call in calls {
            *match call.verdict {
                Verdict::Same => &mut summary.same,
                Verdict::Differs { .. } => &mut summary.differs,
                Verdict::Missing => &mut summary.missing,
                Verdict::NotCompared { .. } => &mut summary.not_compared,
            } += 1;
        }
        summary
    }
}

impl Report {
    /// Whether everything that can be compared is as recorded.
    pub(crate) fn is_as_recorded(&self) -> bool {
        self.calls.iter().all(|call| call.verdict.is_as_recorded())
            && self.runs.iter().all(|run| run.verdict.is_as_recorded())
    }

    /// Adds something that the person should know.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Prints it as one line of JSON.
    pub(crate) fn print_json(&self) {
        terminal::result(serde_json::json!(self));
    }

    /// Prints it for a person: what differs, then the figures.
    pub(crate) fn print(&self) {
        terminal::result(self.text().trim_end());
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for call in &self.calls {
            text.push_str(&call.text());
        }
        for run in &self.runs {
            text.push_str(&run.text());
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        let Summary { same, differs, missing, not_compared } = self.summary;
        text.push_str(&format!(
            "{} calls: {same} the same, {differs} different, {missing} missing, {not_compared} not compared\n",
            self.calls.len()
        ));
        text
    }
}

impl CallReport {
    fn text(&self) -> String {
        let Self { run, step, tool, call_id, verdict } = self;
        let title = format!("run {run}, step {step}, {tool} ({call_id})");
        match verdict {
            Verdict::Same => String::new(),
            Verdict::Missing => format!("{title}: missing, it was not made\n"),
            Verdict::NotCompared { reason } => format!("{title}: not compared, {reason}\n"),
            Verdict::Differs { differences } => {
                format!("{title}: differs\n{}", differences.iter().map(Difference::text).collect::<String>())
            }
        }
    }
}

impl RunReport {
    fn text(&self) -> String {
        let Self { run, verdict, problem, .. } = self;
        match verdict {
            Verdict::Same | Verdict::NotCompared { .. } => String::new(),
            Verdict::Missing => format!("run {run}: missing, it was not begun\n"),
            Verdict::Differs { differences } => {
                let why = problem.as_ref().map(|problem| format!("  {problem}\n")).unwrap_or_default();
                let differences: String = differences.iter().map(Difference::text).collect();
                format!("run {run}: ended in another way\n{differences}{why}")
            }
        }
    }
}

impl Difference {
    fn text(&self) -> String {
        match &self.diff {
            Some(diff) => {
                let lines: String = diff.lines().map(|line| format!("    {line}\n")).collect();
                format!("  {} (- recorded, + now):\n{lines}", self.field)
            }
            None => format!("  {}: recorded {}, now {}\n", self.field, self.recorded, self.replayed),
        }
    }
}
