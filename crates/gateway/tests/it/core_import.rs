//! Exported conversations that are read back.

use http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use slipway_protocol::Problem;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::PartBody;
use slipway_protocol::plan::{Plan, PlanStatus, PlanStep};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{Entry, PlanOrigin, PlanUpdate};

use crate::core_client::{Follower, Setup, texts};
use crate::harness::TestGateway;

const IMPORT: &str = "/api/v1/conversations/import";

/// A conversation with a failed run, a continued one with a plan, and a finished one.
async fn eventful() -> Setup {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("fix it").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "I look.", &["call-1", "call-2"]);
    run.result("call-1", "found");
    run.result("call-2", "found more");
    run.finish(RunOutcome::Failed { problem: Problem::new(502, "lost", "lost") });
    follower.until_status(RunStatus::Error).await;
    setup.post("/continue").await;
    let run = setup.engine.run().await;
    let steps = vec![PlanStep { text: "look".to_owned(), status: PlanStatus::Done }];
    let plan = PlanUpdate { plan: Plan { steps }, origin: PlanOrigin::Call };
    run.tell(EngineEvent::Entry { entry: Box::new(Entry::Plan(plan)) });
    run.reply("It is so.");
    follower.until_status(RunStatus::Done).await;
    setup.say("thanks").await;
    setup.engine.run().await.reply("bye");
    follower.until_status(RunStatus::Done).await;
    setup
}

async fn import(gateway: &TestGateway, file: &Value) -> (u16, Value) {
    gateway.send(Method::POST, IMPORT, file).await
}

async fn imported(gateway: &TestGateway, file: &Value) -> String {
    let (status, conversation) = import(gateway, file).await;
    assert_eq!(status, 201, "{conversation}");
    conversation["id"].as_str().unwrap().to_owned()
}

async fn exported(gateway: &TestGateway, id: &str) -> Value {
    gateway.get(&format!("/api/v1/conversations/{id}/export")).await
}

/// A file without what is another one each time: ids, and when it was written and last changed.
fn lasting(mut file: Value) -> Value {
    file["exported_at"] = json!(0);
    file["conversation"]["id"] = json!("");
    file["conversation"]["updated_at"] = json!(0);
    for run in file["runs"].as_array_mut().unwrap() {
        run["id"] = json!("");
        for entry in run["entries"].as_array_mut().unwrap() {
            entry.as_object_mut().unwrap().remove("id");
        }
    }
    file
}

#[tokio::test]
async fn what_is_read_back_is_what_was_written_but_for_ids() {
    let setup = eventful().await;
    let file = exported(&setup.gateway, setup.conversation.as_str()).await;
    let id = imported(&setup.gateway, &file).await;
    let again = exported(&setup.gateway, &id).await;
    assert_eq!(lasting(again.clone()), lasting(file.clone()));
    assert_ne!(again["conversation"]["id"], file["conversation"]["id"]);
    for (run, other) in file["runs"].as_array().unwrap().iter().zip(again["runs"].as_array().unwrap()) {
        assert_ne!(run["id"], other["id"]);
        assert_ne!(run["entries"][0]["id"], other["entries"][0]["id"]);
    }
    // Elsewhere too, and where the provider is not known.
    let other = TestGateway::start().await;
    let mut foreign = file.clone();
    foreign["runs"][0]["provider"] =
        json!({ "id": "theirs", "name": "Their provider", "profile": "openai", "scripted": false });
    let id = imported(&other, &foreign).await;
    let back = exported(&other, &id).await;
    assert_eq!(lasting(back.clone())["runs"], lasting(foreign)["runs"]);
    let third = imported(&other, &back).await;
    assert_eq!(lasting(exported(&other, &third).await), lasting(back));
}

