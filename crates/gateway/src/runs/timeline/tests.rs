//! What engine events come to, and that a client which joins at any moment sees the same.

use proptest::prelude::*;
use serde_json::{Map, Value};
use slipway_protocol::event::EventBody;
use slipway_protocol::message::{Message, PartBody, PartState, ToolPartStatus};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, ToolCall, ToolResult};
use slipway_protocol::{CallId, MessageId, PartId, Problem};

use super::{Abandoned, Change, Timeline};
use crate::events::{delta_of, fold};

/// The database as far as the timeline goes: rows, and deltas that are not compacted.
#[derive(Default, Clone)]
struct Recorded {
    rows: Vec<Message>,
    deltas: Vec<EventBody>,
    entries: Vec<Entry>,
}

impl Recorded {
    /// Records a change as [`crate::runs::record`] does, and gives the event that tells of it.
    fn record(&mut self, change: Change) -> Option<EventBody> {
        let event = match change {
            Change::MessageCreated { message } => EventBody::MessageCreated { message },
            Change::MessageRemoved { message_id } => {
                let removed = self.rows.iter().find(|message| message.id == message_id).cloned();
                removed.iter().flat_map(|message| &message.parts).for_each(|part| self.compact(&part.id));
                EventBody::MessageRemoved { message_id }
            }
            Change::PartStarted { part, .. } | Change::PartRestarted { part } => {
                self.compact(&part.id);
                EventBody::PartStarted { part }
            }
            Change::TextDelta { part_id, text } => EventBody::PartDelta { part_id, text },
            Change::ArgumentsDelta { part_id, text } => EventBody::ToolArgs { part_id, text },
            Change::OutputDelta { part_id, skipped, text } => {
                EventBody::ToolOutput { part_id, skipped_bytes: skipped, text }
            }
            Change::ToolStarted { base, at } => {
                // The row is replaced, deltas stay.
                fold::apply(&mut self.rows, &EventBody::PartStarted { part: base.clone() });
                return Some(EventBody::ToolStarted { part_id: base.id, started_at: at });
            }
            Change::PartDone { part } => {
                self.compact(&part.id);
                EventBody::PartDone { part }
            }
            Change::ToolFinished { part } => {
                self.compact(&part.id);
                EventBody::ToolFinished { part }
            }
            Change::Entry { entry } => {
                self.entries.push(entry);
                return None;
            }
            _ => return None,
        };
        if delta_of(&event).is_some() {
            self.deltas.push(event.clone());
        } else {
            fold::apply(&mut self.rows, &event);
        }
        Some(event)
    }

    fn compact(&mut self, part_id: &PartId) {
        self.deltas.retain(|delta| delta_of(delta) != Some(part_id));
    }

    /// What a client that asks now is told.
    fn snapshot(&self) -> Vec<Message> {
        let mut messages = self.rows.clone();
        for delta in &self.deltas {
            fold::apply(&mut messages, delta);
        }
        messages
    }
}

fn timeline() -> Timeline {
    Timeline::new("conv_1".into(), "run_1".into(), "scripted".to_owned())
}

fn step(number: u32) -> EngineEvent {
    EngineEvent::StepStarted { step: number, message_id: MessageId(format!("msg_{number}")) }
}

fn text(text: &str) -> EngineEvent {
    EngineEvent::TextDelta { text: text.to_owned() }
}

fn arguments(call: &str, arguments: &str) -> EngineEvent {
    let (call_id, name) = (CallId::from(call), "read_file".to_owned());
    EngineEvent::ToolCallDelta { index: 0, call_id, name, arguments: arguments.to_owned() }
}

fn output(call: &str, text: &str) -> EngineEvent {
    EngineEvent::ToolOutput { call_id: call.into(), text: text.to_owned() }
}

fn answer(number: u32, text: &str, calls: &[(&str, &str)]) -> EngineEvent {
    let tool_calls = calls.iter().map(|(id, arguments)| ToolCall {
        id: (*id).into(),
        name: "read_file".to_owned(),
        arguments: (*arguments).to_owned(),
        opaque: Map::new(),
    });
    let entry = Entry::Assistant(AssistantStep {
        id: MessageId(format!("msg_{number}")),
        step: number,
        text: text.to_owned(),
        reasoning: String::new(),
        opaque: Map::new(),
        tool_calls: tool_calls.collect(),
        finish: Finish::Stop,
        usage: None,
        model: "scripted".to_owned(),
        created_at: 0,
    });
    EngineEvent::Entry { entry: Box::new(entry) }
}

fn result(call: &str) -> EngineEvent {
    let entry = Entry::ToolResult(ToolResult {
        call_id: call.into(),
        name: "read_file".to_owned(),
        outcome: ToolOutcome::ok("done"),
        duration_ms: 3,
        created_at: 0,
    });
    EngineEvent::Entry { entry: Box::new(entry) }
}

