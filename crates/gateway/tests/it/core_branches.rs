//! Saying something in other words: the new wording goes on in a conversation of its own.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::{BranchReceipt, ConversationSnapshot, Wording};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{Message, PartBody};
use slipway_protocol::run::EngineEvent;
use slipway_protocol::{ConversationId, MessageId};

use crate::core_client::{Follower, Setup, texts};
use crate::core_engine::EngineRun;

/// Has the model answer, with one call before.
fn work(mut run: EngineRun, call: &str, text: &str) {
    let id = run.step();
    run.answer(&id, "I look.", &[call]);
    run.tell(EngineEvent::ToolStarted { call_id: call.into() });
    run.tell(EngineEvent::ToolOutput { call_id: call.into(), text: format!("output of {call}\n") });
    run.result(call, &format!("result of {call}"));
    run.reply(text);
}

/// A conversation with so many turns, and the messages that the person said.
async fn talked(turns: usize) -> (Setup, Vec<MessageId>) {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    for turn in 0..turns {
        setup.say(&format!("message {turn}")).await;
        work(setup.engine.run().await, &format!("call-{turn}"), &format!("answer {turn}"));
        follower.until_text(&format!("answer {turn}")).await;
        follower.until_status(RunStatus::Done).await;
    }
    let outline = setup.gateway.get(&setup.path("/outline")).await;
    let said = outline.as_array().unwrap().iter().map(|item| item["message_id"].as_str().unwrap().into());
    let said = said.collect();
    (setup, said)
}

fn path_of(id: &ConversationId) -> String {
    format!("/api/v1/conversations/{id}")
}

async fn try_branch(setup: &Setup, place: &Wording, text: &str) -> (u16, Value) {
    let path = format!("{}/messages/{}/branch", path_of(&place.conversation_id), place.message_id);
    setup.gateway.send(Method::POST, &path, &json!({ "client_id": text, "text": text })).await
}

async fn branch(setup: &Setup, place: &Wording, text: &str) -> BranchReceipt {
    let (status, receipt) = try_branch(setup, place, text).await;
    assert_eq!(status, 201, "{receipt}");
    serde_json::from_value(receipt).unwrap()
}

fn first(setup: &Setup, message_id: &MessageId) -> Wording {
    Wording { conversation_id: setup.conversation.clone(), message_id: message_id.clone() }
}

fn made(receipt: &BranchReceipt) -> Wording {
    Wording { conversation_id: receipt.conversation.id.clone(), message_id: receipt.message_id.clone() }
}

async fn snapshot(setup: &Setup, id: &ConversationId) -> ConversationSnapshot {
    serde_json::from_value(setup.gateway.get(&path_of(id)).await).unwrap()
}

/// Transcript entries without the ids of messages.
async fn transcript(setup: &Setup, id: &ConversationId) -> Vec<Value> {
    let transcript = setup.gateway.get(&format!("{}/transcript", path_of(id))).await;
    let mut entries = transcript.as_array().unwrap().clone();
    for entry in &mut entries {
        entry.as_object_mut().unwrap().remove("id");
    }
    entries
}

/// What a person sees of messages, without ids.
fn shown(messages: &[Message]) -> Vec<Value> {
    let bodies = messages.iter().flat_map(|message| message.parts.iter().map(|part| &part.body));
    bodies.map(|body| serde_json::to_value(body).unwrap()).collect()
}

