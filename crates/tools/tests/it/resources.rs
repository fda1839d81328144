//! What the host tells of what is used, the bound of the workspace, and being started again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::tool::ToolStatus;
use slipway_tools::bounds::{Bounds, OutputBounds, ViewBounds};
use slipway_tools::host::{Host, HostOptions};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::scene::{Scene, call, connect};

/// What a host with a workspace of at most 8 MiB is started with.
fn options(folder: &Path, root: &Path) -> HostOptions {
    HostOptions {
        workspace: Workspace::open(root).expect("it exists"),
        confinement: Confinement::None,
        state_directory: folder.to_owned(),
        environment: inheritable(std::env::vars_os()),
        display: None,
        fetch: None,
        workspace_limit: Some(8 << 20),
        command_patience: Duration::from_secs(60),
        desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
        bounds: Bounds::default(),
    }
}

/// Writes without end: always into some file, and these so small that one of them less leaves the workspace almost full.
const FILL: &str =
    "for i in $(seq 3000); do { head -c 256K /dev/urandom; sleep 0.1; } > part-$i; done; echo never";

/// A host whose workspace may take up 8 MiB, and whoever watches over that.
struct Bounded {
    host: Arc<Host>,
    root: PathBuf,
    _watch: AbortOnDropHandle<()>,
    _folder: tempfile::TempDir,
}

impl Bounded {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("scratch");
        let root = folder.path().join("ws");
        std::fs::create_dir(&root).expect("scratch");
        let host = Host::new(options(folder.path(), &root)).expect("a writable directory");
        let watch = tokio::spawn(host.clone().watch_workspace(CancellationToken::new()));
        Self { host, root, _watch: AbortOnDropHandle::new(watch), _folder: folder }
    }
}

#[tokio::test]
async fn a_full_workspace_stops_what_writes_and_keeps_what_is_there() {
    let bounded = Bounded::new();
    let root = &bounded.root;
    std::fs::write(root.join("kept.txt"), "one\n").expect("scratch");
    let (client, _link) = connect(&bounded.host).await;

    let outcome = call(&client, "run_terminal_command", json!({"command": FILL})).await;
    assert!(outcome.text.contains("[stopped: the workspace is full"), "{}", outcome.text);
    assert!(!outcome.text.contains("never"), "{}", outcome.text);
    let parts = std::fs::read_dir(root).expect("it is there").count();
    assert!((33..3000).contains(&parts), "{parts} files are left");

    // What would write more is refused with the reason; what makes room is not, nor what lies elsewhere.
    let more = json!({"file": "more.txt", "content": "x\n"});
    let edit = json!({"file": "kept.txt",
        "edits": [{"remove_line_number": "1", "content_to_remove": "one", "replace_content": "two"}]});
    for (tool, arguments) in [("write_file", &more), ("edit_file", &edit)] {
        let outcome = call(&client, tool, arguments.clone()).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{tool}: {}", outcome.text);
        assert!(outcome.text.contains("The workspace is full: "), "{tool}: {}", outcome.text);
        assert!(outcome.text.contains("Nothing was written"), "{tool}: {}", outcome.text);
    }
    assert!(!root.join("more.txt").exists());
    assert_eq!(std::fs::read(root.join("kept.txt")).expect("the file"), b"one\n");
    let outcome = call(&client, "delete_file", json!({"file": "part-1"})).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);

    let outcome = call(&client, "run_terminal_command", json!({"command": "echo still here"})).await;
    assert!(outcome.text.contains("almost full"), "warned: {}", outcome.text);
    let usage = client.usage().await.expect("figures");
    assert!(usage.workspace_bytes > 15 << 19 && usage.workspace_limit == Some(8 << 20), "{usage:?}");
    let outcome = call(&client, "run_terminal_command", json!({"command": "rm part-*"})).await;
    assert_eq!(outcome.status, ToolStatus::Ok);
    // A busy disk is measured the less often.
    let has_room = async {
        loop {
            let command = json!({"command": "sleep 1; echo room > note; cat note"});
            let outcome = call(&client, "run_terminal_command", command).await;
            assert!(outcome.text.starts_with("room\n[exit code 0"), "{}", outcome.text);
            if !outcome.text.contains("full") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(40), has_room).await.expect("the room is noticed");
}

