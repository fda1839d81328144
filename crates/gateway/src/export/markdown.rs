//! The form for people.

use slipway_protocol::export::{ConversationExport, ExportedRun};
use slipway_protocol::plan::{Plan, PlanStatus};
use slipway_protocol::transcript::{AssistantStep, ContextChange, Entry, Finish, ToolResult, UserMessage};

use crate::runs::request::date_of;
use crate::store::StoreError;

/// Title, where the file comes from, and what the conversation has used.
pub(super) fn head(export: &ConversationExport) -> String {
    let title = export.conversation.title.trim();
    let usage = &export.conversation.usage;
    let used = match usage.context_tokens() {
        0 => String::new(),
        tokens => format!("Used: {tokens} tokens, {}.\n\n", usage.cost()),
    };
    format!(
        "# {}\n\nExported from Slipway {} on {}.\n\n{used}",
        if title.is_empty() { "Untitled conversation" } else { title },
        export.slipway_version,
        date_of(export.exported_at),
    )
}

/// The beginning of a run.
pub(super) fn run(run: &ExportedRun, number: usize) -> String {
    let mut text =
        format!("---\n\n*Run {number}: {} by {}, {}*\n\n", run.model, run.provider.name, run.status);
    if let Some(problem) = &run.problem {
        text.push_str(&format!("*{problem}*\n\n"));
    }
    text
}

/// An entry, from its JSON.
pub(super) fn entry(body: &str) -> Result<String, StoreError> {
    let entry =
        serde_json::from_str(body).map_err(|source| StoreError::Unreadable { what: "entry", source })?;
    Ok(match entry {
        Entry::User(message) => user(&message),
        Entry::Assistant(step) => assistant(&step),
        Entry::ToolResult(result) => tool_result(&result),
        Entry::Correction(correction) => {
            format!("The arguments were applied as:\n\n{}", fenced(&correction.arguments, "json"))
        }
        Entry::View(view) => format!(
            "*The model is shown {}, version {}, {} lines.*\n\n",
            code(&view.file.path),
            view.version,
            view.file.lines
        ),
        Entry::Notice(notice) => quoted(&format!("Slipway: {}", notice.text)),
        Entry::Handover(handover) => {
            format!(
                "*Linked with conversation {}.*\n\n{}",
                handover.conversation_id,
                quoted(&handover.prompt)
            )
        }
        Entry::ContextChange(change) => context_change(&change),
        Entry::Plan(update) => plan(&update.plan),
    })
}

fn user(message: &UserMessage) -> String {
    let mut text = format!("## Person\n\n{}\n\n", message.text);
    for attachment in &message.attachments {
        text.push_str(&format!("- attached: {} ({})\n", code(&attachment.path), attachment.media_type));
    }
    if !message.attachments.is_empty() {
        text.push('\n');
    }
    text
}

fn assistant(step: &AssistantStep) -> String {
    let mut text = "## Model\n\n".to_owned();
    if !step.reasoning.trim().is_empty() {
        let reasoning = fenced(&step.reasoning, "text");
        text.push_str(&format!("<details><summary>Reasoning</summary>\n\n{reasoning}</details>\n\n"));
    }
    if !step.text.trim().is_empty() {
        text.push_str(&format!("{}\n\n", step.text));
    }
    if step.finish == Finish::Stopped {
        text.push_str("*(stopped here by the person)*\n\n");
    }
    for call in &step.tool_calls {
        text.push_str(&format!("**Call** {}\n\n{}", code(&call.name), fenced(&call.arguments, "json")));
    }
    text
}

fn tool_result(result: &ToolResult) -> String {
    let seconds = result.duration_ms / 1000;
    let tenths = result.duration_ms % 1000 / 100;
    format!(
        "**Result** of {}: {}, {seconds}.{tenths} s\n\n{}",
        code(&result.name),
        result.outcome.status,
        fenced(&result.outcome.text, "text")
    )
}

fn context_change(change: &ContextChange) -> String {
    match change {
        ContextChange::Collapse { views } => {
            format!(
                "*{} superseded views are shown to the model by a line each from here on.*\n\n",
                views.len()
            )
        }
        ContextChange::Evict { paths } => {
            let names: Vec<String> = paths.iter().map(|path| code(path)).collect();
            format!("*Closed to make room: {}.*\n\n", names.join(", "))
        }
        ContextChange::Pin { path } => format!("*Pinned: {}.*\n\n", code(path)),
        ContextChange::Unpin { path } => format!("*Not pinned any more: {}.*\n\n", code(path)),
        ContextChange::Mask { calls } => {
            format!("*{} results are shown to the model in short from here on.*\n\n", calls.len())
        }
        ContextChange::Compact { entries, summary } => {
            format!("*A summary stands for the first {entries} entries from here on.*\n\n{}", quoted(summary))
        }
    }
}

fn plan(plan: &Plan) -> String {
    let mut text = "*The plan:*\n\n".to_owned();
    for step in &plan.steps {
        let mark = if step.status.is_open() { ' ' } else { 'x' };
        let skipped = if step.status == PlanStatus::Skipped { " (skipped)" } else { "" };
        text.push_str(&format!("- [{mark}] {}{skipped}\n", step.text));
    }
    text.push('\n');
    text
}

/// A code block that nothing in the text can end.
fn fenced(text: &str, language: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{newline}{fence}\n\n")
}

/// Inline code that nothing in the text can end.
fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{}{space}{ticks}", text.replace('\n', " "))
}

fn quoted(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("> {line}\n")).collect();
    format!("{lines}\n")
}

/// Most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_end_its_code_block() {
        assert_eq!(fenced("plain\n", "text"), "```text\nplain\n```\n\n");
        assert_eq!(fenced("a ```` b", "json"), "`````json\na ```` b\n`````\n\n");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
    }
}
