//! What kind an event is of, and who hears of it.

use slipway_protocol::event::EventBody;
use slipway_protocol::{ConversationId, PartId};

/// The name on the wire: the SSE `event` and the JSON `type`.
pub(crate) fn kind(body: &EventBody) -> &'static str {
    match body {
        EventBody::ConversationUpdated { .. } => "conversation.updated",
        EventBody::ConversationDeleted { .. } => "conversation.deleted",
        EventBody::MessageCreated { .. } => "message.created",
        EventBody::MessageRemoved { .. } => "message.removed",
        EventBody::PartStarted { .. } => "part.started",
        EventBody::PartDelta { .. } => "part.delta",
        EventBody::PartDone { .. } => "part.done",
        EventBody::ToolArgs { .. } => "tool.args",
        EventBody::ToolStarted { .. } => "tool.started",
        EventBody::ToolOutput { .. } => "tool.output",
        EventBody::ToolFinished { .. } => "tool.finished",
        EventBody::RunStatus { .. } => "run.status",
        EventBody::QueueUpdated { .. } => "queue.updated",
        EventBody::UsageUpdated { .. } => "usage.updated",
        EventBody::BudgetNear { .. } => "budget.near",
        EventBody::ContextFiles { .. } => "context.files",
        EventBody::PlanUpdated { .. } => "plan.updated",
        EventBody::QuestionsUpdated { .. } => "questions.updated",
        EventBody::ApprovalsUpdated { .. } => "approvals.updated",
        EventBody::WordingsUpdated { .. } => "wordings.updated",
        EventBody::FilesChanged { .. } => "files.changed",
        EventBody::GitChanged { .. } => "git.changed",
        EventBody::CheckpointCreated { .. } => "checkpoint.created",
        EventBody::CheckpointRestored { .. } => "checkpoint.restored",
        EventBody::SandboxUpdated { .. } => "sandbox.updated",
        EventBody::Notice { .. } => "notice",
    }
}

/// Whether it is sent on the topic `user`.
pub(crate) fn is_for_user(conversation_id: Option<&ConversationId>, body: &EventBody) -> bool {
    conversation_id.is_none()
        || matches!(
            body,
            EventBody::ConversationUpdated { .. }
                | EventBody::ConversationDeleted { .. }
                | EventBody::BudgetNear { .. }
        )
}

/// The part that it appends to, when it is a delta: such events are dropped once the part is final.
pub(crate) fn delta_of(body: &EventBody) -> Option<&PartId> {
    match body {
        EventBody::PartDelta { part_id, .. }
        | EventBody::ToolArgs { part_id, .. }
        | EventBody::ToolOutput { part_id, .. } => Some(part_id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use slipway_protocol::git::WorkspaceGit;
    use slipway_protocol::message::NoticeLevel;
    use slipway_protocol::plan::Plan;

    use super::*;

    #[test]
    fn kind_is_the_type_on_the_wire() {
        let part_id = PartId::from("part_1");
        for body in [
            EventBody::PartDelta { part_id: part_id.clone(), text: String::new() },
            EventBody::ToolOutput { part_id, skipped_bytes: 0, text: String::new() },
            EventBody::ConversationDeleted { conversation_id: "conv_1".into() },
            EventBody::QueueUpdated { queue: Vec::new() },
            EventBody::PlanUpdated { plan: Plan::default() },
            EventBody::QuestionsUpdated { questions: Vec::new() },
            EventBody::ApprovalsUpdated { approvals: Vec::new() },
            EventBody::WordingsUpdated { wordings: Vec::new() },
            EventBody::GitChanged { workspace: "default".into(), git: WorkspaceGit::default() },
            EventBody::Notice { level: NoticeLevel::Info, text: String::new() },
        ] {
            let json = serde_json::to_value(&body).expect("serialises");
            assert_eq!(json["type"], kind(&body));
        }
    }
}