#[tokio::test]
async fn what_ends_a_process_for_lack_of_room_is_told_with_its_output() {
    let bounded = Bounded::new();
    let (client, _link) = connect(&bounded.host).await;
    let started = call(&client, "run_terminal_command", json!({"command": FILL, "background": true})).await;
    assert_eq!(started.status, ToolStatus::Ok, "{}", started.text);
    let waited = json!({"action": "wait", "process_id": "p1", "seconds": 60});
    let outcome = call(&client, "process", waited).await;
    assert!(outcome.text.contains("[stopped: the workspace is full"), "{}", outcome.text);
    let again = call(&client, "process", json!({"action": "list"})).await;
    assert!(
        again.text.contains("almost full") && !again.text.contains("was ended"),
        "told once: {}",
        again.text
    );
}

#[tokio::test]
async fn a_write_that_would_pass_the_bound_is_refused_before_it_begins() {
    let bounded = Bounded::new();
    let (client, _link) = connect(&bounded.host).await;
    let large = json!({"file": "large.txt", "content": "x".repeat(9 << 20)});
    let outcome = call(&client, "write_file", large).await;
    assert!(
        outcome
            .text
            .contains("The workspace is full: 0 MiB of 8 MiB, and this would take 9437184 bytes more"),
        "{}",
        outcome.text
    );
    let small = json!({"file": "small.txt", "content": "x".repeat(1 << 20)});
    assert_eq!(call(&client, "write_file", small).await.status, ToolStatus::Ok);
    let shorter = json!({"file": "small.txt", "content": "x"});
    assert_eq!(call(&client, "write_file", shorter).await.status, ToolStatus::Ok);
}

#[tokio::test]
async fn how_much_is_shown_and_kept_follows_the_settings() {
    let folder = tempfile::tempdir().expect("scratch");
    let root = folder.path().join("ws");
    std::fs::create_dir(&root).expect("scratch");
    let bounds = Bounds {
        output: OutputBounds { chars: 3_000, disk_bytes: 4 << 20 },
        view: ViewBounds { chars: 5_000 },
    };
    let options = HostOptions { workspace_limit: None, bounds, ..options(folder.path(), &root) };
    let host = Host::new(options).expect("a writable directory");
    let (client, _link) = connect(&host).await;
    let outcome = call(&client, "run_terminal_command", json!({"command": "seq 100000"})).await;
    assert!(outcome.text.contains("left out; full output: "), "{}", outcome.text);
    assert!((2_000..3_500).contains(&outcome.text.chars().count()), "{}", outcome.text.len());
    // Of one output a quarter is kept, of all of them together the newest.
    let outcome = call(&client, "run_terminal_command", json!({"command": "yes | head -c 3000000"})).await;
    let file = outcome.data["full_output"].as_str().expect("a file").to_owned();
    assert_eq!(std::fs::metadata(&file).expect("it is kept").len(), 1 << 20);
    for _ in 0..4 {
        call(&client, "run_terminal_command", json!({"command": "yes | head -c 3000000"})).await;
    }
    assert!(!std::path::Path::new(&file).exists(), "the oldest made room");
    std::fs::write(root.join("long.txt"), "line\n".repeat(1_500)).expect("scratch");
    let outcome = call(&client, "read_file", json!({"file": "long.txt"})).await;
    assert!(outcome.text.contains("open below in part: lines 1–20"), "{}", outcome.text);
}

#[tokio::test]
async fn what_is_used_is_told_when_asked() {
    let scene = Scene::new().await;
    scene.put("big", vec![1; 1 << 20]);
    let first = scene.client.usage().await.expect("figures");
    assert!(first.memory_bytes > 0 && first.processes >= 1 && first.workspace_bytes >= 1 << 20, "{first:?}");
    assert_eq!((first.cpu_percent, first.workspace_limit, first.memory_limit), (0.0, None, None));
    scene.call("run_terminal_command", json!({"command": "sleep 60", "background": true})).await;
    let second = scene.client.usage().await.expect("figures");
    assert!(second.processes >= 3, "the shell and what it runs count: {second:?}");
}

#[tokio::test]
async fn a_restart_is_passed_on_to_whoever_runs_the_host() {
    let scene = Scene::new().await;
    let host = scene.host.clone();
    let waiting = tokio::spawn(async move { host.restart_requested().await });
    scene.client.restart().await.expect("accepted");
    tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("told").expect("no panic");
}
