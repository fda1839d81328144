//! What providers say when they refuse: the many shapes of error bodies, and what they mean.

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use slipway_protocol::Problem;

use crate::provider::error_kind::Kind;
use crate::provider::failure::{Billing, CallFailure};
use crate::provider::retry_hint;

/// Most characters of a provider's words that are passed on.
const MAX_WORDS: usize = 2_000;

/// A provider's own account of a failure.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ProviderError {
    /// Its words.
    pub(crate) message: String,
    /// Its codes and types, joined by spaces, in lower case.
    pub(crate) codes: String,
    /// An HTTP status that is stated in the body.
    pub(crate) status: Option<u16>,
    /// The wait that the body asks for, in milliseconds.
    pub(crate) retry_after_ms: Option<u64>,
}

impl ProviderError {
    /// Reads an error body of any known shape; text that is not JSON is taken as it is.
    pub(crate) fn from_text(text: &str) -> Self {
        match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}').trim()) {
            Ok(value) => Self::from_json(&value),
            Err(_) => Self { message: shorten(&visible_text(text)), ..Self::default() },
        }
    }

    /// Reads an error object, wrapped or not, of any known shape.
    pub(crate) fn from_json(value: &Value) -> Self {
        let value = match value {
            Value::Array(items) => items.first().unwrap_or(value),
            other => other,
        };
        let inner = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
        let message = words(inner).or_else(|| words(value)).unwrap_or_else(|| inner.to_string());
        let mut codes = String::new();
        let reasons = inner.get("details").and_then(Value::as_array).into_iter().flatten();
        let reasons = reasons.filter_map(|detail| detail.get("reason"));
        for code in ["code", "type", "status"].iter().filter_map(|field| inner.get(*field)).chain(reasons) {
            match code {
                Value::String(text) => codes.push_str(&format!("{} ", text.to_lowercase())),
                Value::Number(number) => codes.push_str(&format!("{number} ")),
                _ => {}
            }
        }
        let status = ["code", "status", "status_code"]
            .iter()
            .find_map(|field| inner.get(*field).and_then(status_number))
            .filter(|status| (400..600).contains(status));
        let retry_after_ms = retry_hint::of(inner, &message);
        Self { message: shorten(&message), codes, status, retry_after_ms }
    }

    /// What the failure means.
    pub(crate) fn classify(&self, status: Option<StatusCode>) -> CallFailure {
        let status = status.map(|status| status.as_u16()).filter(|status| *status >= 400);
        let status = status.or(self.status).unwrap_or(0);
        let haystack = format!("{} {}", self.codes, self.message.to_lowercase());
        let kind = Kind::of(status, &haystack, self.message.is_empty());
        let status = if status == 0 { kind.usual_status() } else { status };
        let detail =
            if self.message.is_empty() { format!("HTTP status {status}") } else { self.message.clone() };
        let mut problem =
            Problem::new(status, kind.code(), kind.title()).detail(detail).hint(kind.hint(&haystack));
        problem.retry_after_ms = self.retry_after_ms;
        CallFailure { problem: Box::new(problem), retry: kind.retry(), billing: Billing::Refused }
    }
}

/// The wait that a provider asked for in its headers, in milliseconds.
pub(crate) fn retry_after_ms(headers: &HeaderMap, now: std::time::SystemTime) -> Option<u64> {
    if let Some(text) = headers.get("retry-after-ms").and_then(|value| value.to_str().ok())
        && let Ok(milliseconds) = text.trim().parse::<u64>()
    {
        return Some(milliseconds);
    }
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return std::time::Duration::try_from_secs_f64(seconds).ok().map(as_millis);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).map(as_millis).unwrap_or(0))
}

fn as_millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The words in an error object; an upstream's own (OpenRouter's `metadata.raw`) are the most telling.
fn words(value: &Value) -> Option<String> {
    if let Value::String(text) = value {
        return Some(text.clone());
    }
    let message =
        ["message", "detail", "msg", "error_description"].iter().find_map(|field| match value.get(*field) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(other @ (Value::Array(_) | Value::Object(_))) => Some(other.to_string()),
            _ => None,
        });
    let raw = value.get("metadata").and_then(|metadata| metadata.get("raw")).and_then(Value::as_str);
    match (message, raw) {
        (Some(message), Some(raw)) => Some(format!("{message}: {raw}")),
        (message, raw) => message.or_else(|| raw.map(str::to_owned)),
    }
}

fn status_number(value: &Value) -> Option<u16> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A body's text; of an HTML page only what a reader would see, roughly.
fn visible_text(body: &str) -> String {
    if !body.trim_start().starts_with('<') {
        return body.trim().to_owned();
    }
    let mut text = String::new();
    let mut inside_tag = false;
    for character in body.chars() {
        match character {
            '<' => {
                inside_tag = true;
                text.push(' ');
            }
            '>' => inside_tag = false,
            _ if !inside_tag => text.push(character),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::failure::Retry;

    fn check(status: u16, body: &str, code: &str, words: &str) {
        let failure = ProviderError::from_text(body).classify(StatusCode::from_u16(status).ok());
        assert_eq!(failure.problem.code, code, "{status} {body}");
        assert!(failure.problem.detail.contains(words), "{} lacks {words}", failure.problem.detail);
    }

    #[test]
    fn every_shape_of_error_body_is_understood() {
        check(401, r#"{"error":{"message":"no","code":"invalid_api_key"}}"#, "provider_key_rejected", "no");
        check(
            403,
            "<html><head><title>403</title></head><body>Forbidden</body></html>",
            "provider_key_rejected",
            "Forbidden",
        );
        check(404, r#"{"detail":"Not Found"}"#, "provider_model_not_found", "Not Found");
        check(
            400,
            r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}"#,
            "provider_model_not_found",
            "Exist",
        );
        check(
            429,
            r#"[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]"#,
            "provider_rate_limited",
            "slow",
        );
        check(
            429,
            r#"{"error":{"code":"insufficient_quota","message":"You exceeded"}}"#,
            "provider_quota_exhausted",
            "exceeded",
        );
        check(402, r#"{"error":{"message":"Insufficient Balance"}}"#, "provider_quota_exhausted", "Balance");
        check(503, "upstream connect error", "provider_overloaded", "upstream");
        check(
            400,
            r#"{"object":"error","message":"This model's maximum context length is 4096"}"#,
            "provider_context_overflow",
            "4096",
        );
        check(400, "", "provider_context_overflow", "400");
        check(
            422,
            r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#,
            "provider_bad_request",
            "field required",
        );
        check(
            502,
            r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"gpu on fire"}}}"#,
            "provider_overloaded",
            "gpu on fire",
        );
        check(400, r#"{"error":"plain words"}"#, "provider_bad_request", "plain words");
    }

    #[test]
    fn errors_inside_a_stream_need_no_status() {
        let failure = ProviderError::from_text(r#"{"error":{"code":429,"message":"x"}}"#).classify(None);
        assert_eq!((failure.problem.code.as_str(), failure.problem.status), ("provider_rate_limited", 429));
        let failure = ProviderError::from_text(r#"{"error":{"message":"went wrong"}}"#).classify(None);
        assert_eq!(failure.retry, Retry::Later);
    }

    #[test]
    fn retry_after_may_be_seconds_a_fraction_or_a_date() {
        let now = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777);
        let wait = |text: &str| {
            let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, text.parse().expect("ASCII"))]);
            retry_after_ms(&headers, now)
        };
        assert_eq!(wait("3"), Some(3_000));
        assert_eq!(wait("0.5"), Some(500));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10_000));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:27 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }
}
