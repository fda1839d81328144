//! Runs that go round in circles, and runs that only seem to.

use slipway_scripted_model::script::Reply;

use crate::hostile::case::{COMPLETED, calls, model, write};

const A: &str = r#"{"path":"a"}"#;

#[tokio::test]
async fn the_same_call_for_ever_ends_after_four() {
    let played = model([]).for_ever(write(A)).check("model_loops", 4, &["write_file a"; 4]).await;
    assert!(played.world.newest(2).contains("2 times in a row"));
    assert!(played.world.newest(3).contains("the run will be ended"));
    assert!(played.events.detail().contains("told twice"));
}

#[tokio::test]
async fn the_same_call_written_differently_is_the_same() {
    let spaced = r#"{ "path" :
        "a" }"#;
    let replies = [A, spaced, A, spaced, A, spaced].map(write);
    model(replies).check("model_loops", 4, &["write_file a"; 4]).await;
}

/// These calls over and over, each in a step of its own; the run ends after so many.
async fn cycle(arguments: &[&str], steps: usize) {
    let replies: Vec<Reply> = arguments.iter().cycle().take(40).map(|path| write(path)).collect();
    let (world, request) = model(replies).world().await;
    let events = world.run_with(request).await;
    assert_eq!(events.code(), "model_loops");
    assert_eq!(world.tools.names().len(), steps);
}

#[tokio::test]
async fn circles_of_two_three_and_four_steps_end() {
    cycle(&[A, r#"{"path":"b"}"#], 8).await;
    cycle(&[A, r#"{"path":"b"}"#, r#"{"path":"c"}"#], 12).await;
    cycle(&[A, A, r#"{"path":"c"}"#, r#"{"path":"d"}"#], 16).await;
}

#[tokio::test]
async fn the_same_malformed_call_for_ever_ends() {
    model([]).for_ever(write(r#"{"path": "#)).check("model_loops", 4, &[]).await;
}

#[tokio::test]
async fn the_same_error_over_and_over_ends_whatever_the_arguments() {
    let replies: Vec<Reply> =
        (0..40).map(|number| calls([("err", format!(r#"{{"path":"f{number}"}}"#).as_str())])).collect();
    let ran: Vec<String> = (0..12).map(|number| format!("err f{number}")).collect();
    let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
    let played = model(replies).check("model_keeps_failing", 12, &ran).await;
    assert!(
        played.world.newest(6).contains("have failed in the same way in 6 steps"),
        "{}",
        played.world.newest(6)
    );
    assert!(played.world.newest(9).contains("the run will be ended"));
}

#[tokio::test]
async fn ever_new_tools_that_do_not_exist_end_the_run() {
    let names: Vec<String> = (0..40).map(|number| format!("tool_{number}")).collect();
    let replies: Vec<Reply> = names.iter().map(|name| calls([(name.as_str(), "{}")])).collect();
    model(replies).check("model_keeps_failing", 12, &[]).await;
}

#[tokio::test]
async fn ever_new_malformed_arguments_end_the_run() {
    let replies: Vec<Reply> = (0..40).map(|number| write(&format!(r#"{{"path": "f{number}"#))).collect();
    model(replies).check("model_keeps_failing", 12, &[]).await;
}

#[tokio::test]
async fn polling_something_that_changes_is_left_alone() {
    let replies: Vec<Reply> = (0..25).map(|_| calls([("poll", A)])).collect();
    let played = model(replies).check(COMPLETED, 26, &["poll a"; 25]).await;
    assert!(!played.world.requests_say("in a row"));
}

#[tokio::test]
async fn the_same_test_after_different_edits_is_left_alone() {
    let replies: Vec<Reply> = (0..24)
        .map(|number| match number % 2 {
            0 => write(&format!(r#"{{"path":"a","text":"{number}"}}"#)),
            _ => calls([("read_file", r#"{"path":"test"}"#)]),
        })
        .collect();
    let (world, request) = model(replies).world().await;
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), slipway_protocol::run::RunOutcome::Completed);
    assert!(!world.requests_say("in a row"));
}
