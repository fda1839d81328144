//! Changing what waits in the queue.

use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};
use slipway_protocol::MessageId;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::transcript::Entry;

use crate::core_client::{Setup, texts};

async fn waiting(setup: &Setup) -> Vec<(MessageId, String)> {
    let queue = setup.snapshot().await.queue;
    queue.into_iter().map(|message| (message.message_id, message.text)).collect()
}

fn said(queue: &[(MessageId, String)]) -> Vec<&str> {
    queue.iter().map(|(_, text)| text.as_str()).collect()
}

async fn order(setup: &Setup, ids: &[&MessageId]) -> (u16, Value) {
    setup.gateway.send(Method::PUT, &setup.path("/queue"), &json!({ "message_ids": ids })).await
}

async fn edit(setup: &Setup, id: &MessageId, text: &str) -> (u16, Value) {
    let path = setup.path(&format!("/queue/{id}"));
    setup.gateway.send(Method::PATCH, &path, &json!({ "text": text })).await
}

#[tokio::test]
async fn waiting_messages_are_changed_and_put_into_another_order() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    for text in ["one", "two", "three"] {
        setup.say(text).await;
    }
    let queue = waiting(&setup).await;
    let ids: Vec<&MessageId> = queue.iter().map(|(id, _)| id).collect();
    assert_eq!(edit(&setup, ids[1], "two, in other words").await.0, 204);
    assert_eq!(order(&setup, &[ids[2], ids[1], ids[0]]).await.0, 204);
    let told = follower.until(|body| {
        matches!(body, EventBody::QueueUpdated { queue } if queue.first().is_some_and(|first| first.text == "three"))
    });
    let EventBody::QueueUpdated { queue: told } = told.await else { unreachable!() };
    let wanted = ["three", "two, in other words", "one"];
    assert_eq!(told.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), wanted);
    let changed = waiting(&setup).await;
    assert_eq!(said(&changed), wanted);

    run.reply("done");
    for text in wanted {
        let run = setup.engine.run().await;
        assert_eq!(run.said().last().map(String::as_str), Some(text));
        run.reply(&format!("heard {text}"));
    }
    follower.until_text("heard one").await;
}

#[tokio::test]
async fn what_does_not_fit_the_queue_is_refused_and_changes_nothing() {
    let mut setup = Setup::new().await;
    setup.say("go").await;
    let _run = setup.engine.run().await;
    for text in ["one", "two", "three"] {
        setup.say(text).await;
    }
    let queue = waiting(&setup).await;
    let ids: Vec<&MessageId> = queue.iter().map(|(id, _)| id).collect();
    let other = MessageId::from("msg_1");
    for wrong in [
        vec![ids[0], ids[1]],
        vec![ids[0], ids[0], ids[1]],
        vec![ids[0], ids[1], ids[2], ids[2]],
        vec![ids[0], ids[1], &other],
        vec![],
    ] {
        let (status, problem) = order(&setup, &wrong).await;
        assert_eq!((status, &problem["code"]), (409, &json!("queue_changed")), "{wrong:?}");
    }
    assert_eq!(edit(&setup, ids[0], " ").await.0, 422);
    assert_eq!(edit(&setup, ids[0], &"x".repeat((1 << 20) + 1)).await.0, 413);
    assert_eq!(edit(&setup, &other, "x").await.0, 404);
    assert_eq!(waiting(&setup).await, queue);
}

#[tokio::test]
async fn urgent_messages_stay_before_patient_ones() {
    let mut setup = Setup::new().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    setup.say("patient").await;
    // The engine goes on telling: the run is being stopped, but not over.
    setup.try_say("urgent", "urgent", "interrupt").await;
    run.given_up().await;
    let next = setup.engine.run().await;
    assert_eq!(next.said().last().map(String::as_str), Some("urgent"));
    setup.say("later").await;
    let queue = waiting(&setup).await;
    assert_eq!(said(&queue), ["patient", "later"]);
    assert_eq!(order(&setup, &[&queue[1].0, &queue[0].0]).await.0, 204);
    assert_eq!(said(&waiting(&setup).await), ["later", "patient"]);
    next.reply("done");
    let third = setup.engine.run().await;
    assert_eq!(third.said().last().map(String::as_str), Some("later"));
    third.reply("done");
}

#[tokio::test]
async fn a_message_that_is_changed_after_it_was_told_waits_for_the_end_of_the_run() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    let (_, receipt) = setup.try_say("mine", "old words", "steer").await;
    let id = MessageId::from(receipt["message_id"].as_str().unwrap());
    assert_eq!(setup.engine.told().await.text, "old words");
    assert_eq!(edit(&setup, &id, "new words").await.0, 204);
    assert_eq!(setup.engine.taken_back().await, id.as_str());
    run.reply("done");
    let next = setup.engine.run().await;
    assert_eq!(next.said().last().map(String::as_str), Some("new words"));
    next.reply("heard");
    follower.until_text("heard").await;
    follower.until_status(RunStatus::Done).await;
    assert_eq!(texts(&setup.snapshot().await.messages), ["go", "done", "new words", "heard"]);
}

#[tokio::test]
async fn a_change_that_comes_too_late_does_not_change_what_the_model_heard() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let step = run.step();
    run.answer(&step, "", &["call_1"]);
    let (_, receipt) = setup.try_say("mine", "old words", "steer").await;
    let told = setup.engine.told().await;
    let id = MessageId::from(receipt["message_id"].as_str().unwrap());
    assert_eq!(edit(&setup, &id, "new words").await.0, 204);
    run.result("call_1", "ok");
    run.tell(EngineEvent::Entry { entry: Box::new(Entry::User(told)) });
    follower.until_text("old words").await;
    assert!(waiting(&setup).await.is_empty());
    assert!(!texts(&setup.snapshot().await.messages).contains(&"new words".to_owned()));
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Whatever order is asked for is the order in which messages are sent.
    #[test]
    fn any_order_is_kept(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut setup = Setup::new().await;
            setup.say("go").await;
            let run = setup.engine.run().await;
            for number in 0..6 {
                setup.say(&format!("number {number}")).await;
            }
            let queue = waiting(&setup).await;
            let ids: Vec<&MessageId> = order.iter().map(|place| &queue[*place].0).collect();
            assert_eq!(self::order(&setup, &ids).await.0, 204);
            run.reply("done");
            for place in &order {
                let run = setup.engine.run().await;
                assert_eq!(run.said().last().cloned(), Some(format!("number {place}")));
                run.reply("done");
            }
        });
    }
}