fn run(events: impl IntoIterator<Item = EngineEvent>) -> (Timeline, Recorded) {
    let (mut timeline, mut recorded) = (timeline(), Recorded::default());
    for (now, event) in (100..).zip(events) {
        timeline.apply(event, now);
        for change in timeline.take_changes() {
            recorded.record(change);
        }
    }
    (timeline, recorded)
}

/// Each message as its parts in short.
fn show(messages: &[Message]) -> Vec<Vec<String>> {
    let part = |body: &PartBody| match body {
        PartBody::Text { text } => format!("text {text}"),
        PartBody::Reasoning { text } => format!("reasoning {text}"),
        PartBody::Tool(tool) => {
            format!("{:?} {} {} {}", tool.status, tool.arguments, tool.output.head, tool.result.is_some())
        }
        PartBody::Notice { text, .. } => format!("notice {text}"),
    };
    messages.iter().map(|message| message.parts.iter().map(|p| part(&p.body)).collect()).collect()
}

#[test]
fn a_step_with_a_tool_call() {
    let (_, recorded) = run([
        step(1),
        EngineEvent::ReasoningDelta { text: "hm".to_owned() },
        text("I "),
        text("look."),
        arguments("call_1", "{\"pa"),
        arguments("call_1", "th\":1}"),
        answer(1, "I look.", &[("call_1", "{\"path\":1}")]),
        EngineEvent::ToolStarted { call_id: "call_1".into() },
        output("call_1", "out"),
        result("call_1"),
    ]);
    assert_eq!(show(&recorded.snapshot()), [["reasoning hm", "text I look.", "Ok {\"path\":1} out true"]]);
    assert!(recorded.deltas.is_empty(), "deltas of final parts are compacted");
    assert!(recorded.rows[0].parts.iter().all(|part| part.state == PartState::Done));
}

#[test]
fn what_did_not_stream_is_shown_all_the_same() {
    let (_, recorded) = run([step(1), text("Hel"), answer(1, "Hello", &[("call_1", "{}")])]);
    assert_eq!(show(&recorded.snapshot()), [["text Hello", "Proposed {}  false"]]);
    let (_, recorded) = run([step(1), text("Helo"), answer(1, "Hello", &[])]);
    assert_eq!(show(&recorded.snapshot()), [["text Hello"]]);
}

#[test]
fn other_arguments_than_streamed_replace_them() {
    let (_, recorded) = run([step(1), arguments("call_1", "{\"a"), answer(1, "", &[("call_1", "{}")])]);
    assert_eq!(show(&recorded.snapshot()), [["Proposed {}  false"]]);
}

#[test]
fn a_retry_voids_what_had_streamed() {
    let retry = EngineEvent::Retrying { attempt: 2, wait_ms: 5, problem: Problem::new(503, "x", "x") };
    let (_, recorded) = run([step(1), text("half"), arguments("call_1", "{"), retry.clone()]);
    assert_eq!(recorded.snapshot(), []);
    // Whether the engine announces the step again or just goes on makes no difference.
    for again in [vec![step(1), text("whole")], vec![text("whole")]] {
        let events = [step(1), text("half"), retry.clone()].into_iter().chain(again);
        let (_, recorded) = run(events.chain([answer(1, "whole", &[])]));
        assert_eq!(show(&recorded.snapshot()), [["text whole"]]);
    }
}

#[test]
fn a_retry_of_the_next_call_leaves_a_complete_answer_alone() {
    let retry = EngineEvent::Retrying { attempt: 2, wait_ms: 5, problem: Problem::new(503, "x", "x") };
    let (_, recorded) = run([step(1), answer(1, "whole", &[("call_1", "{}")]), result("call_1"), retry]);
    assert_eq!(show(&recorded.snapshot()), [["text whole", "Ok {}  true"]]);
}

#[test]
fn stopping_keeps_the_text_and_leaves_no_call_without_a_result() {
    let (mut timeline, mut recorded) = run([
        step(1),
        answer(1, "", &[("call_1", "{}"), ("call_2", "{}")]),
        result("call_1"),
        EngineEvent::ToolStarted { call_id: "call_2".into() },
        output("call_2", "partly"),
    ]);
    timeline.abandon(Abandoned::Stopped, 500);
    timeline.take_changes().into_iter().for_each(|change| drop(recorded.record(change)));
    assert_eq!(show(&recorded.snapshot()), [["Ok {}  true", "Stopped {} partly true"]]);
    assert!(super::ending::unanswered(&recorded.entries).is_empty());

    let (mut timeline, mut recorded) = run([step(1), text("Half a sen"), arguments("call_1", "{\"a")]);
    timeline.abandon(Abandoned::Stopped, 500);
    timeline.take_changes().into_iter().for_each(|change| drop(recorded.record(change)));
    assert_eq!(show(&recorded.snapshot()), [["text Half a sen", "Stopped {\"a  false"]]);
    let [Entry::Assistant(kept)] = recorded.entries.as_slice() else { panic!("{:?}", recorded.entries) };
    assert_eq!((kept.text.as_str(), &kept.finish), ("Half a sen", &Finish::Stopped));
    assert!(kept.tool_calls.is_empty(), "half a call is no call");
}

