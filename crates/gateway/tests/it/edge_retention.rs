//! How long things are kept: chosen, told with its source, and carried out.

use std::fs::{self, File, FileTimes};
use std::time::{Duration, SystemTime};

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::RetentionChoices;
use slipway_protocol::event::EventBody;
use sqlx::Row as _;

use crate::checkpoint_scene::Scene;
use crate::core_client::{Setup, create};
use crate::harness::TestGateway;

const PATH: &str = "/api/v1/settings/retention";

async fn choose(gateway: &TestGateway, choices: &Value) {
    let (status, report) = gateway.send(Method::PUT, PATH, choices).await;
    assert_eq!((status, &report["saved"]), (200, choices));
}

/// Waits until `is_done`, which the gateway brings about by itself.
async fn until(mut is_done: impl AsyncFnMut() -> bool) {
    while !is_done().await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_is_in_force_is_told_with_its_source() {
    let gateway = TestGateway::start_with(|config| {
        config.retention = RetentionChoices { archived_days: Some(90), ..RetentionChoices::default() };
    })
    .await;
    let report = gateway.get(PATH).await;
    let expected = json!({ "archived_days": 90, "checkpoint_days": 0, "replaced_days": 0, "events": 20_000 });
    assert_eq!(report["retention"], expected);
    assert_eq!((&report["sources"]["archived_days"], &report["saved"]), (&json!("env"), &json!({})));
    assert_eq!(report["sources"]["events"], "default");
    choose(&gateway, &json!({ "archived_days": 0, "events": 5000 })).await;
    for (choices, words) in [
        (json!({ "archived_days": 3651 }), "archived_days is `3651`, but must be 1 to 3650, or 0"),
        (json!({ "events": 999 }), "events is `999`"),
        (json!({ "event": 1000 }), "There is no field `event`"),
        (json!({ "events": "all" }), "expected u32"),
    ] {
        let (status, problem) = gateway.send(Method::PUT, PATH, &choices).await;
        assert_eq!(status, 422);
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    let report = gateway.get(PATH).await;
    assert_eq!(report["retention"]["archived_days"], 0);
    assert_eq!(report["sources"]["archived_days"], "instance");
}

#[tokio::test]
async fn conversations_that_were_archived_long_ago_are_deleted() {
    let setup = Setup::without_host().await;
    let gateway = &setup.gateway;
    let old = create(gateway).await;
    let [lately, pinned, listed] = [create(gateway).await, create(gateway).await, create(gateway).await];
    for (id, change) in [
        (&old, json!({ "archived": true })),
        (&lately, json!({ "archived": true })),
        (&pinned, json!({ "archived": true, "pinned": true })),
    ] {
        let path = format!("/api/v1/conversations/{id}");
        assert_eq!(gateway.send(Method::PATCH, &path, &change).await.0, 200);
    }
    // One second is too few days ago, one day too many; a pinned one would come first.
    for (id, days) in [(&old, 31), (&lately, 29), (&pinned, 40)] {
        let sql = "UPDATE conversations SET archived_at = archived_at - $2 WHERE id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(days * 24 * 3600 * 1000_i64);
        query.execute(gateway.app().store.pool()).await.unwrap();
    }
    let mut follower = setup.follow().await;
    choose(gateway, &json!({ "archived_days": 30 })).await;
    let told = follower.until(|body| matches!(body, EventBody::ConversationDeleted { .. })).await;
    assert!(matches!(told, EventBody::ConversationDeleted { conversation_id } if conversation_id == old));
    let ids = async |query: &str| {
        let list = gateway.get(&format!("/api/v1/conversations{query}")).await;
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("?archived=true").await, [pinned.to_string(), lately.to_string()]);
    assert!(ids("").await.contains(&listed.to_string()));
}

#[tokio::test]
async fn what_comes_back_into_the_list_is_not_old() {
    let gateway = TestGateway::start().await;
    let id = create(&gateway).await;
    let archived_at = async || {
        let query = sqlx::query("SELECT archived_at FROM conversations WHERE id = $1").bind(id.as_str());
        let row = query.fetch_one(gateway.app().store.pool()).await.unwrap();
        row.get::<Option<i64>, _>(0)
    };
    for archived in [true, false] {
        let path = format!("/api/v1/conversations/{id}");
        gateway.send(Method::PATCH, &path, &json!({ "archived": archived })).await;
        assert_eq!(archived_at().await.is_some(), archived);
    }
}

#[tokio::test]
async fn old_checkpoints_are_given_up() {
    let mut scene = Scene::new().await;
    scene.turn(|root| fs::write(root.join("a"), "one").unwrap()).await;
    let path = scene.setup.path("/checkpoints");
    let gateway = &scene.setup.gateway;
    let listed = async || gateway.get(&path).await["items"].as_array().unwrap().len();
    let all = listed().await;
    assert!(all >= 2, "{all}");
    let pool = gateway.app().store.pool();
    let row = sqlx::query("SELECT MIN(ordinal) AS first FROM checkpoints").fetch_one(pool).await.unwrap();
    let sql = "UPDATE checkpoints SET created_at = created_at - $1 WHERE ordinal = $2";
    let query = sqlx::query(sql).bind(49 * 3600 * 1000_i64).bind(row.get::<i64, _>("first"));
    query.execute(pool).await.unwrap();
    choose(gateway, &json!({ "checkpoint_days": 2 })).await;
    until(async || listed().await == all - 1).await;
}

#[tokio::test]
async fn old_events_and_what_a_backup_replaced_are_given_up() {
    let gateway = TestGateway::start().await;
    let store = &gateway.app().store;
    let mut write = store.write().await.unwrap();
    for _ in 0..1500 {
        let text = EventBody::PartDelta { part_id: "part_1".into(), text: "x".to_owned() };
        write.record(None, text).await.unwrap();
    }
    write.commit().await.unwrap();
    let replaced = gateway.directory.path().join("before-restore");
    fs::create_dir(&replaced).unwrap();
    fs::write(replaced.join("slipway.db"), "old").unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(8 * 24 * 3600);
    File::open(&replaced).unwrap().set_times(FileTimes::new().set_modified(long_ago)).unwrap();
    choose(&gateway, &json!({ "replaced_days": 9, "events": 1000 })).await;
    let count = async || {
        let row = sqlx::query("SELECT COUNT(*) FROM events").fetch_one(store.pool()).await.unwrap();
        row.get::<i64, _>(0)
    };
    until(async || count().await <= 1000).await;
    assert!(replaced.exists());
    choose(&gateway, &json!({ "replaced_days": 7, "events": 1000 })).await;
    until(async || !replaced.exists()).await;
}