#[tokio::test]
async fn another_wording_goes_on_from_what_came_before_it_and_the_old_one_stays() {
    let (mut setup, said) = talked(3).await;
    for (turn, message) in said.iter().enumerate() {
        let before = snapshot(&setup, &setup.conversation.clone()).await;
        let old = transcript(&setup, &setup.conversation.clone()).await;
        let text = format!("in other words {turn}");
        let receipt = branch(&setup, &first(&setup, message), &text).await;
        let id = receipt.conversation.id.clone();
        assert_eq!(receipt.conversation.branch_of.as_ref(), Some(&setup.conversation));
        let run = setup.engine.run().await;
        assert_eq!(Some(&run.request.run_id), receipt.run_id.as_ref());
        assert_eq!(run.request.conversation_id, id);
        let expected: Vec<String> =
            (0..turn).map(|turn| format!("message {turn}")).chain([text.clone()]).collect();
        assert_eq!(run.said(), expected, "the model hears what leads to the new wording");
        let mut follower = Follower::open(&setup.gateway, &id, None).await;
        run.reply("another answer");
        follower.until_status(RunStatus::Done).await;

        let now = snapshot(&setup, &setup.conversation.clone()).await;
        assert_eq!(now.messages, before.messages);
        assert_eq!(transcript(&setup, &setup.conversation.clone()).await, old);
        // Four entries and three messages with four parts in each turn.
        let made = transcript(&setup, &id).await;
        assert_eq!(made[..4 * turn], old[..4 * turn]);
        assert_eq!(made.len(), 4 * turn + 2);
        let made = snapshot(&setup, &id).await;
        assert_eq!(shown(&made.messages)[..4 * turn], shown(&before.messages)[..4 * turn]);
        assert_eq!(texts(&made.messages)[2 * turn + turn..], [text, "another answer".to_owned()]);
        let ids = |messages: &[Message]| messages.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert!(ids(&made.messages).iter().all(|id| !ids(&before.messages).contains(id)));
        assert!(made.messages.iter().all(|message| message.conversation_id == id));
    }
}

#[tokio::test]
async fn every_wording_leads_to_every_other() {
    let (mut setup, said) = talked(2).await;
    let old = first(&setup, &said[1]);
    let mut readers = setup.follow().await;
    let second = made(&branch(&setup, &old, "second").await);
    setup.engine.run().await.reply("done");
    let told = readers.until(|body| matches!(body, EventBody::WordingsUpdated { .. })).await;
    let EventBody::WordingsUpdated { wordings } = told else { unreachable!() };
    assert_eq!(wordings[0].all, [old.clone(), second.clone()]);
    // Another wording of the second one is a third one of the first.
    until_done(&setup, &second.conversation_id).await;
    let third = made(&branch(&setup, &second, "third").await);
    setup.engine.run().await.reply("done");
    for place in [&old, &second, &third] {
        let wordings = snapshot(&setup, &place.conversation_id).await.wordings;
        assert_eq!(wordings.len(), 1);
        assert_eq!(wordings[0].message_id, place.message_id);
        assert_eq!(wordings[0].all, [old.clone(), second.clone(), third.clone()]);
    }
    // An earlier message in other words; and a copy of a wording stands for it.
    until_done(&setup, &third.conversation_id).await;
    let snapshot_of_third = snapshot(&setup, &third.conversation_id).await;
    let copied = snapshot_of_third.messages[0].id.clone();
    let place = Wording { conversation_id: third.conversation_id.clone(), message_id: copied };
    let fourth = made(&branch(&setup, &place, "from the start").await);
    setup.engine.run().await.reply("done");
    let wordings = snapshot(&setup, &fourth.conversation_id).await.wordings;
    assert_eq!(wordings.len(), 1, "{wordings:?}");
    assert_eq!(wordings[0].all, [place.clone(), fourth.clone()]);
    let both = snapshot(&setup, &third.conversation_id).await.wordings;
    assert_eq!(both.len(), 2);
    assert!(snapshot(&setup, &old.conversation_id).await.wordings.iter().all(|one| one.all.len() == 3));
    // What is gone is no wording any more.
    setup.gateway.send(Method::DELETE, &path_of(&second.conversation_id), &json!({})).await;
    let wordings = snapshot(&setup, &old.conversation_id).await.wordings;
    assert_eq!(wordings[0].all, [old.clone(), third.clone()]);
    setup.gateway.send(Method::DELETE, &path_of(&third.conversation_id), &json!({})).await;
    assert!(snapshot(&setup, &old.conversation_id).await.wordings.is_empty());
}

async fn until_done(setup: &Setup, id: &ConversationId) {
    let mut follower = Follower::open(&setup.gateway, id, None).await;
    if snapshot(setup, id).await.conversation.status != RunStatus::Done {
        follower.until_status(RunStatus::Done).await;
    }
}

