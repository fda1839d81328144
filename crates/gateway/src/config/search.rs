//! Which search engine is used until somebody saves another.

use url::Url;

/// What can be given on the command line or in the environment. Keys are `GOOGLE_SEARCH_API_KEY`,
/// `BRAVE_SEARCH_API_KEY` and `TAVILY_API_KEY`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SearchOptions {
    /// Id of the Google search engine that google_search uses, together with GOOGLE_SEARCH_API_KEY
    #[arg(long, env = "SLIPWAY_GOOGLE_SEARCH_CX", value_name = "ID")]
    pub google_search_cx: Option<String>,
    /// Address of a SearXNG server for google_search to use
    #[arg(long, env = "SLIPWAY_SEARXNG_URL", value_name = "URL")]
    pub searxng_url: Option<Url>,
    /// Where all engines are asked instead of at their own addresses, for tests.
    #[arg(skip)]
    pub base_url: Option<Url>,
}