#[test]
fn a_restored_timeline_ends_like_the_one_that_was_lost() {
    let events = [
        step(1),
        answer(1, "", &[("call_1", "{}")]),
        EngineEvent::ToolStarted { call_id: "call_1".into() },
        output("call_1", "partly"),
    ];
    let (mut lost, mut recorded) = run(events);
    lost.flush();
    lost.take_changes().into_iter().for_each(|change| drop(recorded.record(change)));
    let mut restored = Timeline::restore(
        "conv_1".into(),
        "run_1".into(),
        "scripted".to_owned(),
        recorded.snapshot(),
        &recorded.entries,
    );
    restored.abandon(Abandoned::Interrupted, 500);
    restored.take_changes().into_iter().for_each(|change| drop(recorded.record(change)));
    assert_eq!(show(&recorded.snapshot()), [["Interrupted {} partly true"]]);
    assert!(super::ending::unanswered(&recorded.entries).is_empty());
    let PartBody::Tool(tool) = &recorded.rows[0].parts[0].body else { panic!("no tool") };
    assert_eq!(tool.status, ToolPartStatus::Interrupted);
    assert_eq!(tool.data, Value::Null);
}

/// Plausible engine events: any order of deltas, calls, results, retries.
fn engine_events() -> impl Strategy<Value = Vec<EngineEvent>> {
    let call = prop::sample::select(vec!["call_1", "call_2"]);
    let piece = prop_oneof![Just("a".to_owned()), Just("ä€".to_owned()), Just("x".repeat(9000))];
    let event = prop_oneof![
        (1..4_u32).prop_map(step),
        piece.clone().prop_map(|text| EngineEvent::TextDelta { text }),
        piece.clone().prop_map(|text| EngineEvent::ReasoningDelta { text }),
        call.clone().prop_map(|call| arguments(call, "{}")),
        call.clone().prop_map(|call| EngineEvent::ToolStarted { call_id: call.into() }),
        (call.clone(), piece).prop_map(|(call, text)| output(call, &text)),
        (1..4_u32, call.clone()).prop_map(|(step, call)| answer(step, "ab", &[(call, "{}")])),
        call.prop_map(result),
        Just(EngineEvent::Retrying { attempt: 2, wait_ms: 1, problem: Problem::new(503, "x", "x") }),
    ];
    prop::collection::vec(event, 0..40).prop_map(|mut events| {
        events.insert(0, step(1));
        number_steps(&mut events);
        events
    })
}

/// Gives every step a number of its own, except that one that is retried before its answer was complete
/// comes again.
fn number_steps(events: &mut [EngineEvent]) {
    let (mut number, mut voided, mut answered) = (0, false, false);
    for event in events {
        match event {
            EngineEvent::StepStarted { step: own, message_id } => {
                number += u32::from(!voided);
                (voided, answered) = (false, false);
                *own = number;
                *message_id = MessageId(format!("msg_{number}"));
            }
            EngineEvent::Entry { entry } => {
                if let Entry::Assistant(step) = entry.as_mut() {
                    (voided, answered) = (false, true);
                    step.id = MessageId(format!("msg_{number}"));
                }
            }
            EngineEvent::Retrying { .. } => voided = !answered,
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A client that takes a snapshot at any moment and follows from there has in the end what a client
    /// has that followed from the start, and what the database has.
    #[test]
    fn any_prefix_and_the_rest_make_the_same(events in engine_events(), flushes in any::<u64>(), cut in any::<prop::sample::Index>()) {
        let (mut timeline, mut recorded) = (timeline(), Recorded::default());
        let mut told: Vec<EventBody> = Vec::new();
        let mut snapshots = vec![(0, Vec::new())];
        for (position, event) in events.into_iter().enumerate() {
            timeline.apply(event, 100);
            if flushes >> (position % 64) & 1 == 1 {
                timeline.flush();
            }
            told.extend(timeline.take_changes().into_iter().filter_map(|change| recorded.record(change)));
            snapshots.push((told.len(), recorded.snapshot()));
        }
        timeline.abandon(Abandoned::Stopped, 200);
        told.extend(timeline.take_changes().into_iter().filter_map(|change| recorded.record(change)));

        let follow = |(seen, mut messages): (usize, Vec<Message>)| {
            for event in told.iter().skip(seen) {
                fold::apply(&mut messages, event);
            }
            messages
        };
        let from_start = follow((0, Vec::new()));
        prop_assert_eq!(&follow(cut.get(&snapshots).clone()), &from_start);
        prop_assert_eq!(&recorded.snapshot(), &from_start);
        prop_assert!(recorded.deltas.is_empty());
        prop_assert!(from_start.iter().all(|m| m.parts.iter().all(|p| p.state == PartState::Done)));
    }
}
