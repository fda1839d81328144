//! Every shape of answer that was found to break a client: each is read, or named for what it is.

use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;
use slipway_scripted_model::fault::{Ending, FaultKind, RawBody};
use slipway_scripted_model::script::Reply;

use super::{body, call, chunks, delta, faulty, finish, playing, playing_with, raw, refusal, text};
use crate::harness::{Events, quick};

/// What is to come of a shape.
enum Wanted {
    /// The text `ok`, without a retry.
    Text,
    /// One call of `write_file` with this path, made once.
    Call(&'static str),
    /// A failure with this code and these words.
    Fails(&'static str, &'static str),
}

async fn answer(reply: Reply) -> (super::Place, Events) {
    let mut settings = quick();
    settings.retry.max_attempts = 1;
    let place = playing_with("custom", "m", vec![reply, text("done")], settings).await;
    let events = place.run().await;
    (place, events)
}

async fn check(shape: &str, reply: Reply, wanted: Wanted) {
    let (place, events) = answer(reply).await;
    match wanted {
        Wanted::Text => {
            assert_eq!(*events.outcome(), RunOutcome::Completed, "{shape}");
            assert_eq!(events.answers()[0].text, "ok", "{shape}");
            assert_eq!(place.requests(), 1, "{shape}");
        }
        Wanted::Call(path) => {
            assert_eq!(*events.outcome(), RunOutcome::Completed, "{shape}");
            let paths = place.world.tools.seen(|seen| {
                let paths = seen.invocations.iter().map(|(_, call)| call.arguments["path"].clone());
                paths.collect::<Vec<_>>()
            });
            assert_eq!(paths, [json!(path)], "{shape}");
        }
        Wanted::Fails(code, words) => {
            assert_eq!(events.code(), code, "{shape}: {}", events.detail());
            assert!(events.detail().contains(words), "{shape}: {} lacks {words}", events.detail());
            assert!(events.answers().is_empty(), "{shape}");
        }
    }
}

fn ok() -> Value {
    delta(&json!({"content": "ok"}))
}

fn stop() -> Value {
    finish("stop")
}

/// A chunk with these changes; null takes a field away.
fn changed(mut chunk: Value, changes: &Value) -> Value {
    for (pointer, value) in changes.as_object().expect("an object") {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        let parent = chunk.pointer_mut(parent).and_then(Value::as_object_mut).expect("a parent");
        if value == "absent" {
            parent.remove(field);
        } else {
            parent.insert(field.to_owned(), value.clone());
        }
    }
    chunk
}

#[tokio::test]
async fn odd_fields_of_chunks_lose_nothing() {
    let text = |first: Value| chunks(&[first, stop()]);
    for (shape, reply) in [
        ("finish reason empty until the end", text(changed(ok(), &json!({"/choices/0/finish_reason": ""})))),
        (
            "finish reason absent until the end",
            text(changed(ok(), &json!({"/choices/0/finish_reason": "absent"}))),
        ),
        ("finish reason unknown", chunks(&[ok(), finish("whatever")])),
        ("finish reason in capitals", chunks(&[ok(), finish("STOP")])),
        ("service tier unknown", text(changed(ok(), &json!({"/service_tier": "odd"})))),
        ("role empty", text(changed(ok(), &json!({"/choices/0/delta/role": ""})))),
        ("role null", text(changed(ok(), &json!({"/choices/0/delta/role": null})))),
        ("choices null in a keep-alive chunk", chunks(&[json!({"choices": null}), ok(), stop()])),
        ("choices missing in a chunk", chunks(&[json!({"id": "x"}), ok(), stop()])),
        (
            "delta missing at the end",
            chunks(&[ok(), changed(stop(), &json!({"/choices/0/delta": "absent"}))]),
        ),
        ("delta null at the end", chunks(&[ok(), changed(stop(), &json!({"/choices/0/delta": null}))])),
        ("choice without index", text(changed(ok(), &json!({"/choices/0/index": "absent"})))),
        ("created a fraction", text(changed(ok(), &json!({"/created": 1_750_000_000.25})))),
        (
            "created in milliseconds",
            text(changed(ok(), &json!({"/created": 1_750_000_000_123_u64, "/id": 7}))),
        ),
        ("model null", text(changed(ok(), &json!({"/model": null})))),
        (
            "content in parts",
            text(delta(&json!({"content": [{"type": "text", "text": "o"}, {"type": "text", "text": "k"}]}))),
        ),
        ("message instead of delta", text(json!({"choices": [{"message": {"content": "ok"}}]}))),
        (
            "usage without total",
            chunks(&[
                ok(),
                stop(),
                json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}),
            ]),
        ),
        (
            "usage of odd types",
            chunks(&[
                ok(),
                stop(),
                json!({"choices": [], "usage": {"prompt_tokens": "3", "completion_tokens": 1.0, "prompt_tokens_details": []}}),
            ]),
        ),
        ("error null", text(changed(ok(), &json!({"/error": null})))),
        (
            "fields nobody knows",
            text(changed(
                ok(),
                &json!({"/choices/0/logprobs": 3, "/obfuscation": "x", "/choices/0/delta/annotations": []}),
            )),
        ),
    ] {
        check(shape, reply, Wanted::Text).await;
    }
}

