//! The search tools: file contents and file names.

mod grep;
pub(crate) mod paths;
pub(crate) mod walk;

pub use self::grep::GrepSearch;
pub use self::paths::SearchFiles;

use crate::registry::Registry;

/// Adds the search tools in the order in which models are told of them.
pub fn register(registry: Registry) -> Registry {
    registry.with(SearchFiles).with(GrepSearch)
}
