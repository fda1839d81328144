//! The scripted model over real HTTP.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Once;
use std::time::Duration;

use serde_json::{Map, Value, json};
use slipway_scripted_model::recording::{
    AnswerKind, RecordedAnswer, RecordedRun, Recording, RecordingServer,
};
use slipway_scripted_model::script::{Arguments, Reply, ScriptedCall};
use slipway_scripted_model::{Script, Server};

fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::new()
}

async fn start(yaml: &str) -> Server {
    Server::start(Script::from_yaml(yaml).unwrap()).await.unwrap()
}

async fn ask(server: &Server, text: &str) -> reqwest::Response {
    let body = json!({"model": "scripted", "stream": true, "messages": [{"role": "user", "content": text}]});
    client().post(format!("{}/chat/completions", server.base_url())).json(&body).send().await.unwrap()
}

/// The `data:` values of an SSE body, `[DONE]` left out.
fn chunks(body: &str) -> Vec<Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn joined(chunks: &[Value], pointer: &str) -> String {
    chunks.iter().filter_map(|chunk| chunk.pointer(pointer)).filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn a_reply_streams_text_reasoning_calls_and_usage() {
    let server = start(
        "
name: t
turns:
  - steps:
      - {text: hällo, reasoning: hm, chunk_chars: 2, tool_calls: [{name: f, arguments: {a: 1}}, {name: g, arguments: '{\"b\"'}],
         usage: {prompt: 10, completion: 5, cached: 4}}
",
    )
    .await;
    let body = ask(&server, "x").await.text().await.unwrap();
    let chunks = chunks(&body);
    assert!(body.ends_with("data: [DONE]\n\n"), "{body}");
    assert_eq!(joined(&chunks, "/choices/0/delta/content"), "hällo");
    assert_eq!(joined(&chunks, "/choices/0/delta/reasoning_content"), "hm");
    assert_eq!(joined(&chunks, "/choices/0/delta/tool_calls/0/function/arguments"), "{\"a\":1}{\"b\"");
    assert_eq!(joined(&chunks, "/choices/0/finish_reason"), "tool_calls");
    assert_eq!(chunks.last().unwrap().pointer("/usage/prompt_tokens_details/cached_tokens"), Some(&json!(4)));
}

#[tokio::test]
async fn faults_happen_as_often_as_they_should() {
    let server = start(
        "
name: t
turns:
  - steps:
      - text: fine
        fault: {times: 2, status: {code: 429, headers: {retry-after: '0'}, body: '{\"error\": {\"message\": \"slow\"}}'}}
",
    )
    .await;
    for _ in 0..2 {
        let refused = ask(&server, "x").await;
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers().get("retry-after").unwrap(), "0");
    }
    assert_eq!(ask(&server, "x").await.status(), 200);
    assert_eq!(server.requests().len(), 3);
    assert!(server.wait_for_requests(3, Duration::from_secs(1)).await);
}

#[tokio::test]
async fn streams_break_end_and_stall_where_told() {
    let reset = start(
        "{name: t, turns: [{steps: [{text: abcdef, chunk_chars: 1, fault: {reset_after_chunks: 3}}]}]}",
    );
    assert!(ask(&reset.await, "x").await.text().await.is_err());
    let end =
        start("{name: t, turns: [{steps: [{text: abcdef, chunk_chars: 1, fault: {end_after_chunks: 3}}]}]}");
    let body = ask(&end.await, "x").await.text().await.unwrap();
    assert_eq!(joined(&chunks(&body), "/choices/0/delta/content"), "ab");
    let stall = start("{name: t, turns: [{steps: [{text: abc, fault: {stall_after_chunks: 1}}]}]}").await;
    let waiting = tokio::time::timeout(Duration::from_millis(200), ask(&stall, "x").await.text());
    assert!(waiting.await.is_err());
}

#[tokio::test]
async fn keys_models_and_expectations_are_checked() {
    let server =
        start("{name: t, models: [scripted], turns: [{steps: [{text: a, expect: [needle]}]}]}").await;
    assert_eq!(ask(&server, "no such thing").await.status(), 400);
    assert_eq!(server.violations().len(), 1);
    assert_eq!(ask(&server, "a needle").await.status(), 200);
    let other = json!({"model": "other", "messages": []});
    let url = format!("{}/chat/completions", server.base_url());
    assert_eq!(client().post(&url).json(&other).send().await.unwrap().status(), 404);

    let keyed = start("{name: t, api_key: right, turns: [{steps: [{text: a}]}]}").await;
    assert_eq!(ask(&keyed, "x").await.status(), 401);
}

