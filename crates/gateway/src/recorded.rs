//! A recorded conversation as the model: its answers are given again over the usual interface, so that a
//! bug report can be reproduced without a key. Run `n` is played by the provider `run-<n>`.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Map;
use slipway_protocol::ProviderId;
use slipway_protocol::api::{Provider, ProviderOrigin};
use slipway_protocol::cost::Payment;
use slipway_protocol::export::{ConversationExport, ExportedRun, FORMAT, VERSION, provider_of_run};
use slipway_protocol::transcript::{AssistantStep, ContextChange, Entry, Finish};
use slipway_protocol::usage::{Usage, UsageSource};
use slipway_scripted_model::recording::{
    AnswerKind, RecordedAnswer, RecordedRun, Recording, RecordingServer,
};
use slipway_scripted_model::script::{Arguments, Reply, ScriptedCall, ScriptedUsage};

/// Characters in a piece of an answer: it is there at once, so small pieces would only cost time.
const CHUNK_CHARS: usize = 4096;

/// Plays the answers; stops when dropped.
#[derive(Debug)]
pub struct RecordedModel {
    server: RecordingServer,
    /// Without addresses.
    providers: Vec<Provider>,
    /// The window of the model that answered last, which nobody can be asked for any more.
    window: Option<(String, u64)>,
}

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It cannot be read.
    #[error("cannot read the recording {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no exported conversation.
    #[error("{} is not an exported conversation of this version of Slipway: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Its server cannot be started.
    #[error("cannot start the recorded model: {0}")]
    Server(#[source] io::Error),
}

impl RecordedModel {
    /// Reads an exported conversation and starts its server on a loopback port.
    ///
    /// # Errors
    /// When the file cannot be read, is no export, or no port can be had.
    pub async fn start(path: &Path) -> Result<Self, RecordingError> {
        let text = tokio::fs::read(path)
            .await
            .map_err(|source| RecordingError::Unreadable { path: path.to_owned(), source })?;
        let malformed = |reason: String| RecordingError::Malformed { path: path.to_owned(), reason };
        let export: ConversationExport =
            serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
        if export.format != FORMAT || export.version > VERSION {
            return Err(malformed(format!("its format is {} {}", export.format, export.version)));
        }
        let providers = export.runs.iter().enumerate().map(|(index, run)| provider(index + 1, run)).collect();
        let server = RecordingServer::start(recording(&export)).await.map_err(RecordingError::Server)?;
        let last = export.runs.last().map(|run| run.model.clone());
        Ok(Self { server, providers, window: last.zip(export.context_limit) })
    }

    /// The window of a model as it was known when it was recorded, in tokens.
    pub fn window(&self, model: &str) -> Option<u64> {
        self.window.as_ref().filter(|(name, _)| name == model).map(|(_, window)| *window)
    }

    /// One provider for each run.
    pub fn providers(&self) -> impl Iterator<Item = Provider> {
        self.providers.iter().enumerate().map(|(index, provider)| Provider {
            base_url: self.server.base_url(index + 1),
            ..provider.clone()
        })
    }
}

fn provider(number: usize, run: &ExportedRun) -> Provider {
    // The profile decides how the transcript is shown to the model; one that only this version lacks must not
    // keep the tools from being tried.
    let is_known = slipway_engine::profiles().iter().any(|profile| profile.name == run.provider.profile);
    Provider {
        id: ProviderId::from(provider_of_run(number)),
        profile: if is_known { run.provider.profile.clone() } else { "custom".to_owned() },
        name: format!("Recorded run {number} ({})", run.provider.name),
        base_url: String::new(),
        has_key: false,
        models: vec![run.model.clone()],
        scripted: true,
        origin: ProviderOrigin::BuiltIn,
        extra_body: Map::new(),
        sees: None,
        payment: Payment::ByUse,
    }
}

/// What the model answered, run by run.
fn recording(export: &ConversationExport) -> Recording {
    let runs = export.runs.iter().map(|run| RecordedRun {
        message: run.entries.iter().find_map(|entry| match entry {
            Entry::User(message) => Some(message.text.clone()),
            _ => None,
        }),
        answers: run.entries.iter().filter_map(answer).collect(),
    });
    Recording { runs: runs.collect() }
}

fn answer(entry: &Entry) -> Option<RecordedAnswer> {
    match entry {
        Entry::Assistant(step) => {
            let kind = if step.finish == Finish::Stopped { AnswerKind::Cut } else { AnswerKind::Whole };
            Some(RecordedAnswer { reply: reply(step), kind })
        }
        Entry::ContextChange(ContextChange::Compact { summary, .. }) => {
            let reply = Reply { text: summary.clone(), chunk_chars: CHUNK_CHARS, ..Reply::default() };
            Some(RecordedAnswer { reply, kind: AnswerKind::Aside })
        }
        _ => None,
    }
}

fn reply(step: &AssistantStep) -> Reply {
    let calls = step.tool_calls.iter().map(|call| ScriptedCall {
        id: Some(call.id.to_string()),
        name: call.name.clone(),
        arguments: Arguments::Text(call.arguments.clone()),
        extra: call.opaque.clone(),
    });
    Reply {
        text: step.text.clone(),
        reasoning: step.reasoning.clone(),
        tool_calls: calls.collect(),
        finish: finish_name(&step.finish),
        usage: step.usage.and_then(usage),
        model: Some(step.model.clone()),
        chunk_chars: CHUNK_CHARS,
        extra: step.opaque.clone(),
        ..Reply::default()
    }
}

/// The word on the wire; `None` for what follows from the answer.
fn finish_name(finish: &Finish) -> Option<String> {
    match finish {
        Finish::Stop => Some("stop".to_owned()),
        Finish::ToolCalls => Some("tool_calls".to_owned()),
        Finish::Length => Some("length".to_owned()),
        Finish::Filtered => Some("content_filter".to_owned()),
        Finish::Stopped => None,
        Finish::Other(reason) => Some(reason.clone()),
    }
}

/// The provider's own figures; an estimate is made anew.
fn usage(usage: Usage) -> Option<ScriptedUsage> {
    (usage.source == UsageSource::Reported).then(|| ScriptedUsage {
        prompt: usage.prompt_tokens(),
        completion: usage.output + usage.reasoning,
        cached: usage.cached,
        reasoning: usage.reasoning,
    })
}
