//! Gemini: thought signatures, errors in arrays, and calls that it cannot make itself.

use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;

use super::{at, call, chunks, delta, finish, foreign_history, playing, refusal, text};

const MODEL: &str = "gemini-3.1-pro-preview";
const SKIP: &str = "skip_thought_signature_validator";

fn signed(signature: &str) -> Value {
    json!({"extra_content": {"google": {"thought_signature": signature}}})
}

fn signature(message: &Value, call: usize) -> &Value {
    &message["tool_calls"][call]["extra_content"]["google"]["thought_signature"]
}

/// Two calls at once, of which the first is signed, then a second step with one signed call.
async fn two_steps() -> super::Place {
    let mut second = call("b", &json!({}));
    second["index"] = json!(1);
    let first = delta(&json!({"tool_calls": [call("a", &signed("sig-1")), second]}));
    let third = delta(&json!({"tool_calls": [call("c", &signed("sig-2"))]}));
    let replies =
        vec![chunks(&[first, finish("tool_calls")]), chunks(&[third, finish("tool_calls")]), text("done")];
    playing("gemini", MODEL, replies).await
}

#[tokio::test]
async fn the_first_call_of_each_step_carries_its_signature_back_and_others_none() {
    let place = two_steps().await;
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    let sent = place.sent_back(2);
    assert_eq!(signature(&sent[0], 0), "sig-1");
    assert!(sent[0]["tool_calls"][1].get("extra_content").is_none());
    assert_eq!(signature(&sent[1], 0), "sig-2");
}

#[tokio::test]
async fn a_history_of_another_model_skips_the_validator() {
    for opaque in [json!({}), json!({"extra_content": {"other": 1}}), json!({"extra_content": null})] {
        let place = at("gemini", MODEL, "{text: ok}").await;
        let place = place.after(foreign_history(&json!({}), &opaque, "r"));
        place.run().await;
        assert_eq!(signature(&place.sent_back(0)[0], 0), SKIP, "{opaque}");
    }
}

#[tokio::test]
async fn a_corrupted_signature_is_stripped_and_the_request_sent_once_more() {
    let error =
        r#"[{"error":{"code":400,"message":"Corrupted thought signature.","status":"INVALID_ARGUMENT"}}]"#;
    let replies = vec![refusal(400, &[], error, Some(1))];
    let place = playing("gemini", MODEL, replies).await;
    let place = place.after(foreign_history(&json!({}), &signed("of another key"), "r"));
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(events.retries().is_empty(), "it is not a retry that anybody waits for");
    assert_eq!(place.requests(), 2);
    assert_eq!(signature(&place.sent_back(0)[0], 0), "of another key");
    assert_eq!(signature(&place.sent_back(1)[0], 0), SKIP);
}

#[tokio::test]
async fn a_signature_that_stays_corrupted_ends_the_run_after_the_second_request() {
    let error = r#"{"error":{"code":400,"message":"Corrupted thought signature."}}"#;
    let place = playing("gemini", MODEL, vec![refusal(400, &[], error, None)]).await;
    let place = place.after(foreign_history(&json!({}), &signed("bad"), "r"));
    assert_eq!(place.run().await.code(), "provider_bad_request");
    assert_eq!(place.requests(), 2);
}

#[tokio::test]
async fn errors_in_an_array_are_understood() {
    let error = r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}]"#;
    let place = playing("gemini", MODEL, vec![refusal(400, &[], error, None)]).await;
    assert_eq!(place.run().await.code(), "provider_key_rejected");
}

#[tokio::test]
async fn a_limit_per_minute_is_waited_for_as_long_as_google_says() {
    let error = r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.02s"}]}}]"#;
    let place = playing("gemini", MODEL, vec![refusal(429, &[], error, Some(1))]).await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(events.retries(), [(2, 20, "provider_rate_limited".to_owned())]);
}

#[tokio::test]
async fn a_malformed_function_call_is_told_to_the_model() {
    for reason in ["MALFORMED_FUNCTION_CALL", "malformed_function_call"] {
        let odd = chunks(&[delta(&json!({"content": "calling"})), finish(reason)]);
        let mut odd = odd;
        odd.fault.as_mut().expect("raw").times = Some(1);
        let place = playing("gemini", MODEL, vec![odd]).await;
        let events = place.run().await;
        assert_eq!(*events.outcome(), RunOutcome::Completed);
        assert_eq!(events.retries()[0].2, "model_empty_answer");
        assert!(place.world.newest(1).contains(reason), "{}", place.world.newest(1));
    }
}
