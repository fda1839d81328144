//! Compares what tools answered when a conversation was recorded with what they answer now.

use std::collections::HashMap;
use std::fmt::Display;

use serde_json::Value;
use similar::TextDiff;
use slipway_protocol::CallId;
use slipway_protocol::event::RunStatus;
use slipway_protocol::export::{ConversationExport, ExportedRun};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{ToolCall, ToolResult};

use super::normal::normal;
use super::plan::{STEP_LIMIT, answers, results};
use super::report::{CallReport, Difference, Report, RunReport, Summary, Verdict};

/// Lines around a change in a diff.
const CONTEXT_LINES: usize = 2;
/// Most lines of a diff; the whole texts are in the JSON report.
const DIFF_LINES: usize = 40;
/// Longest line of a diff, in characters.
const DIFF_LINE_CHARS: usize = 300;

/// Compares call by call and run by run.
pub(crate) fn compare(recorded: &ConversationExport, replayed: &ConversationExport) -> Report {
    let now: HashMap<&CallId, &ToolResult> =
        replayed.runs.iter().flat_map(results).map(|result| (&result.call_id, result)).collect();
    let calls: Vec<CallReport> =
        recorded.runs.iter().enumerate().flat_map(|(index, run)| calls_of(index + 1, run, &now)).collect();
    let runs = recorded.runs.iter().enumerate();
    Report {
        format: "slipway.replay",
        version: 1,
        recorded_by: recorded.slipway_version.clone(),
        summary: Summary::of(&calls),
        runs: runs.map(|(index, run)| run_report(index + 1, run, replayed.runs.get(index))).collect(),
        calls,
        notes: Vec::new(),
    }
}

fn calls_of(number: usize, run: &ExportedRun, now: &HashMap<&CallId, &ToolResult>) -> Vec<CallReport> {
    let then: HashMap<&CallId, &ToolResult> = results(run).map(|result| (&result.call_id, result)).collect();
    let report = |step: usize, call: &ToolCall| CallReport {
        run: number,
        step,
        call_id: call.id.clone(),
        tool: call.name.clone(),
        verdict: verdict(then.get(&call.id).copied(), now.get(&call.id).copied()),
    };
    answers(run)
        .enumerate()
        .flat_map(|(index, step)| step.tool_calls.iter().map(move |call| (index + 1, call)))
        .map(|(step, call)| report(step, call))
        .collect()
}

fn verdict(recorded: Option<&ToolResult>, replayed: Option<&ToolResult>) -> Verdict {
    let Some(recorded) = recorded else {
        return Verdict::NotCompared { reason: "it was recorded without a result" };
    };
    match recorded.outcome.status {
        ToolStatus::Stopped => return Verdict::NotCompared { reason: "the person stopped it" },
        ToolStatus::Interrupted => {
            return Verdict::NotCompared { reason: "Slipway was interrupted before it had ended" };
        }
        ToolStatus::Ok | ToolStatus::Error | ToolStatus::Denied | ToolStatus::TimedOut => {}
    }
    let Some(replayed) = replayed else { return Verdict::Missing };
    let differences = differences(&recorded.outcome, &replayed.outcome);
    if differences.is_empty() { Verdict::Same } else { Verdict::Differs { differences } }
}

fn differences(recorded: &ToolOutcome, replayed: &ToolOutcome) -> Vec<Difference> {
    let paths = |outcome: &ToolOutcome| match outcome.changed_paths.as_slice() {
        [] => "none".to_owned(),
        paths => paths.join(", "),
    };
    let arguments = |outcome: &ToolOutcome| {
        outcome.corrected_arguments.clone().unwrap_or_else(|| "as the model wrote them".to_owned())
    };
    let short = [
        difference("status", recorded.status, replayed.status),
        difference("exit code", exit_code(recorded), exit_code(replayed)),
        difference("changed paths", paths(recorded), paths(replayed)),
        difference("applied arguments", arguments(recorded), arguments(replayed)),
    ];
    short.into_iter().flatten().chain(text_difference(&recorded.text, &replayed.text)).collect()
}

