//! No model call after a limit is reached.

use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;
use slipway_scripted_model::fault::FaultKind;
use slipway_scripted_model::script::Reply;

use crate::hostile::case::{COMPLETED, calls, faulty, model, text, write};
use crate::hostile::sse::{DONE, event, finish, piece, raw};

/// A model that always finds something new to do.
fn busy(steps: usize) -> Vec<Reply> {
    (0..steps).map(|number| write(&format!(r#"{{"path":"f{number}"}}"#))).collect()
}

#[tokio::test]
async fn the_step_limit_is_kept_to_the_call() {
    for most in [1_u32, 2, 7] {
        let ran: Vec<String> = (0..most).map(|number| format!("write_file f{number}")).collect();
        let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
        let case = model(busy(20)).request(move |request| request.limits.max_steps = most);
        let played = case.check("step_limit", ran.len(), &ran).await;
        assert!(matches!(played.events.outcome(), RunOutcome::LimitReached { .. }));
    }
}

#[tokio::test]
async fn a_limit_of_no_steps_asks_nobody() {
    model(busy(2)).request(|request| request.limits.max_steps = 0).check("step_limit", 0, &[]).await;
}

#[tokio::test]
async fn a_model_that_needs_exactly_the_limit_is_done() {
    let case = model(busy(2)).request(|request| request.limits.max_steps = 3);
    case.check(COMPLETED, 3, &["write_file f0", "write_file f1"]).await;
}

#[tokio::test]
async fn endless_work_ends_at_the_usual_limit() {
    let case = model(busy(100));
    let ran: Vec<String> = (0..30).map(|number| format!("write_file f{number}")).collect();
    let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
    case.check("step_limit", 30, &ran).await;
}

#[tokio::test]
async fn answers_that_are_asked_for_again_do_not_pass_the_step_limit() {
    let as_text = text("<tool_call>{\"name\": \"write_file\"}</tool_call>");
    let case = model([]).for_ever(as_text).request(|request| request.limits.max_steps = 2);
    case.check("step_limit", 2, &[]).await;
}

/// Steps that each write a file, and report what they took like this.
fn reporting(usage: &Value) -> Vec<Reply> {
    let step = |number: usize| {
        let call = json!({"index": 0, "id": format!("x{number}"),
            "function": {"name": "write_file", "arguments": format!(r#"{{"path":"f{number}"}}"#)}});
        let usage = event(&json!({"choices": [], "usage": usage}));
        let chunks = [piece(&call), finish(&json!("tool_calls")), usage, DONE.to_owned()];
        faulty(text("never"), FaultKind::Body(raw(&chunks)), None)
    };
    (0..30).map(step).collect()
}

#[tokio::test]
async fn a_budget_that_a_provider_says_is_used_up_many_times_over_is_used_up() {
    for usage in [json!({"prompt_tokens": u64::MAX}), json!({"prompt_tokens": 1e300, "cost": 1e300})] {
        let case =
            model(reporting(&usage)).request(|request| request.limits.max_total_tokens = Some(1_000_000));
        case.check("token_limit", 1, &["write_file f0"]).await;
    }
}

#[tokio::test]
async fn what_a_provider_does_not_report_is_counted_all_the_same() {
    for usage in [json!(null), json!({"prompt_tokens": -1, "completion_tokens": -1}), json!("none")] {
        let case = model(reporting(&usage)).request(|request| request.limits.max_total_tokens = Some(20_000));
        let (world, request) = case.world().await;
        let events = world.run_with(request).await;
        assert_eq!(events.code(), "token_limit");
        assert_eq!(world.model.requests().len(), world.tools.names().len());
        assert!((1..30).contains(&world.model.requests().len()));
    }
}

#[tokio::test]
async fn an_empty_purse_buys_nothing() {
    model(busy(3))
        .request(|request| request.limits.max_total_tokens = Some(0))
        .check("token_limit", 0, &[])
        .await;
    model(busy(3)).request(|request| request.limits.max_minutes = Some(0)).check("time_limit", 0, &[]).await;
}

#[tokio::test]
async fn one_parallel_call_at_a_time_is_still_enough() {
    let reply = calls([("read_file", r#"{"path":"a"}"#), ("read_file", r#"{"path":"b"}"#)]);
    for most in [0, 1] {
        let case = model([reply.clone()]).request(move |request| request.limits.max_parallel_calls = most);
        case.check(COMPLETED, 2, &["read_file a", "read_file b"]).await;
    }
}

#[tokio::test]
async fn a_run_that_is_continued_after_a_limit_repeats_nothing() {
    let case = model(busy(4)).request(|request| request.limits.max_steps = 2);
    let played = case.check("step_limit", 2, &["write_file f0", "write_file f1"]).await;
    let mut request = played.request.clone();
    request.transcript.extend(played.events.entries());
    request.limits.max_steps = 30;
    let events = played.world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!(played.ran(), ["write_file f0", "write_file f1", "write_file f2", "write_file f3"]);
    assert_eq!(played.world.model.violations(), Vec::<String>::new());
}
