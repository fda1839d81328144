//! What is not committed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use http::Method;
use serde_json::{Value, json};

use super::heads::git;
use crate::workspace::Setup;

const LIST: &str = "/api/v1/workspace/git/changes";

async fn list(setup: &Setup) -> Value {
    setup.gateway.get(LIST).await
}

async fn file(setup: &Setup, query: &str) -> Value {
    setup.gateway.get(&format!("{LIST}/file?{query}")).await
}

type Seen = (String, String, Option<u64>, Option<u64>, Option<String>);

/// Each file as path, kind, lines added and removed, and why they are not counted.
fn files(list: &Value) -> Vec<Seen> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let one = |file: &Value| {
        (
            text(&file["path"]).unwrap(),
            text(&file["kind"]).unwrap(),
            file["additions"].as_u64(),
            file["deletions"].as_u64(),
            text(&file["note"]),
        )
    };
    list["files"].as_array().unwrap().iter().map(one).collect()
}

type Line<'a> = (&'a str, &'a str, Option<u64>, Option<u64>, Option<&'a str>);

fn assert_files(list: &Value, expected: &[Line<'_>]) {
    let own = |(path, kind, added, removed, note): &Line<'_>| {
        (path.to_string(), kind.to_string(), *added, *removed, note.map(str::to_owned))
    };
    assert_eq!(files(list), expected.iter().map(own).collect::<Vec<_>>(), "{list}");
}

