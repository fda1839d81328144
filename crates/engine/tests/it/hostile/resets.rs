//! Connections that break, at every byte of an answer.

use std::time::Duration;

use slipway_protocol::run::RunOutcome;
use slipway_scripted_model::fault::{Ending, FaultKind};

use crate::fake_tools::FakeTools;
use crate::harness::{engine, quick};
use crate::hostile::case::{Case, Played, faulty, model, write};
use crate::hostile::sse::raw;
use crate::hostile::{case, invariants};

/// An answer with text and a call, in few bytes: each of them makes a run.
const ANSWER: &str = concat!(
    "data: {\"choices\":[{\"delta\":{\"content\":\"é\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"x\",\"function\":{\"name\":\"write_file\"}}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"path\\\":\\\"a\\\"}\"}}]}}]}\n\n",
    "data: {\"choices\":[{\"finish_reason\":\"tool_calls\"}]}\n\n",
    "data: [DONE]\n\n",
);

/// The case in which the first answer breaks after so many bytes; the second is whole.
fn broken_at(offset: usize, ending: Ending) -> Case {
    let mut body = raw(&[&ANSWER.as_bytes()[..offset]]);
    body.ending = ending;
    model([faulty(write(r#"{"path":"a"}"#), FaultKind::Body(body), Some(1))])
}

/// Breaks the answer at every so many bytes.
async fn check_offsets(ending: Ending, every: usize) {
    let length = ANSWER.len();
    let mut settings = quick();
    settings.retry.base = Duration::from_millis(1);
    settings.model.first_byte = Duration::from_secs(20);
    settings.model.idle = Duration::from_secs(20);
    let engine = engine(settings).await;
    let mut again = 0;
    for offset in (0..=length).step_by(every) {
        let tools = FakeTools::start().await;
        let (world, request) = broken_at(offset, ending).world_at(&engine, &tools).await;
        let events = world.run_with(request.clone()).await;
        let played = Played { world, events, request };
        assert_eq!(*played.events.outcome(), RunOutcome::Completed, "broken after {offset} bytes");
        assert_eq!(played.ran(), ["write_file a"], "broken after {offset} bytes");
        assert_eq!(played.events.answers().len(), 2, "broken after {offset} bytes");
        invariants::hold(&played);
        again += played.world.model.requests().len() - 2;
    }
    // Up to its finish reason an answer is made again, from there on it is taken.
    let finished = ANSWER.find("\"tool_calls\"}").expect("a finish reason");
    assert!(
        (finished / every..length / every).contains(&again),
        "{again} answers were made again, {finished} is the finish"
    );
}

#[tokio::test]
async fn a_reset_at_any_byte_runs_the_tool_exactly_once() {
    check_offsets(Ending::Reset, 1).await;
}

#[tokio::test]
async fn a_clean_end_anywhere_runs_the_tool_exactly_once() {
    check_offsets(Ending::Clean, 5).await;
}

#[tokio::test]
async fn resets_without_end_end_the_run_after_four_attempts() {
    let reply = || faulty(write(r#"{"path":"a"}"#), FaultKind::ResetAtByte(300), None);
    let played = model([write(r#"{"path":"b"}"#)]).for_ever(reply()).check(
        "provider_stream_cut",
        5,
        &["write_file b"],
    );
    assert_eq!(played.await.events.retries().len(), 3);
}

#[tokio::test]
async fn a_reset_in_each_of_many_steps_loses_no_step() {
    let replies = (0..8).map(|number| {
        let arguments = format!(r#"{{"path":"f{number}"}}"#);
        faulty(write(&arguments), FaultKind::ResetAtByte(150 + 40 * number), Some(1))
    });
    let ran: Vec<String> = (0..8).map(|number| format!("write_file f{number}")).collect();
    let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
    model(replies).check(case::COMPLETED, 17, &ran).await;
}
