//! What is to be told, written in the transaction of what it tells.

use serde_json::{Value, json};
use slipway_protocol::api::WebhookEvent;
use slipway_protocol::budget::NearBudget;
use slipway_protocol::event::RunStatus;
use slipway_protocol::{ConversationId, DeliveryId, Problem, RunId, WebhookId};

use crate::store::{StoreError, Write, deliveries, ownership, webhooks};

/// What became of a run.
#[derive(Debug)]
pub(crate) struct RunNews<'a> {
    /// Which kind of news it is.
    pub(crate) event: WebhookEvent,
    /// The conversation.
    pub(crate) conversation_id: &'a ConversationId,
    /// The run.
    pub(crate) run_id: &'a RunId,
    /// How it stands now.
    pub(crate) status: RunStatus,
    /// Why it stands so.
    pub(crate) problem: Option<&'a Problem>,
    /// The budget that is nearly used up, if that is the news.
    pub(crate) budget: Option<&'a NearBudget>,
    /// Where the person sees it.
    pub(crate) url: String,
}

impl RunNews<'_> {
    /// No words of the conversation, and of a problem only what is the same every time: its detail may quote
    /// others.
    fn data(&self) -> Value {
        let problem = self.problem.map(|problem| json!({ "code": problem.code, "title": problem.title }));
        let mut data = json!({
            "conversation_id": self.conversation_id,
            "run_id": self.run_id,
            "status": self.status,
            "problem": problem,
            "url": self.url,
        });
        if let (Some(budget), Some(fields)) = (self.budget, data.as_object_mut()) {
            fields.insert("budget".to_owned(), json!(budget));
        }
        data
    }
}

/// Writes what each webhook that wants it is to be told; tells whether there is any.
///
/// # Errors
/// When the database fails.
pub(crate) async fn tell(write: &mut Write, news: &RunNews<'_>) -> Result<bool, StoreError> {
    let mut told = false;
    let Some(owner) = ownership::owner(write.connection(), news.conversation_id).await? else {
        return Ok(false);
    };
    for stored in webhooks::of(write.connection(), &owner).await? {
        let webhook = stored.webhook;
        if webhook.enabled && webhook.events.contains(&news.event) {
            let body = body(news.event, write.now(), &news.data());
            deliveries::add(write, &webhook.id, news.event, &body).await?;
            told = true;
        }
    }
    Ok(told)
}

/// Writes a message that shows whether messages arrive.
///
/// # Errors
/// When the database fails.
pub(crate) async fn test(write: &mut Write, webhook_id: &WebhookId) -> Result<DeliveryId, StoreError> {
    let data = json!({ "webhook_id": webhook_id });
    let body = body(WebhookEvent::Test, write.now(), &data);
    deliveries::add(write, webhook_id, WebhookEvent::Test, &body).await
}

fn body(event: WebhookEvent, at: i64, data: &Value) -> String {
    json!({ "type": event, "at": at, "data": data }).to_string()
}
