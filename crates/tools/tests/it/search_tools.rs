//! grep_search and search_files.

use serde_json::{Value, json};
use slipway_protocol::tool::ToolStatus;

use crate::scene::Scene;

async fn scene() -> Scene {
    let scene = Scene::new().await;
    scene.put(".gitignore", "ignored/\n");
    scene.put("src/main.rs", "fn main() {\n    run();\n}\n\nfn run() {}\n");
    scene.put("src/lib/parse.rs", "// Parse\nfn parse() {}\n");
    scene.put("web/app.ts", "function main() {}\n");
    scene.put("ignored/copy.rs", "fn main() {}\n");
    scene.put("blob.bin", b"fn main\0fn main");
    scene.put(".git/HEAD", "fn main\n");
    scene
}

#[tokio::test]
async fn grep_search_finds_lines() {
    let scene = scene().await;
    let cases: [(Value, &str); 12] = [
        (json!({"pattern": r"fn main\("}), "src/main.rs\n1:fn main() {"),
        (
            json!({"pattern": "fn (run|parse)"}),
            "src/lib/parse.rs\n2:fn parse() {}\n\nsrc/main.rs\n5:fn run() {}",
        ),
        (
            json!({"pattern": "PARSE", "case_insensitive": true, "limit": 1}),
            "src/lib/parse.rs\n1:// Parse\n\n… 1 more matches; in all 2 in 1 files: narrow the search down, or raise limit",
        ),
        (json!({"pattern": "run();", "literal": true}), "src/main.rs\n2:    run();"),
        (json!({"pattern": r"run\(\);", "context": 1}), "src/main.rs\n1-fn main() {\n2:    run();\n3-}"),
        (json!({"pattern": "main", "include": "*.ts"}), "web/app.ts\n1:function main() {}"),
        (
            json!({"pattern": "main", "include": ["*.ts", "*.rs"], "exclude": "src"}),
            "web/app.ts\n1:function main() {}",
        ),
        (json!({"pattern": "main", "include": "src/**/*.rs"}), "src/main.rs\n1:fn main() {"),
        (json!({"pattern": "fn", "path": "src/lib"}), "src/lib/parse.rs\n2:fn parse() {}"),
        (json!({"pattern": "fn parse", "path": "./src/lib/parse.rs"}), "src/lib/parse.rs\n2:fn parse() {}"),
        (
            json!({"pattern": r"fn main\(", "include_ignored": true}),
            "ignored/copy.rs\n1:fn main() {}\n\nsrc/main.rs\n1:fn main() {",
        ),
        (
            json!({"pattern": "-e nothing"}),
            "No match for `-e nothing` in . (5 files searched; 1 binary ones left out).",
        ),
    ];
    for (arguments, expected) in cases {
        let outcome = scene.call("grep_search", arguments.clone()).await;
        assert_eq!((outcome.status, outcome.text.as_str()), (ToolStatus::Ok, expected), "{arguments}");
    }
}

#[tokio::test]
async fn grep_search_counts_what_it_does_not_show() {
    let scene = Scene::new().await;
    for name in ["a", "b", "c"] {
        scene.put(&format!("{name}.txt"), "hit\n".repeat(10));
    }
    let outcome = scene.call("grep_search", json!({"pattern": "hit", "limit": 12})).await;
    assert!(outcome.truncated);
    assert!(
        outcome
            .text
            .ends_with("… 18 more matches; in all 30 in 3 files: narrow the search down, or raise limit")
    );
    assert_eq!(outcome.data["paths"], json!(["a.txt", "b.txt"]));
}

#[tokio::test]
async fn searches_explain_bad_input() {
    let scene = scene().await;
    let cases = [
        ("grep_search", json!({"pattern": "fn ("}), "not a valid regular expression"),
        ("grep_search", json!({"pattern": ""}), "`pattern` is empty"),
        ("grep_search", json!({"pattern": "x", "include": "{a"}), "not valid"),
        ("grep_search", json!({"pattern": "x", "path": "nope"}), "nope does not exist"),
        ("search_files", json!({"query": " "}), "`query` is empty"),
        ("search_files", json!({"query": "x", "path": "src/main.rs"}), "not a directory"),
    ];
    for (name, arguments, reason) in cases {
        let outcome = scene.call(name, arguments.clone()).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{name} {arguments}: {}", outcome.text);
        assert!(outcome.text.contains(reason), "{name} {arguments}: {}", outcome.text);
    }
}

#[tokio::test]
async fn grep_search_cuts_long_lines() {
    let scene = Scene::new().await;
    scene.put("min.js", format!("hit{}", "x".repeat(100_000)));
    let outcome = scene.call("grep_search", json!({"pattern": "hit"})).await;
    assert!(outcome.text.chars().count() < 600, "{}", outcome.text.len());
    assert!(outcome.text.contains("(99603 more characters)"), "{}", &outcome.text[380..]);
}

#[tokio::test]
async fn search_files_finds_paths() {
    let scene = scene().await;
    let cases = [
        (json!({"query": "parse"}), "src/lib/parse.rs"),
        (json!({"query": "slpars"}), "src/lib/parse.rs"),
        (json!({"query": "*.rs"}), "src/lib/parse.rs\nsrc/main.rs"),
        (json!({"query": "app", "path": "web"}), "web/app.ts"),
        (json!({"query": "copy"}), "No path matches `copy` (5 files searched)."),
        (
            json!({"query": "*", "limit": 2}),
            ".gitignore\nblob.bin\n… 3 more match: make the query longer, or raise limit",
        ),
    ];
    for (arguments, expected) in cases {
        let outcome = scene.call("search_files", arguments.clone()).await;
        assert_eq!((outcome.status, outcome.text.as_str()), (ToolStatus::Ok, expected), "{arguments}");
    }
}