#[tokio::test]
async fn an_imported_conversation_shows_the_same_and_goes_on() {
    let mut setup = eventful().await;
    let mut reader = setup.follow().await;
    let before = setup.snapshot().await;
    let file = exported(&setup.gateway, setup.conversation.as_str()).await;
    let id = imported(&setup.gateway, &file).await;
    reader.until(|body| matches!(body, EventBody::ConversationUpdated { conversation } if conversation.id.as_str() == id)).await;
    let original = setup.conversation.clone();
    setup.conversation = id.as_str().into();
    let now = setup.snapshot().await;
    assert!(now.conversation.imported_at.is_some());
    assert_eq!(now.conversation.title, before.conversation.title);
    assert_eq!((now.conversation.status, now.plan), (RunStatus::Done, before.plan));
    assert_eq!(texts(&now.messages), texts(&before.messages));
    let calls = |messages: &[slipway_protocol::message::Message]| {
        let bodies = messages.iter().flat_map(|message| &message.parts).map(|part| part.body.clone());
        let tools = bodies.filter_map(|body| match body {
            PartBody::Tool(tool) => Some((tool.call_id, tool.status, tool.result)),
            _ => None,
        });
        tools.collect::<Vec<_>>()
    };
    assert_eq!(calls(&now.messages), calls(&before.messages));
    let links = now.messages.iter().flat_map(|message| &message.parts).filter_map(|part| match &part.body {
        PartBody::Notice { conversation_id, .. } => conversation_id.clone(),
        _ => None,
    });
    assert_eq!(links.collect::<Vec<_>>(), [original], "it says where it comes from");

    let mut follower = setup.follow().await;
    setup.say("and now?").await;
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["fix it", "thanks", "and now?"]);
    run.reply("it goes on");
    follower.until_text("it goes on").await;
    let found = setup.gateway.get("/api/v1/search?q=It+is+so").await;
    assert!(found.to_string().contains(&id), "{found}");
}

#[tokio::test]
async fn importing_twice_makes_two_and_an_empty_one_is_empty() {
    let setup = eventful().await;
    let file = exported(&setup.gateway, setup.conversation.as_str()).await;
    let ids = [imported(&setup.gateway, &file).await, imported(&setup.gateway, &file).await];
    assert_ne!(ids[0], ids[1]);
    let list = setup.gateway.get("/api/v1/conversations").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let mut empty = file.clone();
    empty["runs"] = json!([]);
    let id = imported(&setup.gateway, &empty).await;
    let snapshot = setup.gateway.get(&format!("/api/v1/conversations/{id}")).await;
    assert_eq!(snapshot["conversation"]["status"], "idle");
}

#[tokio::test]
async fn a_conversation_that_was_at_work_is_stopped_and_its_call_was_interrupted() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    follower
        .until(
            |body| matches!(body, EventBody::PartStarted { part } if matches!(part.body, PartBody::Tool(_))),
        )
        .await;
    let file = exported(&setup.gateway, setup.conversation.as_str()).await;
    let id = imported(&setup.gateway, &file).await;
    let snapshot = setup.gateway.get(&format!("/api/v1/conversations/{id}")).await;
    assert_eq!(snapshot["conversation"]["status"], "stopped");
    let transcript = setup.gateway.get(&format!("/api/v1/conversations/{id}/transcript")).await;
    let last = transcript.as_array().unwrap().last().unwrap();
    if file["runs"][0]["entries"].as_array().unwrap().len() > 1 {
        assert_eq!((&last["call_id"], &last["status"]), (&json!("call-1"), &json!("interrupted")), "{last}");
    }
    run.finish(RunOutcome::Completed);
}

