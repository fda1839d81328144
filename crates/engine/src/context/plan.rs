//! A plan as the model is shown it where its own call does not show it: after a hand-over or a summary.

use slipway_protocol::plan::Plan;

/// The plan of a conversation that goes on from another.
pub(crate) fn carried(plan: &Plan) -> String {
    format!("Your plan comes along from the conversation before:\n{}", listed(plan))
}

/// The plan of a conversation of which a summary stands for the beginning.
pub(crate) fn kept(plan: &Plan) -> String {
    format!("Your plan, as it stands:\n{}", listed(plan))
}

fn listed(plan: &Plan) -> String {
    let lines = plan.steps.iter().zip(1..);
    lines
        .map(|(step, number): (_, usize)| format!("{number}. [{}] {}", step.status.name(), step.text))
        .collect::<Vec<_>>()
        .join("\n")
}
