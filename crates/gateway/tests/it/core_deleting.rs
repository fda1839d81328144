//! Deleting a conversation, bringing it back, and what is left when nobody did.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::event::{EventBody, RunStatus};
use sqlx::{AssertSqlSafe, Row};

use crate::core_client::{Follower, Setup, texts};
use crate::harness::TestGateway;

/// Where something of a conversation is kept, and the column that names the conversation.
const TABLES: [(&str, &str); 15] = [
    ("conversations", "id"),
    ("purses", "id"),
    ("entries", "conversation_id"),
    ("messages", "conversation_id"),
    ("parts", "conversation_id"),
    ("wordings", "conversation_id"),
    ("sends", "conversation_id"),
    ("queue", "conversation_id"),
    ("runs", "conversation_id"),
    ("calls", "conversation_id"),
    ("call_output", "conversation_id"),
    ("questions", "conversation_id"),
    ("images", "conversation_id"),
    ("checkpoints", "conversation_id"),
    ("events", "conversation_id"),
];

async fn delete(setup: &Setup, query: &str) -> (u16, Value) {
    setup.gateway.send(Method::DELETE, &setup.path(query), &json!({})).await
}

/// In how many rows of which tables something of a conversation is.
async fn rows(gateway: &TestGateway, conversation: &str) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for (table, column) in TABLES {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(conversation.to_owned());
        let count: i64 = query.fetch_one(gateway.app().store.pool()).await.unwrap().try_get(0).unwrap();
        if count > 0 {
            found.push((table.to_owned(), count));
        }
    }
    found
}

/// A conversation in which something was said, done and put into the queue.
async fn eventful() -> Setup {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("find the quokka").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "I look.", &["call-1"]);
    run.result("call-1", "found");
    run.reply("here it is");
    follower.until_status(RunStatus::Done).await;
    setup
}

#[tokio::test]
async fn a_deleted_conversation_is_not_there_and_comes_back_as_it_was() {
    let setup = eventful().await;
    let before = setup.snapshot().await;
    let mut follower = setup.follow().await;
    let (status, deletion) = delete(&setup, "").await;
    assert_eq!(status, 200, "{deletion}");
    assert!(deletion["undo_until"].as_i64().unwrap() > before.conversation.updated_at);
    follower.until(|body| matches!(body, EventBody::ConversationDeleted { .. })).await;
    let gone = async |method: Method, rest: &str| {
        let (status, answer) = setup.gateway.send(method, &setup.path(rest), &json!({})).await;
        assert_eq!(status, 404, "{rest}: {answer}");
    };
    gone(Method::GET, "").await;
    gone(Method::GET, "/transcript").await;
    gone(Method::GET, "/export").await;
    gone(Method::POST, "/continue").await;
    gone(Method::DELETE, "").await;
    for query in ["", "?archived=true"] {
        let list = setup.gateway.get(&format!("/api/v1/conversations{query}")).await;
        assert_eq!(list["items"], json!([]));
    }
    let found = setup.gateway.get("/api/v1/search?q=quokka").await;
    assert!(!found.to_string().contains(setup.conversation.as_str()), "{found}");

    let (status, back) = setup.post("/undelete").await;
    assert_eq!((status, &back["id"]), (200, &json!(setup.conversation)), "{back}");
    follower.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
    let now = setup.snapshot().await;
    assert_eq!((now.conversation, now.messages), (before.conversation, before.messages));
    let found = setup.gateway.get("/api/v1/search?q=quokka").await;
    assert!(found.to_string().contains(setup.conversation.as_str()), "{found}");
    // Again, and nothing is left to be done.
    assert_eq!(setup.post("/undelete").await.0, 200);
}

