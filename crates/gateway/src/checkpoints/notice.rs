//! Telling the model, and showing the person, that files were restored.

use slipway_protocol::ConversationId;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::transcript::{Entry, Notice};

use crate::runs::timeline::notice;
use crate::store::{StoreError, Write, messages, transcript};

/// Most paths that are named.
const MOST_PATHS: usize = 20;

/// Adds it to the transcript, where the model sees it with the next message, and to the timeline.
///
/// # Errors
/// When the database fails.
pub(super) async fn tell(write: &mut Write, id: &ConversationId, paths: &[String]) -> Result<(), StoreError> {
    let names = names(paths);
    let text = format!(
        "The person has brought files of the workspace back to an earlier state, which undoes changes of yours: \
         {names}. They are meant to be as they are now: look at them before you change them again."
    );
    transcript::append(write, id, &[&Entry::Notice(Notice { text })]).await?;
    let now = write.now();
    let said = format!("Restored to an earlier state: {names}.");
    let message = notice::message(id, None, NoticeLevel::Info, said, None, now);
    messages::insert(write, &message).await
}

fn names(paths: &[String]) -> String {
    let named = paths.iter().take(MOST_PATHS).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(MOST_PATHS) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let paths: Vec<String> = (0..22).map(|number| format!("f{number}")).collect();
        assert_eq!(names(&paths[..2]), "f0, f1");
        assert!(names(&paths).ends_with("f19 and 2 more"));
    }
}
