//! What is to be done to have a recorded run happen again.

use std::time::Duration;

use slipway_protocol::CallId;
use slipway_protocol::event::RunStatus;
use slipway_protocol::export::{ConversationExport, ExportedRun};
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolResult, UserMessage};

/// Code of the problem with which a run ends that reached its limit of steps.
pub(super) const STEP_LIMIT: &str = "step_limit";
/// Most steps that the gateway lets one run have.
const MOST_STEPS: u32 = 1000;
/// Longest wait before a call is stopped that was stopped when it was recorded.
const STOP_WAIT_LIMIT: Duration = Duration::from_secs(3);
/// A run may take this many times as long as recorded, and this much more.
const TIME_FACTOR: u32 = 10;
const TIME_ALLOWANCE: Duration = Duration::from_secs(300);

/// How to have one run happen again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RunPlan {
    /// What to say; `None` to let the run before go on.
    pub(super) message: Option<UserMessage>,
    /// The provider's name for the model.
    pub(super) model: String,
    /// How many answers of the model were recorded.
    pub(super) steps: u32,
    /// The limit of steps with which it ends where it ended.
    pub(super) max_steps: u32,
    /// Where the person stopped it.
    pub(super) stop: Option<StopPoint>,
    /// How long it may take.
    pub(super) limit: Duration,
}

/// Where the person stopped a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StopPoint {
    /// While the model was answering.
    Answer {
        /// In this step, from 1.
        step: u32,
        /// After so many characters of visible text.
        characters: usize,
    },
    /// While a tool was at work.
    Call {
        /// Which.
        id: CallId,
        /// How long after its start.
        after: Duration,
    },
}

/// The plans for all runs, in order.
pub(super) fn plans(export: &ConversationExport) -> Vec<RunPlan> {
    export.runs.iter().map(|run| plan(run, export.limits.max_steps)).collect()
}

fn plan(run: &ExportedRun, usual_steps: u32) -> RunPlan {
    let answers: Vec<&AssistantStep> = answers(run).collect();
    let steps = u32::try_from(answers.len()).unwrap_or(MOST_STEPS);
    let at_limit = run.status == RunStatus::LimitReached
        && run.problem.as_ref().is_some_and(|problem| problem.code == STEP_LIMIT);
    let took = run.ended_at.unwrap_or(run.started_at).saturating_sub(run.started_at);
    let took = Duration::from_millis(u64::try_from(took).unwrap_or_default());
    RunPlan {
        message: run.entries.iter().find_map(|entry| match entry {
            Entry::User(message) => Some(message.clone()),
            _ => None,
        }),
        model: run.model.clone(),
        steps,
        // Else one more than recorded, so that a run that would go on is noticed.
        max_steps: if at_limit { steps } else { usual_steps.max(steps + 1) }.clamp(1, MOST_STEPS),
        stop: stop_point(run, &answers),
        limit: took.saturating_mul(TIME_FACTOR).saturating_add(TIME_ALLOWANCE),
    }
}

/// The model's answers in a run.
pub(super) fn answers(run: &ExportedRun) -> impl Iterator<Item = &AssistantStep> {
    run.entries.iter().filter_map(|entry| match entry {
        Entry::Assistant(step) => Some(step),
        _ => None,
    })
}

/// The results of tools in a run.
pub(super) fn results(run: &ExportedRun) -> impl Iterator<Item = &ToolResult> {
    run.entries.iter().filter_map(|entry| match entry {
        Entry::ToolResult(result) => Some(result),
        _ => None,
    })
}

fn stop_point(run: &ExportedRun, answers: &[&AssistantStep]) -> Option<StopPoint> {
    let last = answers.last()?;
    if last.finish == Finish::Stopped {
        let step = u32::try_from(answers.len()).unwrap_or(u32::MAX);
        return Some(StopPoint::Answer { step, characters: last.text.chars().count() });
    }
    let mut stopped = results(run).filter(|result| {
        matches!(result.outcome.status, ToolStatus::Stopped | ToolStatus::Interrupted)
            && last.tool_calls.iter().any(|call| call.id == result.call_id)
    });
    // The first one was at work; those behind it had not begun.
    let result = stopped.next()?;
    let after = Duration::from_millis(result.duration_ms).min(STOP_WAIT_LIMIT);
    Some(StopPoint::Call { id: result.call_id.clone(), after })
}

