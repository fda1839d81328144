//! What is known of an export before its first entry is read.

use std::collections::HashMap;

use secrecy::ExposeSecret;
use slipway_protocol::api::{Provider, ProviderOrigin};
use slipway_protocol::export::{
    ConversationExport, ExportedConversation, ExportedProvider, ExportedRun, FORMAT, VERSION,
};
use slipway_protocol::{ConversationId, MessageId};

use super::scrub::Scrubber;
use crate::api::ApiError;
use crate::app::AppState;
use crate::providers;
use crate::runs::request::{Conditions, conditions};
use crate::store::conversations::StoredConversation;
use crate::store::export::StoredRun;
use crate::store::{self, conversations, now_ms};

/// What no export holds.
const NOT_RECORDED: [&str; 3] = [
    "the files of the workspace at the start: give `slipway replay` a copy with --workspace",
    "output of commands beyond what their results show",
    "the provider's address, its key and extra fields of its requests",
];
/// What is replaced where the tools run on the person's machine.
const WORKSPACE_PATH: &str = "the workspace's path on the machine: it reads /workspace";

/// Everything but the entries.
pub(crate) struct Plan {
    /// Without runs.
    pub(super) head: ConversationExport,
    /// Without entries.
    pub(super) runs: Vec<ExportedRun>,
    /// Place among the runs of each message that has one.
    pub(super) run_of: HashMap<MessageId, usize>,
    /// How many entries to write.
    pub(super) entry_count: i64,
    pub(super) scrubber: Scrubber,
}

impl Plan {
    /// The plan for a conversation as it is now.
    ///
    /// # Errors
    /// When there is no such conversation or the database fails.
    pub(crate) async fn of(app: &AppState, id: &ConversationId) -> Result<Self, ApiError> {
        let mut moment = app.store.read().await?;
        let Some(stored) = conversations::get(&mut moment, id).await? else {
            return Err(ApiError::not_found("conversation", id));
        };
        let stored_runs = store::export::runs(&mut moment, id).await?;
        let run_of_message = store::export::runs_of_messages(&mut moment, id).await?;
        let entry_count = store::export::entry_count(&mut moment, id).await?;
        drop(moment);

        let configured = providers::all(app).await?;
        let conditions = conditions(app, &stored.conversation).await?;
        let secrets = secrets(app, &configured);
        let known: Vec<Provider> = configured.into_iter().map(|known| known.provider).collect();
        let places: HashMap<_, _> =
            stored_runs.iter().enumerate().map(|(place, run)| (run.id.clone(), place)).collect();
        let run_of = run_of_message
            .into_iter()
            .filter_map(|(message, run)| Some((message, *places.get(&run)?)))
            .collect();
        Ok(Self {
            scrubber: Scrubber::new(&secrets, &conditions.prompt.workspace),
            head: head(stored, conditions),
            runs: stored_runs.into_iter().map(|run| exported(run, &known)).collect(),
            run_of,
            entry_count,
        })
    }

    /// A name for the file, without an ending.
    pub(crate) fn file_name(&self) -> String {
        let title = self.scrubber.clean(&self.head.conversation.title).to_lowercase();
        let words = title.split(|character: char| !character.is_ascii_alphanumeric());
        let name = words.filter(|word| !word.is_empty()).take(8).collect::<Vec<_>>().join("-");
        if name.is_empty() { "slipway-conversation".to_owned() } else { format!("slipway-{name}") }
    }
}

fn head(stored: StoredConversation, conditions: Conditions) -> ConversationExport {
    let StoredConversation { conversation, usage, context, .. } = stored;
    let hides_path = !conditions.prompt.container;
    let not_recorded = NOT_RECORDED.into_iter().chain(hides_path.then_some(WORKSPACE_PATH));
    ConversationExport {
        format: FORMAT.to_owned(),
        version: VERSION,
        slipway_version: env!("CARGO_PKG_VERSION").to_owned(),
        exported_at: now_ms(),
        conversation: ExportedConversation {
            id: conversation.id,
            title: conversation.title,
            status: conversation.status,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            usage,
        },
        limits: conditions.limits,
        context_mode: conditions.context_mode,
        context_limit: context.limit,
        prompt: conditions.prompt,
        not_recorded: not_recorded.map(str::to_owned).collect(),
        runs: Vec::new(),
    }
}

fn exported(run: StoredRun, known: &[Provider]) -> ExportedRun {
    let id = run.model.provider_id;
    let configured = match known.iter().find(|provider| provider.id == id) {
        Some(provider) => ExportedProvider {
            id,
            name: provider.name.clone(),
            profile: provider.profile.clone(),
            scripted: provider.scripted,
        },
        None => ExportedProvider { name: id.to_string(), id, profile: "custom".to_owned(), scripted: false },
    };
    ExportedRun {
        id: run.id,
        provider: run.imported_provider.unwrap_or(configured),
        model: run.model.model,
        status: run.status,
        problem: run.problem,
        started_at: run.started_at,
        ended_at: run.ended_at,
        entries: Vec::new(),
    }
}

/// All secrets that the gateway knows: somebody may have pasted one into a message, or a tool printed it.
pub(crate) fn secrets(app: &AppState, configured: &[providers::Configured]) -> Vec<String> {
    let with_keys = configured.iter().filter(|known| known.provider.origin != ProviderOrigin::BuiltIn);
    let keys = with_keys.filter_map(|known| match known.key(app) {
        Ok(key) => Some(key?.expose_secret().to_owned()),
        Err(error) => {
            tracing::warn!(provider_id = %known.provider.id, %error, "a key cannot be looked for");
            None
        }
    });
    let config = &app.config;
    let own = [Some(&config.launcher_token), Some(&config.sandbox_token), config.secret_key.as_ref()];
    let environment = config.provider_keys.values();
    let others = own.into_iter().flatten().chain(environment).map(|secret| secret.expose_secret().to_owned());
    keys.chain(others).collect()
}
