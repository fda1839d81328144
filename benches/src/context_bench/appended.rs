//! The simple alternative to living views: a file is shown when it is read, an edit by its diff, and now and
//! then the model reads part of the file again because it has lost track.

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use slipway_protocol::MessageId;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::{AssistantStep, Entry, Finish, Notice, ToolCall, ToolResult};
use slipway_protocol::view::RenderedContent;

/// How often an edit is followed by reading part of the file again, and how many lines that gives.
const READS_AGAIN: f64 = 0.35;
const LINES_AGAIN: usize = 250;

/// Lines shown around a change.
const AROUND: usize = 3;

/// The session as such an agent would have had it.
pub(crate) fn with_diffs(entries: &[Entry], seed: u64) -> Vec<Entry> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut shown: HashMap<&str, &str> = HashMap::new();
    let mut appended = Vec::with_capacity(entries.len());
    let mut reads: Vec<String> = Vec::new();
    for entry in entries {
        if let Entry::View(view) = entry {
            let RenderedContent::Text { text } = &view.file.content else { continue };
            let path = view.file.path.as_str();
            let notice = match shown.insert(path, text) {
                None => text.clone(),
                Some(old) => {
                    if random.random_bool(READS_AGAIN) {
                        let start = random.random_range(0..text.lines().count().max(1));
                        let lines =
                            text.lines().cycle().skip(start).take(LINES_AGAIN.min(text.lines().count()));
                        reads.push(lines.collect::<Vec<_>>().join("\n"));
                    }
                    diff(old, text)
                }
            };
            appended.push(Entry::Notice(Notice { text: notice }));
            continue;
        }
        if matches!(entry, Entry::Assistant(_)) {
            for (position, text) in std::mem::take(&mut reads).into_iter().enumerate() {
                read_again(&mut appended, text, position);
            }
        }
        appended.push(entry.clone());
    }
    appended
}

fn read_again(appended: &mut Vec<Entry>, text: String, position: usize) {
    let call_id = format!("again_{}_{position}", appended.len());
    let call = ToolCall {
        id: call_id.as_str().into(),
        name: "read_file".to_owned(),
        arguments: "{\"file\":\"src/part/module.rs\",\"start_line\":100}".to_owned(),
        opaque: serde_json::Map::new(),
    };
    appended.push(Entry::Assistant(AssistantStep {
        id: MessageId::from(call_id.as_str()),
        step: 1,
        text: "x".repeat(400),
        reasoning: String::new(),
        opaque: serde_json::Map::new(),
        tool_calls: vec![call],
        finish: Finish::ToolCalls,
        usage: None,
        model: String::new(),
        created_at: 0,
    }));
    appended.push(Entry::ToolResult(ToolResult {
        call_id: call_id.as_str().into(),
        name: "read_file".to_owned(),
        outcome: ToolOutcome::ok(text),
        duration_ms: 1,
        created_at: 0,
    }));
}

/// The lines that differ, with a few around, as they were and as they are. Both texts are numbered.
fn diff(old: &str, new: &str) -> String {
    let bare = |text: &str| {
        let lines = text.lines().map(|line| line.split_once('\t').map_or(line, |(_, line)| line).to_owned());
        lines.collect::<Vec<_>>()
    };
    let (old, new) = (bare(old), bare(new));
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let part = |lines: &[String], sign: &str| {
        let start = head.saturating_sub(AROUND);
        let end = (lines.len() - tail + AROUND).min(lines.len());
        lines
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .map(|line| format!("{sign}{line}\n"))
            .collect::<String>()
    };
    format!("@@ line {head} @@\n{}{}", part(&old, "-"), part(&new, "+"))
}