fn difference(field: &'static str, recorded: impl Display, replayed: impl Display) -> Option<Difference> {
    let (recorded, replayed) = (recorded.to_string(), replayed.to_string());
    (recorded != replayed).then_some(Difference { field, recorded, replayed, diff: None })
}

/// `none` for tools without one and for commands that go on.
fn exit_code(outcome: &ToolOutcome) -> String {
    let code = outcome.data.get("exit_code").and_then(Value::as_i64);
    code.map_or_else(|| "none".to_owned(), |code| code.to_string())
}

fn text_difference(recorded: &str, replayed: &str) -> Option<Difference> {
    if recorded == replayed {
        return None;
    }
    let (then, now) = (normal(recorded), normal(replayed));
    (then != now).then(|| Difference {
        field: "text",
        recorded: recorded.to_owned(),
        replayed: replayed.to_owned(),
        diff: Some(diff(&then, &now)),
    })
}

/// The lines that differ, cut to what a person reads.
fn diff(then: &str, now: &str) -> String {
    let diff = TextDiff::from_lines(then, now);
    let text = diff.unified_diff().context_radius(CONTEXT_LINES).missing_newline_hint(false).to_string();
    let lines: Vec<&str> = text.lines().collect();
    let mut short: Vec<String> = lines.iter().take(DIFF_LINES).map(|line| shortened(line)).collect();
    if lines.len() > DIFF_LINES {
        short.push(format!("… {} more lines", lines.len() - DIFF_LINES));
    }
    short.join("\n")
}

/// A line without what could steer a terminal, and not too long.
fn shortened(line: &str) -> String {
    let harmless = line.chars().map(|character| if character.is_control() { '·' } else { character });
    let mut short: String = harmless.clone().take(DIFF_LINE_CHARS).collect();
    if harmless.count() > DIFF_LINE_CHARS {
        short.push('…');
    }
    short
}

fn run_report(number: usize, recorded: &ExportedRun, replayed: Option<&ExportedRun>) -> RunReport {
    let verdict = match replayed {
        None => Verdict::Missing,
        Some(replayed) => ending(recorded, replayed),
    };
    let problem = replayed.and_then(|run| run.problem.as_ref());
    RunReport {
        run: number,
        recorded: recorded.status,
        replayed: replayed.map(|run| run.status),
        recorded_steps: answers(recorded).count(),
        replayed_steps: replayed.map_or(0, |run| answers(run).count()),
        problem: problem.map(ToString::to_string),
        verdict,
    }
}

