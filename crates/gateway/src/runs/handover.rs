//! A conversation that fills its model's window goes on in a new one.

use slipway_protocol::api::Conversation;
use slipway_protocol::event::RunStatus;
use slipway_protocol::transcript::{Entry, Handover, Origin, PlanOrigin, PlanUpdate};
use slipway_protocol::{ConversationId, MessageId};

use super::active::{ActiveRun, Registration, Runs};
use super::begin::{begin, title_from};
use super::continuing;
use crate::store::queue::{self, PendingMessage};
use crate::store::{StoreError, Write, budgets, conversations, ownership, transcript};

/// What the title of a conversation that goes on from another ends with.
const CONTINUED: &str = "(continued";

/// Creates the conversation in which `old` goes on, with its model, and begins a run there. Both
/// transcripts and timelines get a link; messages that wait in `old` wait in the new one. All of it is in
/// the transaction that ends the old run, so it happens once or not at all.
///
/// # Errors
/// When the database fails.
pub(super) async fn hand_over(
    write: &mut Write,
    registry: &Runs,
    run: &ActiveRun,
    old: &Conversation,
    prompt: &str,
) -> Result<Registration, StoreError> {
    let now = write.now();
    let new = Conversation {
        id: ConversationId::generate(),
        title: continued(&old.title, prompt),
        status: RunStatus::Idle,
        run_id: None,
        run_started_at: None,
        problem: None,
        archived: false,
        branch_of: None,
        imported_at: None,
        created_at: now,
        updated_at: now,
        ..old.clone()
    };
    let owner = ownership::owner(write.connection(), &old.id).await?;
    let owner = owner.unwrap_or_else(|| ownership::OWNER.into());
    conversations::insert(write, &owner, &new).await?;
    // A budget is not larger because the conversation is longer.
    budgets::share(write, &new.id, &old.id).await?;
    let said = format!("This conversation fills the model's window. It goes on in “{}”.", new.title);
    link(write, run, (&old.id, &new.id), prompt, said).await?;
    let said =
        format!("This conversation goes on from “{}”. The model has written what comes next.", old.title);
    link(write, run, (&new.id, &old.id), prompt, said).await?;
    queue::move_all(write, &old.id, &new.id).await?;
    let message = PendingMessage {
        id: MessageId::generate(),
        client_id: format!("handover-{}", run.id),
        text: prompt.to_owned(),
        attachments: Vec::new(),
        origin: Origin::Handover,
        created_at: now,
    };
    let run = begin(write, registry, &new, Some(message)).await?;
    // As it is now: the run may have changed it just before its end. Behind the message, on which it rides.
    let stored = conversations::get(write.connection(), &old.id).await?;
    if let Some(plan) = stored.and_then(|stored| stored.plan) {
        conversations::set_plan(write, &new.id, &plan).await?;
        let update = PlanUpdate { plan, origin: PlanOrigin::Handover };
        transcript::append(write, &new.id, &[&Entry::Plan(update)]).await?;
    }
    Ok(run)
}

/// Tells in one conversation that it goes on in, or comes from, another.
async fn link(
    write: &mut Write,
    run: &ActiveRun,
    (place, other): (&ConversationId, &ConversationId),
    prompt: &str,
    text: String,
) -> Result<(), StoreError> {
    let handover = Handover { conversation_id: other.clone(), prompt: prompt.to_owned() };
    transcript::append(write, place, &[&Entry::Handover(handover)]).await?;
    let run_id = (*place == run.conversation_id).then_some(&run.id);
    continuing::tell(write, place, run_id, other, text).await
}

/// The title of the conversation that goes on from one with this title.
fn continued(title: &str, prompt: &str) -> String {
    let title = if title.is_empty() { title_from(prompt) } else { title.to_owned() };
    let Some((stem, end)) = title.rsplit_once(CONTINUED) else { return format!("{title} {CONTINUED})") };
    let number: Option<u32> = match end.strip_suffix(')').map(str::trim) {
        Some("") => Some(1),
        Some(digits) => digits.parse().ok(),
        None => None,
    };
    match number {
        Some(number) => format!("{stem}{CONTINUED} {})", number.saturating_add(1)),
        None => format!("{title} {CONTINUED})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_count_the_continuations() {
        for (title, wanted) in [
            ("Fix it", "Fix it (continued)"),
            ("Fix it (continued)", "Fix it (continued 2)"),
            ("Fix it (continued 9)", "Fix it (continued 10)"),
            ("Fix (continued later)", "Fix (continued later) (continued)"),
            ("", "Do the rest (continued)"),
        ] {
            assert_eq!(continued(title, "Do the rest\nof it"), wanted);
        }
    }
}
