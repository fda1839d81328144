//! What a browser may do with the gateway's pages, and what hostile text in them becomes.

use http::{Method, header};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::TestGateway;

/// What an address says to have the page do something.
const TEXTS: [&str; 4] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "%3Cscript%3E", "javascript:alert(1)"];

/// What a conversation is called to write a header, or to be saved elsewhere.
const TITLES: [&str; 8] = [
    "a\r\nSet-Cookie: evil=1",
    "a\"; filename=\"evil.html",
    "../../etc/passwd",
    "a\0b",
    "..",
    "con\u{202e}txt.exe",
    "<img src=x onerror=alert(1)>",
    "\u{1b}]0;owned\u{7}",
];

/// What a request names as its host to write into the policy.
const HOSTS: [&str; 3] = ["localhost; script-src *", "localhost, *", "localhost 'unsafe-inline'"];

#[tokio::test]
async fn no_page_can_be_framed_or_run_foreign_or_inline_scripts() {
    let gateway = TestGateway::start().await;
    let pages = [
        ("the UI", gateway.url("/")),
        ("a conversation", gateway.url("/c/conv_1")),
        ("the desktop", gateway.desktop_url("/")),
        ("the login", gateway.url("/login?token=x")),
        ("a missing file", gateway.url("/assets/missing.js")),
        ("a missing API", gateway.url("/api/v1/missing")),
        ("health", gateway.url("/healthz")),
        ("an error", gateway.url("/api/v1/conversations/none")),
    ];
    for (page, url) in pages {
        for is_logged_in in [true, false] {
            let mut request = gateway.http.get(&url).header(header::ACCEPT, "text/html");
            if is_logged_in {
                request = request.bearer_auth("launcher-token-of-the-test");
            }
            let answer = request.send().await.unwrap();
            let header =
                |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or("");
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'self';"), "{page}: {policy}");
            assert!(
                policy.contains("frame-ancestors 'none'") && header("x-frame-options") == "DENY",
                "{page}"
            );
            assert!(policy.contains("object-src 'none'") && policy.contains("base-uri 'none'"), "{page}");
            assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src"), "{page}: {policy}");
            assert_eq!(policy.matches("unsafe-inline").count(), 1, "{page}: only styles: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{page}");
            assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{page}");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{page}");
            assert_eq!(header("referrer-policy"), "no-referrer", "{page}: a login link must not leak");
        }
    }
}

#[tokio::test]
async fn a_hostile_host_cannot_write_into_the_policy() {
    let gateway = TestGateway::start().await;
    for host in HOSTS {
        let answer = gateway.http.get(gateway.url("/")).header(header::HOST, host).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("script-src") && !policy.contains("ws://"), "{host}: {policy}");
    }
}

#[tokio::test]
async fn hostile_text_in_an_address_is_only_text() {
    let gateway = TestGateway::start().await;
    for text in TEXTS {
        let path: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for url in [
            gateway.url(&format!("/login?token={path}")),
            gateway.url(&format!("/api/v1/{path}")),
            gateway.url(&format!("/api/v1/conversations/{path}")),
            gateway.url(&format!("/assets/{path}")),
        ] {
            let request = gateway.http.get(&url).bearer_auth("launcher-token-of-the-test");
            let answer = request.header(header::ACCEPT, "text/html").send().await.unwrap();
            let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            let body = answer.text().await.unwrap();
            let is_page = kind.starts_with("text/html");
            assert!(!is_page || !body.contains(text), "{url}: {body}");
        }
    }
}

#[tokio::test]
async fn a_hostile_title_cannot_write_a_header_of_a_download() {
    let gateway = TestGateway::start().await;
    for title in TITLES {
        let (status, made) =
            gateway.send(Method::POST, "/api/v1/conversations", &json!({ "title": title })).await;
        if status != 201 {
            assert_eq!(status, 422, "{title:?}: {made}");
            continue;
        }
        let id = made["id"].as_str().unwrap();
        for format in ["json", "markdown"] {
            let path = format!("/api/v1/conversations/{id}/export?format={format}");
            let answer = gateway.launcher(Method::GET, &path).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{title:?}");
            assert!(!answer.headers().contains_key(header::SET_COOKIE), "{title:?}");
            let named = answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
            let name = named.strip_prefix("attachment; filename=\"").and_then(|rest| rest.strip_suffix('"'));
            let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
            assert!(
                name.is_some_and(|name| name.chars().all(plain) && !name.starts_with('.')),
                "{title:?}: {named}"
            );
        }
    }
}

#[tokio::test]
async fn the_session_cookie_is_for_this_host_and_no_script() {
    let gateway = TestGateway::start().await;
    let path = gateway.login_path().await;
    let answer = gateway.anonymous(Method::GET, &path).send().await.unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(
        !cookie.to_lowercase().contains("domain="),
        "a cookie for a whole domain reaches previews: {cookie}"
    );
}
