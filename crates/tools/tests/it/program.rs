//! The program itself: flags, Landlock, signals.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use slipway_protocol::sandbox::Confinement;
use slipway_tools::client::{ToolHostClient, accept};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::process::{Child, Command};

use crate::scene::{TOKEN, call};

/// The program and a client to it.
pub(crate) struct Program {
    pub(crate) folder: TempDir,
    /// Where the token is: in a directory of its own, which the program may close.
    secret: tempfile::TempDir,
    child: Child,
    pub(crate) client: ToolHostClient,
}

/// Starts the program and answers its hand-shake.
async fn start(arguments: &[&str]) -> Program {
    let folder = tempfile::tempdir().expect("a scratch directory");
    start_in(folder, Command::new(PROGRAM), arguments).await
}

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_slipway-toolhost");

/// The same in an empty directory, by a command that runs the program with the arguments that are added to it.
pub(crate) async fn start_in(folder: TempDir, mut command: Command, arguments: &[&str]) -> Program {
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("ws")).expect("scratch");
    let secret = tempfile::TempDir::new_in("/var/tmp").expect("a scratch directory");
    let token = secret.path().join("token");
    std::fs::write(&token, format!("{TOKEN}\n")).expect("scratch");
    let listener = UnixListener::bind(path("gateway.sock")).expect("a socket");
    let child = command
        .arg("serve")
        .arg("--gateway")
        .arg(path("gateway.sock"))
        .arg("--token-file")
        .arg(&token)
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
    Program { folder, secret, child, client }
}

impl Program {
    pub(crate) async fn stop(mut self) {
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

/// Tries to get at a secret of the program that started the shell: by its file, in four ways, and in the program's
/// memory, environment and open files. Prints what worked.
const HUNT: &str = r#"
import os, subprocess, sys
token, parent = sys.argv[1], int(sys.argv[2])
def file(path):
    with open(path, "rb") as opened: return opened.read(64)
def moved():
    os.rename(token, os.path.dirname(token) + "-moved")
    return file(os.path.dirname(token) + "-moved")
def linked():
    os.link(token, os.path.dirname(token) + "-linked")
    return file(os.path.dirname(token) + "-linked")
attempts = {
    "the file": lambda: file(token),
    "the file by the root of another process": lambda: file(f"/proc/{os.getppid()}/root{token}"),
    "the file moved": moved,
    "the file linked": linked,
    "the file by another program": lambda: subprocess.run(["cat", token], check=True, capture_output=True).stdout,
    "the memory": lambda: file(f"/proc/{parent}/mem"),
    "the maps": lambda: file(f"/proc/{parent}/maps"),
    "the environment": lambda: file(f"/proc/{parent}/environ"),
    "the open files": lambda: os.listdir(f"/proc/{parent}/fd"),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("WORKED:", name)
    except (OSError, subprocess.CalledProcessError):
        pass
"#;

#[tokio::test]
async fn the_strict_profile_keeps_its_token_from_what_it_starts() {
    let program = start(&["--confinement", "container", "--strict"]).await;
    let token = program.secret.path().join("token");
    let id = program.child.id().expect("it runs");
    std::fs::write(program.folder.path().join("ws/hunt.py"), HUNT).expect("scratch");
    let command = format!(
        "python3 hunt.py {} {id}; echo hunted; mkdir a b && echo moved > a/f && mv a/f b/f && cat b/f /etc/hostname",
        token.display()
    );
    let outcome = call(&program.client, "run_terminal_command", json!({ "command": command })).await;
    assert!(outcome.text.contains("hunted"), "{}", outcome.text);
    let worked: Vec<&str> = outcome.text.lines().filter(|line| line.starts_with("WORKED")).collect();
    // Root may trace every process, also here; in the container nobody may.
    let is_root = nix::unistd::geteuid().is_root();
    let expected = |line: &&str| is_root && !line.contains("the file");
    assert!(worked.iter().all(expected), "{}", outcome.text);
    assert!(outcome.text.contains("moved") && outcome.data["exit_code"] == 0, "{}", outcome.text);
    program.stop().await;
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
