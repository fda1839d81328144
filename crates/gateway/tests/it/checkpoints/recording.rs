//! When states are recorded, and who hears of it.

use std::fs;

use serde_json::{Value, json};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::RunOutcome;

use crate::checkpoint_scene::{Scene, put};

fn kinds(checkpoints: &[Value]) -> Vec<(&str, Option<u64>, u64)> {
    let kind = |checkpoint: &'_ Value| checkpoint["changed_files"].as_u64().unwrap();
    checkpoints
        .iter()
        .map(|checkpoint| {
            (checkpoint["kind"].as_str().unwrap(), checkpoint["step"].as_u64(), kind(checkpoint))
        })
        .collect()
}

#[tokio::test]
async fn the_state_before_a_run_and_after_each_step_is_recorded() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    scene.call(&mut run, "echo two >> a.txt; echo new > b.txt").await;
    scene.call(&mut run, "true").await;
    scene.call(&mut run, "rm a.txt; mkdir d; echo x > d/c").await;
    scene.end(&mut run).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let checkpoints = scene.checkpoints().await;
    let expected = [("before_run", None, 0), ("step", Some(2), 2), ("step", Some(4), 2)];
    assert_eq!(kinds(&checkpoints), expected, "steps that changed nothing leave none");
    let told: Vec<Vec<String>> = follower
        .events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::FilesChanged { paths } => Some(paths.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, [vec!["a.txt", "b.txt"], vec!["a.txt", "d/c"]]);
    let created = follower.kinds.iter().filter(|kind| *kind == "checkpoint.created").count();
    assert_eq!(created, 3);
}

#[tokio::test]
async fn a_run_that_changes_nothing_leaves_no_checkpoint_of_its_own() {
    let mut scene = Scene::new().await;
    let mut follower = scene.follow().await;
    scene.setup.say("only a question").await;
    scene.setup.engine.run().await.reply("an answer");
    follower.until_status(RunStatus::Done).await;
    assert!(scene.checkpoints().await.is_empty());
}

#[tokio::test]
async fn what_changes_while_the_model_thinks_was_not_the_agent() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    scene.call(&mut run, "echo two >> a.txt").await;
    let step = run.step();
    follower
        .until(
            |body| matches!(body, EventBody::CheckpointCreated { checkpoint } if checkpoint.step == Some(2)),
        )
        .await;
    // The model takes its time, and the person edits meanwhile.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    scene.put("person.txt", "mine\n");
    run.answer(&step, "", &["call_late"]);
    let command = json!({ "command": "echo three >> a.txt" });
    let answer = run.call_tool_with("run_terminal_command", "inv_late", "call_late", None, command).await;
    answer.text().await.unwrap();
    run.result("call_late", "done");
    scene.end(&mut run).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let checkpoints = scene.checkpoints().await;
    let expected =
        [("before_run", None, 0), ("step", Some(2), 1), ("outside", None, 1), ("step", Some(3), 1)];
    assert_eq!(kinds(&checkpoints), expected);
    let changes = scene.changes("").await;
    let paths: Vec<&str> =
        changes["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a.txt"], "the person's file is not among the agent's changes");
}

#[tokio::test]
async fn a_stopped_run_s_changes_are_recorded_too() {
    let mut scene = Scene::new().await;
    let mut follower = scene.follow().await;
    let (run, _) = scene.begin().await;
    scene.put("half.txt", "done by a command that was stopped\n");
    scene.setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    assert_eq!(kinds(&scene.checkpoints().await), [("before_run", None, 0), ("step", Some(1), 1)]);
    drop(run);
}

#[tokio::test]
async fn a_workspace_that_cannot_be_recorded_keeps_no_run_from_going_on() {
    let mut scene = Scene::new().await;
    // Nothing can be kept where a file is in the way of the directory.
    let objects = scene.setup.gateway.directory.path().join("checkpoints");
    fs::remove_dir_all(&objects).ok();
    fs::write(&objects, "").unwrap();
    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    put(&scene.root(), "a.txt", "one");
    scene.end(&mut run).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let notices: Vec<&String> = follower
        .events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Notice { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    assert!(matches!(&notices[..], [text] if text.contains("cannot be shown or undone")), "{notices:?}");
    assert!(scene.checkpoints().await.is_empty());
}
