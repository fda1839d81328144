//! Calls that go wrong, are cancelled, or say too much.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures::{Stream, StreamExt};
use serde_json::{Value, json};
use slipway_protocol::id::InvocationId;
use slipway_protocol::tool::{ToolAccess, ToolStatus, ToolStreamItem};

use slipway_tools::client::ClientError;
use slipway_tools::desktop::{Computer, Screenshot};
use slipway_tools::registry::Tool;

use crate::scene::{Scene, call, connect, conversation, invocation};

/// These are what sub-agents get, who may change nothing.
#[tokio::test]
async fn the_tools_that_only_read_are_these() {
    let scene = Scene::new().await;
    let tools = scene.client.tools().await.expect("an answer").tools;
    let reading = tools.iter().filter(|tool| tool.access == ToolAccess::ReadOnly);
    let names: Vec<&str> = reading.map(|tool| tool.name.as_str()).collect();
    let expected = ["read_file", "close_file", "list_directory", "search_files", "grep_search", "web_fetch"];
    assert_eq!(names, expected);
    assert_eq!(<Screenshot as Tool>::ACCESS, ToolAccess::ReadOnly, "where there is a desktop");
    assert_eq!(<Computer as Tool>::ACCESS, ToolAccess::Writing);
}

#[tokio::test]
async fn bad_calls_are_answered_precisely() {
    let scene = Scene::new().await;
    let cases: [(&str, Value, &[&str]); 12] = [
        ("no_such_tool", json!({}), &["no tool named `no_such_tool`", "read_file", "grep_search"]),
        ("read_file", json!({}), &["missing field `file`", "Required: `file` (string or array of string)"]),
        ("read_file", json!(null), &["expected a JSON object, got null"]),
        ("read_file", json!("a.txt"), &["expected a JSON object, got a string"]),
        (
            "read_file",
            json!({"file": {"a": 1}}),
            &["`file`: invalid type: map", "expected a string or an array"],
        ),
        ("read_file", json!({"file": [["a"]]}), &["`file[0]`: invalid type: sequence"]),
        ("read_file", json!({"file": "a", "start_line": -1}), &["`start_line`: invalid value: integer `-1`"]),
        ("write_file", json!({"file": "a"}), &["missing field `content`", "Nothing was done"]),
        (
            "write_file",
            json!({"file": "a", "content": {"x": 1}}),
            &["`content`: invalid type: map", "expected a string"],
        ),
        ("edit_file", json!({"file": "a"}), &["missing field `edits`"]),
        ("edit_file", json!({"file": "a", "edits": 5}), &["edits"]),
        ("grep_search", json!({"pattern": 5}), &["`pattern`: invalid type: integer `5`, expected a string"]),
    ];
    for (name, arguments, expected) in cases {
        let outcome = scene.call(name, arguments.clone()).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{name} {arguments}");
        for part in expected {
            assert!(outcome.text.contains(part), "{name} {arguments}: {}", outcome.text);
        }
    }
    assert_eq!(std::fs::read_dir(&scene.root).expect("a directory").count(), 0, "nothing was written");
}

#[tokio::test]
async fn unknown_arguments_are_ignored_aloud() {
    let scene = Scene::new().await;
    scene.put("a.txt", "x\n");
    let outcome = scene.call("read_file", json!({"file": "a.txt", "encoding": "utf-8"})).await;
    assert_eq!(outcome.status, ToolStatus::Ok);
    assert!(outcome.text.contains("does not take `encoding`"), "{}", outcome.text);
}

#[tokio::test]
async fn usual_names_for_the_file_are_understood() {
    let scene = Scene::new().await;
    for key in ["path", "file_path"] {
        let outcome = scene.call("write_file", json!({key: "a.txt", "content": key})).await;
        assert_eq!((outcome.status, scene.read("a.txt").as_str()), (ToolStatus::Ok, key), "{}", outcome.text);
        assert!(!outcome.text.contains("Ignored"), "{}", outcome.text);
    }
}

#[tokio::test]
async fn a_five_megabyte_answer_does_not_pass() {
    let scene = Scene::new().await;
    // 1000 matching lines of 400 characters each, and names that are long themselves.
    for number in 0..50 {
        scene.put(&format!("{}{number}.txt", "n".repeat(200)), format!("{}\n", "x".repeat(5_000)).repeat(20));
    }
    let outcome = scene.call("grep_search", json!({"pattern": "x", "limit": 1000, "context": 20})).await;
    assert_eq!(outcome.status, ToolStatus::Ok);
    assert!(outcome.truncated);
    assert!(outcome.text.chars().count() <= 30_000, "{}", outcome.text.chars().count());
    assert!(outcome.text.contains("characters left out here"));
}

#[tokio::test]
async fn a_fifo_is_not_waited_for() {
    let scene = Scene::new().await;
    let fifo = scene.root.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let outcome = scene.call("read_file", json!({"file": "fifo"})).await;
    assert_eq!(outcome.status, ToolStatus::Error);
    assert!(outcome.text.contains("not a regular file"), "{}", outcome.text);
}

#[tokio::test]
async fn cancelling_an_unknown_call_is_fine() {
    let scene = Scene::new().await;
    scene.client.cancel(&InvocationId::from("inv_unknown")).await.expect("an answer");
}

#[tokio::test]
async fn calls_of_one_step_run_concurrently() {
    let scene = Scene::new().await;
    for number in 0..20 {
        scene.put(&format!("{number}.txt"), "x\n".repeat(number));
    }
    let calls = (0..20).map(|number| scene.call("read_file", json!({"file": format!("{number}.txt")})));
    let outcomes = futures::future::join_all(calls).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        assert!(outcome.text.starts_with(&format!("{number}.txt ({number} line")), "{}", outcome.text);
    }
}