/// Small exports for tests.
#[cfg(test)]
pub(super) mod samples {
    use serde_json::{Map, json};
    use slipway_protocol::tool::{ToolOutcome, ToolStatus};
    use slipway_protocol::transcript::ToolCall;

    use super::*;

    pub(crate) fn export(runs: Vec<ExportedRun>) -> ConversationExport {
        let value = json!({
            "format": "slipway.conversation", "version": 1, "slipway_version": "0", "exported_at": 1,
            "conversation": {
                "id": "conv_1", "title": "t", "status": "done", "created_at": 1, "updated_at": 1, "usage": {},
            },
            "limits": {}, "context_mode": "per_file", "prompt": {}, "not_recorded": [], "runs": [],
        });
        ConversationExport { runs, ..serde_json::from_value(value).unwrap() }
    }

    pub(crate) fn run(entries: Vec<Entry>) -> ExportedRun {
        let value = json!({
            "id": "run_1", "model": "m", "status": "done", "started_at": 1000, "ended_at": 3000, "entries": [],
            "provider": { "id": "p", "name": "P", "profile": "custom", "scripted": false },
        });
        ExportedRun { entries, ..serde_json::from_value(value).unwrap() }
    }

    /// An answer with these calls (id, arguments) of `tool`.
    pub(crate) fn step(calls: &[(&str, &str)]) -> Entry {
        let calls = calls.iter().map(|(id, arguments)| ToolCall {
            id: (*id).into(),
            name: "tool".to_owned(),
            arguments: (*arguments).to_owned(),
            opaque: Map::new(),
        });
        Entry::Assistant(AssistantStep {
            id: "msg_1".into(),
            step: 1,
            text: String::new(),
            reasoning: String::new(),
            opaque: Map::new(),
            tool_calls: calls.collect(),
            finish: Finish::ToolCalls,
            usage: None,
            model: "m".to_owned(),
            created_at: 1,
        })
    }

    pub(crate) fn result(id: &str, status: ToolStatus, text: &str) -> Entry {
        Entry::ToolResult(ToolResult {
            call_id: id.into(),
            name: "tool".to_owned(),
            outcome: ToolOutcome::new(status, text),
            duration_ms: 5000,
            created_at: 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(run: ExportedRun) -> RunPlan {
        plans(&samples::export(vec![run])).remove(0)
    }

    #[test]
    fn a_stopped_call_is_stopped_again_soon_after_its_start() {
        let entries = vec![
            samples::step(&[("a", "{}")]),
            samples::result("a", ToolStatus::Stopped, "by itself"),
            samples::step(&[("b", "{}"), ("c", "{}")]),
            samples::result("b", ToolStatus::Stopped, ""),
            samples::result("c", ToolStatus::Stopped, ""),
        ];
        let plan = only(samples::run(entries));
        let after = STOP_WAIT_LIMIT;
        assert_eq!(plan.stop, Some(StopPoint::Call { id: "b".into(), after }));
        assert_eq!(plan.message, None);
    }

    #[test]
    fn an_answer_that_was_cut_is_cut_at_its_length() {
        let Entry::Assistant(mut step) = samples::step(&[]) else { unreachable!() };
        step.finish = Finish::Stopped;
        step.text = "hälf".to_owned();
        let plan = only(samples::run(vec![samples::step(&[]), Entry::Assistant(step)]));
        assert_eq!(plan.stop, Some(StopPoint::Answer { step: 2, characters: 4 }));
    }

    #[test]
    fn a_run_has_as_many_steps_as_it_had_or_may_have_one_more() {
        let mut run = samples::run(vec![samples::step(&[]), samples::step(&[])]);
        assert_eq!(only(run.clone()).max_steps, 30);
        run.status = RunStatus::LimitReached;
        run.problem = Some(slipway_protocol::Problem::new(200, STEP_LIMIT, "limit"));
        assert_eq!(only(run.clone()).max_steps, 2);
        assert_eq!(only(run).limit, Duration::from_secs(320));
        let long = samples::run(vec![samples::step(&[]); 40]);
        assert_eq!(only(long).max_steps, 41);
    }
}