#[tokio::test]
async fn nothing_is_left_of_what_is_removed_for_good() {
    let setup = eventful().await;
    let id = setup.conversation.to_string();
    assert!(rows(&setup.gateway, &id).await.len() > 5);
    assert_eq!(delete(&setup, "?undo_seconds=0").await.0, 200);
    // That it is gone is the one thing that readers are told later.
    assert_eq!(rows(&setup.gateway, &id).await, [("events".to_owned(), 1)]);
    assert_eq!(setup.post("/undelete").await.0, 404);
    let other = setup.gateway.conversation().await;
    let path = format!("/api/v1/conversations/{other}?undo_seconds=86401");
    assert_eq!(setup.gateway.send(Method::DELETE, &path, &json!({})).await.0, 422);
}

#[tokio::test]
async fn what_can_still_be_brought_back_can_be_after_a_restart_and_the_rest_is_removed() {
    let setup = eventful().await;
    let (kept, gone) = (setup.conversation.clone(), setup.gateway.conversation().await);
    assert_eq!(delete(&setup, "").await.0, 200);
    let path = format!("/api/v1/conversations/{gone}?undo_seconds=86400");
    assert_eq!(setup.gateway.send(Method::DELETE, &path, &json!({})).await.0, 200);
    // As if its time had passed while nothing ran.
    let sql = "UPDATE conversations SET deleted_until = 1 WHERE id = $1";
    sqlx::query(sql).bind(gone.clone()).execute(setup.gateway.app().store.pool()).await.unwrap();
    let undelete = format!("/api/v1/conversations/{gone}/undelete");
    assert_eq!(setup.gateway.send(Method::POST, &undelete, &json!({})).await.0, 404);

    let directory = setup.gateway.stop().await;
    let gateway = TestGateway::start_in(directory, |_| {}).await;
    let mut left = rows(&gateway, &gone).await;
    while left != [("events".to_owned(), 1)] {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        left = rows(&gateway, &gone).await;
    }
    let undelete = format!("/api/v1/conversations/{kept}/undelete");
    assert_eq!(gateway.send(Method::POST, &undelete, &json!({})).await.0, 200);
    let snapshot = gateway.get(&format!("/api/v1/conversations/{kept}")).await;
    assert!(snapshot.to_string().contains("find the quokka"));
}

#[tokio::test]
async fn deleting_stops_the_run_and_what_waits_stays_waiting() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    run.step();
    run.text("so far");
    follower.until_text("so far").await;
    setup.say("patient").await;
    assert_eq!(delete(&setup, "").await.0, 200);
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
    assert!(setup.engine.is_idle());
    assert_eq!(setup.post("/undelete").await.0, 200);
    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.conversation.status, RunStatus::Stopped);
    assert_eq!(texts(&snapshot.messages), ["go", "so far"]);
    assert_eq!(snapshot.queue.len(), 1);
    setup.post("/continue").await;
    setup.engine.run().await.reply("went on");
    follower.until_text("went on").await;
}

#[tokio::test]
async fn an_urgent_message_starts_nothing_in_a_deleted_conversation() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    setup.say("urgent").await;
    // It would follow however the run ends.
    sqlx::query("UPDATE queue SET urgent = 1").execute(setup.gateway.app().store.pool()).await.unwrap();
    assert_eq!(delete(&setup, "").await.0, 200);
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
    assert_eq!(setup.post("/undelete").await.0, 200);
    let snapshot = setup.snapshot().await;
    assert_eq!((snapshot.conversation.status, snapshot.queue.len()), (RunStatus::Stopped, 1));
}

#[tokio::test]
async fn readers_learn_of_both_in_order() {
    let setup = eventful().await;
    let cursor = setup.snapshot().await.cursor;
    delete(&setup, "").await;
    setup.post("/undelete").await;
    let mut late = Follower::open(&setup.gateway, &setup.conversation, Some(&cursor)).await;
    late.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
    let kinds: Vec<&str> =
        late.kinds.iter().map(String::as_str).filter(|kind| kind.starts_with("conv")).collect();
    assert_eq!(kinds, ["conversation.deleted", "conversation.updated"]);
}
