//! What the search tools look at, and what they make of odd files, patterns and names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};

use crate::scene::Scene;

async fn grep(scene: &Scene, arguments: Value) -> ToolOutcome {
    scene.call("grep_search", arguments).await
}

/// The files in which `needle` is found, one per line.
async fn found_in(scene: &Scene, arguments: Value) -> Vec<String> {
    let outcome = grep(scene, arguments).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    let paths = outcome.data["paths"].as_array().expect("paths").iter();
    paths.map(|path| path.as_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn anchors_hold_for_every_line() {
    let scene = Scene::new().await;
    scene.put("a.txt", "one\ntwo\n  two\ntwo three\r\n\nend");
    let cases = [
        ("^two", "a.txt\n2:two\n4:two three"),
        ("two$", "a.txt\n2:two\n3:  two"),
        ("^$", "a.txt\n5:"),
        ("^end$", "a.txt\n6:end"),
        (r"^\s+two$", "a.txt\n3:  two"),
    ];
    for (pattern, expected) in cases {
        assert_eq!(grep(&scene, json!({"pattern": pattern})).await.text, expected, "{pattern}");
    }
}

#[tokio::test]
async fn ignore_files_are_heeded_as_git_heeds_them() {
    let scene = Scene::new().await;
    scene.put(".gitignore", "*.log\n/build/\n!keep.log\n# comment\nsub/deep/\n");
    scene.put("sub/.gitignore", "local.txt\n");
    scene.put(".ignore", "by-ignore.txt\n");
    for name in [
        "a.log",
        "keep.log",
        "build/out.txt",
        "sub/build/out.txt",
        "sub/deep/x.txt",
        "sub/local.txt",
        "local.txt",
        "by-ignore.txt",
        ".env",
        ".hidden/inside.txt",
        ".git/config",
    ] {
        scene.put(name, "needle\n");
    }
    let seen = found_in(&scene, json!({"pattern": "needle"})).await;
    assert_eq!(seen, [".env", ".hidden/inside.txt", "keep.log", "local.txt", "sub/build/out.txt"]);
    let all = found_in(&scene, json!({"pattern": "needle", "include_ignored": true})).await;
    assert_eq!(all.len(), 10, "everything but .git: {all:?}");
    // Rules of directories above the one that is searched hold too.
    let below = found_in(&scene, json!({"pattern": "needle", "path": "sub"})).await;
    assert_eq!(below, ["sub/build/out.txt"]);
    // A file that is named is searched whatever the rules say.
    assert_eq!(found_in(&scene, json!({"pattern": "needle", "path": "a.log"})).await, ["a.log"]);
    let files = scene.call("search_files", json!({"query": "*.txt"})).await;
    assert_eq!(files.text, ".hidden/inside.txt\nlocal.txt\nsub/build/out.txt");
}

#[tokio::test]
async fn globs_choose_files() {
    let scene = Scene::new().await;
    for name in ["a.rs", "b.ts", "src/c.rs", "src/d.test.ts", "src/gen/e.rs", "docs/f.md"] {
        scene.put(name, "needle\n");
    }
    let cases: [(Value, &[&str]); 9] = [
        (json!("*.rs"), &["a.rs", "src/c.rs", "src/gen/e.rs"]),
        (json!("/*.rs"), &["a.rs"]),
        (json!("./a.rs"), &["a.rs"]),
        (json!("src/*.rs"), &["src/c.rs"]),
        (json!("src/**"), &["src/c.rs", "src/d.test.ts", "src/gen/e.rs"]),
        (json!("*.{ts,md}"), &["b.ts", "docs/f.md", "src/d.test.ts"]),
        (json!(["*.md", "b.*"]), &["b.ts", "docs/f.md"]),
        (json!("[ab].*"), &["a.rs", "b.ts"]),
        (json!("*.nothing"), &[]),
    ];
    for (include, expected) in cases {
        let arguments = json!({"pattern": "needle", "include": include});
        assert_eq!(found_in(&scene, arguments).await, expected, "{include}");
    }
    let arguments = json!({"pattern": "needle", "include": "*.rs", "exclude": ["src/gen", "a.*"]});
    assert_eq!(found_in(&scene, arguments).await, ["src/c.rs"]);
}

#[tokio::test]
async fn context_is_joined_and_parted_as_grep_does() {
    let scene = Scene::new().await;
    scene.put("a.txt", "1\n2\nhit\n4\nhit\n6\n7\n8\n9\nhit\n");
    let outcome = grep(&scene, json!({"pattern": "hit", "context": 1})).await;
    assert_eq!(outcome.text, "a.txt\n2-2\n3:hit\n4-4\n5:hit\n6-6\n--\n9-9\n10:hit");
    let cut = grep(&scene, json!({"pattern": "hit", "context": 1, "limit": 2})).await;
    assert!(cut.text.starts_with("a.txt\n2-2\n3:hit\n4-4\n5:hit\n6-6\n\n… 1 more matches"), "{}", cut.text);
}

#[tokio::test]
async fn binary_files_are_left_out_and_counted() {
    let scene = Scene::new().await;
    scene.put("a.bin", b"needle\0needle");
    scene.put("late.bin", [vec![b'x'; 200_000], b"\nneedle\n\0".to_vec()].concat());
    scene.put("latin1.txt", b"caf\xe9 needle\n");
    let outcome = grep(&scene, json!({"pattern": "needle"})).await;
    assert_eq!(outcome.text, "latin1.txt\n1:caf\u{fffd} needle");
    let none = grep(&scene, json!({"pattern": "nowhere"})).await;
    assert_eq!(none.text, "No match for `nowhere` in . (3 files searched; 2 binary ones left out).");
}

#[tokio::test]
async fn utf16_files_with_a_mark_are_read() {
    let scene = Scene::new().await;
    let text = "first\nthe needle\n";
    let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    scene.put("wide.txt", bytes);
    assert_eq!(grep(&scene, json!({"pattern": "needle"})).await.text, "wide.txt\n2:the needle");
}

#[tokio::test]
async fn odd_names_and_links_do_no_harm() {
    let scene = Scene::new().await;
    scene.put("dir/a.txt", "needle\n");
    scene.put("with space\tand tab.txt", "needle\n");
    let odd = scene.root.join(OsStr::from_bytes(b"bad-\xff.txt"));
    std::fs::write(odd, "needle\n").expect("scratch");
    symlink("..", scene.root.join("dir/loop")).expect("scratch");
    symlink("self", scene.root.join("self")).expect("scratch");
    symlink("dir/a.txt", scene.root.join("link.txt")).expect("scratch");
    symlink("/etc", scene.root.join("etc")).expect("scratch");
    symlink("gone", scene.root.join("dangling")).expect("scratch");
    nix::unistd::mkfifo(&scene.root.join("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("scratch");
    let seen = found_in(&scene, json!({"pattern": "needle"})).await;
    assert_eq!(seen, ["bad-\u{fffd}.txt", "dir/a.txt", "with space\tand tab.txt"]);
    let fifo = grep(&scene, json!({"pattern": "needle", "path": "pipe"})).await;
    assert_eq!(fifo.text, "No match for `needle` in pipe (0 files searched).");
    let files = scene.call("search_files", json!({"query": "bad"})).await;
    assert_eq!(files.text, "bad-\u{fffd}.txt");
    // Links are found by name, and never followed.
    let links = scene.call("search_files", json!({"query": "*l*"})).await;
    assert_eq!(links.text, "dangling\ndir/loop\nlink.txt\nself");
}

#[tokio::test]
async fn bad_patterns_are_explained() {
    let scene = Scene::new().await;
    scene.put("a.txt", "a(b\n");
    let cases = [
        ("a(b", "unclosed group"),
        ("a{3,1}", "invalid repetition"),
        ("[z-a]", "invalid character class range"),
        ("(?=x)", "look-around"),
        (r"(a)\1", "backreferences"),
        ("*", "repetition operator missing expression"),
        (r"a\nb", "one line"),
    ];
    for (pattern, reason) in cases {
        let outcome = grep(&scene, json!({"pattern": pattern})).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{pattern}: {}", outcome.text);
        assert!(outcome.text.contains(reason), "{pattern}: {}", outcome.text);
        assert!(outcome.text.contains("literal"), "what to do: {}", outcome.text);
    }
    assert_eq!(grep(&scene, json!({"pattern": "a(b", "literal": true})).await.text, "a.txt\n1:a(b");
}

#[tokio::test]
async fn the_first_matches_by_path_are_shown_of_many() {
    let scene = Scene::new().await;
    for number in 0..400 {
        scene.put(&format!("d{:02}/f{number:03}.txt", number % 40), "hit\nmiss\nhit\n");
    }
    let outcome = grep(&scene, json!({"pattern": "hit", "limit": 25})).await;
    let paths: Vec<String> = (0..10).map(|file| format!("d00/f{:03}.txt", file * 40)).collect();
    let further = ["d01/f001.txt", "d01/f041.txt", "d01/f081.txt"].map(str::to_owned);
    let expected: Vec<String> = paths.into_iter().chain(further).collect();
    assert_eq!(outcome.data["paths"], json!(expected));
    assert_eq!((&outcome.data["matches"], &outcome.data["shown"]), (&json!(800), &json!(25)));
    assert!(outcome.text.contains("… 775 more matches; in all 800 in 400 files"), "{}", outcome.text);
}

#[tokio::test]
async fn a_pattern_that_matches_everything_ends_early_and_says_so() {
    let scene = Scene::new().await;
    for file in 0..4 {
        scene.put(&format!("{file}.txt"), "x\n".repeat(60_000));
    }
    let outcome = grep(&scene, json!({"pattern": "x", "limit": 3})).await;
    assert!(outcome.truncated);
    assert_eq!(outcome.data["shown"], 3);
    assert!(outcome.text.contains("in all at least"), "{}", outcome.text);
    assert!(outcome.text.ends_with("broken off: make the pattern narrower."), "{}", outcome.text);
}

#[tokio::test]
async fn search_files_sorts_by_likeness() {
    let scene = Scene::new().await;
    for name in ["src/readme_parser.rs", "README.md", "docs/r/e/a/d/m/e.txt", "sub/README.md", "other.txt"] {
        scene.put(name, "");
    }
    let outcome = scene.call("search_files", json!({"query": "readme"})).await;
    let lines: Vec<&str> = outcome.text.lines().collect();
    assert_eq!(lines.len(), 4, "{}", outcome.text);
    assert_eq!(lines.last(), Some(&"docs/r/e/a/d/m/e.txt"), "{}", outcome.text);
    let exact = scene.call("search_files", json!({"query": "README"})).await;
    assert!(!exact.text.contains("readme_parser"), "capitals are meant: {}", exact.text);
    let twice = scene.call("search_files", json!({"query": "readme"})).await;
    assert_eq!(twice.text, outcome.text, "the order is always the same");
}
