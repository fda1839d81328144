//! No model call after a limit is reached.

use slipway_protocol::run::RunOutcome;

use crate::hostile::case::{COMPLETED, calls, model, text, write};

/// A model that always finds something new to do.
fn busy(steps: usize) -> Vec<slipway_scripted_model::script::Reply> {
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
