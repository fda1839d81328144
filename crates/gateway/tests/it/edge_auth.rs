//! Who gets in, from where, and how.

use http::{Method, header};
use reqwest::StatusCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{TestGateway, cookie_of, json};

#[tokio::test]
async fn strangers_are_refused_everywhere_but_at_the_door() {
    let gateway = TestGateway::start().await;
    for path in
        ["/", "/index.html", "/assets/x.js", "/c/1", "/api/v1/instance", "/api/v1/nothing", "/api/v1/desktop"]
    {
        for url in [gateway.url(path), gateway.desktop_url(path)] {
            let answer = gateway.http.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{url}");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json", "{url}");
            assert_eq!(json(answer).await["code"], "not_logged_in", "{url}");
        }
    }
    for path in ["/healthz", "/readyz"] {
        let answer = gateway.anonymous(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let wrong = gateway.anonymous(Method::GET, "/api/v1/instance").bearer_auth("wrong");
    assert_eq!(wrong.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let wrong =
        gateway.anonymous(Method::GET, "/api/v1/instance").header("cookie", "slipway_session_1=wrong");
    assert_eq!(wrong.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_without_a_session_is_told_what_to_do() {
    let gateway = TestGateway::start().await;
    for url in [gateway.url("/c/some"), gateway.desktop_url("/")] {
        let answer = gateway.http.get(url).header(header::ACCEPT, "text/html,*/*").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(answer.text().await.unwrap().contains("<code>slipway open</code>"));
    }
}

#[tokio::test]
async fn a_link_works_once_and_its_cookie_until_logout() {
    let gateway = TestGateway::start().await;
    let path = gateway.login_path().await;
    let first = gateway.anonymous(Method::GET, &path).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::SEE_OTHER);
    let attributes = first.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(attributes.starts_with("slipway_session_1="), "{attributes}");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(attributes.contains(attribute), "{attributes} lacks {attribute}");
    }
    let cookie = cookie_of(&first);
    let second = gateway.anonymous(Method::GET, &path).send().await.unwrap();
    assert_eq!(second.status(), StatusCode::UNAUTHORIZED);

    for url in [gateway.url("/api/v1/instance"), gateway.desktop_url("/")] {
        let answer = gateway.http.get(url).header(header::COOKIE, &cookie).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let out = gateway.anonymous(Method::DELETE, "/api/v1/session").header(header::COOKIE, &cookie);
    assert_eq!(out.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    let after = gateway.anonymous(Method::GET, "/api/v1/instance").header(header::COOKIE, &cookie);
    assert_eq!(after.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_outlives_the_gateway() {
    let gateway = TestGateway::start().await;
    let cookie = gateway.cookie().await;
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    let answer = gateway.anonymous(Method::GET, "/api/v1/instance").header(header::COOKIE, cookie);
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn only_the_launcher_makes_links() {
    let gateway = TestGateway::start().await;
    let cookie = gateway.cookie().await;
    let by_person = gateway.anonymous(Method::POST, "/api/v1/session/links").header(header::COOKIE, cookie);
    let answer = by_person.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(json(answer).await["code"], "launcher_only");
}

#[tokio::test]
async fn the_launchers_token_can_be_traded_and_failures_are_limited() {
    let gateway = TestGateway::start().await;
    let log_in = async |token: &str| {
        let answer = gateway.anonymous(Method::POST, "/api/v1/session").json(&json!({ "token": token }));
        answer.send().await.unwrap()
    };
    let good = log_in("launcher-token-of-the-test").await;
    assert_eq!(good.status(), StatusCode::NO_CONTENT);
    assert!(cookie_of(&good).starts_with("slipway_session_1="));
    let mut statuses = Vec::new();
    for _ in 0..25 {
        statuses.push(log_in("wrong").await.status().as_u16());
    }
    assert_eq!(statuses[..20], [401; 20]);
    assert_eq!(statuses[20..], [429; 5]);
    let limited = log_in("wrong").await;
    assert!(limited.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn foreign_hosts_are_misdirected_on_every_route() {
    let gateway = TestGateway::start().await;
    let token = "launcher-token-of-the-test";
    for path in [
        "/",
        "/assets/x.js",
        "/login?token=x",
        "/healthz",
        "/api/v1/instance",
        "/api/v1/events",
        "/api/v1/desktop",
    ] {
        for url in [gateway.url(path), gateway.desktop_url(path)] {
            for host in ["evil.test", "127.evil.test:3000", "localhost.evil.test", "127.0.0.2", "localhost:x"]
            {
                let request = gateway.http.get(&url).bearer_auth(token).header(header::HOST, host);
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{url} {host}");
            }
        }
    }
    for host in ["localhost:3000", "127.0.0.1", "[::1]:8080"] {
        let request = gateway.launcher(Method::GET, "/api/v1/instance").header(header::HOST, host);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_do_not_reach_the_engine() {
    let gateway = TestGateway::start().await;
    let url = gateway.app().addresses.engines[0].join("v1/runs").unwrap();
    let post = || gateway.http.post(url.clone()).json(&json!({}));
    let foreign = post().header(header::ORIGIN, "http://evil.test").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let rebound = post().header(header::HOST, "evil.test").send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(post().send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn foreign_origins_change_nothing() {
    let gateway = TestGateway::start().await;
    let own = format!("http://{}", gateway.app().addresses.ui);
    let cookie = gateway.cookie().await;
    let send = async |name: &'static str, value: &str| {
        let request = gateway.anonymous(Method::DELETE, "/api/v1/providers/nothing");
        request.header(header::COOKIE, &cookie).header(name, value).send().await.unwrap().status().as_u16()
    };
    for origin in ["http://evil.test", "null", "http://127.0.0.1:1", "https://127.0.0.1.evil.test"] {
        assert_eq!(send("origin", origin).await, 403, "{origin}");
    }
    assert_eq!(send("sec-fetch-site", "cross-site").await, 403);
    assert_eq!(send("sec-fetch-site", "same-site").await, 403);
    assert_eq!(send("origin", &own).await, 404);
    assert_eq!(send("sec-fetch-site", "same-origin").await, 404);
    // What a form of another site could send.
    let form =
        gateway.launcher(Method::PUT, "/api/v1/settings").header("content-type", "text/plain").body("{}");
    assert_eq!(form.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn websockets_need_a_session_and_the_own_origin() {
    let gateway = TestGateway::start().await;
    let cookie = gateway.cookie().await;
    let addresses = &gateway.app().addresses;
    let in_conversation = format!("/api/v1/conversations/{}/desktop", gateway.conversation().await);
    for (address, path) in [
        (addresses.ui, "/api/v1/desktop"),
        (addresses.ui, in_conversation.as_str()),
        (addresses.desktop, "/websockify"),
    ] {
        let own = format!("http://{address}");
        let open = async |origin: Option<&str>, cookie: Option<&str>| {
            let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
            if let Some(origin) = origin {
                request.headers_mut().insert("origin", origin.parse().unwrap());
            }
            if let Some(cookie) = cookie {
                request.headers_mut().insert("cookie", cookie.parse().unwrap());
            }
            match tokio_tungstenite::connect_async(request).await {
                Err(Error::Http(answer)) => answer.status().as_u16(),
                other => panic!("unexpected: {:?}", other.map(|_| Message::Close(None))),
            }
        };
        assert_eq!(open(Some("http://evil.test"), Some(&cookie)).await, 403, "{path}");
        assert_eq!(open(None, Some(&cookie)).await, 403, "{path}");
        assert_eq!(open(Some(&own), None).await, 401, "{path}");
        // Let in, but there is no sandbox.
        assert_eq!(open(Some(&own), Some(&cookie)).await, 503, "{path}");
    }
}

#[tokio::test]
async fn answers_carry_the_security_headers() {
    let gateway = TestGateway::start().await;
    for path in ["/", "/healthz", "/api/v1/instance", "/api/v1/nothing"] {
        let answer = gateway.launcher(Method::GET, path).send().await.unwrap();
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in ["default-src 'self';", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{policy} lacks {part}");
        }
        assert!(!policy.contains("script-src"), "scripts come from default-src: own files only");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "no-referrer");
        assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        assert!(answer.headers().contains_key("x-request-id"));
    }
}
