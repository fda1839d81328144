//! ETags: what is known is not sent again, and what has changed is not overwritten.

use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use slipway_gateway::store::Backend;

use crate::harness::{TestGateway, json};

async fn tag(gateway: &TestGateway, path: &str) -> String {
    let answer = gateway.launcher(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.headers()[header::ETAG].to_str().unwrap().to_owned()
}

async fn change(gateway: &TestGateway, method: Method, path: &str, tag: &str, body: &Value) -> (u16, Value) {
    let request = gateway.launcher(method, path).header(header::IF_MATCH, tag).json(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), json(answer).await)
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let gateway = TestGateway::start().await;
    let conversation = format!("/api/v1/conversations/{}", gateway.conversation().await);
    for path in ["/api/v1/settings", "/api/v1/conversations", &conversation, "/api/v1/webhooks"] {
        let known = tag(&gateway, path).await;
        assert!(known.starts_with('"') && known.ends_with('"'), "{known} is strong");
        let read = gateway.launcher(Method::GET, path).header(header::IF_NONE_MATCH, &known);
        let answer = read.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(answer.headers()[header::ETAG], known.as_str());
        assert_eq!(answer.bytes().await.unwrap().len(), 0);
        let read = gateway.launcher(Method::GET, path).header(header::IF_NONE_MATCH, "\"other\"");
        assert_eq!(read.send().await.unwrap().status(), StatusCode::OK, "{path}");
    }
    let before = tag(&gateway, &conversation).await;
    // Something elsewhere moves the position in the event stream, and nothing else here.
    gateway.conversation().await;
    assert_eq!(tag(&gateway, &conversation).await, before);
    gateway.send(Method::PATCH, &conversation, &json!({ "title": "new" })).await;
    assert_ne!(tag(&gateway, &conversation).await, before);
}

#[tokio::test]
async fn what_has_changed_is_not_overwritten() {
    let gateway = TestGateway::start().await;
    let conversation = format!("/api/v1/conversations/{}", gateway.conversation().await);
    let (_, made) =
        gateway.send(Method::POST, "/api/v1/webhooks", &json!({ "url": "https://example.com/" })).await;
    let webhook = format!("/api/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
    for (path, first, second) in [
        ("/api/v1/settings", json!({ "instructions": "one" }), json!({ "instructions": "two" })),
        (&conversation, json!({ "title": "one" }), json!({ "title": "two" })),
        (&webhook, json!({ "events": ["run.failed"] }), json!({ "enabled": false })),
    ] {
        let seen = tag(&gateway, path).await;
        assert_eq!(change(&gateway, Method::PATCH, path, &seen, &first).await.0, 200, "{path}");
        let now = tag(&gateway, path).await;
        let (status, problem) = change(&gateway, Method::PATCH, path, &seen, &second).await;
        assert_eq!((status, &problem["code"]), (412, &json!("changed_meanwhile")), "{path}");
        assert_eq!(tag(&gateway, path).await, now, "nothing has changed");
        assert_eq!(change(&gateway, Method::PATCH, path, &format!("\"x\", {now}"), &second).await.0, 200);
        assert_eq!(change(&gateway, Method::PATCH, path, "*", &first).await.0, 200);
    }
    let (status, _) = change(&gateway, Method::DELETE, &webhook, "\"old\"", &json!({})).await;
    assert_eq!(status, 412);
    let missing = "/api/v1/webhooks/wh_1";
    assert_eq!(change(&gateway, Method::PATCH, missing, "*", &json!({})).await.0, 404);
    let unlisted = "/api/v1/providers/nobody";
    assert_eq!(change(&gateway, Method::DELETE, unlisted, "*", &json!({})).await.0, 422, "it has no tag");
    // A backup has none either, and PostgreSQL's are not made here at all.
    let refused = if gateway.app().store.backend() == Backend::Sqlite { 422 } else { 409 };
    let (status, problem) = change(&gateway, Method::PUT, "/api/v1/backup", "*", &json!({})).await;
    assert_eq!(status, refused, "{problem}");
}

#[tokio::test]
async fn of_changes_to_the_same_state_one_succeeds() {
    let gateway = TestGateway::start().await;
    let path = "/api/v1/settings";
    let seen = tag(&gateway, path).await;
    let bodies: Vec<Value> = (0..8).map(|n| json!({ "instructions": format!("number {n}") })).collect();
    let all = bodies.iter().map(|body| change(&gateway, Method::PATCH, path, &seen, body));
    let statuses: Vec<u16> =
        futures::future::join_all(all).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 7, "{statuses:?}");
}
