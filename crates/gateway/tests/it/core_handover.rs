//! A conversation that fills its model's window goes on in a new one.

use std::slice::from_ref;

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::api::{ConversationPage, ConversationSnapshot, Role as AccountRole};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{Message, PartBody, Role};
use slipway_protocol::run::RunOutcome;
use slipway_protocol::transcript::{Entry, Origin};

use crate::core_client::Setup;
use crate::core_engine::LIMIT;
use crate::database;
use crate::people::Person;

fn handed_over(prompt: &str) -> RunOutcome {
    RunOutcome::HandedOver { prompt: prompt.to_owned() }
}

async fn conversations(setup: &Setup) -> ConversationPage {
    serde_json::from_value(setup.gateway.get("/api/v1/conversations").await).unwrap()
}

async fn snapshot(setup: &Setup, id: &ConversationId) -> ConversationSnapshot {
    let value: Value = setup.gateway.get(&format!("/api/v1/conversations/{id}")).await;
    serde_json::from_value(value).unwrap()
}

/// Whereto the notices of a timeline link.
fn links(messages: &[Message]) -> Vec<ConversationId> {
    let notices = messages.iter().filter(|message| message.role == Role::System);
    let links = notices.flat_map(|message| &message.parts).filter_map(|part| match &part.body {
        PartBody::Notice { conversation_id, .. } => conversation_id.clone(),
        _ => None,
    });
    links.collect()
}

#[tokio::test]
async fn the_work_goes_on_in_a_new_conversation_with_links_both_ways() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("Build the thing").await;
    let mut run = setup.engine.run().await;
    let old_model = run.request.model.model.clone();
    setup.say("and mind this").await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    run.result("call-1", "handed over");
    run.finish(handed_over("Half of it is built.\nBuild the rest."));
    follower.until_status(RunStatus::Done).await;

    let next = setup.engine.run().await;
    let new = next.request.conversation_id.clone();
    assert_ne!(new, setup.conversation);
    assert_eq!(next.request.model.model, old_model);
    let [Entry::Handover(from), Entry::User(said)] = next.request.transcript.as_slice() else {
        panic!("{:?}", next.request.transcript)
    };
    assert_eq!(from.conversation_id, setup.conversation);
    assert_eq!(
        (said.origin, said.text.as_str()),
        (Origin::Handover, "Half of it is built.\nBuild the rest.")
    );

    let old = snapshot(&setup, &setup.conversation).await;
    assert_eq!(old.conversation.status, RunStatus::Done);
    assert!(old.queue.is_empty(), "what waited waits in the new conversation");
    assert_eq!(links(&old.messages), std::slice::from_ref(&new));
    assert_eq!(old.messages, follower.messages);
    let entries = setup.transcript().await;
    assert_eq!(entries.last().unwrap()["conversation_id"], new.0);
    let shown = snapshot(&setup, &new).await;
    assert_eq!(shown.conversation.title, "Build the thing (continued)");
    assert_eq!(shown.conversation.status, RunStatus::Running);
    assert_eq!(shown.conversation.model, old.conversation.model);
    assert_eq!(links(&shown.messages), std::slice::from_ref(&setup.conversation));
    assert_eq!(shown.queue.len(), 1);

    next.reply("done");
    let last = setup.engine.run().await;
    assert_eq!(last.request.conversation_id, new);
    assert_eq!(last.said()[1..], ["and mind this"]);
    last.reply("minded");
}

#[tokio::test]
async fn a_hand_over_that_cannot_be_recorded_at_once_happens_once() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    database::set_full(&setup.gateway, true).await;
    run.finish(handed_over(&"x".repeat(200_000)));
    // Long enough for several attempts.
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert!(setup.engine.is_idle(), "nothing is begun that is not recorded");
    database::set_full(&setup.gateway, false).await;
    follower.until_status(RunStatus::Done).await;
    let next = setup.engine.run().await;
    assert_eq!(conversations(&setup).await.items.len(), 2);
    next.reply("done");
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn stopping_wins_over_handing_over() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    setup.post("/stop").await;
    tokio::time::timeout(LIMIT, run.given_up()).await.unwrap();
    follower.until_status(RunStatus::Stopped).await;
    assert_eq!(conversations(&setup).await.items.len(), 1);
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn a_person_goes_on_in_a_conversation_of_their_own_and_both_lead_to_each_other() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    let body = json!({ "title": "The rest", "continues": setup.conversation });
    let (status, new) = setup.gateway.send(Method::POST, "/api/v1/conversations", &body).await;
    assert_eq!(status, 201, "{new}");
    let new = ConversationId::from(new["id"].as_str().unwrap());
    follower.until(|body| matches!(body, EventBody::MessageCreated { .. })).await;
    assert_eq!(links(&follower.messages), from_ref(&new), "it is told at once");
    let old = snapshot(&setup, &setup.conversation).await;
    assert_eq!(links(&old.messages), from_ref(&new));
    assert_eq!(links(&snapshot(&setup, &new).await.messages), from_ref(&setup.conversation));

    // Nobody has asked the model for anything, and it is told nothing of it.
    assert!(setup.engine.is_idle());
    setup.say("go on here").await;
    let run = setup.engine.run().await;
    assert!(matches!(run.request.transcript.as_slice(), [Entry::User(_)]), "{:?}", run.request.transcript);
    run.reply("done");
}

#[tokio::test]
async fn only_a_conversation_of_ones_own_is_gone_on_with() {
    let setup = Setup::new().await;
    let mona = Person::new(&setup.gateway, "mona", AccountRole::Member).await;
    let path = "/api/v1/conversations";
    let body = json!({ "continues": setup.conversation });
    let (status, problem) = mona.sends(&setup.gateway, Method::POST, path, &body).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")), "{problem}");
    let (status, problem) = setup.gateway.send(Method::POST, path, &json!({ "continues": "conv_0" })).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")), "{problem}");
    assert_eq!(conversations(&setup).await.items.len(), 1, "nothing was made");
    assert_eq!(links(&snapshot(&setup, &setup.conversation).await.messages), []);
}
