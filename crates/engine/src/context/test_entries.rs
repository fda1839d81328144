//! Entries for tests, and steps as a run records them.

use proptest::prelude::*;
use serde_json::Map;
use slipway_protocol::MessageId;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{
    AssistantStep, ContextChange, Correction, Entry, Finish, Origin, ToolCall, ToolResult, UserMessage, View,
};
use slipway_protocol::view::{RenderedContent, RenderedFile, ViewChange};

use crate::provider::request::WireMessage;

pub(super) fn user(text: &str) -> Entry {
    Entry::User(UserMessage {
        id: MessageId::from("m"),
        text: text.to_owned(),
        attachments: Vec::new(),
        origin: Origin::Person,
        created_at: 0,
    })
}

pub(super) fn answer(text: &str, calls: &[(&str, &str)]) -> Entry {
    let call = |(id, arguments): &(&str, &str)| ToolCall {
        id: (*id).into(),
        name: "edit_file".to_owned(),
        arguments: (*arguments).to_owned(),
        opaque: Map::new(),
    };
    Entry::Assistant(AssistantStep {
        id: MessageId::from("m"),
        step: 1,
        text: text.to_owned(),
        reasoning: String::new(),
        opaque: Map::new(),
        tool_calls: calls.iter().map(call).collect(),
        finish: Finish::ToolCalls,
        usage: None,
        model: String::new(),
        created_at: 0,
    })
}

pub(super) fn result(id: &str, text: &str, view_changes: Vec<ViewChange>) -> Entry {
    let mut outcome = ToolOutcome::new(ToolStatus::Ok, text);
    outcome.view_changes = view_changes;
    Entry::ToolResult(ToolResult {
        call_id: id.into(),
        name: "edit_file".to_owned(),
        outcome,
        duration_ms: 0,
        created_at: 0,
    })
}

pub(super) fn view(path: &str, version: u32) -> Entry {
    Entry::View(View {
        version,
        file: RenderedFile {
            path: path.to_owned(),
            content_hash: format!("{path}{version}"),
            lines: 1,
            bytes: 1,
            content: RenderedContent::Text { text: format!("1\t{path} v{version}\n") },
            ranges: None,
        },
    })
}

pub(super) fn open(path: &str) -> ViewChange {
    ViewChange::Open { path: path.to_owned(), ranges: Vec::new() }
}

pub(super) fn close(path: &str) -> ViewChange {
    ViewChange::Close { path: path.to_owned() }
}

pub(super) fn contents(messages: &[WireMessage]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| match message {
            WireMessage::System { .. } => "system",
            WireMessage::User { content } | WireMessage::Tool { content, .. } => content.as_str(),
            WireMessage::Pictures { .. } => "pictures",
            WireMessage::Assistant(assistant) => assistant.content.as_str(),
        })
        .collect()
}

/// What happens to a file in one step.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    Changed(usize),
    Closed(usize),
    Nothing,
    Corrected,
    /// Closed to make room.
    Evicted(usize),
}

pub(super) fn happenings() -> impl Strategy<Value = Vec<Vec<Happening>>> {
    let one = prop_oneof![
        (0..3_usize).prop_map(Happening::Changed),
        (0..3_usize).prop_map(Happening::Closed),
        Just(Happening::Nothing),
        Just(Happening::Corrected),
        (0..3_usize).prop_map(Happening::Evicted),
    ];
    prop::collection::vec(prop::collection::vec(one, 1..4), 1..8)
}

pub(super) const PATHS: [&str; 3] = ["a", "b", "c"];

/// The entries of each step, as a run records them, and the state of the files after each.
pub(super) fn play(steps: &[Vec<Happening>]) -> (Vec<Vec<Entry>>, Vec<[Option<u32>; 3]>) {
    let mut versions = [0_u32; 3];
    let mut visible = [None; 3];
    let mut entries = vec![vec![user("go")]];
    let mut states = vec![visible];
    for (number, happenings) in steps.iter().enumerate() {
        let ids: Vec<String> = (0..happenings.len()).map(|call| format!("{number}-{call}")).collect();
        let calls: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "{}")).collect();
        let mut step = vec![answer("", &calls)];
        let mut changed = Vec::new();
        for (id, happening) in ids.iter().zip(happenings) {
            step.push(match happening {
                Happening::Changed(file) => {
                    changed.push(*file);
                    result(id, "ok", vec![open(PATHS[*file])])
                }
                Happening::Closed(file) => {
                    visible[*file] = None;
                    changed.retain(|other| other != file);
                    result(id, "ok", vec![close(PATHS[*file])])
                }
                Happening::Nothing | Happening::Corrected | Happening::Evicted(_) => result(id, "ok", vec![]),
            });
            if let Happening::Evicted(file) = happening {
                visible[*file] = None;
                changed.retain(|other| other != file);
                let paths = vec![PATHS[*file].to_owned()];
                step.push(Entry::ContextChange(ContextChange::Evict { paths }));
            }
            if let Happening::Corrected = happening {
                let arguments = "{\"corrected\":1}".to_owned();
                step.push(Entry::Correction(Correction { call_id: id.as_str().into(), arguments }));
            }
        }
        changed.sort_unstable();
        changed.dedup();
        for file in changed {
            versions[file] += 1;
            visible[file] = Some(versions[file]);
            step.push(view(PATHS[file], versions[file]));
        }
        entries.push(step);
        states.push(visible);
    }
    (entries, states)
}
