//! Restoring: in whole, by file, by hunk; what is in the way; and undoing it.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::RunOutcome;

use crate::checkpoint_scene::{Scene, on_disk, put};

fn numbered(lines: std::ops::Range<u32>) -> String {
    lines.map(|line| format!("line {line}\n")).collect()
}

async fn preview(scene: &Scene, wanted: &Value) -> Value {
    let path = scene.setup.path("/restore/preview");
    let (status, preview) = scene.setup.gateway.send(http::Method::POST, &path, wanted).await;
    assert_eq!(status, 200, "{preview}");
    preview
}

#[tokio::test]
async fn a_whole_state_comes_back_and_the_restoration_can_be_undone() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    scene.put("dir/b.txt", "two\n");
    scene.put(".gitignore", "kept.log\n");
    scene.put("dir/kept.log", "never touched");
    let before = scene.disk();
    scene
        .turn(|root| {
            put(root, "a.txt", "changed\n");
            fs::remove_file(root.join("dir/b.txt")).unwrap();
            put(root, "new/deep/c.txt", "three\n");
            symlink("a.txt", root.join("link")).unwrap();
        })
        .await;
    let after = scene.disk();
    let target = scene.newest("before_run").await;
    let preview = preview(&scene, &json!({ "checkpoint_id": target })).await;
    let steps: Vec<(&str, &str)> = preview["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["path"].as_str().unwrap(), step["action"].as_str().unwrap()))
        .collect();
    let expected =
        [("a.txt", "replace"), ("dir/b.txt", "create"), ("link", "delete"), ("new/deep/c.txt", "delete")];
    assert_eq!(steps, expected);
    assert_eq!(preview["conflicts"], json!([]));
    assert_eq!(scene.disk(), after, "a preview changes nothing");

    let mut follower = scene.follow().await;
    let receipt = scene.restore_all(&target).await;
    assert_eq!(scene.disk(), before);
    let restored = follower.until(|body| matches!(body, EventBody::CheckpointRestored { .. })).await;
    let EventBody::CheckpointRestored { before: undo, .. } = restored else { panic!("{restored:?}") };
    assert_eq!(json!(undo), receipt["before"]);
    scene.restore_all(&receipt["before"]).await;
    assert_eq!(scene.disk(), after, "undone");
    scene.restore_all(&target).await;
    assert_eq!(scene.disk(), before, "and done again");
}

#[tokio::test]
async fn the_model_is_told_with_the_next_message() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    scene.turn(|root| put(root, "a.txt", "two\n")).await;
    let target = scene.newest("before_run").await;
    scene.restore_all(&target).await;
    scene.setup.say("go on").await;
    let run = scene.setup.engine.run().await;
    let told = json!(run.request.transcript).to_string();
    assert!(told.contains("brought files of the workspace back") && told.contains("a.txt"), "{told}");
    let shown = serde_json::to_string(&scene.setup.snapshot().await.messages).unwrap();
    assert!(shown.contains("Restored to an earlier state: a.txt."), "{shown}");
    run.reply("seen");
}

#[tokio::test]
async fn one_file_comes_back_and_the_rest_stays() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    scene.put("b.txt", "one\n");
    scene
        .turn(|root| {
            for path in ["a.txt", "b.txt", "c/d.txt", "c/e.txt"] {
                put(root, path, "two\n");
            }
        })
        .await;
    let target = scene.newest("before_run").await;
    let wanted = json!({ "checkpoint_id": target, "paths": ["a.txt", "c/d.txt"] });
    let (status, receipt) = scene.restore(wanted).await;
    assert_eq!((status, &receipt["restored"]), (200, &json!(2)), "{receipt}");
    assert_eq!((scene.read("a.txt").as_str(), scene.read("b.txt").as_str()), ("one\n", "two\n"));
    assert!(!scene.root().join("c/d.txt").exists() && scene.root().join("c/e.txt").exists());
}

#[tokio::test]
async fn one_hunk_is_undone_also_in_a_file_that_went_on_changing() {
    let mut scene = Scene::new().await;
    let old = numbered(1..40);
    scene.put("a.txt", &old);
    let run = scene
        .turn(|root| {
            let new = old.replace("line 5\n", "five\n").replace("line 30\n", "thirty\n");
            put(root, "a.txt", new);
        })
        .await;
    let changes = scene.changes(&format!("?run_id={run}")).await;
    let hunk = |index: u32| {
        json!({ "checkpoint_id": changes["from"],
            "hunk": { "to": changes["to"], "path": "a.txt", "index": index } })
    };
    let (status, receipt) = scene.restore(hunk(0)).await;
    assert_eq!(status, 200, "{receipt}");
    assert_eq!(scene.read("a.txt"), old.replace("line 30\n", "thirty\n"));
    let (status, receipt) = scene.restore(hunk(1)).await;
    assert_eq!(status, 200, "{receipt}");
    assert_eq!(scene.read("a.txt"), old);
    let (status, problem) = scene.restore(hunk(1)).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("hunk_gone")), "{problem}");
    scene.restore_all(&receipt["before"]).await;
    assert_eq!(scene.read("a.txt"), old.replace("line 30\n", "thirty\n"), "undone");
}

