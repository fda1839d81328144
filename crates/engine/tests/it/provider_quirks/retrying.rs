//! When a call is made again, and when not.

use slipway_protocol::run::RunOutcome;

use super::{playing, refusal};

const QUOTAS: [(&str, u16, &str); 6] = [
    (
        "OpenAI",
        429,
        r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
    ),
    ("DeepSeek", 402, r#"{"error":{"message":"Insufficient Balance","type":"unknown_error"}}"#),
    (
        "OpenRouter",
        402,
        r#"{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}"#,
    ),
    (
        "Moonshot",
        429,
        r#"{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}"#,
    ),
    ("Anthropic", 400, r#"{"error":{"message":"Your credit balance is too low to access the API."}}"#),
    ("a bare 402", 402, ""),
];

#[tokio::test]
async fn an_exhausted_quota_is_not_retried_whatever_its_status() {
    for (who, status, body) in QUOTAS {
        let place =
            playing("custom", "m", vec![refusal(status, &[("retry-after", "0.001")], body, None)]).await;
        let events = place.run().await;
        assert_eq!((events.code(), place.requests()), ("provider_quota_exhausted", 1), "{who}");
    }
}

#[tokio::test]
async fn what_may_pass_is_retried_by_its_status() {
    for status in [408, 409, 425, 429, 500, 502, 503, 504, 520, 529] {
        let reply = refusal(status, &[], r#"{"error":{"message":"busy"}}"#, Some(1));
        let place = playing("custom", "m", vec![reply]).await;
        assert_eq!(*place.run().await.outcome(), RunOutcome::Completed, "{status}");
        assert_eq!(place.requests(), 2, "{status}");
    }
    for status in [400, 401, 403, 404, 405, 422] {
        let reply = refusal(status, &[], r#"{"error":{"message":"no"}}"#, None);
        let place = playing("custom", "m", vec![reply]).await;
        place.run().await;
        assert_eq!(place.requests(), 1, "{status}");
    }
}

async fn wait(headers: &[(&str, &str)], body: &str) -> u64 {
    let place = playing("custom", "m", vec![refusal(429, headers, body, Some(1))]).await;
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed, "{headers:?}");
    events.retries()[0].1
}

#[tokio::test]
async fn the_wait_may_be_stated_in_many_forms() {
    assert_eq!(wait(&[("retry-after", "0.02")], "{}").await, 20);
    assert_eq!(wait(&[("retry-after-ms", "15"), ("retry-after", "9")], "{}").await, 15);
    assert_eq!(wait(&[], r#"{"error":{"message":"Please try again in 25ms."}}"#).await, 25);
    // A date in the past asks for no wait at all, which is no advice: our own takes its place.
    let past = wait(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], "{}").await;
    assert!((2..=4).contains(&past), "{past}");
    let own = wait(&[], "{}").await;
    assert!((2..=4).contains(&own), "half to all of the first wait: {own}");
}

#[tokio::test]
async fn a_wait_beyond_the_cap_is_left_to_the_person() {
    let in_a_year = std::time::SystemTime::now() + std::time::Duration::from_secs(365 * 24 * 3_600);
    let date = httpdate::fmt_http_date(in_a_year);
    for value in ["61", "86400", date.as_str()] {
        let place = playing("custom", "m", vec![refusal(429, &[("retry-after", value)], "{}", None)]).await;
        let events = place.run().await;
        assert_eq!((events.code(), place.requests()), ("provider_rate_limited", 1), "{value}");
        let RunOutcome::Failed { problem } = events.outcome() else { panic!("failed") };
        assert!(problem.retry_after_ms.is_some_and(|wait| wait > 60_000), "the person is told how long");
    }
}

#[tokio::test]
async fn the_providers_request_id_is_told() {
    for header in ["x-request-id", "request-id", "cf-ray"] {
        let place = playing("custom", "m", vec![refusal(400, &[(header, "req_42")], "odd", None)]).await;
        let events = place.run().await;
        assert!(events.detail().contains("req_42"), "{header}: {}", events.detail());
    }
}
