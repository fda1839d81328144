//! read_file, write_file, edit_file, delete_file, close_file, list_directory.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use serde_json::{Value, json};
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::view::{LineRange, ViewChange};

use crate::scene::Scene;

fn open(path: &str) -> ViewChange {
    ViewChange::Open { path: path.to_owned(), ranges: Vec::new() }
}

fn close(path: &str) -> ViewChange {
    ViewChange::Close { path: path.to_owned() }
}

/// Calls a tool and compares status and parts of the text.
async fn check(scene: &Scene, name: &str, arguments: Value, status: ToolStatus, parts: &[&str]) {
    let outcome = scene.call(name, arguments.clone()).await;
    assert_eq!(outcome.status, status, "{name} {arguments}: {}", outcome.text);
    for part in parts {
        assert!(outcome.text.contains(part), "{name} {arguments}: {}", outcome.text);
    }
}

#[tokio::test]
async fn read_file_opens_what_it_can_and_explains_the_rest() {
    let scene = Scene::new().await;
    scene.put("src/main.rs", "fn main() {}\n");
    scene.put("src/parser.rs", "a\nb\n");
    scene.put("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\0");
    scene.put("blob.bin", b"a\0b");
    scene.put("big.log", "line\n".repeat(5_000));
    let cases: [(Value, ToolStatus, &[&str]); 11] = [
        (json!({"file": "src/main.rs"}), ToolStatus::Ok, &["src/main.rs (1 line, 13 bytes) is open below."]),
        (json!({"file": ["./src//main.rs", "src/parser.rs"]}), ToolStatus::Ok, &["\nsrc/parser.rs (2 lines"]),
        (json!({"file": "src/parsr.rs"}), ToolStatus::Error, &["does not exist", "src/parser.rs"]),
        (json!({"file": "main.rs"}), ToolStatus::Error, &["Similar names: src/main.rs"]),
        (
            json!({"file": ["src/main.rs", "nope.qqq"]}),
            ToolStatus::Error,
            &["src/main.rs (1", "nope.qqq does not exist"],
        ),
        (json!({"file": "logo.png"}), ToolStatus::Error, &["logo.png (12 bytes)", "an image (PNG)"]),
        (json!({"file": "blob.bin"}), ToolStatus::Error, &["a binary file"]),
        (json!({"file": "src"}), ToolStatus::Error, &["is a directory", "list_directory"]),
        (json!({"file": []}), ToolStatus::Error, &["empty list"]),
        (json!({"file": "src/main.rs", "start_line": 9}), ToolStatus::Error, &["has only 1 line"]),
        (json!({"file": "big.log"}), ToolStatus::Ok, &["5000 lines", "in part: lines 1–400"]),
    ];
    for (arguments, status, parts) in cases {
        check(&scene, "read_file", arguments, status, parts).await;
    }
    let outcome =
        scene.call("read_file", json!({"file": "big.log", "start_line": 4_000, "end_line": 4_010})).await;
    let ranges = vec![LineRange { start: 1, end: 400 }, LineRange { start: 4_000, end: 4_010 }];
    assert_eq!(outcome.view_changes, [ViewChange::Open { path: "big.log".to_owned(), ranges }]);
}

#[tokio::test]
async fn write_file_creates_and_replaces() {
    let scene = Scene::new().await;
    let created = scene.call("write_file", json!({"file": "new/dir/a.txt", "content": "one\ntwo\n"})).await;
    assert_eq!(created.text, "Created new/dir/a.txt (2 lines, 8 bytes); it is open below.");
    assert_eq!(created.view_changes, [open("new/dir/a.txt")]);
    assert_eq!(created.changed_paths, ["new/dir/a.txt"]);
    assert_eq!(created.data["added"], 2);

    let path = scene.root.join("new/dir/a.txt");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("scratch");
    let replaced =
        scene.call("write_file", json!({"file": "./new/dir/a.txt", "content": "one\nTWO\n"})).await;
    assert!(replaced.text.contains("1 added, 1 removed"), "{}", replaced.text);
    assert_eq!(replaced.data["hunks"][0]["lines"][1], json!({"tag": "del", "text": "two"}));
    assert_eq!(scene.read("new/dir/a.txt"), "one\nTWO\n");
    let mode = std::fs::metadata(&path).expect("it exists").permissions().mode();
    assert_eq!(mode & 0o777, 0o755);

    let same = scene.call("write_file", json!({"file": "new/dir/a.txt", "content": "one\nTWO\n"})).await;
    assert!(same.text.contains("exactly this content already") && same.changed_paths.is_empty());
    check(
        &scene,
        "write_file",
        json!({"file": "new/dir", "content": ""}),
        ToolStatus::Error,
        &["is a directory"],
    )
    .await;
    check(
        &scene,
        "write_file",
        json!({"file": "new/dir/a.txt/b", "content": ""}),
        ToolStatus::Error,
        &["as if that were a directory"],
    )
    .await;
}

