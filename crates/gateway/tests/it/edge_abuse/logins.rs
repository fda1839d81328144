//! Trying out tokens, and keeping the person out.

use http::{Method, header};
use serde_json::json;

use crate::harness::TestGateway;

/// How many tokens are almost right.
const ALMOST: usize = 9;

/// Ways to name the right token that are no such way.
const SCHEMES: [&str; 4] = ["Basic", "bearer\t", "Token", "Bearer Bearer"];

#[tokio::test]
async fn tokens_cannot_be_tried_out_in_bulk_by_any_door() {
    let gateway = TestGateway::start().await;
    let mut statuses = Vec::new();
    for attempt in 0..30 {
        let answer = match attempt % 3 {
            0 => gateway.anonymous(Method::POST, "/api/v1/session").json(&json!({ "token": "wrong" })),
            1 => gateway.anonymous(Method::GET, "/login?token=wrong"),
            // Pretending to be somebody else each time helps nobody.
            _ => gateway
                .anonymous(Method::GET, "/login?token=wrong")
                .header("x-forwarded-for", format!("10.0.0.{attempt}")),
        };
        statuses.push(answer.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 20, "{statuses:?}");
    assert_eq!(statuses[20..], [429; 10]);
    // Even the right one does not tell that it is right now.
    let right = gateway.anonymous(Method::GET, "/login?token=launcher-token-of-the-test");
    let answer = right.send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_foreign_page_cannot_use_up_the_attempts_of_the_person() {
    let gateway = TestGateway::start().await;
    for _ in 0..30 {
        let image =
            gateway.anonymous(Method::GET, "/login?token=wrong").header("sec-fetch-site", "cross-site");
        let answer = image.header("sec-fetch-mode", "no-cors").header("sec-fetch-dest", "image").send().await;
        assert_eq!(answer.unwrap().status(), 403);
        let form = gateway.anonymous(Method::POST, "/api/v1/session").header("origin", "http://evil.test");
        assert_eq!(form.json(&json!({ "token": "wrong" })).send().await.unwrap().status(), 403);
    }
    gateway.cookie().await;
}

#[tokio::test]
async fn tokens_that_are_almost_right_are_wrong() {
    let gateway = TestGateway::start().await;
    let right = "launcher-token-of-the-test";
    let almost: [String; ALMOST] = [
        String::new(),
        " ".to_owned(),
        right[..right.len() - 1].to_owned(),
        format!("{right}x"),
        right.to_uppercase(),
        format!("{right}\u{0}"),
        "sandbox-token-of-the-test".to_owned(),
        "%".repeat(64),
        "x".repeat(100_000),
    ];
    for token in almost {
        let answer = gateway.anonymous(Method::POST, "/api/v1/session").json(&json!({ "token": token }));
        let status = answer.send().await.unwrap().status().as_u16();
        assert!(matches!(status, 401 | 422), "{:?}: {status}", &token[..token.len().min(40)]);
    }
    for scheme in SCHEMES {
        let request = gateway.anonymous(Method::GET, "/api/v1/instance");
        let answer =
            request.header(header::AUTHORIZATION, format!("{scheme} {right}x")).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{scheme}");
    }
}