#[tokio::test]
async fn what_somebody_else_changed_is_not_overwritten_without_a_second_word() {
    let mut scene = Scene::new().await;
    scene.put("mine.txt", "one\n");
    scene.put("its.txt", "one\n");
    scene
        .turn(|root| {
            put(root, "mine.txt", "two\n");
            put(root, "its.txt", "two\n");
        })
        .await;
    let target = scene.newest("before_run").await;
    scene.put("mine.txt", "by the person\n");
    scene.put("new.txt", "by the person\n");
    let wanted = json!({ "checkpoint_id": target });
    let shown = preview(&scene, &wanted).await;
    assert_eq!(shown["conflicts"], json!(["mine.txt", "new.txt"]));
    let (status, problem) = scene.restore(wanted).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("changed_since")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("mine.txt"), "{problem}");
    assert_eq!((scene.read("mine.txt"), scene.read("its.txt")), ("by the person\n".into(), "two\n".into()));

    let some = json!({ "checkpoint_id": target, "overwrite": ["mine.txt"] });
    assert_eq!(scene.restore(some).await.0, 409, "each path needs the word");
    let part = json!({ "checkpoint_id": target, "paths": ["its.txt"] });
    assert_eq!(scene.restore(part).await.0, 200, "what nobody else changed does not");
    let all = json!({ "checkpoint_id": target, "overwrite": ["mine.txt", "new.txt"] });
    let (status, receipt) = scene.restore(all).await;
    assert_eq!(status, 200, "{receipt}");
    assert_eq!((scene.read("mine.txt"), scene.root().join("new.txt").exists()), ("one\n".into(), false));
    scene.restore_all(&receipt["before"]).await;
    assert_eq!(scene.read("mine.txt"), "by the person\n", "even that can be undone");
}

/// The person edits before the next run begins: that run's first state has it, but it stays theirs.
#[tokio::test]
async fn changes_between_two_runs_stay_the_person_s() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    scene.turn(|root| put(root, "b.txt", "two\n")).await;
    let target = scene.newest("before_run").await;
    scene.put("a.txt", "by the person\n");
    scene.turn(|root| put(root, "b.txt", "three\n")).await;
    let (status, problem) = scene.restore(json!({ "checkpoint_id": target })).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("changed_since")), "{problem}");
    let second = scene.newest("before_run").await;
    scene.restore_all(&second).await;
    assert_eq!((scene.read("a.txt"), scene.read("b.txt")), ("by the person\n".into(), "two\n".into()));
}

#[tokio::test]
async fn nothing_is_restored_while_a_run_goes_on() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    scene.turn(|root| put(root, "a.txt", "two\n")).await;
    let target = scene.newest("before_run").await;
    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    let (status, problem) = scene.restore(json!({ "checkpoint_id": target })).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("run_active")), "{problem}");
    preview(&scene, &json!({ "checkpoint_id": target })).await;
    assert_eq!(scene.read("a.txt"), "two\n");
    scene.end(&mut run).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    scene.restore_all(&target).await;
    assert_eq!(scene.read("a.txt"), "one\n");
}

#[tokio::test]
async fn what_lies_behind_links_is_not_touched() {
    let mut scene = Scene::new().await;
    let outside = scene.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("a.txt"), "outside").unwrap();
    scene.put("dir/a.txt", "inside");
    let before = scene.disk();
    scene
        .turn(|root| {
            fs::remove_dir_all(root.join("dir")).unwrap();
            symlink(&outside, root.join("dir")).unwrap();
        })
        .await;
    let kept = on_disk(&outside);
    scene.restore_all(&scene.newest("before_run").await).await;
    assert_eq!((scene.disk(), on_disk(&outside)), (before, kept));
}

/// A file that the rules of then left out was there all the time: it is nobody's to delete.
#[tokio::test]
async fn what_was_ignored_then_is_not_deleted_when_rules_have_changed() {
    let mut scene = Scene::new().await;
    scene.put(".gitignore", "secret.env\n/build/\n*.key\n!public.key\n");
    scene.put("secret.env", "mine");
    scene.put("build/out", "mine");
    scene.put("deep/a.key", "mine");
    scene.put("deep/public.key", "known");
    scene
        .turn(|root| {
            fs::remove_file(root.join(".gitignore")).unwrap();
            put(root, "new.txt", "by the agent");
        })
        .await;
    scene.restore_all(&scene.newest("before_run").await).await;
    assert_eq!((scene.read("secret.env"), scene.read("build/out")), ("mine".into(), "mine".into()));
    assert_eq!((scene.read("deep/a.key"), scene.read("deep/public.key")), ("mine".into(), "known".into()));
    assert!(scene.root().join(".gitignore").exists() && !scene.root().join("new.txt").exists());
}

#[tokio::test]
async fn what_was_not_kept_is_neither_deleted_nor_promised() {
    let mut scene = Scene::new().await;
    scene.turn(|root| fs::File::create(root.join("huge")).unwrap().set_len(17 << 20).unwrap()).await;
    let target = scene.newest("before_run").await;
    let shown = preview(&scene, &json!({ "checkpoint_id": target })).await;
    assert_eq!(shown["impossible"], json!([{ "path": "huge", "reason": "too_large" }]));
    let (status, receipt) = scene.restore(json!({ "checkpoint_id": target })).await;
    assert_eq!((status, &receipt["failed"][0]["path"]), (200, &json!("huge")), "{receipt}");
    assert!(scene.root().join("huge").exists());
}
