//! `edit_file` on real files.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use slipway_protocol::tool::ToolStatus;
use slipway_protocol::view::ViewChange;
use slipway_tools::edit::{DiffTag, EditData, edit_file};

use super::call;

#[test]
fn changes_the_file_and_says_what_changed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.txt");
    fs::write(&path, "one\ntwo\nthree\n").unwrap();
    let seen = b"one\ntwo\nthree\n";
    let outcome = edit_file(&path, "a.txt", &call(&[("3", "two", "2\n2b")]), Some(seen));
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(fs::read_to_string(&path).unwrap(), "one\n2\n2b\nthree\n");
    assert_eq!(outcome.view_changes, [ViewChange::Open { path: "a.txt".into(), ranges: Vec::new() }]);
    assert_eq!(outcome.changed_paths, ["a.txt"]);
    let corrected = r#"{"file":"file","edits":[{"remove_line_number":"2","content_to_remove":"two","replace_content":"2\n2b"}]}"#;
    assert_eq!(outcome.corrected_arguments.as_deref(), Some(corrected));
    let data: EditData = serde_json::from_value(outcome.data).unwrap();
    assert_eq!((data.path.as_str(), data.added, data.removed, data.corrected), ("a.txt", 2, 1, true));
    let tags: Vec<_> = data.hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.tag).collect();
    assert_eq!(tags, [DiffTag::Context, DiffTag::Del, DiffTag::Add, DiffTag::Add, DiffTag::Context]);
}

#[test]
fn keeps_mode_and_links_and_leaves_refused_files_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (script, link) = (directory.path().join("script"), directory.path().join("link"));
    fs::write(&script, "one\ntwo\n").unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    symlink("script", &link).unwrap();
    let outcome = edit_file(&link, "link", &call(&[("1", "one", "1")]), Some(b"one\ntwo\n"));
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(fs::read_to_string(&script).unwrap(), "1\ntwo\n");
    assert_eq!(fs::metadata(&script).unwrap().mode() & 0o7777, 0o755);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

    let before = fs::metadata(&script).unwrap();
    let outcome = edit_file(&script, "script", &call(&[("1", "1", "x"), ("2", "no", "y")]), None);
    assert_eq!(outcome.status, ToolStatus::Error);
    let after = fs::metadata(&script).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(outcome.changed_paths, Vec::<String>::new());
}

#[test]
fn says_why_a_file_cannot_be_edited() {
    let directory = tempfile::tempdir().unwrap();
    let args = call(&[("1", "a", "b")]);
    let outcome = edit_file(&directory.path().join("none"), "none", &args, None);
    assert_eq!(outcome.text, "Cannot edit none: there is no such file; create it with write_file.");
    let outcome = edit_file(directory.path(), "dir", &args, None);
    assert_eq!(outcome.text, "Cannot edit dir: it is a directory.");
}