#[tokio::test]
async fn it_tells_what_it_was_asked_only_if_the_script_says_so() {
    for tells in [true, false] {
        let server =
            start(&format!("{{name: t, tells_requests: {tells}, turns: [{{steps: [{{text: a}}]}}]}}")).await;
        ask(&server, "what I ask").await;
        let url = format!("{}/requests", server.base_url().trim_end_matches("/v1"));
        let response = client().get(&url).send().await.unwrap();
        assert_eq!(response.status(), if tells { 200 } else { 404 });
        assert_eq!(response.text().await.unwrap().contains("what I ask"), tells);
    }
}

#[tokio::test]
async fn a_strict_server_rejects_what_some_provider_would_and_says_so() {
    let server = start("{name: t, strict: true, turns: [{steps: [{text: ok}]}]}").await;
    assert_eq!(ask(&server, "x").await.status(), 200);
    let response = ask(&server, " ").await;
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("must not be blank"));
    assert_eq!(server.violations(), ["messages[0]: content must not be blank"]);
}

#[tokio::test]
async fn a_body_may_break_at_any_byte() {
    for bytes in [0, 1, 50] {
        let server = start(&format!(
            "{{name: t, turns: [{{steps: [{{text: hello, fault: {{reset_after_bytes: {bytes}}}}}]}}]}}"
        ))
        .await;
        let mut response = ask(&server, "x").await;
        let mut arrived = 0;
        let broken = loop {
            match response.chunk().await {
                Ok(Some(piece)) => arrived += piece.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert_eq!((arrived, broken), (bytes, true));
        assert!(!server.wait_for_dropped(1, Duration::ZERO).await, "the client read all there was");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_is_counted() {
    let server = start("{name: t, turns: [{steps: [{text: hello, fault: {stall_after_chunks: 1}}]}]}").await;
    let mut response = ask(&server, "x").await;
    assert!(response.chunk().await.unwrap().is_some());
    drop(response);
    assert!(server.wait_for_dropped(1, Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_recording_gives_its_answers_again_in_order_and_refuses_others() {
    let call = ScriptedCall {
        id: Some("call-7".to_owned()),
        name: "read".to_owned(),
        arguments: Arguments::Text("{\"a\":".to_owned()),
        extra: Map::from_iter([("extra_content".to_owned(), json!({"signature": "s"}))]),
    };
    let first = Reply {
        reasoning: "hm".to_owned(),
        tool_calls: vec![call],
        model: Some("the-model".to_owned()),
        extra: Map::from_iter([("reasoning_details".to_owned(), json!([{"data": "opaque"}]))]),
        ..Reply::default()
    };
    let second = Reply { text: "half an answ".to_owned(), ..Reply::default() };
    let answers = vec![
        RecordedAnswer { reply: first, kind: AnswerKind::Whole },
        RecordedAnswer { reply: second, kind: AnswerKind::Cut },
    ];
    let run = RecordedRun { message: Some("fix it".to_owned()), answers };
    let server = RecordingServer::start(Recording { runs: vec![run] }).await.unwrap();
    let ask = async |messages: Value| {
        let body = json!({"model": "any", "stream": true, "messages": messages});
        let url = format!("{}/chat/completions", server.base_url(1));
        client().post(url).json(&body).send().await.unwrap()
    };
    let user = json!({"role": "user", "content": "Please fix it."});
    let chunks = chunks(&ask(json!([user])).await.text().await.unwrap());
    assert_eq!(chunks[0]["model"], "the-model");
    assert_eq!(chunks[0]["choices"][0]["delta"]["reasoning_details"][0]["data"], "opaque");
    assert_eq!(joined(&chunks, "/choices/0/delta/tool_calls/0/function/arguments"), "{\"a\":");
    assert_eq!(joined(&chunks, "/choices/0/delta/tool_calls/0/extra_content/signature"), "s");

    let calls = json!([{"id": "call-7", "type": "function", "function": {"name": "read", "arguments": "{"}}]);
    let asked = json!([user, {"role": "assistant", "tool_calls": calls}, {"role": "tool", "content": "x"}]);
    let mut cut = ask(asked).await;
    let mut body = String::new();
    while !body.contains("[DONE]") {
        body.push_str(std::str::from_utf8(&cut.chunk().await.unwrap().unwrap()).unwrap());
        if joined(&self::chunks(&body), "/choices/0/delta/content") == "half an answ" {
            break;
        }
    }
    assert!(!body.contains("finish_reason\":\""), "{body}");

    let refused = ask(json!([{"role": "user", "content": "something else"}])).await;
    assert_eq!(refused.status(), 400);
    let text = refused.text().await.unwrap();
    assert!(text.contains("recording_out_of_order") && text.contains("run 1"), "{text}");
}
