//! Runs: asking an engine to drive the loop, recording what it does, forwarding its tool calls.
//!
//! Every decision about a conversation (send, stop, continue, what comes next) is one write transaction,
//! so that no two can contradict each other. A run that goes on is driven by one task, which owns its
//! [`timeline::Timeline`]; what others need of it is in its [`ActiveRun`].

mod active;
pub mod approving;
mod begin;
pub mod branching;
pub mod budget;
pub mod commands;
mod conclude;
pub mod continuing;
pub mod deleting;
mod drive;
mod engine;
pub mod full_output;
mod handover;
pub mod looking;
mod near_budget;
mod open_call;
mod orders;
mod part_rows;
pub(crate) mod patience;
pub mod pausing;
pub mod pictures;
pub mod pinning;
pub mod queueing;
mod record;
mod recovery;
pub(crate) mod request;
mod steer;
pub mod stop_call;
mod subagents;
pub mod timeline;
pub mod tool_endpoint;
mod waiting;
mod wishes;

pub use self::active::{ActiveRun, Runs};
pub(crate) use self::orders::carry_out;
pub(crate) use self::recovery::end_taken_over;
pub use self::recovery::recover;
