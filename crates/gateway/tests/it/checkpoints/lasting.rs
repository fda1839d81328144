//! What a crash leaves, and what is deleted with a conversation.

use std::fs;
use std::path::Path;

use http::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use slipway_protocol::checkpoint::{Node, ObjectId, Operation};
use sqlx::Row;

use crate::checkpoint_scene::{Scene, attach_host, put};
use crate::harness::TestGateway;

fn objects(directory: &Path) -> usize {
    let kinds = ["trees", "contents"].map(|kind| directory.join("checkpoints").join(kind));
    let shelves = kinds.iter().flat_map(|kind| fs::read_dir(kind).unwrap());
    shelves.map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
}

/// A restoration that was noted and half done when the gateway was ended is finished when it is back.
#[tokio::test]
async fn a_restoration_that_was_broken_off_is_finished_at_the_next_start() {
    let mut scene = Scene::new().await;
    for name in ["a", "b", "c"] {
        scene.put(name, format!("old {name}"));
    }
    let old = scene.disk();
    scene
        .turn(|root| {
            for name in ["a", "b", "c"] {
                put(root, name, format!("new {name}"));
            }
        })
        .await;
    let target = scene.newest("before_run").await;
    let receipt = scene.restore_all(&target).await;
    scene.restore_all(&receipt["before"]).await;

    // As if it had ended after the first of three files.
    let node = |content: &str| {
        let id = ObjectId(Sha256::digest(content).into());
        Some(Node::File { mode: 0o644, size: content.len() as u64, content: id })
    };
    let operations: Vec<Operation> = ["a", "b", "c"]
        .map(|name| Operation {
            path: name.as_bytes().to_vec(),
            expected: node(&format!("new {name}")),
            wanted: node(&format!("old {name}")),
        })
        .into();
    for name in ["a", "b", "c"] {
        let path = scene.root().join(name);
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    }
    scene.put("a", "old a");
    sqlx::query("INSERT INTO restorations VALUES ($1, $2, $3, 1)")
        .bind(receipt["before"].as_str().unwrap())
        .bind(scene.setup.conversation.as_str())
        .bind(serde_json::to_string(&operations).unwrap())
        .execute(scene.setup.gateway.app().store.pool())
        .await
        .unwrap();
    let (root, conversation) = (scene.root(), scene.setup.conversation.clone());
    let Scene { setup, folder, .. } = scene;
    let gateway = TestGateway::start_in(setup.gateway.stop().await, |_| {}).await;
    let _host = attach_host(&gateway, &root).await;
    let path = format!("/api/v1/conversations/{conversation}/restore/preview");
    // Waits its turn, which comes when the restoration is finished.
    let (status, preview) = gateway.send(Method::POST, &path, &json!({ "checkpoint_id": target })).await;
    assert_eq!((status, &preview["total"]), (200, &json!(0)), "{preview}");
    assert_eq!(crate::checkpoint_scene::on_disk(&root), old);
    let left =
        sqlx::query("SELECT COUNT(*) AS count FROM restorations").fetch_one(gateway.app().store.pool());
    assert_eq!(left.await.unwrap().get::<i64, _>("count"), 0);
    drop(folder);
}

#[tokio::test]
async fn objects_are_kept_once_and_go_with_the_last_conversation_that_needs_them() {
    let mut scene = Scene::new().await;
    for number in 0..20 {
        scene.put(&format!("{number}"), format!("content {number}"));
        scene.put(&format!("copy {number}"), format!("content {number}"));
    }
    scene.turn(|root| put(root, "0", "by the agent")).await;
    let directory = scene.setup.gateway.directory.path().to_owned();
    assert_eq!(objects(&directory), 20 + 1 + 2, "20 contents, a new one, and a tree before and after");
    scene.turn(|root| put(root, "1", "once more")).await;
    assert_eq!(objects(&directory), 25);
    let (status, _) =
        scene.setup.gateway.send(Method::DELETE, &scene.setup.path("?undo_seconds=0"), &json!({})).await;
    assert_eq!(status, 200);
    let Scene { setup, folder, .. } = scene;
    let gateway = TestGateway::start_in(setup.gateway.stop().await, |_| {}).await;
    // The newest state stays: it tells what changes next.
    let deadline = tokio::time::Instant::now() + crate::core_engine::LIMIT;
    while objects(&directory) != 20 + 2 + 1 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(objects(&directory), 23);
    drop((gateway, folder));
}

#[tokio::test]
async fn the_oldest_checkpoints_go_when_they_take_up_too_much() {
    let mut scene = Scene::new().await;
    for turn in 0..3 {
        // What no compression makes smaller.
        let noise: Vec<u8> = (0..3000).flat_map(|at| Sha256::digest(format!("{turn} {at}"))).collect();
        scene.turn(|root| put(root, "noise", noise)).await;
    }
    assert_eq!(scene.checkpoints().await.len(), 6);
    let (conversation, root) = (scene.setup.conversation.clone(), scene.root());
    let Scene { setup, folder, .. } = scene;
    let directory = setup.gateway.stop().await;
    let gateway = TestGateway::start_in(directory, |config| config.checkpoint_bytes = 150_000).await;
    let _host = attach_host(&gateway, &root).await;
    let path = format!("/api/v1/conversations/{conversation}/checkpoints");
    let deadline = tokio::time::Instant::now() + crate::core_engine::LIMIT;
    while gateway.get(&path).await["items"] != json!([]) && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(gateway.get(&path).await["items"], json!([]), "all of them are among the oldest hundred");
    drop(folder);
}
