//! The shapes in which several tool calls come in one answer.

use serde_json::{Value, json};
use slipway_protocol::transcript::ToolCall;

use super::{chunks, delta, finish, playing, text};

/// The calls of an answer in these pieces of `tool_calls`; each has been carried out once.
async fn calls(pieces: &[Value]) -> Vec<ToolCall> {
    let mut events: Vec<Value> = pieces.iter().map(|piece| delta(&json!({"tool_calls": piece}))).collect();
    events.push(finish("tool_calls"));
    let place = playing("custom", "m", vec![chunks(&events), text("done")]).await;
    let events = place.run().await;
    let calls = events.answers()[0].tool_calls.clone();
    assert_eq!(place.world.tools.names().len(), calls.len());
    calls
}

async fn check(shape: &str, pieces: &[Value], wanted: &[(&str, &str)]) {
    let calls = calls(pieces).await;
    let found: Vec<(&str, &str)> =
        calls.iter().map(|call| (call.name.as_str(), call.arguments.trim_end())).collect();
    assert_eq!(found, wanted, "{shape}");
    let mut ids: Vec<&str> = calls.iter().map(|call| call.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), calls.len(), "{shape}: ids are unique");
    assert!(ids.iter().all(|id| !id.is_empty()), "{shape}");
}

fn function(name: &str, arguments: &str) -> Value {
    json!({"name": name, "arguments": arguments})
}

const TWO: [(&str, &str); 2] = [("write_file", r#"{"path":"a"}"#), ("read_file", r#"{"path":"b"}"#)];

#[tokio::test]
async fn calls_are_told_apart_however_they_are_numbered() {
    let whole = |position: usize, rest: Value| {
        let (name, arguments) = TWO[position];
        let mut call = json!({"function": function(name, arguments)});
        call.as_object_mut().expect("object").extend(rest.as_object().expect("object").clone());
        call
    };
    let shapes = [
        ("index missing, ids given", whole(0, json!({"id": "x"})), whole(1, json!({"id": "y"}))),
        ("index and ids missing", whole(0, json!({})), whole(1, json!({}))),
        (
            "all numbered 0 with different ids",
            whole(0, json!({"index": 0, "id": "x"})),
            whole(1, json!({"index": 0, "id": "y"})),
        ),
        ("equal ids", whole(0, json!({"index": 0, "id": "x"})), whole(1, json!({"index": 1, "id": "x"}))),
        ("empty ids", whole(0, json!({"index": 0, "id": ""})), whole(1, json!({"index": 1, "id": ""}))),
        (
            "numbered from 1, type empty",
            whole(0, json!({"index": 1, "id": "x", "type": ""})),
            whole(1, json!({"index": 2, "id": "y", "type": null})),
        ),
        (
            "numbers as text",
            whole(0, json!({"index": "0", "id": "x"})),
            whole(1, json!({"index": "1", "id": "y"})),
        ),
    ];
    for (shape, first, second) in shapes {
        check(shape, &[json!([first, second])], &TWO).await;
        check(shape, &[json!([first]), json!([second])], &TWO).await;
    }
}

#[tokio::test]
async fn pieces_find_their_call() {
    let one = &TWO[..1];
    check(
        "id and name in the first piece only",
        &[
            json!([{"index": 0, "id": "x", "function": {"name": "write_file"}}]),
            json!([{"index": 0, "function": {"arguments": "{\"path\""}}]),
            json!([{"index": 0, "function": {"arguments": ":\"a\"}"}}]),
        ],
        one,
    )
    .await;
    check(
        "name repeated in every piece",
        &[
            json!([{"index": 0, "id": "x", "function": function("write_file", "{\"path\"")}]),
            json!([{"index": 0, "id": "x", "function": function("write_file", ":\"a\"}")}]),
        ],
        one,
    )
    .await;
    check(
        "name repeated, no index and no id",
        &[
            json!([{"function": function("write_file", "{\"path\"")}]),
            json!([{"function": function("write_file", ":\"a\"}")}]),
        ],
        one,
    )
    .await;
    check(
        "name split",
        &[
            json!([{"index": 0, "id": "x", "function": function("write_", "")}]),
            json!([{"index": 0, "function": function("file", "")}]),
            json!([{"index": 0, "function": {"arguments": "{\"path\":\"a\"}"}}]),
        ],
        one,
    )
    .await;
    check(
        "white space after a complete call",
        &[
            json!([{"index": 0, "id": "x", "function": function("write_file", "{\"path\":\"a\"}")}]),
            json!([{"index": 0, "function": {"arguments": "  \n"}}]),
        ],
        one,
    )
    .await;
    check(
        "pieces of two calls in turns",
        &[
            json!([{"index": 0, "id": "x", "function": function("write_file", "{\"path\"")}]),
            json!([{"index": 1, "id": "y", "function": function("read_file", "{\"path\"")}]),
            json!([{"index": 0, "function": {"arguments": ":\"a\"}"}}]),
            json!([{"index": 1, "function": {"arguments": ":\"b\"}"}}]),
        ],
        &TWO,
    )
    .await;
    check(
        "two equal calls without number and id are two",
        &[
            json!([{"function": function("write_file", "{\"path\":\"a\"}")}]),
            json!([{"function": function("write_file", "{\"path\":\"a\"}")}]),
        ],
        &[TWO[0], TWO[0]],
    )
    .await;
}
