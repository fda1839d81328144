//! What holds whatever a model, a provider or a tool does.

use std::collections::{HashMap, HashSet};

use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{AssistantStep, Entry};
use slipway_protocol::{CallId, Problem};

use crate::hostile::case::Played;

/// Checks everything that must hold after every run. That the event stream ends with `finished`, exactly
/// once, the harness checks already.
pub(super) fn hold(played: &Played) {
    the_end_has_a_reason(played);
    nothing_is_lost(&played.events.0);
    every_call_has_one_result(played);
    no_tool_runs_twice_or_on_a_void_answer(played);
    requests_are_acceptable(played);
    steps_do_not_exceed_their_limit(played);
    every_request_is_paid_for(played);
}

fn the_end_has_a_reason(played: &Played) {
    match played.events.outcome() {
        RunOutcome::Completed
        | RunOutcome::Stopped
        | RunOutcome::Paused
        | RunOutcome::HandedOver { .. }
        | RunOutcome::Asks { .. } => {}
        RunOutcome::LimitReached { problem } | RunOutcome::Failed { problem } => is_precise(problem),
    }
    for event in &played.events.0 {
        if let EngineEvent::Retrying { problem, .. } = event {
            is_precise(problem);
        }
    }
}

fn is_precise(problem: &Problem) {
    let Problem { code, title, detail, hint, .. } = problem;
    assert!(![code, title, detail, hint].iter().any(|text| text.trim().is_empty()), "{problem:?}");
    assert!(!title.ends_with('.') && !format!("{detail}{hint}").contains("secret-key-123"), "{problem:?}");
    assert_ne!(code, "engine_fault", "{problem:?}");
}

/// What a client that shows the deltas has put together for the present answer.
#[derive(Default)]
struct Shown {
    text: String,
    reasoning: String,
    calls: HashMap<CallId, (String, String)>,
}

/// What was shown of an answer that counts is in its entry: a client never has to take anything back.
fn nothing_is_lost(events: &[EngineEvent]) {
    let mut shown = Shown::default();
    let mut message = None;
    for event in events {
        match event {
            EngineEvent::StepStarted { message_id, .. } => {
                shown = Shown::default();
                message = Some(message_id);
            }
            EngineEvent::Retrying { .. } => shown = Shown::default(),
            EngineEvent::TextDelta { text } => shown.text.push_str(text),
            EngineEvent::ReasoningDelta { text } => shown.reasoning.push_str(text),
            EngineEvent::ToolCallDelta { call_id, name, arguments, .. } => {
                let call = shown.calls.entry(call_id.clone()).or_default();
                call.0.clone_from(name);
                call.1.push_str(arguments);
            }
            EngineEvent::Entry { entry } => {
                if let Entry::Assistant(answer) = &**entry {
                    assert_eq!(Some(&answer.id), message, "the answer has the id that was announced");
                    is_all_there(&shown, answer);
                }
            }
            _ => {}
        }
    }
}

fn is_all_there(shown: &Shown, answer: &AssistantStep) {
    // A refusal is not streamed, but stands in for the text.
    if !shown.text.trim().is_empty() {
        assert!(shown.text == answer.text, "the text is not what was shown");
    }
    assert!(shown.reasoning == answer.reasoning, "the reasoning is not what was shown");
    for (id, (name, arguments)) in &shown.calls {
        let call = answer.tool_calls.iter().find(|call| call.id == *id).expect("a call was shown and lost");
        assert!((&call.name, &call.arguments) == (name, arguments), "{id} is not what was shown");
    }
}

fn every_call_has_one_result(played: &Played) {
    let mut open: Vec<CallId> = Vec::new();
    let mut known = HashSet::new();
    for entry in played.events.entries() {
        match entry {
            Entry::Assistant(answer) => {
                assert!(open.is_empty(), "{open:?} had no result before the next answer");
                for call in answer.tool_calls {
                    assert!(known.insert(call.id.clone()), "{} is used twice", call.id);
                    open.push(call.id);
                }
            }
            Entry::ToolResult(result) => {
                let found = open.iter().position(|id| *id == result.call_id);
                open.remove(
                    found.unwrap_or_else(|| panic!("{} has no call, or two results", result.call_id)),
                );
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?} have no result");
}

/// A tool runs only after the answer that asks for it has been told of as final, and once.
fn no_tool_runs_twice_or_on_a_void_answer(played: &Played) {
    let invocations = played.world.tools.seen(|seen| seen.invocations.clone());
    let mut calls = HashSet::new();
    let mut ids = HashSet::new();
    for (name, invocation) in &invocations {
        assert!(calls.insert(invocation.call_id.clone()), "{name} ran twice for {}", invocation.call_id);
        assert!(ids.insert(invocation.invocation_id.clone()), "an invocation id was used twice");
    }
    let mut final_calls = HashMap::new();
    let mut started = HashSet::new();
    for event in &played.events.0 {
        match event {
            EngineEvent::Entry { entry } => {
                if let Entry::Assistant(answer) = &**entry {
                    let calls = answer.tool_calls.iter();
                    final_calls.extend(calls.map(|call| (call.id.clone(), call.name.clone())));
                }
            }
            EngineEvent::ToolStarted { call_id } => {
                assert!(final_calls.contains_key(call_id), "{call_id} started before its answer was final");
                assert!(started.insert(call_id.clone()), "{call_id} started twice");
            }
            _ => {}
        }
    }
    for (name, invocation) in &invocations {
        assert_eq!(final_calls.get(&invocation.call_id), Some(name), "{name} ran on a void answer");
        assert!(started.contains(&invocation.call_id), "{name} ran without a word");
    }
}

fn requests_are_acceptable(played: &Played) {
    assert_eq!(played.world.model.violations(), Vec::<String>::new(), "what strict providers object to");
    for request in played.world.model.requests() {
        assert!(request.body.is_object(), "a request is not JSON");
    }
}

fn steps_do_not_exceed_their_limit(played: &Played) {
    let steps =
        played.events.0.iter().filter(|event| matches!(event, EngineEvent::StepStarted { .. })).count();
    let most = usize::try_from(played.request.limits.max_steps).expect("few");
    assert!(steps <= most, "{steps} steps");
}

/// Every request was reserved before it was made, and settled.
fn every_request_is_paid_for(played: &Played) {
    let count =
        |wanted: fn(&EngineEvent) -> bool| played.events.0.iter().filter(|event| wanted(event)).count();
    let requests = played.world.model.requests().len();
    assert_eq!(count(|event| matches!(event, EngineEvent::Reserved { .. })), requests, "reserved");
    assert_eq!(count(|event| matches!(event, EngineEvent::Settled { .. })), requests, "settled");
}
