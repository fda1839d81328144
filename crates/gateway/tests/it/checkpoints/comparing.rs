//! What changed in a step, a run and a conversation.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::checkpoint_scene::{Scene, put};

fn files(changes: &Value) -> Vec<(&str, &str, Option<u64>, Option<u64>)> {
    let file = |file: &'_ Value| (file["additions"].as_u64(), file["deletions"].as_u64());
    let list = changes["files"].as_array().unwrap();
    list.iter()
        .map(|entry| {
            let (added, removed) = file(entry);
            (entry["path"].as_str().unwrap(), entry["kind"].as_str().unwrap(), added, removed)
        })
        .collect()
}

#[tokio::test]
async fn changes_are_told_by_step_run_and_conversation() {
    let mut scene = Scene::new().await;
    scene.put("a.txt", "one\ntwo\nthree\n");
    scene.put("old name.txt", "the same\n");
    scene.put("gone.txt", "x\n");
    let first = scene
        .turn(|root| {
            put(root, "a.txt", "one\n2\nthree\n");
            fs::rename(root.join("old name.txt"), root.join("new name.txt")).unwrap();
            fs::remove_file(root.join("gone.txt")).unwrap();
        })
        .await;
    let second = scene.turn(|root| put(root, "a.txt", "one\n2\nthree\nfour\n")).await;

    let changes = scene.changes(&format!("?run_id={first}")).await;
    let expected = [
        ("a.txt", "modified", Some(1), Some(1)),
        ("gone.txt", "deleted", Some(0), Some(1)),
        ("new name.txt", "renamed", Some(0), Some(0)),
    ];
    assert_eq!(files(&changes), expected);
    assert_eq!(changes["files"][2]["old_path"], "old name.txt");
    let diff = scene.diff(&changes, "a.txt").await;
    let lines: Vec<String> = diff["hunks"][0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {}", line["kind"].as_str().unwrap(), line["text"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, ["context one", "removed two", "added 2", "context three"]);

    let changes = scene.changes(&format!("?run_id={second}")).await;
    assert_eq!(files(&changes), [("a.txt", "modified", Some(1), Some(0))]);
    let step = scene.changes(&format!("?run_id={second}&step=1")).await;
    assert_eq!(files(&step), files(&changes));
    let all = scene.changes("").await;
    assert_eq!(files(&all)[0], ("a.txt", "modified", Some(2), Some(1)));
    assert_eq!(all["total"], 3);
}

#[tokio::test]
async fn what_has_no_lines_says_why() {
    let mut scene = Scene::new().await;
    scene.put("tool", "#!/bin/sh\n");
    scene
        .turn(|root| {
            put(root, "picture.png", b"\x89PNG\0\0");
            put(root, "much.txt", "x\n".repeat(3_000_000));
            File::create(root.join("huge.bin")).unwrap().set_len(17 << 20).unwrap();
            fs::set_permissions(root.join("tool"), Permissions::from_mode(0o755)).unwrap();
        })
        .await;
    let changes = scene.changes("").await;
    let notes: Vec<(&str, &Value)> = changes["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["path"].as_str().unwrap(), &file["note"]))
        .collect();
    let (unkept, large, binary) = (json!("unkept"), json!("too_large"), json!("binary"));
    assert_eq!(
        notes,
        [("huge.bin", &unkept), ("much.txt", &large), ("picture.png", &binary), ("tool", &Value::Null)]
    );
    assert_eq!(changes["files"][3]["new_mode"], 0o755);
    let newest = scene.checkpoints().await.pop().unwrap();
    assert_eq!((&newest["unkept_count"], &newest["unkept"][0]["reason"]), (&json!(1), &json!("too_large")));
    let diff = scene.diff(&changes, "picture.png").await;
    assert_eq!((&diff["change"]["note"], &diff["total"]), (&binary, &json!(0)));
}

#[tokio::test]
async fn long_lists_and_long_diffs_come_in_pages() {
    let mut scene = Scene::new().await;
    let lines = |mark: &str| -> String {
        (0..4000)
            .map(|line| if line % 10 == 0 { format!("{mark} {line}\n") } else { format!("{line}\n") })
            .collect()
    };
    scene.put("long.txt", lines("old"));
    scene
        .turn(|root| {
            for number in 0..150 {
                put(root, &format!("many/{number:03}.txt"), format!("{number}\n"));
            }
            put(root, "long.txt", lines("new"));
        })
        .await;
    let first = scene.changes("").await;
    assert_eq!((&first["total"], first["files"].as_array().unwrap().len()), (&json!(151), 100));
    let rest = scene.changes(&format!("?after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((rest["files"].as_array().unwrap().len(), &rest["next"]), (51, &Value::Null));

    let mut numbers = Vec::new();
    let mut next = json!(0);
    while let Some(hunk) = next.as_u64() {
        let page = scene.diff(&first, &format!("long.txt&hunk={hunk}")).await;
        let hunks = page["hunks"].as_array().unwrap();
        numbers.extend(hunks.iter().map(|hunk| hunk["index"].as_u64().unwrap()));
        assert_eq!(page["total"], 400);
        next = page["next"].clone();
    }
    assert_eq!(numbers, (0..400).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_tree_of_files_can_mark_what_changed_while_the_run_goes_on() {
    let mut scene = Scene::new().await;
    scene.put("src/lib.rs", "old\n");
    scene.put("src/deep/gone.rs", "x\n");
    scene.put("moved.txt", "the same\n");
    let path = scene.setup.path("/changes/marks");
    let none = json!({ "total": 0, "files": [], "directories": [] });
    assert_eq!(scene.setup.gateway.get(&path).await, none);

    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    let root = scene.root();
    put(&root, "src/lib.rs", "new\n");
    put(&root, "src/deep/new/one.rs", "1\n");
    fs::remove_file(root.join("src/deep/gone.rs")).unwrap();
    fs::rename(root.join("moved.txt"), root.join("src/moved.txt")).unwrap();
    // The next call waits until what the step before has left is recorded.
    scene.call(&mut run, "true").await;
    let marks = scene.setup.gateway.get(&path).await;
    let kinds: Vec<_> = marks["files"].as_array().unwrap().iter().map(mark).collect();
    let expected = [
        ("src/deep/gone.rs", "deleted"),
        ("src/deep/new/one.rs", "added"),
        ("src/lib.rs", "modified"),
        ("src/moved.txt", "renamed"),
    ];
    assert_eq!(kinds, expected);
    let below = json!([
        { "path": "src", "changes": 4 },
        { "path": "src/deep", "changes": 2 },
        { "path": "src/deep/new", "changes": 1 },
    ]);
    assert_eq!((&marks["total"], &marks["directories"]), (&json!(4), &below));

    put(&root, "src/lib.rs", "old\n");
    scene.end(&mut run).await;
    run.finish(slipway_protocol::run::RunOutcome::Completed);
    follower.until_status(slipway_protocol::event::RunStatus::Done).await;
    let marks = scene.setup.gateway.get(&path).await;
    let kinds: Vec<_> = marks["files"].as_array().unwrap().iter().map(mark).collect();
    assert_eq!(kinds, [expected[0], expected[1], expected[3]], "what is as it was has no mark");
}

fn mark(mark: &Value) -> (&str, &str) {
    (mark["path"].as_str().unwrap(), mark["kind"].as_str().unwrap())
}