fn put(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn commit_all(root: &Path) {
    assert!(git(root, &["add", "-A"]) && git(root, &["commit", "-m", "x"]));
}

#[tokio::test]
async fn every_kind_of_difference_is_listed_with_its_lines() {
    let setup = Setup::new().await;
    let root = setup.root();
    assert!(git(root, &["init"]));
    put(root, ".gitignore", "*.log\nbuild/\n");
    for (name, content) in [("edited.txt", "a\nb\nc\n"), ("gone.txt", "x\n"), ("run.sh", "#!/bin/sh\n")] {
        put(root, name, content);
    }
    put(root, "old/name.txt", (0..40).map(|n| format!("line {n}\n")).collect::<String>());
    put(root, "picture.png", b"\x89PNG\0\x01");
    commit_all(root);
    assert_files(&list(&setup).await, &[]);

    put(root, "edited.txt", "a\nB\nc\nd\n");
    fs::remove_file(root.join("gone.txt")).unwrap();
    fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(git(root, &["mv", "old/name.txt", "new name.txt"]));
    put(root, "picture.png", b"\x89PNG\0\x02");
    put(root, "fresh/ä.txt", "one\ntwo");
    put(root, "fresh/data.bin", b"\0\0\0");
    put(root, "trace.log", "not to be seen");
    put(root, "build/out", "not to be seen");
    symlink("/etc/passwd", root.join("link")).unwrap();
    fs::File::create(root.join("huge.txt")).unwrap().set_len(5 << 20).unwrap();
    let found = list(&setup).await;
    assert_eq!((&found["total"], &found["repositories"][0]["head"]["name"]), (&json!(9), &json!("main")));
    assert_files(
        &found,
        &[
            ("edited.txt", "modified", Some(2), Some(1), None),
            ("fresh/data.bin", "added", None, None, Some("binary")),
            ("fresh/ä.txt", "added", Some(2), Some(0), None),
            ("gone.txt", "deleted", Some(0), Some(1), None),
            ("huge.txt", "added", None, None, Some("too_large")),
            ("link", "added", Some(1), Some(0), None),
            ("new name.txt", "renamed", Some(0), Some(0), None),
            ("picture.png", "modified", None, None, Some("binary")),
            ("run.sh", "modified", Some(0), Some(0), None),
        ],
    );
    let by_path =
        |path: &str| found["files"].as_array().unwrap().iter().find(|one| one["path"] == path).unwrap();
    assert_eq!(by_path("run.sh")["new_mode"], 0o755);
    assert_eq!(by_path("new name.txt")["old_path"], "old/name.txt");

    let edited = file(&setup, "path=edited.txt").await;
    let lines: Vec<_> = edited["hunks"][0]["lines"].as_array().unwrap().iter().collect();
    let shown: Vec<_> = lines.iter().map(|line| format!("{} {}", line["kind"], line["text"])).collect();
    let expected = ["context a", "removed b", "added B", "context c", "added d"];
    assert_eq!(shown.join("|").replace('"', ""), expected.join("|"));
    assert_eq!((&edited["change"]["additions"], &edited["total"]), (&json!(2), &json!(1)));
    assert_eq!(
        file(&setup, "path=link").await["hunks"][0]["lines"][0]["text"],
        "/etc/passwd",
        "the link, not its target"
    );
    assert_eq!(file(&setup, "path=huge.txt").await["change"]["note"], "too_large");
    assert_eq!(file(&setup, "path=picture.png").await["change"]["note"], "binary");
    let moved = file(&setup, "path=new%20name.txt&old_path=old/name.txt").await;
    assert_eq!((&moved["change"]["kind"], &moved["total"]), (&json!("renamed"), &json!(0)));
    for path in ["nothing", "../outside", "/etc/passwd"] {
        let answer =
            setup.gateway.launcher(Method::GET, &format!("{LIST}/file?path={path}")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn another_edit_is_another_state_and_a_look_alone_is_not() {
    let setup = Setup::new().await;
    let root = setup.root();
    assert!(git(root, &["init"]));
    put(root, "a.txt", "1\n");
    let first = list(&setup).await["state"].clone();
    assert_eq!(list(&setup).await["state"], first);
    put(root, "a.txt", "22\n");
    assert_ne!(list(&setup).await["state"], first);
}

#[tokio::test]
async fn what_is_no_repository_or_has_no_commit_or_is_broken_has_an_answer() {
    let setup = Setup::new().await;
    let root = setup.root();
    put(root, "a.txt", "x\n");
    let nothing = list(&setup).await;
    assert_eq!(
        (&nothing["repositories"], &nothing["total"]),
        (&json!([]), &json!(0)),
        "no repository is no error"
    );

    put(root, "young/a.txt", "1\n2\n");
    put(root, "young/b.txt", "1\n");
    let young = root.join("young");
    assert!(git(&young, &["init"]) && git(&young, &["add", "b.txt"]));
    put(root, "broken/.git/HEAD", "ref: refs/heads/main\n");
    let found = list(&setup).await;
    assert_files(
        &found,
        &[("young/a.txt", "added", Some(2), Some(0), None), ("young/b.txt", "added", Some(1), Some(0), None)],
    );
    let paths: Vec<_> =
        found["repositories"].as_array().unwrap().iter().map(|one| one["path"].clone()).collect();
    assert_eq!(paths, ["broken", "young"]);
    assert_eq!(
        (&found["problems"][0]["code"], found["problems"].as_array().unwrap().len()),
        (&json!("git_failed"), 1)
    );
    assert!(found["problems"][0]["title"].as_str().unwrap().contains("broken"), "{found}");
    assert_eq!(file(&setup, "path=young/b.txt").await["change"]["additions"], 1);
}

#[tokio::test]
async fn conflicts_and_repositories_in_repositories_are_told() {
    let setup = Setup::new().await;
    let root = setup.root();
    assert!(git(root, &["init"]));
    put(root, "both.txt", "base\n");
    put(root, "ours.txt", "base\n");
    commit_all(root);
    assert!(git(root, &["checkout", "-b", "side"]));
    put(root, "both.txt", "side\n");
    assert!(git(root, &["rm", "ours.txt"]));
    commit_all(root);
    assert!(git(root, &["checkout", "main"]));
    put(root, "both.txt", "main\n");
    put(root, "ours.txt", "changed\n");
    commit_all(root);
    assert!(!git(root, &["merge", "side"]));
    let nested = root.join("nested");
    fs::create_dir(&nested).unwrap();
    assert!(git(&nested, &["init"]) && git(&nested, &["commit", "--allow-empty", "-m", "x"]));
    put(root, "nested/inside.txt", "not told of here");
    let found = list(&setup).await;
    assert_eq!(found["repositories"][0]["operation"], "merge");
    let seen: Vec<_> = found["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["path"].as_str().unwrap(), one["conflict"].as_bool().unwrap_or(false), one["note"].clone())
        })
        .collect();
    let expected = [
        ("both.txt", true, json!(null)),
        ("nested", false, json!("repository")),
        ("ours.txt", true, json!(null)),
    ];
    assert_eq!(seen, expected);
    let both = file(&setup, "path=both.txt").await;
    assert!(both["hunks"][0]["lines"].to_string().contains("<<<<<<<"), "{both}");
}

#[tokio::test]
async fn more_than_a_page_is_told_page_by_page() {
    let setup = Setup::new().await;
    let root = setup.root();
    assert!(git(root, &["init"]));
    for number in 0..230 {
        put(root, &format!("many/{number:03}.txt"), "x\n");
    }
    let mut after: Option<String> = None;
    let mut paths = Vec::new();
    loop {
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        let page = setup.gateway.get(&format!("{LIST}{query}")).await;
        assert_eq!(page["total"], 230);
        paths.extend(files(&page).into_iter().map(|file| file.0));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    let expected: Vec<_> = (0..230).map(|number| format!("many/{number:03}.txt")).collect();
    assert_eq!(paths, expected);
}

/// A repository whose settings name programs wherever git knows of any. None of them runs, and nothing in it is written.
#[tokio::test]
async fn a_hostile_repository_runs_no_program_and_is_not_written_to() {
    let setup = Setup::new().await;
    let root = setup.root();
    assert!(git(root, &["init"]));
    for name in ["a.txt", "b.pdf", "c.txt"] {
        put(root, name, "before\n");
    }
    put(root, ".gitattributes", "*.txt filter=bad\n*.pdf diff=bad filter=worse\n");
    commit_all(root);
    let marker = root.parent().unwrap().join("ran");
    let program = root.parent().unwrap().join("program.sh");
    fs::write(&program, format!("#!/bin/sh\necho \"$0 $@\" >> {}\ncat\n", marker.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.to_str().unwrap();
    for name in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.bad.textconv",
        "diff.bad.command",
        "filter.bad.clean",
        "filter.bad.smudge",
        "filter.worse.process",
        "gpg.program",
        "interactive.diffFilter",
        "pager.status",
        "pager.diff",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
    ] {
        assert!(git(root, &["config", name, program]), "{name}");
    }
    for (name, value) in [
        ("filter.bad.required", "true"),
        ("filter.worse.required", "true"),
        ("alias.status", &format!("!{program}")),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("remote.origin.url", &format!("ext::{program}")),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
        ("core.worktree", "/etc"),
    ] {
        assert!(git(root, &["config", name, value]), "{name}");
    }
    let hooks = root.join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"] {
        fs::copy(program, hooks.join(hook)).unwrap();
    }
    put(root, "a.txt", "after\n");
    put(root, "b.pdf", "after\n");
    // The same content under another time: git looks into it.
    put(root, "c.txt", "before\n");
    let index = || fs::read(root.join(".git/index")).unwrap();
    let before = index();

    let found = list(&setup).await;
    assert_files(
        &found,
        &[("a.txt", "modified", Some(1), Some(1), None), ("b.pdf", "modified", Some(1), Some(1), None)],
    );
    assert_eq!(file(&setup, "path=a.txt").await["total"], 1);
    assert_eq!(file(&setup, "path=b.pdf").await["total"], 1);
    // What is committed is gone from the store, so that git would fetch it from the remote, which is a program.
    let blob = std::process::Command::new("git")
        .args(["--git-dir", ".git", "rev-parse", "HEAD:a.txt"])
        .current_dir(root)
        .output()
        .unwrap();
    let id = String::from_utf8(blob.stdout).unwrap();
    let id = id.trim();
    fs::remove_file(root.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    list(&setup).await;
    let lost = setup.gateway.launcher(Method::GET, &format!("{LIST}/file?path=a.txt")).send().await.unwrap();
    assert_eq!(lost.status(), 502, "it is not fetched");
    assert_eq!(index(), before, "the index is as it was");
    assert_eq!(fs::read_to_string(&marker).unwrap_or_default(), "", "these ran");
}
