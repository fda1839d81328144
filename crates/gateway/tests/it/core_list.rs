//! The list of conversations: names, deletion, the default model.

use http::Method;
use serde_json::json;
use slipway_protocol::event::EventBody;

use crate::core_client::{Setup, create};

#[tokio::test]
async fn conversations_are_listed_renamed_and_deleted() {
    let setup = Setup::new().await;
    let other = create(&setup.gateway).await;
    let mut follower = setup.follow().await;
    let (status, renamed) =
        setup.gateway.send(Method::PATCH, &setup.path(""), &json!({ "title": "Boats" })).await;
    assert_eq!((status, renamed["title"].as_str()), (200, Some("Boats")));
    follower.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
    let list = setup.gateway.get("/api/v1/conversations").await;
    let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect();
    assert_eq!(ids, [json!(setup.conversation), json!(other)]);

    let (status, _) = setup.gateway.send(Method::DELETE, &setup.path(""), &json!(null)).await;
    assert_eq!(status, 204);
    follower.until(|body| matches!(body, EventBody::ConversationDeleted { .. })).await;
    assert_eq!(setup.gateway.get("/api/v1/conversations").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_demo_is_the_default_and_is_labelled() {
    let setup = Setup::new().await;
    let conversation = setup.snapshot().await.conversation;
    assert!(conversation.scripted);
    let (status, problem) = setup
        .gateway
        .send(Method::PATCH, &setup.path(""), &json!({ "model": { "provider_id": "x", "model": "y" } }))
        .await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("provider_not_found")));
}
