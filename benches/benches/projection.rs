//! From a transcript of a megabyte to the bytes of a request.
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use divan::{Bencher, black_box};
use serde_json::{Value, json};
use slipway_engine::context::{KeptContext, ProjectionFacts, project};
use slipway_engine::profile;
use slipway_protocol::run::{ContextMode, PromptFacts};
use slipway_protocol::transcript::Entry;

/// Bytes of the transcript's texts.
const BYTES: usize = 1_000_000;
/// Modes of laying out open files.
const MODES: [ContextMode; 3] = [ContextMode::PerFile, ContextMode::Auto, ContextMode::Consolidated];

fn main() {
    divan::main();
}

/// A session that reads, edits and runs commands, until it holds a megabyte.
fn transcript() -> Vec<Entry> {
    let mut entries = vec![entry(json!({"type": "user", "id": "msg_0", "text": "Fix it.", "created_at": 0}))];
    let (mut bytes, mut step) = (0, 0);
    while bytes < BYTES {
        let more = one_step(step);
        bytes += more.iter().map(|entry| serde_json::to_string(entry).unwrap().len()).sum::<usize>();
        entries.extend(more);
        step += 1;
    }
    entries
}

fn one_step(step: usize) -> Vec<Entry> {
    let path = format!("src/module_{}.rs", step % 6);
    let call = format!("call_{step}");
    let opens = json!([{"type": "open", "path": path}]);
    let view = "123\tlet value = compute(input);\n".repeat(60);
    vec![
        entry(json!({"type": "assistant", "id": format!("msg_{step}"), "step": step, "text": "Next I look.",
            "reasoning": "It must be in this module, since the test fails there. ".repeat(8),
            "tool_calls": [{"id": call, "name": "edit_file", "arguments":
                json!({"file": path, "edits": [{"remove_line_number": "12", "content_to_remove": "a",
                    "replace_content": "let value = compute_again(input);\n".repeat(8)}]}).to_string()}],
            "finish": "tool_calls", "model": "scripted", "created_at": 0})),
        entry(json!({"type": "tool_result", "call_id": call, "name": "edit_file", "status": "ok",
            "text": "Edited.\n".repeat(20), "view_changes": opens, "duration_ms": 1, "created_at": 0})),
        entry(json!({"type": "view", "version": step / 6 + 1, "path": path,
            "content_hash": format!("{step:x}"), "lines": 60, "bytes": view.len(),
            "content": {"type": "text", "text": view}})),
    ]
}

fn entry(value: Value) -> Entry {
    serde_json::from_value(value).unwrap()
}

fn facts(mode: ContextMode, prompt: &PromptFacts) -> ProjectionFacts<'_> {
    ProjectionFacts { profile: profile("deepseek"), reasoning_off: false, mode, prompt }
}

/// The messages of one request.
#[divan::bench(args = MODES)]
fn whole(bencher: Bencher<'_, '_>, mode: ContextMode) {
    let (transcript, prompt) = (transcript(), PromptFacts::default());
    bencher.bench(|| project(black_box(&transcript), &facts(mode, &prompt)));
}

/// The messages and their bytes.
#[divan::bench(args = MODES)]
fn whole_with_bytes(bencher: Bencher<'_, '_>, mode: ContextMode) {
    let (transcript, prompt) = (transcript(), PromptFacts::default());
    bencher.bench(|| {
        let messages = project(black_box(&transcript), &facts(mode, &prompt));
        serde_json::to_vec(&messages).unwrap().len()
    });
}

/// The bytes of the next request, one step after the last one: what each step of a run pays.
#[divan::bench(args = MODES)]
fn next_with_bytes(bencher: Bencher<'_, '_>, mode: ContextMode) {
    let (transcript, prompt) = (transcript(), PromptFacts::default());
    let facts = facts(mode, &prompt);
    let before = transcript.len() - one_step(0).len();
    bencher
        .with_inputs(|| {
            let mut kept = KeptContext::default();
            let request = kept.projection(&transcript[..before], &facts);
            serde_json::to_vec(&request.messages).unwrap();
            kept
        })
        .bench_values(|mut kept| {
            let request = kept.projection(black_box(&transcript), &facts);
            serde_json::to_vec(&request.messages).unwrap().len()
        });
}