#[tokio::test]
async fn odd_tool_calls_lose_nothing() {
    let reply = |extra: &Value| {
        let mut call = call("a", &json!({}));
        for (name, value) in extra.as_object().expect("an object") {
            if value == "absent" {
                call.as_object_mut().expect("object").remove(name);
            } else {
                call[name] = value.clone();
            }
        }
        chunks(&[delta(&json!({"tool_calls": [call]})), finish("tool_calls")])
    };
    for (shape, extra) in [
        ("no index", json!({"index": "absent"})),
        ("type empty", json!({"type": ""})),
        ("type missing", json!({"type": "absent"})),
        ("id null", json!({"id": null})),
        ("arguments an object", json!({"function": {"name": "write_file", "arguments": {"path": "x"}}})),
    ] {
        check(shape, reply(&extra), Wanted::Call("x")).await;
    }
}

#[tokio::test]
async fn odd_framing_loses_nothing() {
    let ok = ok();
    let stop = stop();
    let sse = |text: String| raw(vec![text]);
    for (shape, reply) in [
        ("a byte order mark", sse(format!("\u{feff}data: {ok}\n\ndata: {stop}\n\ndata: [DONE]\n\n"))),
        ("[DONE] with a space after it", sse(format!("data: {ok}\n\ndata: {stop}\n\ndata: [DONE] \n\n"))),
        ("no space after the colon", sse(format!("data:{ok}\n\ndata:{stop}\n\ndata:[DONE]\n\n"))),
        ("carriage returns", sse(format!("data: {ok}\r\n\r\ndata: {stop}\r\n\r\ndata: [DONE]\r\n\r\n"))),
        (
            "comments and named events",
            sse(format!(
                ": hi\n\nevent: keepalive\ndata:\n\nid: 3\ndata: {ok}\n\ndata: {stop}\n\ndata: [DONE]\n\n"
            )),
        ),
        (
            "data in several lines",
            sse(format!(
                "data: {}\ndata: {}\n\ndata: {stop}\n\ndata: [DONE]\n\n",
                &ok.to_string()[..11],
                &ok.to_string()[11..]
            )),
        ),
        ("no [DONE] after the finish reason", sse(format!("data: {ok}\n\ndata: {stop}\n\n"))),
        ("no line end after the finish reason", sse(format!("data: {ok}\n\ndata: {stop}"))),
        (
            "served as JSON",
            body("application/json", &format!("data: {ok}\n\ndata: {stop}\n\ndata: [DONE]\n\n")),
        ),
        (
            "a whole JSON answer",
            body(
                "application/json; charset=utf-8",
                r#"{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"#,
            ),
        ),
        (
            "a whole JSON answer called a stream",
            body(
                "text/event-stream",
                "\n {\"choices\":[{\"message\":{\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}",
            ),
        ),
    ] {
        check(shape, reply, Wanted::Text).await;
    }
}

