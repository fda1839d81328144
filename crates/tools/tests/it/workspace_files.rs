//! The person's own way to the workspace, over a real connection.

mod archives;
mod builders;
mod cloning;
mod hostile;
mod properties;
mod transfer;

use std::collections::BTreeMap;
use std::path::Path;

use slipway_protocol::problem::Problem;
use slipway_protocol::workspace::{
    CreateFolder, FileText, RenameEntry, TrashEntry, WorkspaceEntryKind, WriteText, WrittenFile,
};
use slipway_tools::client::{ClientError, EntriesQuery, WriteAnswer};

use crate::scene::Scene;

/// Everything below a directory but Slipway's own: kind and content by path.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("it can be read").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            let metadata = std::fs::symlink_metadata(&path).expect("it is there");
            if name == ".slipway" {
                continue;
            } else if metadata.is_dir() {
                found.insert(name, "directory".to_owned());
                open.push(path);
            } else if metadata.is_symlink() {
                let target = std::fs::read_link(&path).expect("a link");
                found.insert(name, format!("link {}", target.display()));
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                found.insert(name, format!("file {}", String::from_utf8_lossy(&bytes)));
            }
        }
    }
    found
}

/// Nothing that was being put together is left.
pub(crate) fn assert_nothing_staged(scene: &Scene) {
    let staging = scene.root.join(".slipway/staging");
    let left: Vec<_> = std::fs::read_dir(staging).into_iter().flatten().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> Problem {
    match outcome {
        Err(ClientError::Refused { problem, .. }) => *problem,
        other => panic!("not refused: {other:?}"),
    }
}

async fn names(scene: &Scene, path: &str, query: EntriesQuery) -> Vec<String> {
    let page = scene.client.entries(path, &query).await.expect("a page");
    page.entries.into_iter().map(|entry| entry.name).collect()
}

async fn write(scene: &Scene, path: &str, is: Option<&str>, text: &str) -> WriteAnswer {
    let text = WriteText { text: text.to_owned() };
    scene.client.write_text(path, is, &text).await.expect("an answer")
}

fn written(answer: WriteAnswer) -> WrittenFile {
    match answer {
        WriteAnswer::Written { file } => file,
        WriteAnswer::Conflict { problem, .. } => panic!("{problem}"),
    }
}

fn conflict(answer: WriteAnswer) -> Option<FileText> {
    match answer {
        WriteAnswer::Conflict { current, problem } => {
            assert_eq!((problem.status, problem.code.as_str()), (412, "file_changed"));
            current
        }
        WriteAnswer::Written { file } => panic!("{file:?} was written"),
    }
}

#[tokio::test]
async fn a_directory_comes_in_pages_with_what_is_left() {
    let scene = Scene::new().await;
    for name in ["b.txt", "a.txt", "z/x", "c/x", "\u{e4}.txt"] {
        scene.put(name, "12345");
    }
    std::os::unix::fs::symlink("a.txt", scene.root.join("link")).expect("scratch");
    let two = |after: Option<String>| EntriesQuery { after, limit: Some(2), ignored: false };
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = scene.client.entries("", &two(after)).await.expect("a page");
        pages.push((page.entries.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>(), page.more));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected = [(["c", "z"], 4), (["a.txt", "b.txt"], 2), (["link", "\u{e4}.txt"], 0)];
    assert_eq!(pages, expected.map(|(names, more)| (names.map(str::to_owned).to_vec(), more)));
    let page = scene.client.entries("", &EntriesQuery::default()).await.expect("a page");
    let entry = |name: &str| page.entries.iter().find(|entry| entry.name == name).expect("listed");
    assert_eq!((entry("a.txt").kind, entry("a.txt").bytes), (WorkspaceEntryKind::File, 5));
    assert!(entry("a.txt").modified_at > 1_700_000_000_000);
    assert_eq!(entry("link").target.as_deref(), Some("a.txt"));
}

#[tokio::test]
async fn what_ignore_files_name_is_counted_and_listed_when_asked_for() {
    let scene = Scene::new().await;
    scene.put(".gitignore", "node_modules/\n*.log\n");
    scene.put("node_modules/left-pad/index.js", "");
    scene.put(".git/HEAD", "");
    scene.put("run.log", "");
    scene.put("src/main.rs", "");
    assert_eq!(names(&scene, "", EntriesQuery::default()).await, ["src", ".gitignore"]);
    let page = scene.client.entries("", &EntriesQuery::default()).await.expect("a page");
    assert_eq!(page.ignored, 3);
    let all = EntriesQuery { ignored: true, ..EntriesQuery::default() };
    assert_eq!(
        names(&scene, "", all.clone()).await,
        [".git", "node_modules", "src", ".gitignore", "run.log"]
    );
    let inside = scene.client.entries("node_modules/left-pad", &all).await.expect("a page");
    assert!(inside.entries.iter().all(|entry| entry.ignored));
}

#[tokio::test]
async fn a_write_replaces_what_was_seen_and_nothing_else() {
    let scene = Scene::new().await;
    let new = written(write(&scene, "notes/a.txt", None, "one\r\n").await);
    assert_eq!(scene.read("notes/a.txt"), "one\r\n");
    let seen = scene.client.text("notes/a.txt", None, None).await.expect("text");
    assert_eq!((seen.text.as_str(), Some(&seen.hash), seen.complete), ("one\r\n", new.hash.as_ref(), true));
    written(write(&scene, "notes/a.txt", Some(&seen.hash), "two\n").await);
    // Somebody who has seen the first version only.
    let current = conflict(write(&scene, "notes/a.txt", Some(&seen.hash), "mine\n").await);
    assert_eq!(current.expect("there is one").text, "two\n");
    // Somebody who thinks that it is new; somebody whose file is gone.
    assert!(conflict(write(&scene, "notes/a.txt", None, "mine\n").await).is_some());
    assert!(conflict(write(&scene, "gone.txt", Some(&seen.hash), "mine\n").await).is_none());
    assert_eq!(scene.read("notes/a.txt"), "two\n");
    written(write(&scene, "notes/a.txt", Some("*"), "whatever\n").await);
    assert_eq!(scene.read("notes/a.txt"), "whatever\n");
    assert_nothing_staged(&scene);
}

#[tokio::test]
async fn text_comes_in_windows_and_what_is_no_text_is_said_so() {
    let scene = Scene::new().await;
    let lines: String = (1..=1_000).map(|n| format!("line {n}\n")).collect();
    scene.put("long.txt", &lines);
    let window = scene.client.text("long.txt", Some(500), Some(2)).await.expect("text");
    assert_eq!(window.text, "line 500\nline 501\n");
    assert_eq!((window.first_line, window.total_lines, window.complete), (500, 1_000, false));
    scene.put("latin1.txt", b"caf\xe9\n");
    scene.put("program", b"\x7fELF\0\0");
    for path in ["latin1.txt", "program"] {
        let problem = refusal(scene.client.text(path, None, None).await);
        assert_eq!((problem.status, problem.code.as_str()), (415, "not_text"), "{path}");
    }
    assert_eq!(refusal(scene.client.text("none", None, None).await).status, 404);
    assert_eq!(refusal(scene.client.text("", None, None).await).code, "not_a_file");
}

#[tokio::test]
async fn things_are_renamed_without_replacing_anything() {
    let scene = Scene::new().await;
    scene.put("a.txt", "a");
    scene.put("b.txt", "b");
    scene.put("d/x", "x");
    let rename = async |from: &str, to: &str| {
        let entry = RenameEntry { from: from.to_owned(), to: to.to_owned() };
        scene.client.rename(&entry).await
    };
    rename("a.txt", "deep/er/c.txt").await.expect("it goes");
    assert_eq!(scene.read("deep/er/c.txt"), "a");
    for (from, to, code) in [
        ("b.txt", "d", "already_exists"),
        ("b.txt", "deep/er/c.txt", "already_exists"),
        ("none", "x", "file_missing"),
        ("d", "d/inside", "into_itself"),
        (".", "x", "whole_workspace"),
        ("b.txt", "../b.txt", "path_refused"),
        ("../x", "x", "path_refused"),
    ] {
        assert_eq!(refusal(rename(from, to).await).code, code, "{from} to {to}");
    }
    assert_eq!(scene.read("b.txt"), "b");
    scene.client.create_folder(&CreateFolder { path: "new/folder".to_owned() }).await.expect("it goes");
    assert!(scene.root.join("new/folder").is_dir());
    let again = scene.client.create_folder(&CreateFolder { path: "new/folder".to_owned() }).await;
    assert_eq!(refusal(again).code, "already_exists");
}

#[tokio::test]
async fn what_is_deleted_can_be_brought_back() {
    let scene = Scene::new().await;
    scene.put("d/one", "1");
    scene.put("d/two", "2");
    std::os::unix::fs::symlink("d/one", scene.root.join("link")).expect("scratch");
    let before = tree(&scene.root);
    for path in ["d", "link"] {
        let trashed = scene.client.trash(&TrashEntry { path: path.to_owned() }).await.expect("it goes");
        assert_eq!(trashed.path, path);
        assert!(std::fs::symlink_metadata(scene.root.join(path)).is_err());
        scene.client.restore_trashed(&trashed.id).await.expect("it comes back");
        assert_eq!(tree(&scene.root), before);
        assert_eq!(refusal(scene.client.restore_trashed(&trashed.id).await).code, "file_missing");
    }
    // Something else is in its place: both stay.
    let trashed = scene.client.trash(&TrashEntry { path: "d/one".to_owned() }).await.expect("it goes");
    scene.put("d/one", "other");
    assert_eq!(refusal(scene.client.restore_trashed(&trashed.id).await).code, "already_exists");
    std::fs::remove_file(scene.root.join("d/one")).expect("scratch");
    scene.client.restore_trashed(&trashed.id).await.expect("it comes back");
    assert_eq!(tree(&scene.root), before);
    for path in ["", ".", "..", "/", "../x"] {
        let problem = refusal(scene.client.trash(&TrashEntry { path: path.to_owned() }).await);
        assert!(["whole_workspace", "path_refused"].contains(&problem.code.as_str()), "{path}: {problem}");
    }
    for id in ["../../d", "", "..", "a/b", "none"] {
        let restored = scene.client.restore_trashed(id).await;
        assert!(matches!(restored, Err(ClientError::Refused { .. })), "{id}");
    }
    assert_eq!(tree(&scene.root), before);
}

#[tokio::test]
async fn changes_of_listed_directories_are_told() {
    use futures::StreamExt as _;
    let scene = Scene::new().await;
    scene.put("src/a.rs", "one");
    scene.put("other/b.rs", "one");
    let notices = scene.client.workspace_changes().await.expect("a stream");
    tokio::pin!(notices);
    names(&scene, "src", EntriesQuery::default()).await;
    // Nobody looks at `other`.
    scene.put("other/c.rs", "new");
    scene.put("src/a.rs", "longer");
    let told = notices.next().await.expect("it goes on").expect("a notice");
    assert_eq!(told.directories, ["src"]);
    std::fs::remove_file(scene.root.join("src/a.rs")).expect("scratch");
    let told = notices.next().await.expect("it goes on").expect("a notice");
    assert_eq!(told.directories, ["src"]);
}
