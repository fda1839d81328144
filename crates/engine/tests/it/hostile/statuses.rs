//! Refusals: storms of them, in the middle of a run, and in odd forms.

use std::time::Duration;

use crate::hostile::case::{COMPLETED, model, status, write};

const A: &str = r#"{"path":"a"}"#;

/// The status comes for ever, in the middle of a run: the work before it is kept, and the model is asked
/// so many more times.
async fn storm(code: u16, headers: &[(&str, &str)], body: &str, end: &str, attempts: usize) {
    let case = model([write(A)]).for_ever(status(code, headers, body, None));
    let case = case.settings(|settings| settings.retry.cap = Duration::from_millis(20));
    let played = case.check(end, 1 + attempts, &["write_file a"]).await;
    assert_eq!(played.events.results().len(), 1, "the work before it is kept");
    assert_eq!(played.events.retries().len(), attempts - 1);
    assert!(played.events.retries().iter().all(|(_, wait_ms, _)| *wait_ms <= 20));
}

#[tokio::test]
async fn a_storm_of_429_ends_the_run_after_four_attempts() {
    let limited = "provider_rate_limited";
    storm(429, &[], r#"{"error":{"message":"slow down"}}"#, limited, 4).await;
    storm(429, &[("retry-after", "0")], "", limited, 4).await;
    storm(429, &[("retry-after", "99999999999999999999999")], "slow", limited, 4).await;
    storm(429, &[("retry-after", "-1")], "slow", limited, 4).await;
    storm(429, &[("retry-after", "soon\u{7f}")], "slow", limited, 4).await;
}

#[tokio::test]
async fn a_429_that_asks_for_longer_than_anybody_waits_is_left_to_the_person() {
    let limited = "provider_rate_limited";
    storm(429, &[("retry-after", "31536000")], r#"[{"error":{"code":429,"message":"x"}}]"#, limited, 1).await;
    storm(429, &[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")], "slow", limited, 1).await;
    storm(429, &[("retry-after-ms", "18446744073709551615")], "slow", limited, 1).await;
}

#[tokio::test]
async fn a_429_that_means_an_empty_account_is_not_tried_again() {
    let body = r#"{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}"#;
    storm(429, &[("retry-after", "1")], body, "provider_quota_exhausted", 1).await;
}

#[tokio::test]
async fn storms_of_server_errors_end_the_run_after_four_attempts() {
    for code in [500, 502, 503, 504, 520, 529] {
        storm(code, &[], "<html><body>Bad gateway</body></html>", "provider_overloaded", 4).await;
    }
    storm(500, &[], "", "provider_overloaded", 4).await;
    storm(503, &[("retry-after", "0.001")], "{\"error\": null}", "provider_overloaded", 4).await;
}

#[tokio::test]
async fn a_key_that_is_revoked_in_the_middle_of_a_run_ends_it_at_once() {
    storm(401, &[], r#"{"error":{"message":"key secret-key-123 was revoked"}}"#, "provider_key_rejected", 1)
        .await;
    storm(403, &[], "Forbidden", "provider_key_rejected", 1).await;
}

#[tokio::test]
async fn an_account_that_runs_dry_ends_the_run_at_once() {
    storm(402, &[], r#"{"error":{"message":"Insufficient Balance"}}"#, "provider_quota_exhausted", 1).await;
}

#[tokio::test]
async fn a_model_that_is_withdrawn_ends_the_run_at_once() {
    storm(
        404,
        &[],
        r#"{"error":{"message":"The model `scripted` does not exist"}}"#,
        "provider_model_not_found",
        1,
    )
    .await;
}

#[tokio::test]
async fn a_request_that_is_not_accepted_ends_the_run_with_the_providers_words() {
    storm(400, &[], r#"{"error":{"message":"odd field `x`"}}"#, "provider_bad_request", 1).await;
    storm(422, &[], r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, "provider_bad_request", 1)
        .await;
    storm(418, &[], "I am a teapot", "provider_bad_request", 1).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    for code in [301, 302, 307, 308] {
        let elsewhere = [("location", "http://elsewhere.test/v1/chat/completions")];
        storm(code, &elsewhere, "", "provider_bad_answer", 1).await;
    }
    storm(307, &[], "", "provider_bad_answer", 1).await;
}

#[tokio::test]
async fn a_success_without_an_answer_is_tried_again() {
    let played = model([status(204, &[], "", Some(1))]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_stream_cut");
}

#[tokio::test]
async fn a_fault_of_every_kind_in_a_row_is_survived_as_long_as_each_passes() {
    let replies = [429, 500, 502, 503, 504, 408].map(|code| {
        let mut reply = write(&format!(r#"{{"path":"{code}"}}"#));
        reply.fault = status(code, &[], "busy", Some(2)).fault;
        reply
    });
    let ran = ["429", "500", "502", "503", "504", "408"].map(|code| format!("write_file {code}"));
    let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
    model(replies).check(COMPLETED, 6 * 3 + 1, &ran).await;
}

#[tokio::test]
async fn an_error_body_that_never_ends_is_not_read_to_its_end() {
    use slipway_scripted_model::fault::RawBody;

    use crate::hostile::case::body;
    use crate::hostile::sse::raw;

    let mut page = raw(&["<html>"]);
    page.forever = Some("<p>no</p>".repeat(10_000).into());
    let case = model([body(RawBody { pause: Duration::ZERO, ..page })]);
    let played = case.settings(|settings| settings.model.idle = Duration::from_secs(20));
    let played = played.check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_bad_answer");
    assert!(played.world.model.wait_for_dropped(1, Duration::from_secs(5)).await);
}
