//! What is stored of tool calls: that each was about to be made before anybody could make it, and how it ended.

use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::RunOutcome;
use sqlx::Row;

use crate::core_client::Setup;

/// A row of `calls`.
#[derive(Debug, Clone, PartialEq)]
struct Call {
    invocation: String,
    call: String,
    run: String,
    tool: String,
    status: Option<String>,
    started_at: i64,
    ended_at: Option<i64>,
}

async fn calls(setup: &Setup) -> Vec<Call> {
    let rows =
        sqlx::query("SELECT * FROM calls WHERE conversation_id = $1 ORDER BY started_at, invocation_id")
            .bind(setup.conversation.as_str())
            .fetch_all(setup.gateway.app().store.pool())
            .await
            .unwrap();
    let call = |row: &sqlx::any::AnyRow| Call {
        invocation: row.get("invocation_id"),
        call: row.get("call_id"),
        run: row.get("run_id"),
        tool: row.get("tool"),
        status: row.get("status"),
        started_at: row.get("started_at"),
        ended_at: row.get("ended_at"),
    };
    rows.iter().map(call).collect()
}

#[tokio::test]
async fn a_call_is_stored_before_it_is_made_and_ends_once() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let run_id = run.request.run_id.to_string();
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    let mut answer = run.call_tool("inv_1", "call_1").await;
    assert!(answer.chunk().await.unwrap().unwrap().starts_with(b"{\"type\":\"output\""));
    assert_eq!(setup.host.begun(), ["inv_1"], "the tool host heard of it after the database");
    let begun = calls(&setup).await;
    let [call] = &begun[..] else { panic!("{begun:?}") };
    assert_eq!(
        (call.invocation.as_str(), call.call.as_str(), call.run.as_str(), call.tool.as_str()),
        ("inv_1", "call_1", run_id.as_str(), "touch")
    );
    assert_eq!((&call.status, call.ended_at), (&None, None));
    assert!(call.started_at > 0);

    // The same execution is not made again, and leaves what is known of it alone.
    assert_eq!(run.call_tool("inv_1", "call_1").await.status(), 409);
    assert_eq!(calls(&setup).await, begun);

    setup.host.end("inv_1");
    let end = answer.chunk().await.unwrap().unwrap();
    assert!(end.starts_with(b"{\"type\":\"result\""), "{end:?}");
    run.result("call_1", "done");
    follower.until(|body| matches!(body, EventBody::ToolFinished { .. })).await;
    let ended = calls(&setup).await;
    let [call] = &ended[..] else { panic!("{ended:?}") };
    assert_eq!(call.status.as_deref(), Some("ok"));
    assert!(call.ended_at.is_some_and(|at| at >= call.started_at), "{call:?}");
    assert_eq!(setup.host.asked(), ["call inv_1"]);

    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    assert_eq!(calls(&setup).await, ended, "the end of the run changes nothing about it");
}

#[tokio::test]
async fn of_a_call_that_nobody_saw_end_no_end_is_stored() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1", "call_2"]);
    let mut first = run.call_tool("inv_1", "call_1").await;
    let mut second = run.call_tool("inv_2", "call_2").await;
    first.chunk().await.unwrap();
    second.chunk().await.unwrap();
    setup.host.end("inv_1");
    first.chunk().await.unwrap();
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    let known: Vec<_> = calls(&setup).await.into_iter().map(|call| (call.invocation, call.status)).collect();
    assert_eq!(known, [("inv_1".to_owned(), Some("ok".to_owned())), ("inv_2".to_owned(), None)]);
    assert_eq!(setup.host.begun(), ["inv_1", "inv_2"]);
}

#[tokio::test]
async fn a_call_that_no_answer_asks_for_is_neither_stored_nor_made() {
    let mut setup = Setup::new().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    assert_eq!(run.call_tool("inv_1", "call_9").await.status(), 409);
    assert_eq!(calls(&setup).await, []);
    assert_eq!(setup.host.asked(), Vec::<String>::new());
}