#[tokio::test]
async fn an_answer_ends_with_exactly_one_result() {
    let scene = Scene::new().await;
    let items = scene.client.invoke("list_directory", &invocation(json!({})));
    let items: Vec<_> = items.collect().await;
    assert!(matches!(items.as_slice(), [Ok(ToolStreamItem::Result(_))]), "{items:?}");
}

/// A command that runs until it is killed, and says when it runs.
const ENDLESS: &str = "echo started; sleep 1000";

/// Reads live output until the command says that it runs.
async fn started(items: &mut (impl Stream<Item = Result<ToolStreamItem, ClientError>> + Unpin)) {
    let mut seen = String::new();
    while !seen.contains("started") {
        match items.next().await {
            Some(Ok(ToolStreamItem::Output { text })) => seen.push_str(&text),
            other => panic!("{other:?} before the command ran"),
        }
    }
}

#[tokio::test]
async fn live_output_comes_before_the_result() {
    let scene = Scene::new().await;
    let command = json!({"command": "echo one; read -r line < gate; echo two"});
    nix::unistd::mkfifo(&scene.root.join("gate"), nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let mut items = Box::pin(scene.client.invoke("run_terminal_command", &invocation(command)));
    let Some(Ok(ToolStreamItem::Output { text })) = items.next().await else { panic!("no output") };
    assert!(text.contains("one") && !text.contains("two"), "{text}");
    let gate = scene.root.join("gate");
    tokio::task::spawn_blocking(move || std::fs::write(gate, "go\n"))
        .await
        .expect("no panic")
        .expect("opened");
    let rest: Vec<_> = items.collect().await;
    let Some(Ok(ToolStreamItem::Result(outcome))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!(outcome.data["exit_code"], 0, "{}", outcome.text);
    assert!(outcome.text.contains("one") && outcome.text.contains("two"), "{}", outcome.text);
}

#[tokio::test]
async fn a_call_is_cancelled_by_name() {
    let scene = Scene::new().await;
    let call = invocation(json!({"command": ENDLESS}));
    let mut items = Box::pin(scene.client.invoke("run_terminal_command", &call));
    started(&mut items).await;
    let mut twice = Box::pin(scene.client.invoke("run_terminal_command", &call));
    let Some(Err(ClientError::Refused { problem, .. })) = twice.next().await else { panic!("run twice") };
    assert_eq!(problem.code, "already_running");

    scene.client.cancel(&call.invocation_id).await.expect("an answer");
    let rest: Vec<_> = items.collect().await;
    let Some(Ok(ToolStreamItem::Result(outcome))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!(outcome.status, ToolStatus::Stopped, "{}", outcome.text);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_cancelled() {
    let scene = Scene::new().await;
    let process_id = scene.root.join("pid");
    let call = invocation(json!({"command": "bash -c 'echo $$ > pid; echo started; exec sleep 1000'"}));
    let mut items = Box::pin(scene.client.invoke("run_terminal_command", &call));
    started(&mut items).await;
    let process_id = std::fs::read_to_string(process_id).expect("written").trim().to_owned();
    assert!(std::path::Path::new("/proc").join(&process_id).exists());
    drop(items);
    let started = Instant::now();
    while std::path::Path::new("/proc").join(&process_id).exists() {
        assert!(started.elapsed() < Duration::from_secs(5), "process {process_id} lives on");
        tokio::task::yield_now().await;
    }
    let next = scene.call("run_terminal_command", json!({"command": "echo usable"})).await;
    assert!(next.text.contains("usable"), "{}", next.text);
}

#[tokio::test]
async fn shells_survive_a_connection_and_end_with_their_conversation() {
    let scene = Scene::new().await;
    scene.call("run_terminal_command", json!({"command": "marker=kept"})).await;
    let (second, _link) = connect(&scene.host).await;
    let outcome = call(&second, "run_terminal_command", json!({"command": "echo [$marker]"})).await;
    assert!(outcome.text.contains("[kept]"), "{}", outcome.text);
    second.end_conversation(&conversation()).await.expect("an answer");
    let outcome = call(&second, "run_terminal_command", json!({"command": "echo [$marker]"})).await;
    assert!(outcome.text.contains("[]"), "{}", outcome.text);
}

#[tokio::test]
async fn a_host_that_stops_ends_its_calls() {
    let scene = Scene::new().await;
    let mut items =
        Box::pin(scene.client.invoke("run_terminal_command", &invocation(json!({"command": ENDLESS}))));
    started(&mut items).await;
    scene.host.shut_down().await;
    let rest: Vec<_> = items.collect().await;
    let Some(Ok(ToolStreamItem::Result(outcome))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!(outcome.status, ToolStatus::Stopped, "{}", outcome.text);
}

#[tokio::test]
async fn five_megabytes_of_output_do_not_pass() {
    let scene = Scene::new().await;
    let command = json!({"command": "head -c 5000000 /dev/zero | tr '\\0' x"});
    let outcome = scene.call("run_terminal_command", command).await;
    assert_eq!(outcome.status, ToolStatus::Ok);
    assert!(outcome.truncated);
    assert!(outcome.text.chars().count() <= 30_000, "{}", outcome.text.chars().count());
}

#[tokio::test]
async fn a_dropped_answer_leaves_the_host_usable() {
    let scene = Scene::new().await;
    for _ in 0..50 {
        let mut items = pin!(scene.client.invoke("grep_search", &invocation(json!({"pattern": "x"}))));
        // Polled once, so that the request is under way, and then dropped.
        let _ = tokio::time::timeout(Duration::ZERO, items.next()).await;
    }
    assert!(scene.client.status().await.is_ok());
    scene.client.end_conversation(&conversation()).await.expect("an answer");
}
