//! What a provider itself says it offers.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use slipway_protocol::Problem;

/// Time limit of the question.
const LIMIT: Duration = Duration::from_secs(10);
/// More models than anybody would look through.
const MAX_MODELS: usize = 1000;

/// Asks `GET {base_url}/models`.
///
/// # Errors
/// When the provider cannot be reached, refuses, or answers something else.
pub async fn models(
    http: &reqwest::Client,
    base_url: &str,
    key: Option<SecretString>,
) -> Result<Vec<String>, Problem> {
    let mut request = http.get(format!("{base_url}/models")).timeout(LIMIT);
    if let Some(key) = key {
        request = request.bearer_auth(key.expose_secret());
    }
    let response = request.send().await.map_err(|error| failed(&error))?;
    if !response.status().is_success() {
        return Err(unavailable(format!(
            "The provider answered with status {}.",
            response.status().as_u16()
        )));
    }
    let answer: Value = response.json().await.map_err(|error| failed(&error))?;
    let items = answer.get("data").or_else(|| answer.get("models")).unwrap_or(&answer).as_array();
    let Some(items) = items else { return Err(unavailable("The answer is not a list of models.")) };
    let name =
        |item: &Value| item.get("id").or_else(|| item.get("name")).and_then(Value::as_str).map(str::to_owned);
    Ok(items.iter().filter_map(name).take(MAX_MODELS).collect())
}

fn failed(error: &reqwest::Error) -> Problem {
    let why = if error.is_timeout() {
        format!("No answer came within {} seconds.", LIMIT.as_secs())
    } else if error.is_decode() {
        "The answer is not a list of models.".to_owned()
    } else {
        "The server cannot be reached.".to_owned()
    };
    unavailable(why)
}

fn unavailable(why: impl Into<String>) -> Problem {
    Problem::new(502, "model_list_unavailable", "The provider's list of models is not to be had")
        .detail(why)
        .hint("Type the model's name; the test shows whether it works.")
}
