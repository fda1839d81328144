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
    assert_eq!(status, 200);
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

async fn listed(setup: &Setup, query: &str) -> Vec<serde_json::Value> {
    let list = setup.gateway.get(&format!("/api/v1/conversations{query}")).await;
    list["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn pinned_conversations_come_first_and_archived_ones_are_apart() {
    let mut setup = Setup::new().await;
    let (second, third) = (create(&setup.gateway).await, create(&setup.gateway).await);
    let first = setup.conversation.clone();
    let mut follower = setup.follow().await;
    let (status, pinned) =
        setup.gateway.send(Method::PATCH, &setup.path(""), &json!({ "pinned": true })).await;
    assert_eq!((status, &pinned["pinned"]), (200, &json!(true)));
    let told = follower.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
    assert!(matches!(told, EventBody::ConversationUpdated { conversation } if conversation.pinned));
    assert_eq!(listed(&setup, "").await, [json!(first), json!(third), json!(second)]);

    let (status, _) = setup
        .gateway
        .send(Method::PATCH, &format!("/api/v1/conversations/{third}"), &json!({ "archived": true }))
        .await;
    assert_eq!(status, 200);
    let (status, _) = setup.gateway.send(Method::PATCH, &setup.path(""), &json!({ "archived": true })).await;
    assert_eq!(status, 200);
    assert_eq!(listed(&setup, "").await, [json!(second)]);
    assert_eq!(listed(&setup, "?archived=true").await, [json!(first), json!(third)]);

    // Work brings it back.
    setup.say("go on").await;
    assert_eq!(listed(&setup, "").await, [json!(first), json!(second)]);
    assert!(!setup.snapshot().await.conversation.archived);
    setup.engine.run().await.reply("done");
}

#[tokio::test]
async fn pages_of_the_list_have_every_conversation_once() {
    let setup = Setup::new().await;
    let mut expected = vec![json!(setup.conversation)];
    for number in 0..119 {
        let id = create(&setup.gateway).await;
        if number % 3 == 0 {
            let path = format!("/api/v1/conversations/{id}");
            setup.gateway.send(Method::PATCH, &path, &json!({ "pinned": true })).await;
        }
        expected.push(json!(id));
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let list = setup.gateway.get(&format!("/api/v1/conversations{next}")).await;
        let items = list["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| (item["pinned"] == json!(true), item["id"].clone())));
        match list["next"].as_str() {
            Some(key) => next = format!("?before={key}"),
            None => break,
        }
    }
    assert!(seen.is_sorted_by(|left, right| left.0 >= right.0), "pinned ones come first");
    let mut ids: Vec<_> = seen.into_iter().map(|(_, id)| id).collect();
    let by_text = |id: &serde_json::Value| id.to_string();
    ids.sort_by_key(by_text);
    expected.sort_by_key(by_text);
    assert_eq!(ids, expected);
}
