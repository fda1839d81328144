//! What the tool host's fetch hands to the engine's `web_browser`.

use serde::{Deserialize, Serialize};

/// Name under which the tool host fetches pages. Engines call it for `web_browser`; models are not told of it.
pub const WEB_FETCH: &str = "web_fetch";

/// Arguments of [`WEB_FETCH`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// What to fetch.
    pub url: String,
    /// Whether a copy that is kept must not be used.
    #[serde(default)]
    pub fresh: bool,
}

/// Structured data of a [`WEB_FETCH`] that went well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fetched {
    /// A page.
    Page(FetchedPage),
    /// The address leads to another host, which was not asked.
    Redirect {
        /// Which address.
        from: String,
        /// Where it leads.
        to: String,
        /// The status that said so.
        status: u16,
    },
}

/// A page as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchedPage {
    /// Its address, after redirects within the host.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Media type without parameters; empty when the server named none.
    pub content_type: String,
    /// The page's own title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Markdown for HTML, text for PDF, everything else as it is.
    pub text: String,
    /// What is to be known of `text`, for example that the page's end is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Size of what came, in bytes, after decompression.
    pub bytes: u64,
    /// Seconds since it was fetched, when it is a copy that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<u64>,
}