#[tokio::test]
async fn write_file_does_not_write_code_that_was_left_out() {
    let scene = Scene::new().await;
    let cut = "fn a() {}\n// ... rest of code unchanged ...\n";
    scene.put("old.rs", "fn a() {}\nfn b() {}\n");
    let refused = scene.call("write_file", json!({"file": "old.rs", "content": cut})).await;
    assert_eq!(
        refused.text,
        "Line 2 of the content leaves code out (\"// ... rest of code unchanged ...\"); old.rs would hold that line \
         in place of the code. Nothing was written. Send the complete content, or change single lines with \
         edit_file. If the file is really to hold this line, write it with run_terminal_command."
    );
    assert_eq!(
        (refused.status, scene.read("old.rs").as_str()),
        (ToolStatus::Error, "fn a() {}\nfn b() {}\n")
    );
    let refused = scene.call("write_file", json!({"file": "new.rs", "content": cut})).await;
    assert!(refused.text.contains("Send the complete content. If the file"), "{}", refused.text);
    assert!(!scene.root.join("new.rs").exists() && refused.view_changes.is_empty());

    scene.put("has.rs", cut);
    let prose = format!("Like this:\n\n```rust\n{cut}```\n");
    let written = [
        ("has.rs", format!("{cut}fn c() {{}}\n")),
        ("docs/editing.md", prose.clone()),
        ("spread.js", "f(...rest);\n// ...\n".to_owned()),
    ];
    for (file, content) in written {
        let outcome = scene.call("write_file", json!({"file": file, "content": content})).await;
        assert_eq!(outcome.status, ToolStatus::Ok, "{file}: {}", outcome.text);
        assert_eq!(scene.read(file), content);
    }
    let after_sample = format!("{prose}\n<!-- rest of the file unchanged -->\n");
    let arguments = json!({"file": "docs/editing.md", "content": after_sample});
    check(&scene, "write_file", arguments, ToolStatus::Error, &["Line 8 of the content"]).await;
}

#[tokio::test]
async fn edit_file_keeps_every_byte_that_it_was_not_told_to_change() {
    let scene = Scene::new().await;
    let file = [&b"\xEF\xBB\xBFone\r\ntwo\nthr\xFFee\r\n\tfour"[..]].concat();
    scene.put("real/a.txt", &file);
    let real = scene.root.join("real/a.txt");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o754)).expect("scratch");
    symlink("real/a.txt", scene.root.join("link.txt")).expect("scratch");
    let owner = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).expect("it exists");
        (metadata.mode() & 0o7777, metadata.uid(), metadata.gid())
    };
    let before = owner(&real);
    scene.show("link.txt").await;
    let edits = json!({"file": "link.txt", "edits": [
        {"remove_line_number": "1", "content_to_remove": "one", "replace_content": "1\n1b"},
        {"remove_line_number": "2-3", "content_to_remove": "two\n[TO]\nthr\u{FFFD}ee", "replace_content": "2\nthr\u{FFFD}ee"},
        {"remove_line_number": "4", "content_to_remove": "\tfour", "replace_content": "\t4\n"}
    ]});
    let outcome = scene.call("edit_file", edits).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    let expected = b"\xEF\xBB\xBF1\r\n1b\r\n2\nthr\xFFee\r\n\t4";
    let now = std::fs::read(&real).expect("it exists");
    assert_eq!(now.escape_ascii().to_string(), expected.escape_ascii().to_string());
    assert_eq!(owner(&real), before);
    assert!(std::fs::symlink_metadata(scene.root.join("link.txt")).expect("it exists").is_symlink());
}

