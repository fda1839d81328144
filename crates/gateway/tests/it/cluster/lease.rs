//! A gateway that is gone, or only taken to be, is replaced; it can do nothing any more.

use slipway_gateway::store::StoreError;
use slipway_gateway::store::runs::{Intent, begin_call};
use slipway_protocol::event::{EventBody, RunStatus};

use super::pair;
use crate::core_client::{Follower, texts};

/// Ends a gateway's lease, as another one does when it has expired.
async fn expire(gateway: &crate::harness::TestGateway) {
    let store = &gateway.app().store;
    let done = sqlx::query("DELETE FROM gateways WHERE id = $1").bind(store.member().unwrap().to_owned());
    assert_eq!(done.execute(store.pool()).await.unwrap().rows_affected(), 1);
}

#[tokio::test]
async fn a_gateway_without_its_lease_can_write_nothing_and_another_ends_its_runs() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    let id = run.step();
    run.text("so far");
    follower.until_text("so far").await;
    expire(&first.gateway).await;
    let store = &first.gateway.app().store;
    assert!(matches!(store.write().await, Err(StoreError::Replaced)));
    let intent = Intent {
        invocation_id: &"inv_1".into(),
        conversation_id: &first.conversation,
        run_id: &run.request.run_id,
        call_id: &"call_1".into(),
        tool: "touch",
    };
    assert!(!begin_call(store, &intent).await.unwrap(), "no tool call begins");
    run.answer(&id, "so far and further", &[]);
    let EventBody::RunStatus { problem, .. } = follower.until_status(RunStatus::Stopped).await else {
        panic!("no status")
    };
    assert_eq!(problem.unwrap().code, "gateway_lost");
    assert_eq!(texts(&follower.messages), ["go", "so far"]);
    run.given_up().await;
    // The person goes on with the gateway that is left.
    let (status, _) = second.send(http::Method::POST, &first.path("/continue"), &serde_json::json!({})).await;
    assert_eq!(status, 202);
    first.engine.run().await.reply("done");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn a_gateway_that_notices_that_it_was_replaced_stops() {
    let (_first, second) = pair().await;
    expire(&second).await;
    tokio::time::timeout(crate::core_engine::LIMIT, second.app().lost_lease.cancelled()).await.unwrap();
    assert!(second.app().shutdown.is_cancelled());
}

#[tokio::test]
async fn a_gateway_that_stops_leaves_its_runs_at_once() {
    let (mut first, second) = pair().await;
    let mut follower = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let run = first.engine.run().await;
    // Its lease would last for long.
    first.gateway.stop().await;
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
}

#[tokio::test]
async fn a_gateway_that_starts_anew_has_what_its_earlier_life_left() {
    let (mut first, second) = pair().await;
    drop(second);
    first.say("go").await;
    let _run = first.engine.run().await;
    let before = first.gateway.app().store.member().unwrap().to_owned();
    // As after kill -9: the row is there, and the lease lasts.
    let database = first.gateway.app().config.database_url.clone();
    let directory = first.gateway.stop().await;
    let lively = "INSERT INTO gateways (id, node, expires_at) VALUES ($1, $2, 9000000000000000)";
    let node = std::fs::read_to_string(directory.path().join("gateway.node")).unwrap();
    let again =
        crate::harness::TestGateway::start_with(|config| config.database_url = database.clone()).await;
    sqlx::query(lively).bind(before.as_str()).bind(node).execute(again.app().store.pool()).await.unwrap();
    let mine = crate::harness::TestGateway::start_in(directory, |_| {}).await;
    let rows = sqlx::query("SELECT id FROM gateways WHERE id = $1").bind(before);
    assert!(rows.fetch_optional(mine.app().store.pool()).await.unwrap().is_none());
}
