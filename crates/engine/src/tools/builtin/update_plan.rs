//! `update_plan`: the list of what is to be done, for the person to see and the model to keep to.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::plan::{Plan, PlanStatus, PlanStep};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};

/// What the model is told.
pub(super) const DESCRIPTION: &str = "\
Keeps your plan: a short list of steps that the person sees. Worth it for work of three steps or more; \
leave it out for anything smaller. Give the whole list every time: it replaces the one before. As long as \
anything remains to be done, exactly one step is in_progress. Mark a step done as soon as it is, and \
skipped when it turns out not to be needed.";

/// Most steps of a plan.
const MOST_STEPS: usize = 40;

/// Most characters of a step.
const MOST_CHARACTERS: usize = 200;

/// Its arguments.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct UpdatePlan {
    /// All steps, in the order in which they are to be done.
    steps: Vec<Step>,
}

/// A step as the model writes it.
#[derive(Debug, Deserialize, JsonSchema)]
struct Step {
    /// What is to be done, in a few words: one line.
    text: String,
    /// Where it stands.
    status: Status,
}

// Without docs of their own, so that the schema is a plain `enum`, which every provider accepts.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    InProgress,
    #[serde(alias = "completed")]
    Done,
    #[serde(alias = "cancelled")]
    Skipped,
}

impl From<Step> for PlanStep {
    fn from(step: Step) -> Self {
        let status = match step.status {
            Status::Pending => PlanStatus::Pending,
            Status::InProgress => PlanStatus::InProgress,
            Status::Done => PlanStatus::Done,
            Status::Skipped => PlanStatus::Skipped,
        };
        Self { text: step.text.trim().to_owned(), status }
    }
}

/// Accepts or refuses the plan.
pub(super) fn answer(arguments: UpdatePlan) -> ToolOutcome {
    accept(&Plan { steps: arguments.steps.into_iter().map(PlanStep::from).collect() })
}

fn accept(plan: &Plan) -> ToolOutcome {
    let refusals = refusals(plan);
    if !refusals.is_empty() {
        return ToolOutcome::error(format!("The plan was not changed. {}", refusals.join(" ")));
    }
    let mut outcome = ToolOutcome::ok(summary(plan));
    // Every plan has a JSON form.
    outcome.data = serde_json::to_value(plan).unwrap_or_default();
    outcome
}

/// The plan that a call has made, from its outcome.
pub(crate) fn plan_of(outcome: &ToolOutcome) -> Option<Plan> {
    let accepted = outcome.status == ToolStatus::Ok;
    accepted.then(|| serde_json::from_value(outcome.data.clone()).ok()).flatten()
}

fn summary(plan: &Plan) -> String {
    let all = plan.steps.len();
    let closed = plan.count(PlanStatus::Done) + plan.count(PlanStatus::Skipped);
    let mut numbered = plan.steps.iter().zip(1_usize..);
    let present = numbered.find(|(step, _)| step.status == PlanStatus::InProgress);
    match present {
        Some((_, number)) => {
            format!("The plan is updated: {closed} of {all} steps closed, step {number} in progress.")
        }
        None => format!("The plan is updated: all {all} steps are closed."),
    }
}

/// Everything that is wrong, each as a sentence, so that one more call can put it right.
fn refusals(plan: &Plan) -> Vec<String> {
    let steps = &plan.steps;
    let mut refusals = Vec::new();
    if steps.is_empty() {
        refusals.push("It has no steps: give the whole list.".to_owned());
    }
    if steps.len() > MOST_STEPS {
        refusals.push(format!(
            "It has {} steps, at most {MOST_STEPS} are possible: put small ones together.",
            steps.len()
        ));
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (step, number) in steps.iter().zip(1..) {
        let length = step.text.chars().count();
        if length == 0 {
            refusals.push(format!("Step {number} has no text."));
        } else if length > MOST_CHARACTERS {
            refusals.push(format!(
                "Step {number} has {length} characters, at most {MOST_CHARACTERS} are possible."
            ));
        } else if step.text.contains(char::is_control) {
            refusals.push(format!("Step {number} must be one line."));
        } else if let Some(same) = first.insert(&step.text, number) {
            refusals.push(format!("Steps {same} and {number} are the same."));
        }
    }
    refusals.extend(progress(plan));
    refusals
}

/// What is wrong with the steps in progress.
fn progress(plan: &Plan) -> Option<String> {
    let numbered = plan.steps.iter().zip(1..);
    let running: Vec<String> = numbered
        .filter(|(step, _)| step.status == PlanStatus::InProgress)
        .map(|(_, number): (_, usize)| number.to_string())
        .collect();
    let pending = plan.count(PlanStatus::Pending);
    match running.as_slice() {
        [] if pending > 0 => Some(format!(
            "No step is in_progress, but {pending} are pending: mark the one that you do next as in_progress."
        )),
        [] | [_] => None,
        [others @ .., last] => Some(format!(
            "Steps {} and {last} are in_progress, but only one may be: the one that you are doing now.",
            others.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(steps: &[(&str, PlanStatus)]) -> ToolOutcome {
        let steps =
            steps.iter().map(|(text, status)| PlanStep { text: text.trim().to_owned(), status: *status });
        accept(&Plan { steps: steps.collect() })
    }

    fn check_refused(steps: &[(&str, PlanStatus)], wanted: &str) {
        let outcome = call(steps);
        assert_eq!(outcome.status, ToolStatus::Error);
        assert!(outcome.text.contains(wanted), "{}", outcome.text);
        assert_eq!(plan_of(&outcome), None);
    }

    use PlanStatus::{Done, InProgress, Pending, Skipped};

    #[test]
    fn what_is_wrong_is_said_precisely_and_all_at_once() {
        check_refused(&[], "no steps");
        check_refused(&[("a", Done), ("b", Pending), ("c", Pending)], "No step is in_progress, but 2 are");
        check_refused(&[("a", InProgress), ("b", InProgress), ("c", InProgress)], "Steps 1, 2 and 3 are");
        check_refused(&[("a", InProgress), (" a ", Pending)], "Steps 1 and 2 are the same.");
        check_refused(&[("a\nb", InProgress)], "Step 1 must be one line.");
        check_refused(&[("x".repeat(201).as_str(), InProgress)], "Step 1 has 201 characters");
        check_refused(&vec![("a", Done); 41], "41 steps");
        check_refused(&[(" ", Pending), ("b", Pending)], "Step 1 has no text. No step is in_progress");
    }

    #[test]
    fn results_are_short() {
        let outcome = call(&[("a", Done), (" b ", InProgress), ("c", Pending), ("d", Skipped)]);
        assert_eq!(outcome.text, "The plan is updated: 2 of 4 steps closed, step 2 in progress.");
        assert_eq!(plan_of(&outcome).expect("a plan").steps[1].text, "b");
        assert_eq!(call(&[("a", Done)]).text, "The plan is updated: all 1 steps are closed.");
    }

    proptest! {
        #[test]
        fn accepted_plans_have_exactly_one_step_in_progress(
            statuses in proptest::collection::vec(
                prop_oneof![Just(Pending), Just(InProgress), Just(Done), Just(Skipped)],
                0..50
            )
        ) {
            let texts: Vec<String> = (0..statuses.len()).map(|number| format!("step {number}")).collect();
            let steps: Vec<_> = texts.iter().map(String::as_str).zip(statuses).collect();
            let plan = plan_of(&call(&steps));
            let wanted = |plan: &Plan| usize::from(plan.is_open());
            prop_assert!(plan.is_none_or(|plan| plan.count(InProgress) == wanted(&plan)));
        }
    }
}
