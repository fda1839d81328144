//! Event streams written by hand.

use serde_json::{Value, json};
use slipway_scripted_model::fault::RawBody;
use slipway_scripted_model::script::Reply;

use crate::hostile::case::body;

/// The end mark of a stream.
pub(super) const DONE: &str = "data: [DONE]\n\n";

/// A chunk with this delta.
pub(super) fn delta(delta: &Value) -> String {
    event(&json!({"model": "scripted", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
}

/// A chunk with this text.
pub(super) fn said(text: &str) -> String {
    delta(&json!({"content": text}))
}

/// A chunk with this piece of a call.
pub(super) fn piece(call: &Value) -> String {
    delta(&json!({"tool_calls": [call]}))
}

/// A chunk that says why the model stopped.
pub(super) fn finish(reason: &Value) -> String {
    event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

/// An event that holds a value.
pub(super) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// An answer of these bytes, played once; when the model is asked again it says `fine`.
pub(super) fn stream(pieces: &[impl AsRef<[u8]>]) -> Reply {
    body(raw(pieces))
}

/// A body of these bytes.
pub(super) fn raw(pieces: &[impl AsRef<[u8]>]) -> RawBody {
    let pieces = pieces.iter().map(|piece| piece.as_ref().to_vec().into()).collect();
    RawBody { pieces, ..RawBody::default() }
}
