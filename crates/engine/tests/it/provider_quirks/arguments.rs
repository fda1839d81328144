//! Arguments that are not as they should be: what is repaired, what is refused, what the history then holds.

use serde_json::json;
use slipway_protocol::tool::ToolStatus;

use super::{chunks, delta, finish, playing, text};

/// Sends a call with these arguments. Gives how it came out, what the tool got, what was sent back, and
/// what the model was told.
async fn sent(arguments: &str, reason: &str) -> (ToolStatus, Option<String>, String, String) {
    let call = json!([{"index": 0, "id": "a", "function": {"name": "write_file", "arguments": arguments}}]);
    let reply = chunks(&[delta(&json!({"tool_calls": call})), finish(reason)]);
    let place = playing("custom", "m", vec![reply, text("done")]).await;
    let events = place.run().await;
    let got =
        place.world.tools.seen(|seen| seen.invocations.first().map(|(_, call)| call.arguments.to_string()));
    let replayed =
        place.sent_back(1)[0]["tool_calls"][0]["function"]["arguments"].as_str().expect("text").to_owned();
    (events.statuses()[0], got, replayed, place.world.newest(1))
}

#[tokio::test]
async fn what_loses_nothing_is_repaired_and_acted_on() {
    for (arguments, wanted) in [
        ("", "{}"),
        ("null", "{}"),
        ("{\"path\":\"a\tb\nc\"}", r#"{"path":"a\tb\nc"}"#),
        ("```json\n{\"path\":\"x\"}\n```", r#"{"path":"x"}"#),
        ("{\"path\":\"x\"}<|tool_call_end|>", r#"{"path":"x"}"#),
        ("\u{feff}{\"path\":\"x\"}", r#"{"path":"x"}"#),
        (r#""{\"path\":\"x\"}""#, r#"{"path":"x"}"#),
    ] {
        let (status, got, replayed, _) = sent(arguments, "tool_calls").await;
        assert_eq!(
            (status, got.as_deref(), replayed.as_str()),
            (ToolStatus::Ok, Some(wanted), wanted),
            "{arguments}"
        );
    }
}

#[tokio::test]
async fn what_would_be_guessed_is_refused_with_its_place_and_valid_json_stays_in_the_history() {
    for (arguments, words) in [
        (r#"{"path":"a.py","content":"import o"#, "cut off"),
        (r#"{"path":"a.py""#, "cut off"),
        (r#"{"path": a.py}"#, "column"),
        (r#"{"path":"a"}{"path":"b"}"#, "more"),
        ("[1,2]", "array"),
    ] {
        let (status, got, replayed, told) = sent(arguments, "tool_calls").await;
        assert_eq!((status, got), (ToolStatus::Error, None), "{arguments}");
        assert_eq!(replayed, "{}", "{arguments}");
        assert!(told.contains(words), "{arguments}: {told}");
    }
}

#[tokio::test]
async fn a_call_cut_by_the_output_limit_is_never_made() {
    for arguments in [r#"{"path":"a.py","content":"import o"#, r#"{"path":"a.py"}"#] {
        let (status, got, _, told) = sent(arguments, "length").await;
        assert_eq!((status, got), (ToolStatus::Error, None), "{arguments}");
        assert!(told.contains("limit"), "{told}");
    }
}
