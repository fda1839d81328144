//! How each engine is asked, and where its answer has the results.

use serde_json::{Value, json};
use slipway_protocol::api::SearchEngine;
use url::Url;

use super::configured::Configured;

/// One result.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(super) struct Found {
    pub(super) title: String,
    /// Exactly as the engine gave it.
    pub(super) url: String,
    pub(super) excerpt: String,
}

/// A request to an engine.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) url: Url,
    /// Header with the key; never a part of the address, which ends up in logs.
    pub(super) key_header: Option<(&'static str, String)>,
    /// Body of a POST; a GET without.
    pub(super) body: Option<Value>,
}

/// Address and path of an engine.
fn place(configured: &Configured) -> (&str, &'static str) {
    match configured.engine {
        SearchEngine::Google => ("https://customsearch.googleapis.com", "customsearch/v1"),
        SearchEngine::Brave => ("https://api.search.brave.com", "res/v1/web/search"),
        SearchEngine::Tavily => ("https://api.tavily.com", "search"),
        SearchEngine::Searxng => (configured.base_url.as_str(), "search"),
    }
}

/// The host that a query goes to.
pub(super) fn host(configured: &Configured) -> Option<String> {
    Url::parse(place(configured).0).ok()?.host_str().map(str::to_owned)
}

/// How `configured` is asked for `query`; `at` stands for its own address.
///
/// # Errors
/// Its address is not complete.
pub(super) fn question(
    configured: &Configured,
    query: &str,
    count: u32,
    at: Option<&Url>,
) -> Result<Question, url::ParseError> {
    let (own, path) = place(configured);
    let base = match at.filter(|_| configured.engine != SearchEngine::Searxng) {
        Some(at) => at.clone(),
        None => Url::parse(own)?,
    };
    let mut url = Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/')))?;
    let key = configured.key();
    let count_text = count.to_string();
    let mut body = None;
    let mut key_header = None;
    match configured.engine {
        SearchEngine::Google => {
            url.query_pairs_mut().extend_pairs([
                ("cx", configured.cx.as_str()),
                ("q", query),
                ("num", &count_text),
            ]);
            key_header = Some(("x-goog-api-key", key.to_owned()));
        }
        SearchEngine::Brave => {
            url.query_pairs_mut().extend_pairs([
                ("q", query),
                ("count", &count_text),
                ("text_decorations", "false"),
            ]);
            key_header = Some(("x-subscription-token", key.to_owned()));
        }
        SearchEngine::Tavily => {
            key_header = Some(("authorization", format!("Bearer {key}")));
            body = Some(json!({ "query": query, "max_results": count }));
        }
        SearchEngine::Searxng => {
            url.query_pairs_mut().extend_pairs([("q", query), ("format", "json")]);
        }
    }
    Ok(Question { url, key_header, body })
}

/// The results in an answer; those without an address are left out.
pub(super) fn results(engine: SearchEngine, answer: &Value, count: u32) -> Vec<Found> {
    let (list, url, excerpt) = match engine {
        SearchEngine::Google => (&answer["items"], "link", "snippet"),
        SearchEngine::Brave => (&answer["web"]["results"], "url", "description"),
        SearchEngine::Tavily | SearchEngine::Searxng => (&answer["results"], "url", "content"),
    };
    let text = |result: &Value, field: &str| result[field].as_str().unwrap_or_default().to_owned();
    let results = list.as_array().into_iter().flatten();
    results
        .map(|result| Found {
            title: text(result, "title"),
            url: text(result, url),
            excerpt: text(result, excerpt),
        })
        .filter(|found| found.url.starts_with("http://") || found.url.starts_with("https://"))
        .take(count as usize)
        .collect()
}

/// The engine's own words in an answer that is an error.
pub(super) fn reason(answer: &Value) -> Option<&str> {
    let places = ["/error/message", "/error/detail", "/detail/error", "/detail", "/message", "/error"];
    places.iter().find_map(|place| answer.pointer(place)?.as_str())
}
