//! A conversation as a file: what happened in it, complete enough to be played again without a model
//! (`slipway replay`). The format only ever gains fields; readers ignore those that they do not know.

use serde::{Deserialize, Serialize};

use crate::event::RunStatus;
use crate::id::{ConversationId, ProviderId, RunId};
use crate::problem::Problem;
use crate::run::{ContextMode, PromptFacts, RunLimits};
use crate::transcript::Entry;
use crate::usage::Usage;

/// Value of [`ConversationExport::format`].
pub const FORMAT: &str = "slipway.conversation";
/// Newest version of the format.
pub const VERSION: u32 = 1;
/// How the workspace's path reads in an export, whatever it is on the machine that wrote it.
pub const WORKSPACE: &str = "/workspace";

/// `GET /conversations/{id}/export`: an exported conversation. Holds no key, no provider's address and no
/// path of the host that Slipway itself knows of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConversationExport {
    /// Always `slipway.conversation`.
    pub format: String,
    /// Version of the format, from 1.
    pub version: u32,
    /// The Slipway that wrote it.
    pub slipway_version: String,
    /// When it was written.
    pub exported_at: i64,
    /// The conversation itself.
    pub conversation: ExportedConversation,
    /// When runs end by themselves.
    pub limits: RunLimits,
    /// How open files are laid out in the context.
    pub context_mode: ContextMode,
    /// The window of the model that answered last, in tokens, if it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_limit: Option<u64>,
    /// What the system prompt states.
    pub prompt: PromptFacts,
    /// What an exact repetition would need and the file does not hold, in words.
    pub not_recorded: Vec<String>,
    /// What happened, run by run. The last field, so that a writer need not hold all of it.
    pub runs: Vec<ExportedRun>,
}

/// A conversation's metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportedConversation {
    /// Its id.
    pub id: ConversationId,
    /// Its name.
    pub title: String,
    /// Where its run stood.
    pub status: RunStatus,
    /// When it was created.
    pub created_at: i64,
    /// When anything last happened in it.
    pub updated_at: i64,
    /// Consumption of all its model calls.
    pub usage: Usage,
}

/// One run with the entries that it added to the transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportedRun {
    /// Its id.
    pub id: RunId,
    /// Who was asked.
    pub provider: ExportedProvider,
    /// The provider's name for the model that was asked.
    pub model: String,
    /// How it ended, or that it went on.
    pub status: RunStatus,
    /// Why it ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// Its entries, oldest first. A user's message is the first one, unless the run only continued.
    pub entries: Vec<Entry>,
}

/// A provider without its address and key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportedProvider {
    /// Its id in the instance.
    pub id: ProviderId,
    /// Its name for people; its id when it had been removed.
    pub name: String,
    /// Name of its profile (quirks, prices); `custom` when it had been removed.
    pub profile: String,
    /// Whether it was a script, not a model.
    pub scripted: bool,
}

/// Id of the provider that plays run `number` (from 1) of a recording.
pub fn provider_of_run(number: usize) -> String {
    format!("run-{number}")
}

/// `text` with the path `from` replaced by `to` wherever it stands for itself: as a whole path or as the
/// beginning of a longer one, not in the middle of another name.
pub fn replace_path(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() {
        return text.to_owned();
    }
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(from) {
        let (before, found) = rest.split_at(start);
        let after = found.get(from.len()..).unwrap_or_default();
        replaced.push_str(before);
        let goes_on = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
        let is_whole = !after.starts_with(goes_on)
            && !replaced.ends_with(|character: char| goes_on(character) || character == '.');
        replaced.push_str(if is_whole { to } else { from });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_paths_are_replaced() {
        for (text, expected) in [
            ("cd /home/jane/app && ls /home/jane/app/src", "cd /w && ls /w/src"),
            ("file:///home/jane/app.", "file:///w."),
            ("/home/jane/app2 /home/jane/app-old", "/home/jane/app2 /home/jane/app-old"),
            ("/mnt/home/jane/app ./home/jane/app", "/mnt/home/jane/app ./home/jane/app"),
            ("", ""),
        ] {
            assert_eq!(replace_path(text, "/home/jane/app", "/w"), expected);
        }
        assert_eq!(replace_path("a", "", "b"), "a");
    }
}
