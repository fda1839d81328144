//! Programs elsewhere that are told what happens here.

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, WebhookId};

/// What a webhook can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum WebhookEvent {
    /// A run is done.
    #[serde(rename = "run.finished")]
    RunFinished,
    /// The model has asked the person something and waits.
    #[serde(rename = "run.needs_input")]
    RunNeedsInput,
    /// A run could not go on.
    #[serde(rename = "run.failed")]
    RunFailed,
    /// Four fifths of a budget of tokens or money are used.
    #[serde(rename = "budget.near")]
    BudgetNear,
    /// A run has reached a limit: steps, tokens, money or time.
    #[serde(rename = "budget.reached")]
    BudgetReached,
    /// Somebody tries whether messages arrive. Needs not be asked for.
    #[serde(rename = "webhook.test")]
    Test,
}

impl WebhookEvent {
    /// All that can be asked for.
    pub const ALL: [Self; 5] =
        [Self::RunFinished, Self::RunNeedsInput, Self::RunFailed, Self::BudgetNear, Self::BudgetReached];
}

/// A webhook. Its secret is told once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where messages are sent.
    pub url: String,
    /// What it is told.
    pub events: Vec<WebhookEvent>,
    /// Whether its address may be one of this machine or its network.
    pub private_network: bool,
    /// Whether it is told anything. Switched off by itself when the other side answers 410 (Gone).
    pub enabled: bool,
    /// When it was made.
    pub created_at: i64,
    /// Until when messages are signed with the secret before the newest too; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_secret_until: Option<i64>,
}

/// `GET /webhooks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookList {
    /// All webhooks, oldest first.
    pub items: Vec<Webhook>,
}

/// `POST /webhooks`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreateWebhook {
    /// Where to send messages: `https://`, or `http://` in a private network.
    pub url: String,
    /// What to tell; everything when empty.
    #[serde(default)]
    pub events: Vec<WebhookEvent>,
    /// Whether the address may be one of this machine or its network.
    #[serde(default)]
    pub private_network: bool,
}

/// `POST /webhooks/{id}/secret`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct ReplaceWebhookSecret {
    /// Hours, 0 to 168, for which messages are signed with the present secret too; 24 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_hours: Option<u32>,
}

/// A webhook that was made, or was given another secret.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// What messages are signed with; not told again.
    pub secret: String,
}

/// `PATCH /webhooks/{id}`; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct UpdateWebhook {
    /// Where to send messages.
    pub url: Option<String>,
    /// What to tell; everything when empty.
    pub events: Option<Vec<WebhookEvent>>,
    /// Whether the address may be one of this machine or its network.
    pub private_network: Option<bool>,
    /// Whether it is told anything. Switching it off gives up what waits for it.
    pub enabled: Option<bool>,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It will be tried, or tried again.
    Pending,
    /// The other side has accepted it.
    Delivered,
    /// It was given up.
    Failed,
}

/// A message to a webhook and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookDelivery {
    /// Its id, which the receiver gets as `webhook-id`; the same at every attempt.
    pub id: DeliveryId,
    /// What it tells.
    pub event: WebhookEvent,
    /// How far it has come.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// HTTP status of the newest answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the newest attempt failed, or why it was given up; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// When it was written.
    pub created_at: i64,
    /// When it is tried next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<i64>,
    /// When it was accepted or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
}

/// A page of `GET /webhooks/{id}/deliveries`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeliveryPage {
    /// The deliveries.
    pub items: Vec<WebhookDelivery>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
