//! What the model is shown of its files: the real gateway, engine, tool host and shell, and a scripted model.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::event::RunStatus;
use slipway_protocol::sandbox::{Channel, Confinement};
use slipway_scripted_model::{Script, Server};
use slipway_tools::host::{Credentials, Host, HostOptions, attach};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use crate::core_client::Follower;
use crate::core_engine::LIMIT;
use crate::harness::TestGateway;

/// Everything that takes part in a run. Ends when it is dropped.
pub(crate) struct Whole {
    pub(crate) gateway: TestGateway,
    pub(crate) model: Server,
    pub(crate) workspace: tempfile::TempDir,
    pub(crate) conversation: ConversationId,
    _stop: tokio_util::sync::DropGuard,
}

impl Whole {
    pub(crate) async fn new(script: &str) -> Self {
        let gateway = TestGateway::start().await;
        let model = Server::start(Script::from_yaml(script).unwrap()).await.unwrap();
        let workspace = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        attach_host(&gateway, workspace.path(), stop.clone()).await;
        let provider = json!({
            "profile": "custom", "name": "Test", "base_url": model.base_url(), "models": ["scripted-test"],
        });
        let (status, answer) = gateway.send(Method::PUT, "/api/v1/providers/scripted", &provider).await;
        assert_eq!(status, 200, "{answer}");
        let body = json!({ "model": { "provider_id": "scripted", "model": "scripted-test" } });
        let (status, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &body).await;
        assert_eq!(status, 201, "{conversation}");
        let conversation = conversation["id"].as_str().unwrap().into();
        Self { gateway, model, workspace, conversation, _stop: stop.drop_guard() }
    }

    /// Sends a message and waits until its run is done.
    pub(crate) async fn run(&self, text: &str) {
        let mut follower = Follower::open(&self.gateway, &self.conversation, None).await;
        let body = json!({ "client_id": text, "text": text });
        let path = format!("/api/v1/conversations/{}/messages", self.conversation);
        let (status, answer) = self.gateway.send(Method::POST, &path, &body).await;
        assert_eq!(status, 202, "{answer}");
        follower.until_status(RunStatus::Done).await;
    }

    /// What the model was sent with the request of this number, from 0, but for the system prompt.
    fn sent(&self, number: usize) -> Vec<String> {
        let requests = self.model.requests();
        let messages = requests[number].body["messages"].as_array().unwrap();
        let said = messages.iter().filter(|message| message["role"] != "system");
        said.filter_map(|message| message["content"].as_str().map(str::to_owned)).collect()
    }
}

/// Attaches a real tool host with a workspace of its own.
async fn attach_host(gateway: &TestGateway, workspace: &std::path::Path, stop: CancellationToken) {
    let host = Host::new(HostOptions {
        workspace: Workspace::open(&workspace.canonicalize().unwrap()).unwrap(),
        confinement: Confinement::None,
        state_directory: gateway.directory.path().to_owned(),
        environment: inheritable(std::env::vars_os()),
        display: None,
        workspace_limit: None,
        command_patience: std::time::Duration::from_secs(120),
        desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
        bounds: slipway_tools::bounds::Bounds::default(),
        fetch: None,
    });
    let host = host.unwrap();
    let stream = UnixStream::connect(gateway.directory.path().join("sandbox.sock")).await.unwrap();
    let credentials =
        Credentials { sandbox_id: "default".into(), token: "sandbox-token-of-the-test".to_owned() };
    let io = attach(stream, &credentials, Channel::Tools).await.unwrap();
    tokio::spawn(async move { host.serve(io, &stop).await.ok() });
    assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
}

const LARGE: &str = "
name: test
models: [scripted-test]
turns:
  - steps:
      - tool_calls: [{name: read_file, arguments: {file: large.txt, start_line: 1000, end_line: 1002}}]
      - tool_calls: [{name: run_terminal_command, arguments: {command: \"sed -i -e '4001s/.*/by a command/' -e 1d large.txt\"}}]
      - text: done
";

#[tokio::test]
async fn a_command_that_changes_a_large_file_beyond_its_windows_is_shown_to_the_model() {
    let whole = Whole::new(LARGE).await;
    let lines: String = (1..=5_000).map(|line| format!("line {line}\n")).collect();
    std::fs::write(whole.workspace.path().join("large.txt"), lines).unwrap();
    whole.run("go").await;
    let before = whole.sent(1).concat();
    assert!(before.contains("\n1000\tline 1000\n") && !before.contains("line 4000"), "{before}");
    let after = whole.sent(2).pop().unwrap();
    for line in ["\n999\tline 1000\n", "\n3999\tline 4000\n4000\tby a command\n4001\tline 4002\n"] {
        assert!(after.contains(line), "{line:?} in {after}");
    }
}

const TWICE: &str = "
name: test
models: [scripted-test]
turns:
  - steps: &steps
      - tool_calls: [{name: write_file, arguments: {file: a.txt, content: one}}]
      - tool_calls: [{name: write_file, arguments: {file: b.txt, content: two}}]
      - text: done
  - steps: *steps
";

#[tokio::test]
async fn how_files_are_laid_out_is_a_setting_that_holds_from_the_next_run_on() {
    let whole = Whole::new(TWICE).await;
    let shown = |number: usize| -> Vec<(bool, bool)> {
        let shows = |message: &String| {
            ["a.txt", "b.txt"].map(|name| message.contains(&format!("<file path=\"{name}\"")))
        };
        whole.sent(number).iter().map(shows).filter(|[a, b]| *a || *b).map(|[a, b]| (a, b)).collect()
    };
    whole.run("first").await;
    assert_eq!(shown(2), [(true, false), (false, true)], "each file where it was shown last");

    let body = json!({ "context_mode": "consolidated" });
    let (status, settings) = whole.gateway.send(Method::PATCH, "/api/v1/settings", &body).await;
    assert_eq!((status, &settings["context_mode"]), (200, &json!("consolidated")));
    whole.run("second").await;
    assert_eq!(shown(5), [(true, true)], "all together");
    let path = format!("/api/v1/conversations/{}/export", whole.conversation);
    let exported: Value = whole.gateway.get(&path).await;
    assert_eq!(exported["context_mode"], "consolidated");
}
