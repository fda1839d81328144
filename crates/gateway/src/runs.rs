//! Runs: asking an engine to drive the loop, recording what it does, forwarding its tool calls.

/// Runs that are going on. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Runs {}

pub mod timeline;
