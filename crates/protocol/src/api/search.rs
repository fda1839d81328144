//! Which engine searches the web.

use serde::{Deserialize, Serialize};

/// A search engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchEngine {
    /// Google's Custom Search JSON API: a key and the id of a search engine (`cx`).
    Google,
    /// Brave Search: a key.
    Brave,
    /// Tavily: a key.
    Tavily,
    /// A SearXNG server: its address; it must offer JSON.
    Searxng,
}

impl SearchEngine {
    /// Its name, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Brave => "Brave",
            Self::Tavily => "Tavily",
            Self::Searxng => "SearXNG",
        }
    }

    /// Whether it wants a key.
    pub fn wants_key(self) -> bool {
        self != Self::Searxng
    }
}

/// `GET /settings/search`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SearchSettings {
    /// The engine; absent when none is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<SearchEngine>,
    /// Google's search engine id; empty for other engines.
    pub cx: String,
    /// Address of the SearXNG server; empty for other engines.
    pub base_url: String,
    /// Whether there is a key. Keys are never told.
    pub has_key: bool,
    /// Whether this comes from the environment, because nobody has saved anything.
    pub from_environment: bool,
}

/// `PUT /settings/search`: replaces all but a key that is left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SaveSearchSettings {
    /// The engine; absent for what the environment says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<SearchEngine>,
    /// Google's search engine id.
    pub cx: String,
    /// Address of the SearXNG server.
    pub base_url: String,
    /// The key; absent to keep that of the same engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    pub api_key: Option<String>,
}
