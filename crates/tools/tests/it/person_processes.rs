//! What the person sees of the agent's processes, and may do with them.

use std::time::Duration;

use serde_json::json;
use slipway_protocol::terminal::{BackgroundProcess, ProcessOutput, ProcessStatus};
use slipway_tools::client::ClientError;

use crate::scene::{Scene, conversation};

const LIMIT: Duration = Duration::from_secs(60);

async fn start(scene: &Scene, command: &str) {
    let arguments = json!({ "command": command, "background": true });
    scene.call("run_terminal_command", arguments).await;
}

async fn list(scene: &Scene) -> Vec<BackgroundProcess> {
    scene.client.processes(&conversation()).await.expect("a list").items
}

async fn output(scene: &Scene, id: &str, from: u64) -> ProcessOutput {
    scene.client.process_output(&conversation(), id, from).await.expect("an output")
}

async fn until(scene: &Scene, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(LIMIT, wait).await;
    assert!(waited.is_ok(), "{:?}", list(scene).await);
}

#[tokio::test]
async fn processes_are_listed_with_how_they_ended() {
    let scene = Scene::new().await;
    assert!(list(&scene).await.is_empty());
    start(&scene, "sleep 1000").await;
    start(&scene, "while ! [ -e go ]; do sleep 0.05; done; exit 3").await;
    scene.call("run_terminal_command", json!({ "command": "sleep 1001 &" })).await;
    scene.put("go", "");
    until(&scene, async || {
        let found = list(&scene).await;
        let [running, failed, job] = found.as_slice() else { return false };
        !running.pids.is_empty() && failed.exit_code == Some(3) && job.command == "sleep 1001"
    })
    .await;
    let found = list(&scene).await;
    let [running, failed, job] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (&*running.id, &*running.command, running.status),
        ("p1", "sleep 1000", ProcessStatus::Running)
    );
    assert!(running.exit_code.is_none() && !running.pids.is_empty() && running.started_at > 0);
    assert_eq!((&*failed.id, failed.status, failed.pids.len()), ("p2", ProcessStatus::Exited, 0));
    assert_eq!((&*job.command, job.status), ("sleep 1001", ProcessStatus::Running));
    assert_eq!(job.id, format!("j{}", job.pids[0]));
}

#[tokio::test]
async fn a_log_is_read_by_offsets_and_the_agent_still_has_to_read_it() {
    let scene = Scene::new().await;
    let command = "echo ähm; echo https://me:s3cretpassword@example.com/; cat; exit";
    start(&scene, command).await;
    until(&scene, async || output(&scene, "p1", 0).await.head.contains("example.com")).await;
    let first = output(&scene, "p1", 0).await;
    assert!(first.head.starts_with("ähm\r\nhttps://me:[hidden]@example.com/"), "{first:?}");
    assert_eq!((first.from, first.omitted, first.shared), (0, 0, false));
    let nothing = output(&scene, "p1", first.next).await;
    assert_eq!((&*nothing.head, nothing.next), ("", first.next));
    scene.call("process", json!({ "action": "write", "process_id": "p1", "input": "typed" })).await;
    until(&scene, async || output(&scene, "p1", first.next).await.head.contains("typed")).await;
    let read = scene.call("process", json!({ "action": "list" })).await;
    assert!(read.text.contains("p1"), "{}", read.text);
    let beyond = output(&scene, "p1", 1 << 40).await;
    assert_eq!((&*beyond.head, &*beyond.tail), ("", ""));
    // What the person looked at is as new to the agent as before.
    start(&scene, "while ! [ -e go ]; do sleep 0.05; done; echo for both; sleep 1000").await;
    scene.put("go", "");
    until(&scene, async || output(&scene, "p2", 0).await.head.contains("for both")).await;
    let read = scene.call("process", json!({ "action": "read", "process_id": "p2" })).await;
    assert!(read.text.contains("for both"), "{}", read.text);
}

#[tokio::test]
async fn a_long_log_has_its_two_ends() {
    let scene = Scene::new().await;
    start(&scene, "seq 1 100000; sleep 1000").await;
    until(&scene, async || output(&scene, "p1", 0).await.tail.ends_with("100000\r\n")).await;
    let all = output(&scene, "p1", 0).await;
    assert!(all.head.starts_with("1\r\n2\r\n") && all.omitted > 0, "{}", all.omitted);
    assert_eq!(all.head.len() as u64 + all.omitted + all.tail.len() as u64, all.next);
}

#[tokio::test]
async fn killing_ends_a_process_with_all_that_it_started() {
    let scene = Scene::new().await;
    start(&scene, "trap '' TERM; sleep 1000 & sleep 1001; true").await;
    scene.call("run_terminal_command", json!({ "command": "sleep 1002 &" })).await;
    until(&scene, async || {
        let found = list(&scene).await;
        matches!(found.as_slice(), [process, job] if process.pids.len() >= 2 && !job.pids.is_empty())
    })
    .await;
    let found = list(&scene).await;
    let [process, job] = found.as_slice() else { panic!("{found:?}") };
    for id in [&process.id, &job.id] {
        scene.client.kill_process(&conversation(), id).await.expect("it is killed");
    }
    let is_alive = |pid: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
    };
    let pids: Vec<i32> = process.pids.iter().chain(&job.pids).copied().collect();
    until(&scene, async || !pids.iter().any(is_alive)).await;
    until(&scene, async || list(&scene).await.first().is_some_and(|one| one.status == ProcessStatus::Killed))
        .await;
    let told = scene.call("process", json!({ "action": "list" })).await;
    assert!(told.text.contains("killed"), "{}", told.text);
    for id in ["p9", "j1", "..%2F"] {
        let refused = scene.client.kill_process(&conversation(), id).await;
        let Err(ClientError::Refused { problem, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((problem.status, &*problem.code), (404, "process_missing"));
    }
}
