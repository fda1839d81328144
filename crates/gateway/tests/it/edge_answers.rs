//! `Idempotency-Key`: what is sent again does nothing again.

use http::{Method, StatusCode};
use reqwest::Response;
use serde_json::{Value, json};

use crate::core_client::Setup;
use crate::harness::{TestGateway, json};

async fn post(gateway: &TestGateway, path: &str, key: &str, body: &Value) -> Response {
    let request = gateway.launcher(Method::POST, path).header("Idempotency-Key", key);
    request.json(body).send().await.unwrap()
}

async fn titles(gateway: &TestGateway) -> Vec<String> {
    let list = gateway.get("/api/v1/conversations").await;
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_same_request_is_answered_the_same_and_done_once() {
    let gateway = TestGateway::start().await;
    let path = "/api/v1/conversations";
    let first = post(&gateway, path, "key-1", &json!({ "title": "one" })).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    assert!(first.headers().get("idempotency-replayed").is_none());
    let first = json(first).await;
    let again = post(&gateway, path, "key-1", &json!({ "title": "one" })).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.headers()["content-type"], "application/json");
    assert_eq!(json(again).await, first);
    assert_eq!(titles(&gateway).await, ["one"]);

    // Over a restart too.
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    assert_eq!(json(post(&gateway, path, "key-1", &json!({ "title": "one" })).await).await, first);
    for (path, body) in
        [(path, json!({ "title": "two" })), ("/api/v1/providers/test", json!({ "title": "one" }))]
    {
        let other = post(&gateway, path, "key-1", &body).await;
        assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(json(other).await["code"], "idempotency_key_reused");
    }
    post(&gateway, path, "key-2", &json!({ "title": "two" })).await;
    assert_eq!(titles(&gateway).await, ["two", "one"]);
}

#[tokio::test]
async fn a_refused_request_frees_its_key() {
    let gateway = TestGateway::start().await;
    let path = "/api/v1/conversations";
    let refused = post(&gateway, path, "key", &json!({ "title": "two\nlines" })).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&gateway, path, "key", &json!({ "title": "one" })).await.status(), StatusCode::CREATED);
    for key in ["", &"x".repeat(256)] {
        let refused = post(&gateway, path, key, &json!({})).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{key}");
    }
    assert_eq!(titles(&gateway).await, ["one"]);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let gateway = TestGateway::start().await;
    let body = json!({ "title": "one" });
    let all = (0..8).map(|_| post(&gateway, "/api/v1/conversations", "key", &body));
    for answer in futures::future::join_all(all).await {
        let status = answer.status();
        let body = json(answer).await;
        match status {
            StatusCode::CREATED => assert_eq!(body["title"], "one"),
            StatusCode::CONFLICT => assert_eq!(body["code"], "idempotency_key_in_use"),
            other => panic!("{other}: {body}"),
        }
    }
    assert_eq!(titles(&gateway).await, ["one"]);
}

#[tokio::test]
async fn a_key_and_a_messages_own_id_go_together() {
    let mut setup = Setup::new().await;
    let path = setup.path("/messages");
    let message = json!({ "client_id": "mine", "text": "hello" });
    let first = json(post(&setup.gateway, &path, "key", &message).await).await;
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["hello"]);
    for key in ["key", "another"] {
        assert_eq!(json(post(&setup.gateway, &path, key, &message).await).await, first, "{key}");
    }
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn secrets_in_answers_are_kept_encrypted_only() {
    let gateway = TestGateway::start().await;
    let body = json!({ "url": "https://example.com/" });
    let made = json(post(&gateway, "/api/v1/webhooks", "key", &body).await).await;
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(json(post(&gateway, "/api/v1/webhooks", "key", &body).await).await["secret"], secret);
    let link = post(&gateway, "/api/v1/session/links", "key", &json!({})).await;
    assert!(link.headers().get("idempotency-replayed").is_none(), "logging in takes no key");
    let person = json!({ "name": "ada", "role": "member" });
    let added = post(&gateway, "/api/v1/people", "person", &person).await;
    assert!(added.status().is_success(), "{}", added.status());
    let again = post(&gateway, "/api/v1/people", "person", &person).await;
    assert!(!again.status().is_success(), "accounts take no key");
    let row = sqlx::query("SELECT * FROM answers").fetch_one(gateway.app().store.pool()).await.unwrap();
    let kept: String = sqlx::Row::get(&row, "body");
    assert!(!kept.contains(secret) && !kept.contains("whsec"), "{kept}");
}
