//! Messages that the model hears while its run goes on.

use http::Method;
use serde_json::json;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{Entry, UserMessage};

use crate::core_client::{Setup, texts};

#[tokio::test]
async fn a_message_waits_until_the_model_hears_it_and_then_stands_in_the_run() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    let (status, receipt) = setup.try_say("mine", "Use tabs.", "steer").await;
    assert_eq!((status, &receipt["run_id"]), (202, &json!(null)));
    let told: UserMessage = setup.engine.told().await;
    assert_eq!((told.text.as_str(), json!(told.id)), ("Use tabs.", receipt["message_id"].clone()));
    assert_eq!(setup.snapshot().await.queue.len(), 1, "it was not heard yet");

    run.result("call_1", "ok");
    run.tell(EngineEvent::Entry { entry: Box::new(Entry::User(told)) });
    follower.until(|body| matches!(body, EventBody::QueueUpdated { queue } if queue.is_empty())).await;
    let id = run.step();
    run.text("With tabs.");
    run.answer(&id, "With tabs.", &[]);
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let snapshot = setup.snapshot().await;
    assert_eq!(texts(&snapshot.messages), ["go", "Use tabs.", "With tabs."]);
    let heard = snapshot.messages.iter().find(|message| message.client_id.as_deref() == Some("mine"));
    assert_eq!(heard.and_then(|message| message.run_id.clone()), snapshot.conversation.run_id);
    let kinds: Vec<String> =
        setup.transcript().await.iter().map(|entry| entry["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["user", "assistant", "tool_result", "user", "assistant"]);
    assert!(setup.engine.is_idle(), "it starts no run of its own");
}

#[tokio::test]
async fn what_a_run_did_not_hear_starts_the_next_one() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    setup.try_say("mine", "And then that.", "steer").await;
    setup.engine.told().await;
    run.reply("done");
    let next = setup.engine.run().await;
    assert_eq!(next.said(), ["go", "And then that."]);
    next.reply("that as well");
    follower.until_text("that as well").await;
}

#[tokio::test]
async fn a_message_that_is_removed_is_taken_back_from_the_run() {
    let mut setup = Setup::new().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    let (_, receipt) = setup.try_say("mine", "Never mind.", "steer").await;
    setup.engine.told().await;
    let id = receipt["message_id"].as_str().unwrap();
    let (status, _) =
        setup.gateway.send(Method::DELETE, &setup.path(&format!("/queue/{id}")), &json!(null)).await;
    assert_eq!(status, 204);
    assert_eq!(setup.engine.taken_back().await, id);
    run.reply("done");
}
