//! The program itself: flags, Landlock, signals.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use slipway_protocol::sandbox::Confinement;
use slipway_tools::client::{ToolHostClient, accept};
use tokio::net::UnixListener;
use tokio::process::{Child, Command};

use crate::scene::{TOKEN, call};

struct Program {
    folder: tempfile::TempDir,
    child: Child,
    client: ToolHostClient,
}

/// Starts the program and answers its hand-shake.
async fn start(arguments: &[&str]) -> Program {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("ws")).expect("scratch");
    std::fs::write(path("token"), format!("{TOKEN}\n")).expect("scratch");
    let listener = UnixListener::bind(path("gateway.sock")).expect("a socket");
    let child = Command::new(env!("CARGO_BIN_EXE_slipway-toolhost"))
        .arg("serve")
        .arg("--gateway")
        .arg(path("gateway.sock"))
        .arg("--token-file")
        .arg(path("token"))
        .arg("--workspace")
        .arg(path("ws"))
        .arg("--no-desktop")
        .args(arguments)
        .env_remove("XDG_RUNTIME_DIR")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let (io, _) = listener.accept().await.expect("it dials");
    let (_, hello, io) = accept(io, |_| Ok(())).await.expect("a hand-shake");
    assert_eq!(hello.token, TOKEN, "without the newline of the file");
    let (client, connection) = ToolHostClient::connect(io).await.expect("HTTP/2");
    tokio::spawn(connection);
    Program { folder, child, client }
}

impl Program {
    async fn stop(mut self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("it runs");
        let ended = tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await;
        let status = ended.expect("it ends in time").expect("it ends");
        assert!(status.success(), "{status}");
    }
}

#[tokio::test]
async fn terminating_it_ends_its_shells() {
    let program = start(&["--confinement", "none"]).await;
    assert_eq!(program.client.status().await.expect("an answer").confinement, Confinement::None);
    let command = json!({"command": "sleep 1000 & echo $$ $!"});
    let outcome = call(&program.client, "run_terminal_command", command).await;
    let ids: Vec<String> = outcome
        .text
        .split_whitespace()
        .filter(|word| word.parse::<u32>().is_ok_and(|id| id > 100))
        .map(str::to_owned)
        .collect();
    assert!(ids.len() >= 2, "{}", outcome.text);
    program.stop().await;
    for id in ids {
        let command =
            std::fs::read_to_string(Path::new("/proc").join(&id).join("cmdline")).unwrap_or_default();
        assert!(!command.contains("sleep") && !command.contains("bash"), "{id} lives on: {command}");
    }
}

#[tokio::test]
async fn landlock_keeps_commands_in_the_workspace() {
    let program = start(&["--confinement", "landlock"]).await;
    if program.client.status().await.expect("an answer").confinement != Confinement::Landlock {
        // This kernel has no Landlock; that the status says so is all there is to check.
        return program.stop().await;
    }
    // Not below /tmp, where everybody may write, nor below this checkout, which may lie there.
    let elsewhere = tempfile::TempDir::new_in("/var/tmp").expect("a directory");
    let outside = elsewhere.path().join("file");
    let command =
        format!("echo x > inside && cat inside /etc/hostname > /dev/null; echo x > {}", outside.display());
    let outcome = call(&program.client, "run_terminal_command", json!({ "command": command })).await;
    assert_ne!(outcome.data["exit_code"], 0, "{}", outcome.text);
    assert!(program.folder.path().join("ws/inside").exists(), "{}", outcome.text);
    assert!(!outside.exists(), "{}", outcome.text);
    program.stop().await;
}
