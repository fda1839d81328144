//! Finding what was said.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{AssistantStep, Entry};

use crate::core_client::{Setup, create};

async fn page(setup: &Setup, query: &str, before: Option<&str>) -> Value {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
    setup.gateway.get(&format!("/api/v1/search?q={query}{before}")).await
}

/// What was found, as it is written there.
async fn found(setup: &Setup, query: &str) -> Vec<String> {
    let page = page(setup, query, None).await;
    let hits = page["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["excerpt"]["found"].as_str().unwrap().to_owned()).collect()
}

/// Says something, which is answered by `answer` and a call with these arguments.
async fn talk(setup: &mut Setup, said: &str, answer: &str, arguments: &Value) {
    let mut follower = setup.follow().await;
    setup.say(said).await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    let entry: AssistantStep = serde_json::from_value(json!({
        "id": id, "step": 1, "text": answer, "finish": "tool_calls", "model": "m", "created_at": 1,
        "tool_calls": [{"id": format!("call-{said}"), "name": "edit_file", "arguments": arguments.to_string()}],
    }))
    .unwrap();
    run.text(answer);
    run.tell(EngineEvent::Entry { entry: Box::new(Entry::Assistant(entry)) });
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn words_are_found_in_messages_and_arguments_and_titles() {
    let mut setup = Setup::new().await;
    let edit = json!({"file": "src/Über_upload.rs", "edits": [{"replace_content": "say(\"100%\\n\");"}]});
    talk(&mut setup, "Fix the flaky upload", "The *clock* is read twice:\nonce in `now`.", &edit).await;

    // (query, what is found)
    let cases: [(&str, &[&str]); 10] = [
        ("FLAKY", &["flaky"]),
        ("twice clock", &["twice"]),
        ("\"read twice:\nonce\"", &["read twice: once"]),
        ("src/über_UPLOAD.rs", &["src/Über_upload.rs"]),
        ("say(\"100%", &["say("]),
        ("100_", &[]),
        ("upload clock", &[]),
        ("edit_file", &[]),
        ("replace_content", &[]),
        ("nowhere", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&setup, query).await, expected, "{query}");
    }
    let upload = page(&setup, "upload", None).await;
    let hits = upload["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 2, "{upload}");
    assert_eq!((&hits[0]["role"], &hits[0]["tool"]), (&json!("assistant"), &json!("edit_file")));
    assert_eq!((&hits[1]["role"], &hits[1]["tool"]), (&json!("user"), &Value::Null));
    assert_eq!(hits[1]["conversation_id"], json!(setup.conversation));
    assert_eq!(upload["conversations"][0]["id"], json!(setup.conversation), "its title is the first message");
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps_and_new_conversations_come_first() {
    let mut setup = Setup::new().await;
    let first = setup.conversation.clone();
    for number in 0..20 {
        talk(&mut setup, &format!("needle {number}"), "a needle as well", &json!({})).await;
    }
    setup.conversation = create(&setup.gateway).await;
    talk(&mut setup, "the newest needle", "none", &json!({})).await;
    let mut seen: Vec<String> = Vec::new();
    let mut before: Option<String> = None;
    let mut pages = 0;
    loop {
        let page = page(&setup, "needle", before.as_deref()).await;
        let titles = page["conversations"].as_array().unwrap().len();
        assert_eq!(titles, if before.is_none() { 2 } else { 0 });
        seen.extend(page["hits"].as_array().unwrap().iter().map(|hit| hit["message_id"].to_string()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => before = Some(next.to_owned()),
            None => break,
        }
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((pages, seen.len(), unique.len()), (2, 41, 41));
    let newest = page(&setup, "needle", None).await;
    assert_eq!(newest["hits"][0]["conversation_id"], json!(setup.conversation));
    assert_eq!(newest["hits"][1]["conversation_id"], json!(first));
}

#[tokio::test]
async fn what_is_deleted_is_not_found_and_bad_queries_say_why() {
    let mut setup = Setup::new().await;
    talk(&mut setup, "a needle", "yes", &json!({})).await;
    let (status, _) = setup.gateway.send(Method::DELETE, &setup.path(""), &json!(null)).await;
    assert_eq!(status, 200);
    let nothing = page(&setup, "needle", None).await;
    assert_eq!((&nothing["hits"], &nothing["conversations"]), (&json!([]), &json!([])));
    for (query, reason) in [("q=%20", "no words"), ("q=a&before=x", "`next` of a page"), ("", "q")] {
        let answer =
            setup.gateway.launcher(Method::GET, &format!("/api/v1/search?{query}")).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{query}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{query}: {problem}");
    }
}

#[tokio::test]
async fn one_conversation_is_looked_through_on_its_own() {
    let mut setup = Setup::new().await;
    talk(&mut setup, "a needle", "a needle too", &json!({})).await;
    let first = setup.conversation.clone();
    setup.conversation = create(&setup.gateway).await;
    talk(&mut setup, "another needle", "yes", &json!({})).await;
    let query = format!("/api/v1/search?q=needle&conversation={first}");
    let found = setup.gateway.get(&query).await;
    assert_eq!(found["conversations"], json!([]));
    let hits = found["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 2, "{found}");
    assert!(hits.iter().all(|hit| hit["conversation_id"] == json!(first)), "{found}");
    let nowhere = setup.gateway.get("/api/v1/search?q=needle&conversation=conv_none").await;
    assert_eq!(nowhere["hits"], json!([]));
}