#[tokio::test]
async fn what_is_no_answer_is_named_for_what_it_is() {
    let ok = ok();
    let cut = |ending| {
        let pieces = vec![format!("data: {ok}\n\ndata: {{\"choi").into_bytes().into()];
        faulty(FaultKind::Body(RawBody { pieces, ending, ..RawBody::default() }), None)
    };
    for (shape, reply, code, words) in [
        (
            "an error in the stream",
            chunks(&[ok.clone(), json!({"error": {"message": "upstream died", "code": 502}})]),
            "provider_overloaded",
            "upstream died",
        ),
        (
            "an error as text in the stream",
            chunks(&[json!({"error": "no such thing"})]),
            "provider_overloaded",
            "no such thing",
        ),
        (
            "a clean end without finish reason",
            raw(vec![format!("data: {ok}\n\n")]),
            "provider_stream_cut",
            "closed before",
        ),
        (
            "[DONE] without finish reason",
            chunks(std::slice::from_ref(&ok)),
            "provider_stream_cut",
            "without a finish reason",
        ),
        (
            "an error as JSON with status 200",
            body("application/json", r#"{"error":{"message":"bad key","code":401}}"#),
            "provider_key_rejected",
            "bad key",
        ),
        (
            "an error in an array with status 200",
            body("application/json", r#"[{"error":{"message":"slow down","code":429}}]"#),
            "provider_rate_limited",
            "slow down",
        ),
        (
            "a web page with status 200",
            body("text/html", "<html><body>Please <b>log in</b></body></html>"),
            "provider_bad_answer",
            "Please log in",
        ),
        (
            "plain text with status 200",
            body("text/plain", "upstream says no\n"),
            "provider_bad_answer",
            "upstream says no",
        ),
        ("nothing at all", body("text/event-stream", ""), "provider_stream_cut", "empty"),
        (
            "only comments",
            body("text/event-stream", ": a\n\n: b\n\n"),
            "provider_bad_answer",
            "holds no event",
        ),
        (
            "a chunk that is no JSON",
            raw(vec!["data: {\"choices\": [\n\n".to_owned()]),
            "provider_bad_answer",
            "not JSON",
        ),
        ("a cut in the middle of a chunk", cut(Ending::Clean), "provider_stream_cut", "in the middle"),
        ("a reset in the middle of a chunk", cut(Ending::Reset), "provider_stream_cut", ""),
        ("silence in the middle of a chunk", cut(Ending::Stall), "provider_timeout", "nothing came"),
    ] {
        check(shape, reply, Wanted::Fails(code, words)).await;
    }
}

#[tokio::test]
async fn every_shape_of_error_body_keeps_its_status_and_its_words() {
    for (shape, status, text, code) in [
        (
            "OpenAI's",
            429,
            r#"{"error":{"message":"odd words","type":"requests","code":"rate_limit_exceeded"}}"#,
            "provider_rate_limited",
        ),
        (
            "a code that is a number",
            429,
            r#"{"error":{"message":"odd words","code":429}}"#,
            "provider_rate_limited",
        ),
        (
            "an array",
            503,
            r#"[{"error":{"message":"odd words","code":503,"status":"UNAVAILABLE"}}]"#,
            "provider_overloaded",
        ),
        ("FastAPI's", 422, r#"{"detail":[{"loc":["body","x"],"msg":"odd words"}]}"#, "provider_bad_request"),
        (
            "vLLM's",
            400,
            r#"{"object":"error","message":"odd words","type":"BadRequestError","code":400}"#,
            "provider_bad_request",
        ),
        (
            "a web page",
            403,
            "<html><head><title>odd</title></head><body>words</body></html>",
            "provider_key_rejected",
        ),
        ("text", 500, "odd words", "provider_overloaded"),
        ("error as text", 400, r#"{"error":"odd words"}"#, "provider_bad_request"),
        ("nothing", 502, "", "provider_overloaded"),
        (
            "a byte order mark",
            401,
            "\u{feff}{\"error\":{\"message\":\"odd words\"}}",
            "provider_key_rejected",
        ),
    ] {
        let (_, events) = answer(refusal(status, &[], text, None)).await;
        assert_eq!(events.code(), code, "{shape}");
        let RunOutcome::Failed { problem } = events.outcome() else { panic!("{shape}: failed") };
        assert_eq!(problem.status, status, "{shape}");
        let words = if text.is_empty() { "HTTP status 502" } else { "words" };
        assert!(problem.detail.contains(words), "{shape}: {}", problem.detail);
    }
}

#[tokio::test]
async fn limits_and_faults_are_retried_whatever_shape_they_come_in() {
    for (status, body) in [
        (429, r#"{"error":{"message":"x","code":"rate_limit_exceeded"}}"#),
        (429, r#"{"error":{"message":"x","code":429}}"#),
        (429, r#"[{"error":{"code":429,"message":"x"}}]"#),
        (429, "<html>slow down</html>"),
        (500, "oops"),
        (503, ""),
    ] {
        let place = playing("custom", "m", vec![refusal(status, &[], body, Some(1))]).await;
        assert_eq!(*place.run().await.outcome(), RunOutcome::Completed, "{status} {body}");
        assert_eq!(place.requests(), 2, "{status} {body}");
    }
}
