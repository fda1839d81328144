//! The state before a message, for who says it in other words.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::checkpoint_scene::{Scene, put};
use crate::core_client::Follower;

async fn before(scene: &Scene, conversation: &str, message: &Value) -> Value {
    let message = message.as_str().unwrap();
    let path = format!("/api/v1/conversations/{conversation}/messages/{message}/before");
    scene.setup.gateway.get(&path).await["checkpoint"].clone()
}

async fn outline(scene: &Scene, conversation: &str) -> Vec<Value> {
    let path = format!("/api/v1/conversations/{conversation}/outline");
    let outline = scene.setup.gateway.get(&path).await;
    outline.as_array().unwrap().iter().map(|item| item["message_id"].clone()).collect()
}

#[tokio::test]
async fn the_workspace_goes_back_to_before_a_message_and_forth_again() {
    let mut scene = Scene::new().await;
    scene.put("own.txt", "mine\n");
    let mut disks = Vec::new();
    for turn in 0..3 {
        disks.push(scene.disk());
        scene
            .turn(|root| {
                put(root, &format!("made-{turn}.txt"), "x");
                fs::write(root.join("own.txt"), format!("changed in {turn}\n")).unwrap();
            })
            .await;
    }
    let last = scene.disk();
    let conversation = scene.setup.conversation.to_string();
    let messages = outline(&scene, &conversation).await;
    for (message, disk) in messages.iter().zip(&disks) {
        let checkpoint = before(&scene, &conversation, message).await;
        assert_eq!(checkpoint["conversation_id"], conversation.as_str());
        let receipt = scene.restore_all(&checkpoint["id"]).await;
        assert_eq!(&scene.disk(), disk);
        scene.restore_all(&receipt["before"]).await;
        assert_eq!(scene.disk(), last);
    }
}

#[tokio::test]
async fn a_message_after_which_nothing_changed_has_no_state_to_go_back_to() {
    let mut scene = Scene::new().await;
    scene.turn(|root| put(root, "a.txt", "a")).await;
    let mut follower = scene.follow().await;
    scene.setup.say("just talk").await;
    scene.setup.engine.run().await.reply("done talking");
    follower.until_text("done talking").await;
    let conversation = scene.setup.conversation.to_string();
    let messages = outline(&scene, &conversation).await;
    assert_eq!(before(&scene, &conversation, &messages[0]).await["kind"], "before_run");
    assert_eq!(before(&scene, &conversation, &messages[1]).await, json!(null));
}

#[tokio::test]
async fn a_repeated_message_has_the_state_before_it_was_said_first() {
    let mut scene = Scene::new().await;
    for turn in 0..2 {
        scene.turn(|root| put(root, &format!("{turn}.txt"), "x")).await;
    }
    let old = scene.setup.conversation.to_string();
    let messages = outline(&scene, &old).await;
    let path = scene.setup.path(&format!("/messages/{}/branch", messages[1].as_str().unwrap()));
    let wanted = json!({ "client_id": "other", "text": "other words" });
    let (status, receipt) = scene.setup.gateway.send(Method::POST, &path, &wanted).await;
    assert_eq!(status, 201, "{receipt}");
    let branch = receipt["conversation"]["id"].as_str().unwrap().to_owned();
    let mut reader = Follower::open(&scene.setup.gateway, &branch.as_str().into(), None).await;
    scene.setup.engine.run().await.reply("branched");
    reader.until_text("branched").await;

    let repeated = outline(&scene, &branch).await;
    let there = before(&scene, &branch, &repeated[0]).await;
    assert_eq!(there, before(&scene, &old, &messages[0]).await);
    assert_eq!(there["conversation_id"], old.as_str());
    assert_eq!(before(&scene, &branch, &repeated[1]).await, json!(null), "its own run has changed nothing");
}