#[tokio::test]
async fn edit_file_takes_only_exact_calls_for_files_never_shown() {
    let scene = Scene::new().await;
    scene.put("a.rs", "fn first_function() {\n    go();\n}\n");
    let edit = |number: &str, content: &str| {
        json!({"file": "a.rs", "edits": [
            {"remove_line_number": number, "content_to_remove": content, "replace_content": "x"}
        ]})
    };
    for blind in [edit("3", "}"), edit("2", "fn first_function() {")] {
        check(&scene, "edit_file", blind, ToolStatus::Error, &["not shown this file", "Read the file first"])
            .await;
    }
    assert_eq!(scene.call("edit_file", edit("1", "fn first_function() {")).await.status, ToolStatus::Ok);
    scene.show("a.rs").await;
    assert_eq!(scene.call("edit_file", edit("3", "}")).await.status, ToolStatus::Ok);
}

#[tokio::test]
async fn edit_file_edits_where_the_model_looked() {
    let scene = Scene::new().await;
    scene.put("a.txt", "one\ntwo\nthree\n");
    scene.show("a.txt").await;
    let edit = json!({"file": "a.txt", "edits": [
        {"remove_line_number": "2", "content_to_remove": "two", "replace_content": "TWO\n2.5"}
    ]});
    let outcome = scene.call("edit_file", edit.clone()).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(scene.read("a.txt"), "one\nTWO\n2.5\nthree\n");
    assert_eq!(outcome.view_changes, [open("a.txt")]);
    assert_eq!(outcome.changed_paths, ["a.txt"]);
    let again = scene.call("edit_file", edit).await;
    assert_eq!(again.status, ToolStatus::Error);
    assert!(again.changed_paths.is_empty());
    check(
        &scene,
        "edit_file",
        json!({"file": "b.txt", "edits": []}),
        ToolStatus::Error,
        &["b.txt does not exist", "write_file"],
    )
    .await;
}

#[tokio::test]
async fn edit_file_opens_a_large_file_around_the_change() {
    let scene = Scene::new().await;
    let lines: String = (1..=5_000).map(|line| format!("line number {line}\n")).collect();
    scene.put("big.txt", lines);
    let outcome = scene
        .call(
            "edit_file",
            json!({"file": "big.txt", "edits": [
                {"remove_line_number": "3000", "content_to_remove": "line number 3000", "replace_content": "changed"}
            ]}),
        )
        .await;
    let [ViewChange::Open { ranges, .. }] = outcome.view_changes.as_slice() else { panic!("{outcome:?}") };
    let [range] = ranges.as_slice() else { panic!("{ranges:?}") };
    assert!(range.start <= 3_000 && range.end >= 3_000 && range.end - range.start < 50, "{range:?}");
}

#[tokio::test]
async fn delete_file_deletes_and_closes() {
    let scene = Scene::new().await;
    for path in ["a.txt", "dir/b.txt", "dir/c.txt", "keep.txt"] {
        scene.put(path, "x\n");
    }
    std::fs::create_dir(scene.base.join("outside")).expect("scratch");
    std::fs::write(scene.base.join("outside/f"), "x").expect("scratch");
    symlink(scene.base.join("outside"), scene.root.join("link")).expect("scratch");
    scene.call("read_file", json!({"file": ["a.txt", "dir/b.txt"]})).await;

    let outcome = scene.call("delete_file", json!({"file": ["a.txt", "dir", "link"]})).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(outcome.view_changes, [close("a.txt"), close("dir/b.txt"), close("dir"), close("link")]);
    assert_eq!(outcome.changed_paths, ["a.txt", "dir", "link"]);
    assert!(scene.base.join("outside/f").exists(), "only the link is deleted");

    let cases: [(Value, &[&str]); 5] = [
        (json!({"file": "."}), &["the workspace itself"]),
        (json!({"file": scene.root.display().to_string()}), &["the workspace itself"]),
        (json!({"file": ".."}), &["outside the workspace"]),
        (json!({"file": "../outside/f"}), &["outside the workspace"]),
        (json!({"file": "keep.tx"}), &["does not exist", "keep.txt"]),
    ];
    for (arguments, parts) in cases {
        check(&scene, "delete_file", arguments, ToolStatus::Error, parts).await;
    }
    assert!(scene.root.join("keep.txt").exists() && scene.base.join("outside/f").exists());
}

