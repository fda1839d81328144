//! Two gateways, three engines, a tool host and a database, all of them programs of their own, one of which is killed.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::ConversationSnapshot;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_scripted_model::{Script, Server};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::core_client::{Follower, texts};
use crate::core_engine::LIMIT;
use crate::database;

const TOKEN: &str = "token-of-the-test-with-programs";

const SCRIPT: &str = "
name: test
models: [scripted-test]
turns:
  - when: { user_contains: begin }
    steps:
      - text: First a command.
        tool_calls:
          - name: run_terminal_command
            arguments: { command: echo called >> calls.txt }
      - text: TEXT
        chunk_chars: 4
        chunk_delay_ms: 25
  - when: { user_contains: meanwhile }
    steps:
      - text: one two three four five six seven eight nine ten
        chunk_chars: 2
        chunk_delay_ms: 100
  - when: { user_contains: more }
    steps:
      - text: and that is all
";

/// A program beside the gateway's own.
fn beside(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_slipway-gateway")).with_file_name(name);
    assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
    program
}

fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("NO_COLOR", "1");
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// An engine, and where it listens.
async fn engine() -> (Child, String) {
    let mut child = command(beside("slipway-engine"))
        .args(["--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("the engine tells its address");
        if let Some((_, address)) = line.split_once("address=") {
            break address.trim().to_owned();
        }
    };
    // Whoever writes into a pipe that nobody reads stops at last.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, format!("http://{address}"))
}

struct Program {
    child: Child,
    directory: TempDir,
    url: String,
    http: reqwest::Client,
}

impl Program {
    async fn start(directory: TempDir, database: &str, engines: &str) -> Self {
        let token = directory.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        let mut command = command(env!("CARGO_BIN_EXE_slipway-gateway"));
        command.env("DATABASE_URL", database).env("SLIPWAY_ENGINE_URLS", engines);
        command.env("SLIPWAY_SECRET_KEY", "ab".repeat(32)).env("SLIPWAY_LEASE_SECONDS", "8");
        command.arg("--data-dir").arg(directory.path());
        command.arg("--launcher-token-file").arg(&token).arg("--sandbox-token-file").arg(&token);
        for flag in ["--listen", "--desktop-listen", "--tools-listen"] {
            command.arg(format!("{flag}=127.0.0.1:0"));
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        let url = ready["url"].as_str().unwrap().to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, directory, url, http }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.url)).bearer_auth(TOKEN)
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        let answer = self.request(method, path).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {} {}", answer.status(), answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    async fn conversation(&self) -> String {
        let model = json!({ "model": { "provider_id": "scripted", "model": "scripted-test" } });
        self.send(Method::POST, "/conversations", &model).await["id"].as_str().unwrap().to_owned()
    }

    async fn say(&self, id: &str, text: &str) {
        let body = json!({ "client_id": text, "text": text, "mode": "queue" });
        self.send(Method::POST, &format!("/conversations/{id}/messages"), &body).await;
    }

    async fn follow(&self, id: &str, after: Option<&str>) -> Follower {
        Follower::of(self.request(Method::GET, &format!("/events?topics=conv:{id}")), after).await
    }

    async fn snapshot(&self, id: &str) -> ConversationSnapshot {
        let answer = self.request(Method::GET, &format!("/conversations/{id}")).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn transcript(&self, id: &str) -> Vec<Value> {
        let answer =
            self.request(Method::GET, &format!("/conversations/{id}/transcript")).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn until_attached(&self) {
        let attached = async {
            loop {
                let answer = self.request(Method::GET, "/instance").send().await.unwrap();
                if answer.json::<Value>().await.unwrap()["sandbox"]["attached"] == true {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(3 * LIMIT, attached).await.expect("the tool host attaches");
    }
}

fn tool_host(gateways: &[&Program], workspace: &TempDir, state: &TempDir) -> Child {
    let sockets: Vec<_> = gateways
        .iter()
        .map(|gateway| gateway.directory.path().join("sandbox.sock").display().to_string())
        .collect();
    let mut command = command(beside("slipway-toolhost"));
    command.args(["serve", "--confinement", "none", "--no-desktop", "--gateway", &sockets.join(",")]);
    command.arg("--token-file").arg(gateways[0].directory.path().join("token"));
    command.arg("--workspace").arg(workspace.path()).arg("--state").arg(state.path());
    command.env("HOME", state.path()).spawn().unwrap()
}

#[tokio::test]
async fn another_gateway_takes_over_from_one_that_is_killed() {
    slipway_engine::install_crypto_provider();
    let numbers: String = (0..2_000).map(|number| format!("{number} ")).collect();
    let model =
        Server::start(Script::from_yaml(&SCRIPT.replace("TEXT", numbers.trim())).unwrap()).await.unwrap();
    let engines = [engine().await, engine().await, engine().await];
    let urls = engines.iter().map(|(_, url)| url.clone()).collect::<Vec<_>>().join(",");
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let database = database::url(one.path()).await.expect("PostgreSQL: scripts/postgres COMMAND...");
    let mut first = Program::start(one, &database, &urls).await;
    let second = Program::start(two, &database, &urls).await;
    let (workspace, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let _tools = tool_host(&[&first, &second], &workspace, &state);
    first.until_attached().await;
    second.until_attached().await;
    let provider = json!({
        "profile": "custom", "name": "Test", "base_url": model.base_url(), "models": ["scripted-test"],
    });
    first.send(Method::PUT, "/providers/scripted", &provider).await;

    let id = first.conversation().await;
    let other = second.conversation().await;
    let mut follower = second.follow(&id, None).await;
    let mut undisturbed = second.follow(&other, None).await;
    first.say(&id, "begin").await;
    follower.until_text("20 21 ").await;
    second.say(&other, "meanwhile").await;
    undisturbed.until_text("one").await;
    first.child.kill().await.unwrap();
    let taken_over = async {
        while second.snapshot(&id).await.conversation.status != RunStatus::Stopped {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(6 * LIMIT, taken_over).await.expect("the other gateway takes over");

    let EventBody::RunStatus { problem, .. } = follower.until_status(RunStatus::Stopped).await else {
        panic!("no status")
    };
    assert_eq!(problem.unwrap().code, "gateway_lost");
    let shown = texts(&follower.messages);
    assert_eq!(shown[..2], ["begin", "First a command."]);
    assert!(shown[2].contains("20 21 ") && numbers.starts_with(&shown[2]), "{}", shown[2]);
    assert_eq!(second.snapshot(&id).await.messages, follower.messages);

    second.say(&id, "more").await;
    follower.until_status(RunStatus::Done).await;
    assert_eq!(texts(&follower.messages)[3..], ["more", "and that is all"]);
    undisturbed.until_status(RunStatus::Done).await;
    assert_eq!(texts(&undisturbed.messages)[1], "one two three four five six seven eight nine ten");
    for reader in [&follower, &undisturbed] {
        let seqs: Vec<_> = reader.events.iter().map(|event| event.seq).collect();
        assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
        assert!(!reader.kinds.iter().any(|kind| kind == "reset"));
    }
    let kinds: Vec<Value> = second.transcript(&id).await.iter().map(|entry| entry["type"].clone()).collect();
    assert_eq!(kinds, ["user", "assistant", "tool_result", "assistant", "user", "assistant"]);
    assert_eq!(std::fs::read_to_string(workspace.path().join("calls.txt")).unwrap(), "called\n");

    // Started again, it has all of that, and goes on where the other one's readers are.
    let directory = std::mem::replace(&mut first.directory, tempfile::tempdir().unwrap());
    let again = Program::start(directory, &database, &urls).await;
    let after = second.snapshot(&id).await;
    assert_eq!(again.snapshot(&id).await.messages, after.messages);
    let mut moved = again.follow(&id, Some(&follower.cursor)).await;
    moved.messages = after.messages;
    again.until_attached().await;
    again.say(&id, "once more").await;
    moved.until_status(RunStatus::Done).await;
    assert!(!moved.kinds.iter().any(|kind| kind == "reset"));
    assert_eq!(second.snapshot(&id).await.messages, moved.messages);
}
