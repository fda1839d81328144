//! Living tool state: open files are rendered again exactly when they changed.

use serde_json::json;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::view::{KnownFile, LineRange, RenderedContent, RenderedFile, ViewChange};

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

#[tokio::test]
async fn a_change_from_outside_beyond_what_is_shown_of_a_large_file_gets_a_window() {
    let scene = Scene::new().await;
    let mut lines: Vec<String> = (1..=5_000).map(|line| format!("line {line}\n")).collect();
    scene.put("big.txt", lines.concat());
    let read =
        scene.call("read_file", json!({"file": "big.txt", "start_line": 1_000, "end_line": 1_002})).await;
    let first = scene.refresh(vec![opened(&read.view_changes[0])]).await.pop().expect("a first view");
    assert_eq!(first.ranges, None, "as asked for");

    // Two lines more above the window, and another line far below it.
    lines[4_000] = "changed by a command\n".to_owned();
    lines.splice(0..0, ["new 1\n".to_owned(), "new 2\n".to_owned()]);
    scene.put("big.txt", lines.concat());
    let ranges = read_ranges(&read.view_changes[0]);
    let second = scene.refresh(vec![known_with(&first, ranges)]).await.pop().expect("a second view");
    let text = text_of(&second.content);
    for line in ["\n4003\tchanged by a command\n", "\n4008\t", "\n1002\tline 1000\n", "\n1004\tline 1002\n"] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    assert!(text.starts_with("1\tnew 1\n2\tnew 2\n3\tline 1\n"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with('…')).count(), 3, "{text}");

    // What is shown from now on is what the engine was told, and moves on with its lines.
    let ranges = second.ranges.clone().expect("other lines than asked for");
    lines.remove(0);
    scene.put("big.txt", lines.concat());
    let third = scene.refresh(vec![known_with(&second, ranges)]).await.pop().expect("a third view");
    let text = text_of(&third.content);
    assert!(
        text.contains("\n4002\tchanged by a command\n") && text.contains("\n1001\tline 1000\n"),
        "{text}"
    );
}

#[tokio::test]
async fn an_edit_after_a_change_from_outside_leaves_the_windows_where_they_belong() {
    let scene = Scene::new().await;
    let mut lines: Vec<String> = (1..=5_000).map(|line| format!("line {line}\n")).collect();
    scene.put("big.txt", lines.concat());
    let read =
        scene.call("read_file", json!({"file": "big.txt", "start_line": 1_000, "end_line": 1_002})).await;
    let first = scene.refresh(vec![opened(&read.view_changes[0])]).await;
    lines.splice(0..0, (0..500).map(|_| "new\n".to_owned()));
    lines[4_000] = "changed by a command\n".to_owned();
    scene.put("big.txt", lines.concat());
    let edits =
        json!([{"remove_line_number": "1001", "content_to_remove": "line 1001", "replace_content": "x\ny"}]);
    let edited = scene.call("edit_file", json!({"file": "big.txt", "edits": edits})).await;
    assert_eq!(edited.status, ToolStatus::Ok, "{}", edited.text);
    let due = known_with(&first[0], read_ranges(&edited.view_changes[0]));
    let text = scene.refresh(vec![due]).await.pop().expect("a view").content;
    let text = text_of(&text);
    for line in ["\n1500\tline 1000\n1501\tx\n1502\ty\n1503\tline 1002\n", "\n4002\tchanged by a command\n"] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    assert!(text.starts_with("1\tnew\n") && text.contains("\n80\tnew\n"), "{text}");
    assert!(!text.contains("\n200\tnew\n"), "a large change is shown in part: {text}");
}

#[tokio::test]
async fn changes_that_are_too_many_to_show_are_named() {
    let scene = Scene::new().await;
    let lines: String = (1..=5_000).map(|line| format!("line {line}\n")).collect();
    scene.put("big.txt", &lines);
    let read = scene.call("read_file", json!({"file": "big.txt"})).await;
    let first = scene.refresh(vec![opened(&read.view_changes[0])]).await;
    scene.put("big.txt", lines.replace("9\n", "9!\n"));
    let text = scene.refresh(vec![shown(&first[0])]).await.pop().expect("a view").content;
    let text = text_of(&text);
    assert!(text.contains("\n409\tline 409!\n"), "{text}");
    let last = text.lines().last().expect("a last line");
    assert!(last.starts_with("… changed since the last view and not shown: lines "), "{last}");
    assert!(last.ends_with(" more places …"), "{last}");
}

/// A read or an edit in between counts windows in the new lines; what the model has seen is older.
#[tokio::test]
async fn changes_that_are_too_many_are_named_when_the_step_used_the_file_too() {
    let calls = [
        ("read_file", json!({"file": "big.txt", "start_line": 3_000, "end_line": 3_002})),
        (
            "edit_file",
            json!({"file": "big.txt", "edits": [
                {"remove_line_number": "21", "content_to_remove": "line 21", "replace_content": "other"}
            ]}),
        ),
    ];
    for (tool, arguments) in calls {
        let scene = Scene::new().await;
        let lines: String = (1..=5_000).map(|line| format!("line {line}\n")).collect();
        scene.put("big.txt", &lines);
        let read = scene.call("read_file", json!({"file": "big.txt"})).await;
        let first = scene.refresh(vec![opened(&read.view_changes[0])]).await;
        scene.put("big.txt", lines.replace("9\n", "9!\n"));
        let used = scene.call(tool, arguments).await;
        assert_eq!(used.status, ToolStatus::Ok, "{}", used.text);
        let due =
            KnownFile { ranges_changed: true, ..known_with(&first[0], read_ranges(&used.view_changes[0])) };
        let text = scene.refresh(vec![due]).await.pop().expect("a view").content;
        let last = text_of(&text).lines().last().expect("a last line");
        assert!(last.starts_with("… changed since the last view and not shown: lines "), "{tool}: {last}");
    }
}

fn read_ranges(change: &ViewChange) -> Vec<LineRange> {
    let ViewChange::Open { ranges, .. } = change else { panic!("{change:?} opens nothing") };
    ranges.clone()
}

/// A file as the engine knows it after a view, with these lines open.
fn known_with(view: &RenderedFile, ranges: Vec<LineRange>) -> KnownFile {
    KnownFile { ranges, ..shown(view) }
}
