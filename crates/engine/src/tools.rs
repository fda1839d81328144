//! Tools, as far as the engine knows them: what endpoints offer, and how calls reach them.

pub mod arguments;
pub(crate) mod builtin;
pub(crate) mod catalog;
pub(crate) mod endpoint;
pub(crate) mod ndjson;
