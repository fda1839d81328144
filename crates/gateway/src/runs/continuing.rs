//! A conversation that a person has go on in a new one.

use slipway_protocol::api::Conversation;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::{ConversationId, RunId, UserId};

use super::timeline::notice;
use crate::store::{StoreError, Write, conversations, messages, ownership};

/// Tells in the conversation `old` that it goes on in `new`, and there where it comes from. The models are told nothing:
/// what the new one is to know is in the first message. `false`, and nothing is told, when `user` has no such conversation.
///
/// # Errors
/// When the database fails.
pub async fn link(
    write: &mut Write,
    user: &UserId,
    old: &ConversationId,
    new: &Conversation,
) -> Result<bool, StoreError> {
    let is_own = ownership::owner(write.connection(), old).await?.as_ref() == Some(user);
    let stored = conversations::get(write.connection(), old).await?;
    let Some(stored) = stored.filter(|_| is_own) else { return Ok(false) };
    let goes_on = format!("You go on with this in {}.", called(&new.title));
    let comes_from = format!("This goes on from {}.", called(&stored.conversation.title));
    tell(write, old, None, &new.id, goes_on).await?;
    tell(write, &new.id, None, old, comes_from).await?;
    Ok(true)
}

/// Tells something in one conversation that leads to another.
///
/// # Errors
/// When the database fails.
pub(super) async fn tell(
    write: &mut Write,
    place: &ConversationId,
    run: Option<&RunId>,
    other: &ConversationId,
    text: String,
) -> Result<(), StoreError> {
    let now = write.now();
    let message = notice::message(place, run, NoticeLevel::Info, text, Some(other.clone()), now);
    messages::insert(write, &message).await
}

fn called(title: &str) -> String {
    if title.is_empty() { "another conversation".to_owned() } else { format!("“{title}”") }
}
