//! Logging in, and what an event stream tells of.

use serde::{Deserialize, Serialize};

/// `POST /session`: trades a token, or a name and a password, for a session cookie.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// The token from the launcher's link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `POST /events/{stream}/topics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    /// `user` for the conversation list and the instance, `conv:<id>` for a conversation.
    pub topics: Vec<String>,
}

/// Answer of `POST /session/links`, which only the launcher may call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoginLink {
    /// Path and query to open in a browser, once: `/login?token=…`.
    pub path: String,
    /// Until when.
    pub expires_at: i64,
}
