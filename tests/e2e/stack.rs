//! The instance and the scripted model that the cases share.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use slipway_protocol::api::{ConversationSnapshot, ModelChoice};
use slipway_protocol::message::{PartBody, ToolPart};
use slipway_scripted_model::{Script, Server};
use slipway_tests::{Api, Instance, Mode, repository};

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
        let instance =
            tokio::task::spawn_blocking(move || Instance::start(number, Mode::Containers)).await??;
        let api = instance.api()?;
        let server = Server::start_at(script()?, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
        let base_url = format!("http://host.docker.internal:{}/v1", server.port());
        let model = api.add_provider("script", &base_url, CANARY).await?;
        Ok(Self { instance, api, model, server })
    }

    /// Has the agent run a command in its shell; gives what the model is told of it.
    pub(crate) async fn shell(&self, command: &str) -> anyhow::Result<String> {
        let call = json!({"name": "run_terminal_command", "arguments": {"command": command}});
        let script = json!({"name": "shell", "models": ["scripted"], "turns": [
            {"steps": [{"tool_calls": [call]}, {"text": "done"}]}
        ]});
        let script = Script::from_yaml(&script.to_string())?;
        let server = Server::start_at(script, SocketAddr::from(([0, 0, 0, 0], 0))).await?;
        let base_url = format!("http://host.docker.internal:{}/v1", server.port());
        let model = self.api.add_provider("shell", &base_url, "").await?;
        let snapshot = self.api.run(&model, "Run it.", RUN_LIMIT).await?;
        let tools = tools(&snapshot);
        let tool = tools.first().with_context(|| format!("no call was made: {:?}", snapshot.conversation))?;
        tool.result.clone().context("the call has no result")
    }
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
