//! `subagent`: a question that a child run looks into, with tools that only read.

use schemars::JsonSchema;
use serde::Deserialize;

/// What the model is told.
pub(super) const DESCRIPTION: &str = "\
Has a sub-agent look into a question and gives you its report. It works by itself with the tools that only \
read (files, listings, searches, the web), changes nothing, sees nothing of this conversation and cannot ask \
back. Worth it for questions that take much reading of which you need only the answer. Several calls in one \
answer run at the same time.";

/// Most characters of a task.
const MOST_TASK: usize = 20_000;

/// Most characters of a title; the person sees it.
const MOST_TITLE: usize = 80;

/// Its arguments.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Subagent {
    /// A few words that name it for the person.
    #[serde(default)]
    title: String,
    /// What to find out, everything that it must know for that (paths, names, what you know already), and
    /// what the report must contain.
    task: String,
}

/// What a sub-agent is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    /// Its name for the person; may be empty.
    pub(crate) title: String,
    /// All that it is told.
    pub(crate) text: String,
}

/// The task that the call gives.
///
/// # Errors
/// It cannot be done; what is wrong, for the model.
pub(super) fn task(arguments: &Subagent) -> Result<Task, String> {
    let text = arguments.task.trim().to_owned();
    let length = text.chars().count();
    if length == 0 || length > MOST_TASK {
        return Err(format!("The task has {length} characters; 1 to {MOST_TASK} are possible."));
    }
    let title = arguments.title.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Task { title: title.chars().take(MOST_TITLE).collect(), text })
}
