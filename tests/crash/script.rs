//! What the model answers. Each conversation has a number, by which its files and marks are told apart.

use serde_json::{Value, json};
use slipway_scripted_model::Script;

/// So many words that a few messages fill the model's window: about twelve thousand tokens.
pub(crate) fn many_words() -> String {
    "many words ".repeat(6_000)
}

/// The script for so many conversations.
pub(crate) fn script(conversations: usize) -> anyhow::Result<Script> {
    let summary =
        json!({"when": {"last_contains": "Write a summary"}, "steps": [{"text": "In short: words."}]});
    let turns = std::iter::once(summary).chain((0..conversations).flat_map(turns));
    let script = json!({
        "name": "crash", "turns": turns.collect::<Vec<_>>(),
        "otherwise": {"text": "There is nothing more to do."},
    });
    Ok(Script::from_yaml(&script.to_string())?)
}

fn turns(number: usize) -> Vec<Value> {
    let run = |command: String| json!({"name": "run_terminal_command", "arguments": {"command": command}});
    let file = format!("files/{number}.txt");
    let marks = json!([
        {"text": "First.", "tool_calls": [
            {"name": "write_file", "arguments": {"file": file, "content": "one\ntwo\n"}},
            run(format!("echo a >> marks-{number}")),
        ]},
        {"tool_calls": [
            run(format!("echo b >> marks-{number}")),
            {"name": "read_file", "arguments": {"file": file}},
        ]},
        {"text": "All marks are left, and this is said slowly enough to be cut off.", "chunk_chars": 8,
         "chunk_delay_ms": 4},
    ]);
    let wait = format!("echo w >> marks-{number}; until [ -e go-{number} ]; do sleep 0.02; done");
    let endure = format!("{wait}; echo e >> ended-{number}");
    let question = json!({"question": "Which?", "options": [{"label": "red"}, {"label": "blue"}]});
    // Of a window of 40 000: enough to hand over, too little to be summarised.
    let almost_full = json!({"prompt": 32_800, "completion": 10});
    let turn = |word: &str, steps: Value| json!({"when": {"user_contains": format!("{word} #{number}#")}, "steps": steps});
    vec![
        turn("marks", marks),
        turn("wait", json!([{"tool_calls": [run(wait)]}, {"text": "Waited."}])),
        turn("endure", json!([{"tool_calls": [run(endure)]}, {"text": "Then without it."}])),
        turn("queued", json!([{"text": "Done as well."}])),
        turn("steered", json!([{"text": "Heard."}])),
        turn(
            "ask",
            json!([{"tool_calls": [{"name": "ask_user", "arguments": question}]}, {"text": "Thanks."}]),
        ),
        turn(
            "approve",
            json!([{"tool_calls": [run(format!("echo once >> approved-{number}"))]},
                   {"text": "Approved."}]),
        ),
        turn("long", json!([{"text": "Yes."}])),
        turn("almost", json!([{"text": "Yes.", "usage": almost_full}])),
        turn(
            "full",
            json!([
                {"tool_calls": [{"name": "continue_as_new_chat",
                                 "arguments": {"prompt": format!("go on #{number}#")}}], "usage": almost_full},
                {"text": "It was refused."},
            ]),
        ),
        turn("go on", json!([{"text": "Went on."}])),
    ]
}
