//! The event log: what clients are told, numbered and replayable.

/// The event log and its listeners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventLog {}
