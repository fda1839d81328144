//! The wire types that Slipway's programs share: ids, transcript entries, tool calls, the engine's and
//! the gateway's requests and events, and problems (errors as data).
//!
//! This crate does no I/O, keeps no state and decides nothing; everything here can be sent over a wire.
//! Conventions: enums are tagged with `type` and snake_case (or dotted, for client events) names; times
//! are milliseconds since the Unix epoch in fields that end in `_at`; durations end in `_ms`.

pub mod api;
pub mod approval;
pub mod budget;
pub mod checkpoint;
pub mod context;
pub mod cost;
pub mod credentials;
pub mod event;
pub mod export;
pub mod fetch;
pub mod git;
pub mod id;
pub mod message;
pub mod plan;
pub mod problem;
pub mod question;
pub mod run;
pub mod sandbox;
pub mod search;
pub mod terminal;
pub mod tool;
pub mod tool_schema;
pub mod transcript;
pub mod usage;
pub mod view;
pub mod workspace;

pub use id::{
    CallId, CheckpointId, ConversationId, DeliveryId, ImageId, InvocationId, MessageId, PartId, ProviderId,
    RunId, SandboxId, TerminalId, UserId, WebhookId, WorkspaceId,
};
pub use problem::Problem;
