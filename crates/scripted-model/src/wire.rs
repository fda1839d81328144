//! The bytes of an answer: chunks of a streamed completion, or a whole one.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::script::{Reply, ScriptedUsage};

/// Characters in a chunk when the reply does not say.
const DEFAULT_CHUNK_CHARS: usize = 16;

/// Who answers: fields that every chunk repeats.
pub(crate) struct Header {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) created: i64,
}

impl Header {
    /// The header of the server's answer `number`, which claims to be by `model`.
    pub(crate) fn new(number: u64, model: String) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            id: format!("chatcmpl-{:x}{number:03}", now.as_millis()),
            model,
            created: i64::try_from(now.as_secs()).unwrap_or_default(),
        }
    }

    fn chunk(&self, choices: &Value, usage: Option<Value>) -> String {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        });
        if let (Some(usage), Some(fields)) = (usage, chunk.as_object_mut()) {
            fields.insert("usage".to_owned(), usage);
        }
        format!("data: {chunk}\n\n")
    }

    fn delta(&self, delta: &Value, finish: Option<&str>) -> String {
        self.chunk(&json!([{"index": 0, "delta": delta, "finish_reason": finish}]), None)
    }
}

/// The SSE events of an answer, `[DONE]` included.
pub(crate) fn stream(header: &Header, reply: &Reply, prompt_bytes: usize) -> Vec<String> {
    let size = if reply.chunk_chars == 0 { DEFAULT_CHUNK_CHARS } else { reply.chunk_chars };
    let first = with_extra(json!({"role": "assistant", "content": ""}), &reply.extra);
    let mut events = vec![header.delta(&first, None)];
    events.extend(
        pieces(&reply.reasoning, size).map(|text| header.delta(&json!({"reasoning_content": text}), None)),
    );
    events.extend(pieces(&reply.text, size).map(|text| header.delta(&json!({"content": text}), None)));
    for (index, call) in reply.tool_calls.iter().enumerate() {
        let start = json!({
            "index": index,
            "id": call_id(header, reply, index),
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        });
        let start = with_extra(start, &call.extra);
        events.push(header.delta(&json!({"tool_calls": [start]}), None));
        let arguments = call.arguments.to_text();
        events.extend(pieces(&arguments, size).map(|text| {
            let more = json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]});
            header.delta(&more, None)
        }));
    }
    events.push(header.delta(&json!({}), Some(finish(reply))));
    events.push(header.chunk(&json!([]), Some(usage(reply, prompt_bytes))));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

/// The SSE events of an answer that was cut off: all that it says, and no end.
pub(crate) fn stream_without_end(header: &Header, reply: &Reply) -> Vec<String> {
    let mut events = stream(header, reply, 0);
    // The finish reason, the usage and `[DONE]`.
    events.truncate(events.len().saturating_sub(3));
    events
}

/// The answer to a request that did not ask for a stream.
pub(crate) fn whole(header: &Header, reply: &Reply, prompt_bytes: usize) -> Value {
    let calls: Vec<Value> = reply
        .tool_calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let call_value = json!({
                "id": call_id(header, reply, index),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments.to_text()},
            });
            with_extra(call_value, &call.extra)
        })
        .collect();
    let mut message = with_extra(json!({"role": "assistant", "content": reply.text}), &reply.extra);
    if let Some(fields) = message.as_object_mut() {
        if !reply.reasoning.is_empty() {
            fields.insert("reasoning_content".to_owned(), json!(reply.reasoning));
        }
        if !calls.is_empty() {
            fields.insert("tool_calls".to_owned(), Value::Array(calls));
        }
    }
    json!({
        "id": header.id,
        "object": "chat.completion",
        "created": header.created,
        "model": header.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish(reply)}],
        "usage": usage(reply, prompt_bytes),
    })
}

/// An object with further fields behind its own.
fn with_extra(mut value: Value, extra: &Map<String, Value>) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.extend(extra.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    value
}

fn call_id(header: &Header, reply: &Reply, index: usize) -> String {
    let given = reply.tool_calls.get(index).and_then(|call| call.id.clone());
    given.unwrap_or_else(|| format!("call_{}_{index}", header.id.trim_start_matches("chatcmpl-")))
}

fn finish(reply: &Reply) -> &str {
    let usual = if reply.tool_calls.is_empty() { "stop" } else { "tool_calls" };
    reply.finish.as_deref().unwrap_or(usual)
}

fn usage(reply: &Reply, prompt_bytes: usize) -> Value {
    let usage = reply.usage.unwrap_or_else(|| estimate(reply, prompt_bytes));
    json!({
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    })
}

/// Four bytes a token, as a rule of thumb.
fn estimate(reply: &Reply, prompt_bytes: usize) -> ScriptedUsage {
    let tokens = |bytes: usize| u64::try_from(bytes / 4).unwrap_or(u64::MAX);
    let arguments: usize = reply.tool_calls.iter().map(|call| call.arguments.to_text().len()).sum();
    ScriptedUsage {
        prompt: tokens(prompt_bytes),
        completion: tokens(reply.text.len() + reply.reasoning.len() + arguments),
        cached: 0,
        reasoning: tokens(reply.reasoning.len()),
    }
}

/// Cuts a text into pieces of at most `size` characters.
fn pieces(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(size).map_or(rest.len(), |(index, _)| index);
        let (piece, remaining) = rest.split_at(end);
        rest = remaining;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_lose_nothing_and_respect_characters() {
        for text in ["", "a", "äöü€x", "0123456789abcdef0"] {
            for size in 1..6 {
                let cut: Vec<&str> = pieces(text, size).collect();
                assert_eq!(cut.concat(), text);
                assert!(cut.iter().all(|piece| piece.chars().count() <= size));
            }
        }
    }
}
