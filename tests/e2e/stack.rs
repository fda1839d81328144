//! The instance and the scripted model that the cases share.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use slipway_protocol::api::{ConversationSnapshot, ModelChoice};
use slipway_protocol::message::{PartBody, ToolPart};
use slipway_scripted_model::{Script, Server};
use slipway_tests::{Api, Instance, Mode, docker, repository};

/// Longest wait for a run that does little.
pub(crate) const RUN_LIMIT: Duration = Duration::from_secs(60);

/// The provider key of the shared instance; must be found nowhere in the sandbox.
pub(crate) const CANARY: &str = "sk-canary-4f9c2e71d08b4a63";

/// One instance in containers and its model.
pub(crate) struct Stack {
    pub(crate) instance: Instance,
    pub(crate) api: Api,
    pub(crate) model: ModelChoice,
    pub(crate) server: Server,
}

impl Stack {
    /// Starts instance `number` with a scripted model of its own.
    pub(crate) async fn start(number: u32) -> anyhow::Result<Self> {
        Self::start_with(number, &[], None).await
    }

    /// The same with more in the environment, and with a workspace of the user `owner`.
    pub(crate) async fn start_with(
        number: u32,
        environment: &[(&str, &str)],
        owner: Option<u32>,
    ) -> anyhow::Result<Self> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment: Vec<(String, String)> = environment.collect();
        let start = move || Instance::start_with(number, Mode::Containers, environment, owner);
        let instance = tokio::task::spawn_blocking(start).await??;
        let api = instance.api()?;
        let server = Server::start_at(script()?, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
        let model = api.add_provider("script", &provider_url(&server), CANARY).await?;
        Ok(Self { instance, api, model, server })
    }

    /// The address by which the gateway's container reaches this machine. Asked there: Docker itself does not tell it of
    /// a bridge that it has just made.
    pub(crate) fn this_machine(&self) -> anyhow::Result<String> {
        let known = docker(&["exec", &self.instance.control(), "getent", "hosts", "host.docker.internal"])?;
        Ok(known.split_whitespace().next().context("host.docker.internal has no address")?.to_owned())
    }

    /// Has the agent run a command in its shell; gives what the model is told of it.
    pub(crate) async fn shell(&self, command: &str) -> anyhow::Result<String> {
        let call = json!({"name": "run_terminal_command", "arguments": {"command": command}});
        let results = self.calls(&[call]).await?;
        let tool = results.first().context("one call")?;
        tool.result.clone().with_context(|| format!("no result: {tool:?}"))
    }

    /// Has the agent make calls, each `{"name": …, "arguments": …}`, one a step; gives what became of them.
    pub(crate) async fn calls(&self, calls: &[Value]) -> anyhow::Result<Vec<ToolPart>> {
        // One at a time, so that one can rely on those before it; at most twenty-five steps a run.
        let mut results = Vec::new();
        for some in calls.chunks(25) {
            results.extend(self.some_calls(some).await?);
        }
        Ok(results)
    }

    async fn some_calls(&self, calls: &[Value]) -> anyhow::Result<Vec<ToolPart>> {
        let steps: Vec<Value> = calls.iter().map(|call| json!({"tool_calls": [call]})).collect();
        let steps: Vec<Value> = steps.into_iter().chain([json!({"text": "done"})]).collect();
        let script = json!({"name": "shell", "models": ["scripted"], "turns": [{"steps": steps}]});
        let script = Script::from_yaml(&script.to_string())?;
        let server = Server::start_at(script, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
        let model = self.api.add_provider("shell", &provider_url(&server), "").await?;
        let snapshot = self.api.run(&model, "Run it.", RUN_LIMIT).await?;
        let tools: Vec<ToolPart> = tools(&snapshot).into_iter().cloned().collect();
        ensure!(
            tools.len() == calls.len(),
            "{} of {} calls: {:?}",
            tools.len(),
            calls.len(),
            snapshot.conversation
        );
        Ok(tools)
    }
}

/// Where the gateway's container reaches a scripted model of this machine.
pub(crate) fn provider_url(server: &Server) -> String {
    format!("http://host.docker.internal:{}/v1", server.port())
}

/// What the model answers; the key is the canary.
pub(crate) fn script() -> anyhow::Result<Script> {
    let path = repository().join("tests/scripts/e2e.yaml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut script = Script::from_yaml(&text)?;
    script.api_key = Some(CANARY.to_owned());
    Ok(script)
}

/// The tool calls of a conversation, in order.
pub(crate) fn tools(snapshot: &ConversationSnapshot) -> Vec<&ToolPart> {
    let parts = snapshot.messages.iter().flat_map(|message| &message.parts);
    parts
        .filter_map(|part| match &part.body {
            PartBody::Tool(tool) => Some(&**tool),
            _ => None,
        })
        .collect()
}

/// All visible text of the model, joined.
pub(crate) fn said(snapshot: &ConversationSnapshot) -> String {
    let parts = snapshot.messages.iter().skip(1).flat_map(|message| &message.parts);
    let texts = parts.filter_map(|part| match &part.body {
        PartBody::Text { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}
