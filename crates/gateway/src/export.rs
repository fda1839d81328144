//! Conversations as files: JSON that `slipway replay` plays again, and Markdown for people. Written as it
//! is read, so that a long conversation needs no more memory than a short one.

mod json;
mod markdown;
mod plan;
mod scrub;

use async_stream::try_stream;
use futures::Stream;
use serde::Deserialize;
use slipway_protocol::{ConversationId, MessageId};

use crate::app::AppState;
use crate::store::{self, StoreError};

pub(crate) use plan::{Plan, secrets};
pub(crate) use scrub::Scrubber;

/// Entries that are read at a time.
const PAGE: u32 = 200;

/// What to write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Everything, to be played again.
    #[default]
    Json,
    /// What a person would read.
    Markdown,
}

/// Writes an export piece by piece. What is added to the conversation meanwhile is left out.
pub(crate) fn write(
    app: AppState,
    plan: Plan,
    form: Form,
) -> impl Stream<Item = Result<String, StoreError>> + Send {
    try_stream! {
        let mut writer = Writer::new(form);
        yield writer.begin(&plan)?;
        let mut last = 0;
        while last < plan.entry_count {
            let id = &plan.head.conversation.id;
            let page = page(&app, id, last).await?;
            if page.is_empty() {
                break;
            }
            for entry in page {
                last = entry.ordinal;
                yield writer.entry(&plan, &entry.body)?;
            }
        }
        yield writer.end(&plan)?;
    }
}

async fn page(
    app: &AppState,
    id: &ConversationId,
    after: i64,
) -> Result<Vec<store::export::StoredEntry>, StoreError> {
    let mut connection = app.store.pool().acquire().await?;
    store::export::entries(&mut connection, id, after, PAGE).await
}

/// Puts entries into their runs.
struct Writer {
    form: Form,
    /// The run that is open; `None` before the first.
    run: Option<usize>,
    /// Whether the open run has an entry already.
    has_entries: bool,
}

impl Writer {
    fn new(form: Form) -> Self {
        Self { form, run: None, has_entries: false }
    }

    fn begin(&self, plan: &Plan) -> Result<String, StoreError> {
        match self.form {
            Form::Json => json::head(&plan.head, &plan.scrubber),
            Form::Markdown => Ok(plan.scrubber.clean(&markdown::head(&plan.head))),
        }
    }

    /// The entry, behind the beginnings of the runs up to its own.
    fn entry(&mut self, plan: &Plan, body: &str) -> Result<String, StoreError> {
        let of_message = message_of(body).and_then(|id| plan.run_of.get(&id).copied());
        let mut text = self.advance(plan, of_message.or(self.run).unwrap_or_default())?;
        if self.run.is_none() {
            // Without any run there is nowhere to put it.
            return Ok(text);
        }
        match self.form {
            Form::Json => text.push_str(&json::entry(body, !self.has_entries, &plan.scrubber)?),
            Form::Markdown => text.push_str(&plan.scrubber.clean(&markdown::entry(body)?)),
        }
        self.has_entries = true;
        Ok(text)
    }

    fn end(&mut self, plan: &Plan) -> Result<String, StoreError> {
        let mut text = match plan.runs.len().checked_sub(1) {
            Some(last) => self.advance(plan, last)?,
            None => String::new(),
        };
        if self.form == Form::Json {
            text.push_str(json::end(self.run.is_some()));
        }
        Ok(text)
    }

    /// Opens runs until `wanted` is open; one that is past stays so.
    fn advance(&mut self, plan: &Plan, wanted: usize) -> Result<String, StoreError> {
        let mut text = String::new();
        let next = self.run.map_or(0, |run| run + 1);
        for (index, run) in plan.runs.iter().enumerate().take(wanted.saturating_add(1)).skip(next) {
            match self.form {
                Form::Json => text.push_str(&json::run(run, self.run.is_none(), &plan.scrubber)?),
                Form::Markdown => text.push_str(&plan.scrubber.clean(&markdown::run(run, index + 1))),
            }
            self.run = Some(index);
            self.has_entries = false;
        }
        Ok(text)
    }
}

/// The message that an entry is, if it is one: only those tell which run they belong to. Others follow the
/// message before them.
fn message_of(body: &str) -> Option<MessageId> {
    #[derive(Deserialize)]
    struct Named {
        r#type: String,
        id: Option<MessageId>,
    }
    let named: Named = serde_json::from_str(body).ok()?;
    named.id.filter(|_| matches!(named.r#type.as_str(), "user" | "assistant"))
}