#[tokio::test]
async fn what_is_no_conversation_is_refused_with_the_place_that_is_wrong() {
    let setup = eventful().await;
    let file = exported(&setup.gateway, setup.conversation.as_str()).await;
    let changed = |path: &str, value: Value| {
        let mut file = file.clone();
        *file.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
        file
    };
    let first_id = file["runs"][0]["entries"][0]["id"].clone();
    for (wrong, place) in [
        (changed("/format", json!("x")), "no exported conversation"),
        (changed("/version", json!(2)), "has version 2"),
        (changed("/version", json!(0)), "has version 0"),
        (changed("/conversation/title", json!("two\nlines")), "`conversation.title` is not one line"),
        (changed("/conversation/created_at", json!(i64::MAX)), "`conversation.created_at` is no time"),
        (changed("/runs/1/started_at", json!(1)), "`runs[1].started_at` is before"),
        (changed("/runs/0/entries/1/id", first_id), "which stands there twice"),
        (changed("/runs/0/entries/1/id", json!("")), "`runs[0].entries[1].id` is empty"),
        (changed("/runs/0/entries/2/call_id", json!("x")), "`runs[0].entries[2].call_id` names no call"),
        (changed("/runs/0/entries/3/call_id", json!("call-1")), "\"call-1\", which stands there twice"),
        (changed("/runs/0/model", json!("x".repeat(501))), "`runs[0].model` has more than 500 bytes"),
        (changed("/runs/0/model", json!("a\0b")), "`runs[0].model` has control characters"),
        (changed("/runs/0/entries/0/text", json!(7)), "runs[0].entries[0]"),
        (json!({ "format": "slipway.conversation" }), "version"),
        (json!([]), ""),
    ] {
        let (status, problem) = import(&setup.gateway, &wrong).await;
        assert_eq!(status, 422, "{place}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(place), "{place}: {detail}");
    }
    let long = format!("\"{}\"", "x".repeat(33 << 20));
    let sent =
        setup.gateway.launcher(Method::POST, IMPORT).header("content-type", "application/json").body(long);
    assert_eq!(sent.send().await.unwrap().status(), 413);
    let list = setup.gateway.get("/api/v1/conversations").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing of them is left");
}

/// All places in a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!("\0")),
        Just(json!([])),
        Just(json!({})),
        Just(json!("user")),
        Just(json!("running")),
    ]
}

/// What is changed: which place, and whether it is replaced, removed or doubled.
#[tokio::test]
async fn no_file_makes_the_gateway_fail() {
    let setup = eventful().await;
    let file = exported(&setup.gateway, setup.conversation.as_str()).await;
    let mut all = Vec::new();
    places(&file, "", &mut all);
    let mut runner = TestRunner::new(Config::default());
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, anything()), 1..4);
    let mut taken = 0;
    // About one file in twenty is taken, which must be some in each run of this test.
    for tried in 0.. {
        if tried >= 60 && taken >= 3 {
            break;
        }
        assert!(tried < 2_000, "nearly all were refused, so little was tried");
        let mut wrong = file.clone();
        let changes = changes.new_tree(&mut runner).unwrap().current();
        for (place, how, value) in &changes {
            let place = place.get(&all);
            let Some(found) = wrong.pointer_mut(place) else { continue };
            match (how, found) {
                (0, found) => *found = value.clone(),
                (1, Value::Object(fields)) => fields.retain(|name, _| name.len() % 2 == 0),
                (1, Value::Array(items)) => drop(items.pop()),
                (2, Value::Array(items)) => items.extend(items.clone()),
                (_, found) => *found = value.clone(),
            }
        }
        let (status, answer) = import(&setup.gateway, &wrong).await;
        assert!(matches!(status, 201 | 413 | 422), "{status} {answer} for {wrong}");
        if status != 201 {
            assert!(!answer["detail"].as_str().unwrap().is_empty(), "{answer}");
            continue;
        }
        // What is taken can be used like any other.
        taken += 1;
        let id = answer["id"].as_str().unwrap();
        for rest in ["", "/transcript", "/outline", "/export", "/export?format=markdown", "/budget"] {
            let path = format!("/api/v1/conversations/{id}{rest}");
            let shown = setup.gateway.launcher(Method::GET, &path).send().await.unwrap();
            assert_eq!(shown.status(), 200, "{rest} of {wrong}");
            shown.bytes().await.unwrap();
        }
        let back = exported(&setup.gateway, id).await;
        let again = imported(&setup.gateway, &back).await;
        assert_eq!(lasting(exported(&setup.gateway, &again).await), lasting(back), "{wrong}");
    }
    Follower::open(&setup.gateway, &setup.conversation, None).await;
}
