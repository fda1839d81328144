//! Asks the engine.

use std::time::Duration;

use serde_json::Value;
use slipway_protocol::api::SearchEngine;

use super::configured::Configured;
use super::engines::{self, Found};
use crate::app::AppState;

/// How long an engine may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Most bytes of an answer.
const MAX_ANSWER: usize = 4 << 20;

/// Most characters of an engine's own words that are passed on.
const MAX_REASON: usize = 300;

/// The results for `query`.
///
/// # Errors
/// Text for the model: what went wrong and what to do.
pub(super) async fn ask(
    app: &AppState,
    configured: &Configured,
    query: &str,
    count: u32,
) -> Result<Vec<Found>, String> {
    let name = configured.engine.label();
    let question = engines::question(configured, query, count, app.config.search.base_url.as_ref()).map_err(
        |error| format!("The address of {name} is not valid ({error}). Ask the person to correct it."),
    )?;
    // Follows no redirect: what is sent is meant for this address.
    let http = &app.provider_http;
    let mut request = match &question.body {
        Some(body) => http.post(question.url).json(body),
        None => http.get(question.url),
    };
    if let Some((header, value)) = question.key_header {
        request = request.header(header, value);
    }
    let asked = async {
        let mut response = request.header("accept", "application/json").send().await?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while bytes.len() < MAX_ANSWER
            && let Some(chunk) = response.chunk().await?
        {
            bytes.extend_from_slice(&chunk);
        }
        Ok::<_, reqwest::Error>((status, bytes))
    };
    let (status, bytes) = match tokio::time::timeout(TIME_LIMIT, asked).await {
        Err(_elapsed) => {
            return Err(format!("{name} did not answer within {} s. Try again.", TIME_LIMIT.as_secs()));
        }
        // The address holds the query only, the key is in a header.
        Ok(Err(error)) => {
            return Err(format!("{name} cannot be reached: {}. Try again later.", error.without_url()));
        }
        Ok(Ok(answer)) => answer,
    };
    let answer = serde_json::from_slice::<Value>(&bytes);
    match answer {
        Ok(answer) if status == 200 => Ok(engines::results(configured.engine, &answer, count)),
        answer => {
            let said = answer.ok();
            let words = said.as_ref().and_then(engines::reason).map(|words| hidden(words, configured.key()));
            Err(refused(configured.engine, status, words.as_deref()))
        }
    }
}

/// An engine's words without the key, should it repeat it.
fn hidden(words: &str, key: &str) -> String {
    let words = if key.is_empty() { words.to_owned() } else { words.replace(key, "•••") };
    words.chars().take(MAX_REASON).collect()
}

fn refused(engine: SearchEngine, status: u16, words: Option<&str>) -> String {
    let name = engine.label();
    let words = words.map(|words| format!(": {words}")).unwrap_or_default();
    let advice = match (engine, status) {
        (SearchEngine::Searxng, 200 | 403) => {
            "The server must offer JSON: `formats: [html, json]` under `search` in its settings.yml."
        }
        (_, 400 | 401 | 403) => "Ask the person to check the key in Settings, Web search.",
        (_, 402 | 429) => {
            "Its quota is used up: search less, or later; pages whose address you know can still be read."
        }
        _ => "Try again later, or read pages whose address you know with web_browser.",
    };
    format!("{name} answered HTTP {status}{words}. {advice}")
}
