//! Credentials in addresses leave the sandbox by no way that a tool has.

use futures::StreamExt as _;
use serde_json::{Value, json};
use slipway_protocol::tool::{ToolStatus, ToolStreamItem};
use slipway_protocol::view::ViewChange;

use crate::scene::{Scene, invocation, opened};

const TOKEN: &str = "ghp_4f9c2e71d08b4a63aa55";

/// A repository whose remote has a token, as a person may have cloned it.
async fn scene() -> Scene {
    let scene = Scene::new().await;
    let remote = format!("https://jane:{TOKEN}@github.com/jane/app.git");
    let make = format!("git init -q . && git remote add origin {remote} && cp .git/config notes.txt");
    let outcome = scene.call("run_terminal_command", json!({ "command": make })).await;
    assert_eq!(outcome.data["exit_code"], 0, "{}", outcome.text);
    scene
}

/// Everything that a call tells: live output, text and data.
async fn told(scene: &Scene, tool: &str, arguments: Value) -> String {
    let call = invocation(arguments);
    let mut items = std::pin::pin!(scene.client.invoke(tool, &call));
    let mut told = String::new();
    while let Some(item) = items.next().await {
        match item.expect("no failure") {
            ToolStreamItem::Output { text } => told.push_str(&text),
            ToolStreamItem::Result(outcome) => {
                told.push_str(&format!("\n{}\n{}", outcome.text, outcome.data))
            }
            ToolStreamItem::Held => panic!("a tool host holds nothing"),
        }
    }
    told
}

#[tokio::test]
async fn a_remotes_token_is_in_no_result_view_or_live_output() {
    let scene = scene().await;
    for (tool, arguments) in [
        ("run_terminal_command", json!({"command": "git remote -v; cat .git/config; git config --list"})),
        // Piece by piece, so that the token comes in several.
        (
            "run_terminal_command",
            json!({"command": "for c in $(git remote get-url origin | grep -o .); do printf %s $c; sleep 0.02; done"}),
        ),
        ("grep_search", json!({"pattern": "github.com"})),
        ("write_file", json!({"file": "other.txt", "content": format!("https://x:{TOKEN}@gitlab.com/a")})),
        ("read_file", json!({"file": ["notes.txt", "other.txt"]})),
        ("run_terminal_command", json!({"command": "sleep 0.5; git remote -v", "background": true})),
        ("process", json!({"action": "wait", "process_id": "p1"})),
    ] {
        let told = told(&scene, tool, arguments).await;
        assert!(
            told.contains("[hidden]@") || tool == "read_file" || told.contains("background"),
            "{tool}: {told}"
        );
        assert!(!told.contains(TOKEN), "{tool}: {told}");
    }
    let open = |path: &str| opened(&ViewChange::Open { path: path.to_owned(), ranges: Vec::new() });
    for view in scene.refresh(vec![open("notes.txt"), open("other.txt")]).await {
        let text = format!("{view:?}");
        assert!(text.contains("[hidden]@") && !text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn what_stands_for_a_token_is_not_written_in_its_place() {
    let scene = scene().await;
    let before = scene.read("notes.txt");
    let line = before.lines().position(|line| line.contains("url")).expect("the remote") + 1;
    let edit = json!({"remove_line_number": line.to_string(), "content_to_remove": "url",
        "replace_content": "\turl = https://jane:[hidden]@github.com/jane/other.git"});
    for (tool, arguments) in [
        ("write_file", json!({"file": "notes.txt", "content": "url = https://jane:[hidden]@github.com/a\n"})),
        ("edit_file", json!({"file": "notes.txt", "edits": [edit]})),
    ] {
        let outcome = scene.call(tool, arguments).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{}", outcome.text);
        assert!(outcome.text.contains("stands for a credential"), "{}", outcome.text);
        assert_eq!(scene.read("notes.txt"), before);
    }
}