#[tokio::test]
async fn close_file_closes() {
    let scene = Scene::new().await;
    scene.put("a.txt", "x\n");
    let keep = |names: &[&str]| ViewChange::CloseAllExcept {
        keep: names.iter().map(|&name| name.to_owned()).collect(),
    };
    let cases = [
        (json!({"file": "./a.txt"}), vec![close("a.txt")]),
        (json!({"file": ["a.txt", "gone.txt"]}), vec![close("a.txt"), close("gone.txt")]),
        (json!({"keep": ["./a.txt"]}), vec![keep(&["a.txt"])]),
        (json!({"keep": []}), vec![keep(&[])]),
    ];
    for (arguments, changes) in cases {
        let outcome = scene.call("close_file", arguments).await;
        assert_eq!((outcome.status, outcome.view_changes), (ToolStatus::Ok, changes));
    }
    check(&scene, "close_file", json!({}), ToolStatus::Error, &["`file`", "`keep`"]).await;
    check(&scene, "close_file", json!({"file": []}), ToolStatus::Error, &["`keep`"]).await;
}

#[tokio::test]
async fn list_directory_lists_what_a_developer_would_see() {
    let scene = Scene::new().await;
    scene.put(".gitignore", "target/\n*.log\n");
    scene.put("src/main.rs", "x".repeat(12_345));
    scene.put("src/deep/er.rs", "");
    scene.put("target/out", "x");
    scene.put("noise.log", "x");
    scene.put(".git/config", "x");
    symlink("src", scene.root.join("link")).expect("scratch");
    let cases: [(Value, &str); 5] = [
        (json!({}), ".gitignore  (14 bytes)\nlink -> src\nsrc/"),
        (json!({"path": ""}), ".gitignore  (14 bytes)\nlink -> src\nsrc/"),
        (json!({"path": "src", "depth": 2}), "deep/\ndeep/er.rs  (0 bytes)\nmain.rs  (12.3 kB)"),
        (
            json!({"include_ignored": true}),
            ".gitignore  (14 bytes)\nlink -> src\nnoise.log  (1 byte)\nsrc/\ntarget/",
        ),
        (
            json!({"limit": 1}),
            ".gitignore  (14 bytes)\n… 2 more entries: list a subdirectory, or raise limit",
        ),
    ];
    for (arguments, expected) in cases {
        let outcome = scene.call("list_directory", arguments.clone()).await;
        assert_eq!(outcome.text, expected, "{arguments}");
    }
    check(&scene, "list_directory", json!({"path": "src/main.rs"}), ToolStatus::Error, &["not a directory"])
        .await;
    check(&scene, "list_directory", json!({"path": "nope"}), ToolStatus::Error, &["does not exist"]).await;
    check(&scene, "list_directory", json!({"path": "/etc"}), ToolStatus::Error, &["outside the workspace"])
        .await;
}

#[tokio::test]
async fn no_tool_leaves_the_workspace() {
    let scene = Scene::new().await;
    scene.put("inside.txt", "x\n");
    let secret = scene.base.join("secret.txt");
    std::fs::write(&secret, "secret\n").expect("scratch");
    symlink(&secret, scene.root.join("leak.txt")).expect("scratch");
    symlink(&scene.base, scene.root.join("leak")).expect("scratch");
    symlink("/proc/self/root", scene.root.join("procroot")).expect("scratch");
    let through_proc = format!("procroot{}", secret.display());
    let absolute_proc = format!("/proc/self/root{}", secret.display());
    let paths = [
        "../secret.txt",
        "./../secret.txt",
        "inside.txt/../../secret.txt",
        "leak.txt",
        "leak/secret.txt",
        secret.to_str().expect("UTF-8"),
        &through_proc,
        &absolute_proc,
        "/etc/passwd",
        "~/secret.txt",
        "a\0b",
    ];
    for path in paths {
        let calls = [
            ("read_file", json!({"file": path})),
            ("write_file", json!({"file": path, "content": "owned"})),
            (
                "edit_file",
                json!({"file": path, "edits": [
                    {"remove_line_number": "1", "content_to_remove": "secret", "replace_content": "owned"}
                ]}),
            ),
            ("list_directory", json!({"path": path})),
            ("grep_search", json!({"pattern": "secret", "path": path})),
            ("search_files", json!({"query": "secret", "path": path})),
        ];
        for (name, arguments) in calls {
            let outcome = scene.call(name, arguments).await;
            assert_eq!(outcome.status, ToolStatus::Error, "{name} {path}: {}", outcome.text);
            assert!(outcome.changed_paths.is_empty() && outcome.view_changes.is_empty(), "{name} {path}");
        }
    }
    assert_eq!(std::fs::read_to_string(&secret).expect("still there"), "secret\n");
}
