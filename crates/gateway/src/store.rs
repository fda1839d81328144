//! The database: one pool, migrations at start, functions that return domain types.

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {}
