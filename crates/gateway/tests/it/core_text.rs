//! Texts as people and programs send them: every character is accepted, whatever the database can hold.

use serde_json::json;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::EngineEvent;

use crate::core_client::{Setup, texts};

#[tokio::test]
async fn a_text_with_the_character_zero_is_kept() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.try_say("one", "a\0b", "queue").await;
    let mut run = setup.engine.run().await;
    assert_eq!(run.said(), ["a\0b"]);
    let (_, waiting) = setup.try_say("two", "c\0d", "queue").await;
    assert_eq!(waiting["run_id"], json!(null));
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    run.tell(EngineEvent::ToolStarted { call_id: "call_1".into() });
    run.tell(EngineEvent::ToolOutput { call_id: "call_1".into(), text: "x\0\u{e4}y".to_owned() });
    follower.until(|body| matches!(body, EventBody::ToolOutput { .. })).await;
    run.result("call_1", "done");
    run.reply("said \0");
    follower.until_status(RunStatus::Done).await;
    assert_eq!(setup.engine.run().await.said().len(), 2);
    let shown = texts(&setup.snapshot().await.messages);
    assert_eq!(shown[..2], ["a\0b", "said \0"]);
    let output = setup.gateway.get(&setup.path("/calls/call_1/output?from=0&to=100")).await;
    assert_eq!(output["total"], 5, "positions are those of the output itself: {output}");
    assert!(output["text"].as_str().unwrap().ends_with("\u{e4}y"), "{output}");
    assert_eq!(setup.snapshot().await.conversation.title.len(), 3);
}
