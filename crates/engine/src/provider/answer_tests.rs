//! Answers in every form in which they are known to be cut up.

use super::*;

/// An answer of these chunks, and the text of its call deltas per call id.
fn build(taken: &[&str], chunks: &[Value]) -> (Answer, Vec<(String, String)>) {
    let mut builder = AnswerBuilder::new(Arc::new(taken.iter().map(|id| CallId::from(*id)).collect()));
    let mut events = Vec::new();
    for chunk in chunks {
        let chunk: Chunk = serde_json::from_value(chunk.clone()).expect("lenient");
        builder.take(chunk, &mut events).expect("no failure");
    }
    let mut streamed: Vec<(String, String)> = Vec::new();
    for event in events {
        if let EngineEvent::ToolCallDelta { call_id, arguments, .. } = event {
            match streamed.iter_mut().find(|(id, _)| *id == call_id.0) {
                Some((_, text)) => text.push_str(&arguments),
                None => streamed.push((call_id.0, arguments)),
            }
        }
    }
    (builder.build(), streamed)
}

fn calls(pieces: &[Value]) -> Vec<Value> {
    pieces.iter().map(|piece| json!({"choices": [{"delta": {"tool_calls": [piece]}}]})).collect()
}

fn check(pieces: &[Value], wanted: &[(&str, &str)]) {
    let (answer, streamed) = build(&[], &calls(pieces));
    let got: Vec<(&str, &str)> =
        answer.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(got, wanted);
    let whole: Vec<(String, String)> =
        answer.tool_calls.iter().map(|call| (call.id.0.clone(), call.arguments.clone())).collect();
    assert_eq!(streamed, whole, "what streams is what is final");
    let ids: HashSet<&CallId> = answer.tool_calls.iter().map(|call| &call.id).collect();
    assert_eq!(ids.len(), answer.tool_calls.len(), "ids are unique");
}

#[test]
fn calls_are_put_together_from_every_known_form() {
    let piece = |index: Value, id: &str, name: &str, arguments: &str| json!({"index": index, "id": id, "function": {"name": name, "arguments": arguments}});
    let none = Value::Null;
    // As OpenAI does it, two calls interleaved.
    check(
        &[
            piece(json!(0), "a", "f", ""),
            piece(json!(1), "b", "g", ""),
            piece(json!(0), "", "", "{\"x\":"),
            piece(json!(1), "", "", "{}"),
            piece(json!(0), "", "", "1}"),
        ],
        &[("f", "{\"x\":1}"), ("g", "{}")],
    );
    // Every index is 0, ids differ.
    check(&[piece(json!(0), "a", "f", "{}"), piece(json!(0), "b", "g", "{}")], &[("f", "{}"), ("g", "{}")]);
    // A new id with every piece of one call.
    check(
        &[piece(json!(0), "a", "f", "{"), piece(json!(0), "b", "", "}"), piece(json!(0), "c", "", " ")],
        &[("f", "{} ")],
    );
    // No index, ids repeated.
    check(
        &[
            piece(none.clone(), "a", "f", "{"),
            piece(none.clone(), "a", "f", "}"),
            piece(none.clone(), "b", "f", "{}"),
        ],
        &[("f", "{}"), ("f", "{}")],
    );
    // Neither index nor id: a name begins a call.
    check(
        &[piece(none.clone(), "", "f", "{"), piece(none.clone(), "", "", "}"), piece(none, "", "f", "{}")],
        &[("f", "{}"), ("f", "{}")],
    );
    // The name in pieces, repeated, or after the first arguments.
    check(
        &[
            piece(json!(0), "a", "read_", ""),
            piece(json!(0), "", "file", ""),
            piece(json!(0), "", "read_file", "{}"),
        ],
        &[("read_file", "{}")],
    );
}

#[test]
fn empty_and_used_ids_are_replaced() {
    let pieces = calls(&[
        json!({"index": 0, "id": "used", "function": {"name": "f", "arguments": "{}"}}),
        json!({"index": 1, "id": "", "function": {"name": "f", "arguments": "{}"}}),
        json!({"index": 2, "id": "mine", "function": {"name": "f", "arguments": "{}"}}),
        json!({"index": 3, "id": "mine", "function": {"name": "f", "arguments": "{}"}}),
    ]);
    let (answer, _) = build(&["used"], &pieces);
    let ids: Vec<&str> = answer.tool_calls.iter().map(|call| call.id.as_str()).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!(ids[2], "mine");
    assert!(ids[0].starts_with("call_") && ids[1].starts_with("call_") && ids[3].starts_with("call_"));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 4);
}

#[test]
fn opaque_fields_usage_and_finish_are_kept() {
    let (answer, _) = build(
        &[],
        &[
            json!({"model": "m", "choices": [{"delta": {"reasoning": "r", "annotations": [1],
                "reasoning_details": [{"type": "t", "index": 0, "text": "a"}]}}]}),
            json!({"choices": [{"delta": {"content": "c", "reasoning_details": [{"type": "t", "index": 0, "text": "b"}],
                "tool_calls": [{"index": 0, "id": "x", "type": "function", "function": {"name": "f"},
                    "extra_content": {"google": {"thought_signature": "s"}}}]},
                "finish_reason": "stop", "usage": {"prompt_tokens": 3, "completion_tokens": 1}}]}),
        ],
    );
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str(), answer.model.as_str()), ("c", "r", "m"));
    assert_eq!(
        Value::Object(answer.opaque),
        json!({"reasoning_details": [{"type": "t", "index": 0, "text": "ab"}]})
    );
    assert_eq!(answer.finish, Some(Finish::Stop));
    assert_eq!(answer.usage.expect("reported").input, 3);
    assert_eq!(
        Value::Object(answer.tool_calls[0].opaque.clone()),
        json!({"extra_content": {"google": {"thought_signature": "s"}}})
    );
}

#[test]
fn an_error_inside_the_stream_is_a_failure() {
    let mut builder = AnswerBuilder::new(Arc::default());
    for (chunk, code) in [
        (json!({"error": {"message": "slow down", "code": 429}}), "provider_rate_limited"),
        (json!({"choices": [{"delta": {}, "finish_reason": "error"}]}), "provider_stream_cut"),
        (json!({"choices": [{"error": {"message": "boom", "code": 502}}]}), "provider_overloaded"),
        (json!({"choices": [{"finish_reason": "insufficient_system_resource"}]}), "provider_overloaded"),
        (
            json!({"choices": [{"finish_reason": "model_context_window_exceeded"}]}),
            "provider_context_overflow",
        ),
    ] {
        let chunk: Chunk = serde_json::from_value(chunk).expect("lenient");
        let failure = builder.take(chunk, &mut Vec::new()).expect_err(code);
        assert_eq!(failure.problem.code, code);
    }
}

#[test]
fn an_answer_without_end_is_given_up() {
    let piece = "x".repeat(1 << 20);
    let arguments = json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": piece}});
    for chunk in [
        json!({"choices": [{"delta": {"content": piece}}]}),
        json!({"choices": [{"delta": {"tool_calls": [arguments]}}]}),
    ] {
        let mut builder = AnswerBuilder::new(Arc::default());
        let chunk = || serde_json::from_value(chunk.clone()).expect("lenient");
        let failure = (0..=16).find_map(|_| builder.take(chunk(), &mut Vec::new()).err());
        assert_eq!(failure.map(|failure| failure.problem.code).as_deref(), Some("model_answer_too_long"));
    }
}