/// Only two ends follow from what the model and the tools do: the model's own, and the limit of steps.
fn ending(recorded: &ExportedRun, replayed: &ExportedRun) -> Verdict {
    let at_step_limit = recorded.problem.as_ref().is_some_and(|problem| problem.code == STEP_LIMIT);
    match recorded.status {
        RunStatus::Done => {}
        RunStatus::LimitReached if at_step_limit => {}
        _ => return Verdict::NotCompared { reason: "what ended it lay outside of the conversation" },
    }
    let end = difference("end", recorded.status, replayed.status);
    let steps = difference("answers of the model", answers(recorded).count(), answers(replayed).count());
    let differences: Vec<Difference> = end.into_iter().chain(steps).collect();
    if differences.is_empty() { Verdict::Same } else { Verdict::Differs { differences } }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_protocol::Problem;
    use slipway_protocol::transcript::Entry;

    use super::*;
    use crate::replay::plan::samples::{export, result, run, step};

    fn changed(mut entry: Entry, change: impl FnOnce(&mut ToolOutcome)) -> Entry {
        let Entry::ToolResult(result) = &mut entry else { unreachable!() };
        change(&mut result.outcome);
        entry
    }

    /// Compares one call's results; the fields that differ.
    fn check(recorded: Entry, replayed: Entry, expected: &[&str]) {
        let whole = |entry: Entry| export(vec![run(vec![step(&[("a", "{}")]), entry])]);
        let report = compare(&whole(recorded), &whole(replayed));
        let fields: Vec<&str> = match &report.calls[0].verdict {
            Verdict::Differs { differences } => differences.iter().map(|found| found.field).collect(),
            _ => Vec::new(),
        };
        assert_eq!(fields, expected, "{report:?}");
        assert_eq!(report.is_as_recorded(), expected.is_empty());
    }

    #[test]
    fn each_field_of_importance_is_compared_and_no_other() {
        let ok = |text: &str| result("a", ToolStatus::Ok, text);
        check(ok("same"), ok("same"), &[]);
        check(ok("[exit code 0, 0.4 s]"), ok("[exit code 0, 12 s]"), &[]);
        check(ok("one"), ok("two"), &["text"]);
        check(ok("x"), result("a", ToolStatus::Error, "x"), &["status"]);
        let exits = |code: i64| {
            changed(ok("x"), |outcome| outcome.data = json!({"exit_code": code, "duration_ms": code}))
        };
        check(exits(0), exits(0), &[]);
        check(exits(0), exits(3), &["exit code"]);
        check(
            ok("x"),
            changed(ok("x"), |outcome| outcome.changed_paths.push("b.txt".to_owned())),
            &["changed paths"],
        );
        let corrected = changed(ok("x"), |outcome| outcome.corrected_arguments = Some("{}".to_owned()));
        check(ok("x"), corrected, &["applied arguments"]);
        check(ok("x"), changed(ok("x"), |outcome| outcome.data = json!({"bytes": 1})), &[]);
    }

    #[test]
    fn what_the_person_or_a_crash_ended_is_not_compared() {
        let calls = step(&[("a", "{}"), ("b", "{}"), ("c", "{}")]);
        let recorded = export(vec![run(vec![
            calls.clone(),
            result("a", ToolStatus::Stopped, "x"),
            result("b", ToolStatus::Interrupted, "x"),
        ])]);
        let report = compare(&recorded, &export(vec![run(vec![calls])]));
        assert_eq!(report.summary, Summary { not_compared: 3, ..Summary::default() });
        assert!(report.is_as_recorded());
    }

    #[test]
    fn what_did_not_happen_is_missing() {
        let first = vec![step(&[("a", "{}")]), result("a", ToolStatus::Ok, "x"), step(&[])];
        let recorded = export(vec![run(first.clone()), run(first[..2].to_vec())]);
        let mut cut = run(vec![step(&[("a", "{}")])]);
        cut.status = RunStatus::Error;
        cut.problem = Some(Problem::new(400, "x", "asked for more"));
        let report = compare(&recorded, &export(vec![cut]));
        assert_eq!(report.summary, Summary { missing: 2, ..Summary::default() });
        let text = report.text();
        for part in [
            "end: recorded done, now error",
            "asked for more",
            "answers of the model: recorded 2, now 1",
            "run 2: missing",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!report.is_as_recorded());
    }

    #[test]
    fn only_ends_that_the_model_decides_count() {
        let ended = |status, code: &str| {
            let mut run = run(vec![step(&[])]);
            run.status = status;
            run.problem = Some(Problem::new(200, code, "t"));
            export(vec![run])
        };
        let is_same = |recorded, replayed| compare(&recorded, &replayed).is_as_recorded();
        assert!(is_same(ended(RunStatus::Stopped, "x"), ended(RunStatus::Error, "y")));
        assert!(is_same(ended(RunStatus::LimitReached, "money"), ended(RunStatus::Error, "y")));
        assert!(!is_same(ended(RunStatus::LimitReached, STEP_LIMIT), ended(RunStatus::Done, "y")));
    }

    #[test]
    fn a_diff_shows_what_differs_and_not_more() {
        let then: String = (0..500).map(|line| format!("line {line}\n")).collect();
        let now = then.replace("line 250\n", "line \x1b[31m250\n");
        let short = diff(&then, &now);
        assert!(short.contains("-line 250\n+line ·[31m250"), "{short}");
        assert_eq!(short.lines().count(), 7, "{short}");
        let other: String = (0..500).map(|line| format!("other {line}\n")).collect();
        assert!(diff(&then, &other).ends_with("more lines"));
    }
}