#[tokio::test]
async fn a_branch_is_refused_while_the_model_works_and_where_nobody_said_anything() {
    let (mut setup, said) = talked(1).await;
    let place = first(&setup, &said[0]);
    setup.say("go on").await;
    let run = setup.engine.run().await;
    let (status, problem) = try_branch(&setup, &place, "x").await;
    assert_eq!((status, &problem["code"]), (409, &json!("run_active")));
    let mut follower = setup.follow().await;
    run.reply("done");
    follower.until_status(RunStatus::Done).await;

    let messages = setup.snapshot().await.messages;
    let answer = messages.iter().find(|message| message.client_id.is_none()).unwrap().id.clone();
    for wrong in [answer, MessageId::from("msg_1")] {
        assert_eq!(try_branch(&setup, &first(&setup, &wrong), "x").await.0, 404, "{wrong}");
    }
    assert_eq!(try_branch(&setup, &place, " ").await.0, 422);
    assert_eq!(try_branch(&setup, &place, &"x".repeat((1 << 20) + 1)).await.0, 413);
    let list = setup.gateway.get("/api/v1/conversations").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn the_same_request_makes_one_branch() {
    let (mut setup, said) = talked(1).await;
    let place = first(&setup, &said[0]);
    let once = branch(&setup, &place, "again").await;
    // The run that it has begun is no reason to refuse what is done already.
    let run = setup.engine.run().await;
    let twice = branch(&setup, &place, "again").await;
    assert_eq!(made(&once), made(&twice));
    assert!(setup.engine.is_idle());
    run.reply("done");
    let list = setup.gateway.get("/api/v1/conversations").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
}

#[tokio::test]
async fn a_branch_is_whole_without_the_conversation_that_it_came_from() {
    let (mut setup, said) = talked(2).await;
    let receipt = branch(&setup, &first(&setup, &said[1]), "other").await;
    let id = receipt.conversation.id.clone();
    setup.engine.run().await.reply("done");
    until_done(&setup, &id).await;
    let found = async |setup: &Setup| {
        let found = setup.gateway.get("/api/v1/search?q=%22message+0%22").await;
        let hits = found["hits"].as_array().unwrap_or_else(|| panic!("{found}")).clone();
        hits.iter().map(|hit| hit["conversation_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        found(&setup).await,
        [json!(setup.conversation)],
        "copies are not found beside what they repeat"
    );
    let (status, _) = setup.gateway.send(Method::DELETE, &setup.path("?undo_seconds=0"), &json!({})).await;
    assert!(status < 300, "{status}");
    let output = setup.gateway.get(&format!("{}/calls/call-0/output", path_of(&id))).await;
    assert_eq!(output["text"], "output of call-0\n");
    let whole = snapshot(&setup, &id).await;
    let results =
        whole.messages.iter().flat_map(|message| &message.parts).filter_map(|part| match &part.body {
            PartBody::Tool(tool) => tool.result.clone(),
            _ => None,
        });
    assert_eq!(results.collect::<Vec<_>>(), ["result of call-0"]);
    assert_eq!(found(&setup).await, [json!(id)]);
    let exported = setup.gateway.get(&format!("{}/export", path_of(&id))).await;
    let runs = exported["runs"].as_array().unwrap();
    assert_eq!(runs.iter().map(|run| run["entries"].as_array().unwrap().len()).collect::<Vec<_>>(), [4, 2]);
}

#[tokio::test]
async fn branches_draw_from_one_budget() {
    let (mut setup, said) = talked(1).await;
    let limits = json!({ "run": {}, "conversation": { "steps": 7 } });
    let (status, answer) = setup.gateway.send(Method::PUT, &setup.path("/budget"), &limits).await;
    assert!(status < 300, "{answer}");
    let receipt = branch(&setup, &first(&setup, &said[0]), "other").await;
    setup.engine.run().await.reply("done");
    let own = setup.gateway.get(&format!("{}/budget", path_of(&receipt.conversation.id))).await;
    assert_eq!(own["own"]["conversation"]["steps"], 7, "{own}");
}
