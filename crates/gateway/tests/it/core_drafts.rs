//! What a person has typed and not sent is the same in all their browsers.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Role;

use crate::harness::TestGateway;
use crate::people::Person;

async fn put(gateway: &TestGateway, path: &str, text: &str, edited_at: i64) -> Value {
    let body = json!({ "text": text, "edited_at": edited_at });
    let (status, answer) = gateway.send(Method::PUT, path, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn the_newest_draft_stands_in_whatever_order_they_come() {
    let gateway = TestGateway::start().await;
    let conversation = format!("/api/v1/conversations/{}/draft", gateway.conversation().await);
    for path in [conversation.as_str(), "/api/v1/account/draft"] {
        assert_eq!(gateway.get(path).await, json!({ "text": "", "edited_at": 0 }));
        assert_eq!(put(&gateway, path, "half", 10).await["text"], "half");
        assert_eq!(put(&gateway, path, "half a thought", 20).await["text"], "half a thought");
        let late = put(&gateway, path, "half a", 15).await;
        assert_eq!(late, json!({ "text": "half a thought", "edited_at": 20 }), "it is told what stands");
        assert_eq!(gateway.get(path).await, late);
        // It was sent: nobody else's older text comes back.
        assert_eq!(put(&gateway, path, "", 30).await["text"], "");
        assert_eq!(put(&gateway, path, "half a thought", 20).await["text"], "");
    }
}

#[tokio::test]
async fn a_clock_that_is_fast_keeps_nobody_out() {
    let gateway = TestGateway::start().await;
    let path = "/api/v1/account/draft";
    let kept = put(&gateway, path, "from the future", i64::MAX).await;
    let now = kept["edited_at"].as_i64().unwrap();
    assert!(now < i64::MAX, "{now}");
    assert_eq!(put(&gateway, path, "from now on", now + 1_000_000).await["text"], "from now on");
}

#[tokio::test]
async fn drafts_are_ones_own_bounded_and_gone_with_their_conversation_and_their_person() {
    let gateway = TestGateway::start().await;
    let id = gateway.conversation().await;
    let path = format!("/api/v1/conversations/{id}/draft");
    put(&gateway, &path, "mine", 10).await;
    put(&gateway, "/api/v1/account/draft", "mine too", 10).await;
    let other = Person::new(&gateway, "other", Role::Member).await;
    assert_eq!(other.sends(&gateway, Method::GET, &path, &json!({})).await.0, 404);
    let (status, draft) = other.sends(&gateway, Method::GET, "/api/v1/account/draft", &json!({})).await;
    assert_eq!((status, &draft["text"]), (200, &json!("")));

    let long = json!({ "text": "x".repeat((256 << 10) + 1), "edited_at": 20 });
    assert_eq!(gateway.send(Method::PUT, &path, &long).await.0, 422);
    assert_eq!(gateway.get(&path).await["text"], "mine");

    let own = json!({ "text": "other", "edited_at": 10 });
    assert_eq!(other.sends(&gateway, Method::PUT, "/api/v1/account/draft", &own).await.0, 200);
    let removed = gateway
        .send(Method::DELETE, &format!("/api/v1/people/{}?conversations=delete", other.id), &json!({}))
        .await;
    assert!(removed.0 < 300, "{removed:?}");
    assert!(gateway.app().store.draft(&other.id, None).await.unwrap().text.is_empty());
}
