//! Identifiers: opaque strings, one type for each kind of thing, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};

/// Defines string newtypes with the conversions that every id needs.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[derive(utoipa::ToSchema, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A new id: the kind's prefix and a time-ordered UUID.
            pub fn generate() -> Self {
                Self(format!(concat!($prefix, "_{}"), uuid::Uuid::now_v7().simple()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}

impl CallId {
    /// The id by which the gateway knows a call that was made inside this one, by a sub-agent.
    #[must_use]
    pub fn under(&self, parent: &Self) -> Self {
        Self(format!("{parent}~{self}"))
    }
}

impl ConversationId {
    /// The id under which tools keep what a sub-agent sees apart from what its conversation does.
    #[must_use]
    pub fn under(&self, call: &CallId) -> Self {
        Self(format!("{self}~{call}"))
    }

    /// Whether `other` is this conversation, or belongs to a sub-agent in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
    }
}

/// The workspace that every instance has.
const DEFAULT_WORKSPACE: &str = "default";

impl Default for WorkspaceId {
    fn default() -> Self {
        Self(DEFAULT_WORKSPACE.to_owned())
    }
}

impl WorkspaceId {
    /// Whether it is the one that every instance has.
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT_WORKSPACE
    }

    /// Whether it is of the kind that names a directory: lower-case letters, digits and hyphens inside.
    pub fn is_well_formed(&self) -> bool {
        const MOST: usize = 48;
        let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=MOST).contains(&self.0.len())
            && !self.0.starts_with('-')
            && !self.0.ends_with('-')
            && self.0.bytes().all(is_inner)
    }
}

ids! {
    /// A persisted thread with one workspace.
    ConversationId = "conv";
    /// One execution of the loop, started by a message or by Continue.
    RunId = "run";
    /// A user message or an assistant step as the person sees it.
    MessageId = "msg";
    /// A piece of a message that streams on its own: text, reasoning, a tool call.
    PartId = "part";
    /// A tool call as the model knows it; unique within its conversation only. The provider's own id
    /// where that was usable, else one that the engine made.
    CallId = "call";
    /// One execution of a tool call; unique everywhere, so that it can be cancelled.
    InvocationId = "inv";
    /// A configured model provider, for example `deepseek` or `demo`.
    ProviderId = "prov";
    /// A picture that the gateway keeps: the SHA-256 of its bytes in hex, so that equal ones are kept once.
    ImageId = "img";
    /// A sandbox: one tool host with one workspace.
    SandboxId = "sbx";
    /// A workspace of the instance: the name of its directory; `default` for the one that is always there.
    WorkspaceId = "ws";
    /// A recorded state of the workspace.
    CheckpointId = "cp";
    /// A person with an account, or whoever runs the instance.
    UserId = "user";
    /// A program elsewhere that is told what happens here.
    WebhookId = "wh";
    /// One message to a webhook; the same at every attempt.
    DeliveryId = "dlv";
    /// A shell of the person's.
    TerminalId = "term";
}
