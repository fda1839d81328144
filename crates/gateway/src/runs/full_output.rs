//! The whole output of a tool call, by range: from the sandbox's own file while that is to be had, else
//! what the gateway has kept of the live output.

use slipway_protocol::api::OutputRange;
use slipway_protocol::tool::FULL_OUTPUT;
use slipway_protocol::{CallId, ConversationId, WorkspaceId};

use crate::app::AppState;
use crate::store::{StoreError, output, transcript, workspaces};

/// Most bytes in one answer.
const MAX_ANSWER: u64 = 256 << 10;

/// Output from byte `from` up to `to`; `None` when the call has none.
///
/// # Errors
/// When the database fails. A sandbox that does not answer is no error: what was kept is answered then.
pub async fn range(
    app: &AppState,
    id: &ConversationId,
    call_id: &CallId,
    from: u64,
    to: u64,
) -> Result<Option<OutputRange>, StoreError> {
    let mut moment = app.store.read().await?;
    let result = transcript::result(&mut moment, id, call_id).await?;
    let data = result.map(|result| result.outcome.data).unwrap_or_default();
    if let Some(path) = data.get(FULL_OUTPUT).and_then(serde_json::Value::as_str)
        && let Some(range) = {
            let workspace = workspaces::of_conversation(&mut moment, id).await?;
            from_sandbox(app, &workspace, path, from, to).await
        }
    {
        return Ok(Some(range));
    }
    output::range(&mut moment, id, call_id, from, to).await
}

async fn from_sandbox(
    app: &AppState,
    workspace: &WorkspaceId,
    path: &str,
    from: u64,
    to: u64,
) -> Option<OutputRange> {
    let client = app.sandboxes.client_in(workspace)?;
    let length = to.saturating_sub(from).min(MAX_ANSWER);
    let (bytes, total) = match client.file_range(path, from, length).await {
        Ok(range) => range,
        Err(error) => {
            tracing::debug!(%error, path, "the sandbox's file of a whole output is not to be had");
            return None;
        }
    };
    let from = from.min(total);
    let complete = complete_utf8(&bytes, from + bytes.len() as u64 == total);
    let text = String::from_utf8_lossy(complete).into_owned();
    Some(OutputRange { text, from, to: from + complete.len() as u64, total })
}

/// The bytes without a character that is cut at the end, unless the end is all there is.
fn complete_utf8(bytes: &[u8], is_end: bool) -> &[u8] {
    let start = bytes.iter().rposition(|byte| !(0x80..0xC0).contains(byte)).unwrap_or(0);
    let (before, last) = bytes.split_at(start);
    let is_cut = std::str::from_utf8(last).is_err_and(|error| error.error_len().is_none());
    if is_cut && !is_end && !before.is_empty() { before } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_character_waits_for_the_next_range() {
        assert_eq!(complete_utf8("aä".as_bytes(), false), "aä".as_bytes());
        assert_eq!(complete_utf8(&"aä".as_bytes()[..2], false), b"a");
        assert_eq!(complete_utf8(&"aä".as_bytes()[..2], true), &"aä".as_bytes()[..2]);
        assert_eq!(complete_utf8(b"a\xff", false), b"a\xff");
        assert_eq!(complete_utf8(b"", false), b"");
    }
}
