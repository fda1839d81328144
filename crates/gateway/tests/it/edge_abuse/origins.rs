//! What the pages of other sites send with a person's cookie.

use http::{Method, header};
use reqwest::StatusCode;

use crate::harness::TestGateway;

/// What each case tries, and the header that the browser then sends.
const FOREIGN: [(&str, &str, &str); 12] = [
    ("another site", "origin", "http://evil.test"),
    ("another site over TLS", "origin", "https://evil.test"),
    ("a sandboxed frame", "origin", "null"),
    ("a program of the sandbox's preview, on our name", "origin", "http://127.0.0.1:5173"),
    ("our name without the port", "origin", "http://127.0.0.1"),
    ("our other name", "origin", "http://localhost:1"),
    ("a name that begins as ours", "origin", "http://127.0.0.1.evil.test"),
    ("an extension", "origin", "chrome-extension://abcdef"),
    ("a file", "origin", "file://"),
    ("a form without an origin", "sec-fetch-site", "cross-site"),
    ("another port without an origin", "sec-fetch-site", "same-site"),
    ("nonsense", "sec-fetch-site", "sideways"),
];

const CHANGES: [(Method, &str); 6] = [
    (Method::POST, "/api/v1/conversations"),
    (Method::POST, "/api/v1/conversations/conv_1/messages"),
    (Method::PATCH, "/api/v1/settings"),
    (Method::PUT, "/api/v1/providers/evil"),
    (Method::DELETE, "/api/v1/conversations/conv_1"),
    (Method::DELETE, "/api/v1/session"),
];

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let gateway = TestGateway::start().await;
    let cookie = gateway.cookie().await;
    for (tries, name, value) in FOREIGN {
        for (method, path) in &CHANGES {
            let request = gateway.anonymous(method.clone(), path).header(header::COOKIE, &cookie);
            let answer = request.header(name, value).json(&serde_json::json!({})).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{tries}: {method} {path}");
        }
    }
    assert_eq!(gateway.get("/api/v1/conversations").await["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn forms_change_nothing_even_where_a_browser_sends_no_origin() {
    let gateway = TestGateway::start().await;
    let cookie = gateway.cookie().await;
    for kind in [
        "text/plain",
        "text/plain;charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "",
    ] {
        let request =
            gateway.anonymous(Method::POST, "/api/v1/conversations").header(header::COOKIE, &cookie);
        let answer =
            request.header(header::CONTENT_TYPE, kind).body(r#"{"title": "evil"}"#).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_read_nothing_and_are_told_so_by_no_header() {
    let gateway = TestGateway::start().await;
    let cookie = gateway.cookie().await;
    let loads = [
        ("fetch", "cors", "empty"),
        ("a script", "no-cors", "script"),
        ("an image", "no-cors", "image"),
        ("a style sheet", "no-cors", "style"),
        ("a frame", "navigate", "iframe"),
        ("an object", "navigate", "object"),
    ];
    for (tries, mode, dest) in loads {
        for site in ["cross-site", "same-site"] {
            for path in ["/api/v1/conversations", "/api/v1/events", "/api/v1/settings", "/login?token=x", "/"]
            {
                let request = gateway.anonymous(Method::GET, path).header(header::COOKIE, &cookie);
                let request = request.header("sec-fetch-site", site).header("sec-fetch-mode", mode);
                let answer = request.header("sec-fetch-dest", dest).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{tries}: {path} from {site}");
                assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{tries}");
            }
        }
    }
    // A link on another page still leads to Slipway.
    let link = gateway.anonymous(Method::GET, "/").header(header::COOKIE, &cookie);
    let link = link.header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "navigate");
    assert_eq!(link.header("sec-fetch-dest", "document").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_preflight_is_promised_nothing() {
    let gateway = TestGateway::start().await;
    for path in ["/api/v1/conversations", "/api/v1/settings", "/api/v1/session"] {
        let request = gateway.anonymous(Method::OPTIONS, path).header("origin", "http://evil.test");
        let request = request.header("access-control-request-method", "PUT");
        let answer = request.header("access-control-request-private-network", "true").send().await.unwrap();
        let promised = answer.headers().keys().find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(promised, None, "{path}");
    }
}
