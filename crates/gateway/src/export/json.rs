//! The machine's form, in pieces: each value is written without the end of its last field, an array that
//! the following pieces fill.

use serde::Serialize;
use serde_json::Value;
use slipway_protocol::export::{ConversationExport, ExportedRun};

use super::scrub::Scrubber;
use crate::store::StoreError;

/// Everything before the first run.
pub(super) fn head(head: &ConversationExport, scrubber: &Scrubber) -> Result<String, StoreError> {
    opened(head, scrubber)
}

/// The beginning of a run, and the end of the one before it.
pub(super) fn run(run: &ExportedRun, is_first: bool, scrubber: &Scrubber) -> Result<String, StoreError> {
    Ok(format!("{}\n{}", if is_first { "" } else { "]}," }, opened(run, scrubber)?))
}

/// An entry, from its JSON.
pub(super) fn entry(body: &str, is_first: bool, scrubber: &Scrubber) -> Result<String, StoreError> {
    let separator = if is_first { "" } else { "," };
    if scrubber.is_clean(body) {
        return Ok(format!("{separator}\n{body}"));
    }
    let entry: Value = serde_json::from_str(body).map_err(unreadable)?;
    Ok(format!("{separator}\n{}", scrubber.clean_value(entry)))
}

/// The end of all that is open.
pub(super) fn end(in_run: bool) -> &'static str {
    if in_run { "]}\n]}\n" } else { "]}\n" }
}

/// A value whose last field is an empty array, up to that array's opening bracket.
fn opened<T: Serialize>(value: &T, scrubber: &Scrubber) -> Result<String, StoreError> {
    let value = serde_json::to_value(value).map_err(unreadable)?;
    let mut text = scrubber.clean_value(value).to_string();
    if !text.ends_with("[]}") {
        return Err(unreadable(serde::ser::Error::custom("its last field is not an empty array")));
    }
    text.truncate(text.len() - "]}".len());
    Ok(text)
}

fn unreadable(source: serde_json::Error) -> StoreError {
    StoreError::Unreadable { what: "export", source }
}
