//! Living tool state: open files are rendered again exactly when they changed.

use serde_json::json;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::view::{KnownFile, RenderedContent};

use crate::scene::{Scene, opened, shown};

fn text_of(content: &RenderedContent) -> &str {
    match content {
        RenderedContent::Text { text } => text,
        other => panic!("{other:?} is no text"),
    }
}

#[tokio::test]
async fn an_open_file_follows_the_disk() {
    let scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    let read = scene.call("read_file", json!({"file": "a.txt"})).await;
    let mut views = scene.refresh(vec![opened(&read.view_changes[0])]).await;
    let first = views.pop().expect("a first view");
    assert_eq!((first.path.as_str(), first.lines, first.bytes), ("a.txt", 1, 4));
    assert_eq!(text_of(&first.content), "1\tone\n");

    assert_eq!(scene.refresh(vec![shown(&first)]).await, [], "unchanged, so no view");
    let again = scene.call("read_file", json!({"file": "a.txt"})).await;
    assert!(again.text.contains("open already and is unchanged"), "{}", again.text);

    scene.put("a.txt", "one\ntwo\n");
    let mut views = scene.refresh(vec![shown(&first)]).await;
    let second = views.pop().expect("changed from outside, so a view");
    assert_eq!(text_of(&second.content), "1\tone\n2\ttwo\n");

    std::fs::remove_file(scene.root.join("a.txt")).expect("scratch");
    let mut views = scene.refresh(vec![shown(&second)]).await;
    assert_eq!(views.pop().expect("a notice").content, RenderedContent::Missing);
}

#[tokio::test]
async fn views_come_sorted_and_once_per_file() {
    let scene = Scene::new().await;
    scene.put("b.txt", "b\n");
    scene.put("a.txt", "a\n");
    let known = |path: &str| KnownFile {
        path: path.to_owned(),
        content_hash: None,
        ranges: Vec::new(),
        ranges_changed: false,
    };
    let views = scene.refresh(vec![known("b.txt"), known("a.txt"), known("b.txt")]).await;
    let paths: Vec<&str> = views.iter().map(|view| view.path.as_str()).collect();
    assert_eq!(paths, ["a.txt", "b.txt"]);
}

#[tokio::test]
async fn a_stale_edit_lands_where_the_model_meant_it() {
    let scene = Scene::new().await;
    scene.put("a.txt", "alpha\nbeta\ngamma\n");
    let read = scene.call("read_file", json!({"file": "a.txt"})).await;
    scene.refresh(vec![opened(&read.view_changes[0])]).await;
    let inserted = "new\n".repeat(40);
    scene.put("a.txt", format!("{inserted}alpha\nbeta\ngamma\n"));
    let outcome = scene
        .call(
            "edit_file",
            json!({"file": "a.txt", "edits": [
                {"remove_line_number": "2", "content_to_remove": "beta", "replace_content": "BETA"}
            ]}),
        )
        .await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(scene.read("a.txt"), format!("{inserted}alpha\nBETA\ngamma\n"));
}

#[tokio::test]
async fn a_second_edit_of_one_step_uses_the_numbers_that_were_shown() {
    let scene = Scene::new().await;
    let lines: String = (1..=60).map(|line| format!("x = {}\n", line % 3)).collect();
    scene.put("a.py", &lines);
    let read = scene.call("read_file", json!({"file": "a.py"})).await;
    scene.refresh(vec![opened(&read.view_changes[0])]).await;
    for (line, content, new) in
        [("1", "x = 1", "x = 1\ny = 1\ny = 2\ny = 3\ny = 4"), ("30", "x = 0", "z = 30")]
    {
        let outcome = scene
            .call(
                "edit_file",
                json!({"file": "a.py", "edits": [
                    {"remove_line_number": line, "content_to_remove": content, "replace_content": new}
                ]}),
            )
            .await;
        assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    }
    let expected = lines.replacen("x = 1\n", "x = 1\ny = 1\ny = 2\ny = 3\ny = 4\n", 1);
    let mut expected: Vec<&str> = expected.lines().collect();
    expected[33] = "z = 30";
    assert_eq!(scene.read("a.py").lines().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_edited_large_file_shows_the_change_and_what_was_open() {
    let scene = Scene::new().await;
    let lines: String = (1..=5_000).map(|line| format!("line {line}\n")).collect();
    scene.put("big.txt", lines);
    let read =
        scene.call("read_file", json!({"file": "big.txt", "start_line": 4_000, "end_line": 4_002})).await;
    let views = scene.refresh(vec![opened(&read.view_changes[0])]).await;
    let text = text_of(&views[0].content);
    assert!(text.starts_with("… lines 1–3994 not shown") && text.contains("\n4002\tline 4002\n"), "{text}");
    let edited = scene
        .call(
            "edit_file",
            json!({"file": "big.txt", "edits": [
                {"remove_line_number": "10", "content_to_remove": "line 10", "replace_content": "a\nb\nc"}
            ]}),
        )
        .await;
    assert_eq!(edited.status, ToolStatus::Ok, "{}", edited.text);
    let views = scene.refresh(vec![opened(&edited.view_changes[0])]).await;
    let text = text_of(&views[0].content);
    assert!(text.contains("\n10\ta\n11\tb\n12\tc\n"), "{text}");
    assert!(text.contains("\n4002\tline 4000\n") && text.contains("\n4004\tline 4002\n"), "{text}");
}

#[tokio::test]
async fn editing_a_large_file_keeps_its_beginning_in_view() {
    let scene = Scene::new().await;
    let lines: String = (1..=5_000).map(|line| format!("line {line}\n")).collect();
    scene.put("big.txt", lines);
    let read = scene.call("read_file", json!({"file": "big.txt"})).await;
    scene.refresh(vec![opened(&read.view_changes[0])]).await;
    let edited = scene
        .call(
            "edit_file",
            json!({"file": "big.txt", "edits": [
                {"remove_line_number": "50", "content_to_remove": "line 50", "replace_content": "changed"}
            ]}),
        )
        .await;
    let views = scene.refresh(vec![opened(&edited.view_changes[0])]).await;
    let text = text_of(&views[0].content);
    assert!(text.starts_with("1\tline 1\n") && text.contains("\n50\tchanged\n"), "{text}");
    assert!(text.contains("\n400\tline 400\n"), "{text}");
}
