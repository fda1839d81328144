//! What a state holds, and that nothing changes unnoticed.

use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use slipway_protocol::checkpoint::{MAX_CONTENT_BYTES, Node, UnkeptReason};

use super::{State, object};
use crate::scene::Scene;

#[tokio::test]
async fn a_state_has_files_modes_links_and_empty_directories() {
    let scene = Scene::new().await;
    scene.put("a.txt", "one\n");
    scene.put("bin/run", b"\x00\xff");
    fs::set_permissions(scene.root.join("bin/run"), Permissions::from_mode(0o751)).expect("mode");
    fs::create_dir(scene.root.join("empty")).expect("made");
    symlink("../outside", scene.root.join("link")).expect("made");
    let _socket = UnixListener::bind(scene.root.join("socket")).expect("bound");
    let state = State::of(&scene).await;
    assert_eq!(state.paths(), ["a.txt", "bin", "bin/run", "empty", "link"], "no socket");
    assert_eq!(state.scan.files, 3);
    let node = |path: &str| &state.nodes[path.as_bytes()];
    let Node::File { mode: 0o751, size: 2, content } = node("bin/run") else {
        panic!("{:?}", node("bin/run"))
    };
    assert_eq!(state.contents[content], b"\x00\xff");
    assert_eq!(*node("link"), Node::Link { target: b"../outside".to_vec() });
    assert_eq!(State::of(&scene).await.scan, state.scan, "the same again");
}

#[tokio::test]
async fn what_is_ignored_or_made_anew_by_programs_is_left_out() {
    let scene = Scene::new().await;
    scene.put(".gitignore", "*.log\n/build/\n");
    scene.put("src/.gitignore", "generated\n");
    for path in [
        "a.log",
        "build/out",
        "src/generated",
        "node_modules/x/index.js",
        "deep/node_modules/y.js",
        ".git/HEAD",
        "sub/.git",
        "py/__pycache__/m.pyc",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "target/CACHEDIR.TAG",
        "target/debug/big",
    ] {
        scene.put(path, "x");
    }
    for path in [".env", ".ignore", "src/main.rs", "target.txt", "build.rs"] {
        scene.put(path, "*\n");
    }
    let files = State::of(&scene).await;
    let files: Vec<&str> = files.paths().into_iter().filter(|path| path.contains('.')).collect();
    let expected =
        [".env", ".gitignore", ".ignore", "build.rs", "src/.gitignore", "src/main.rs", "target.txt"];
    assert_eq!(files, expected);
}

#[tokio::test]
async fn a_large_file_is_named_but_not_kept() {
    let scene = Scene::new().await;
    let large = File::create(scene.root.join("large.bin")).expect("made");
    large.set_len(MAX_CONTENT_BYTES + 1).expect("grown");
    File::create(scene.root.join("largest")).expect("made").set_len(MAX_CONTENT_BYTES).expect("grown");
    let state = State::of(&scene).await;
    assert!(matches!(
        state.nodes[b"large.bin".as_slice()],
        Node::Unkept { reason: UnkeptReason::TooLarge, .. }
    ));
    assert!(matches!(state.nodes[b"largest".as_slice()], Node::File { .. }));
    assert_eq!((state.scan.unkept_count, state.scan.unkept[0].path.as_str()), (1, "large.bin"));
    large.set_len(MAX_CONTENT_BYTES + 2).expect("grown");
    assert_ne!(State::of(&scene).await.scan.root, state.scan.root, "its change is seen all the same");
}

/// The same size and the same times in the same tick: only reading the file again can tell.
#[tokio::test]
async fn a_change_within_the_tick_of_the_scan_is_seen_by_the_next() {
    let scene = Scene::new().await;
    let path = scene.root.join("racy");
    for round in 0..20 {
        fs::write(&path, "one").expect("written");
        let before = fs::metadata(&path).expect("there");
        let first = scene.client.scan().await.expect("a scan");
        // In place, so that the inode stays too.
        let file = OpenOptions::new().write(true).open(&path).expect("open");
        std::os::unix::fs::FileExt::write_all_at(&file, b"two", 0).expect("written");
        let times = FileTimes::new().set_modified(before.modified().expect("a time"));
        file.set_times(times).expect("set back");
        let second = scene.client.scan().await.expect("a scan");
        assert_ne!(first.root, second.root, "round {round}");
    }
}

#[tokio::test]
async fn a_content_that_is_gone_is_said_to_be() {
    let scene = Scene::new().await;
    scene.put("a", "one");
    let state = State::of(&scene).await;
    let Node::File { content, .. } = state.nodes[b"a".as_slice()] else { panic!("a file") };
    scene.put("a", "two");
    assert_eq!(object(&scene, content, false).await, None);
    assert_eq!(object(&scene, content, true).await, None, "it is no tree");
}

#[tokio::test]
async fn modes_and_new_and_vanished_files_are_seen() {
    let scene = Scene::new().await;
    scene.put("a", "one");
    scene.put("d/b", "one");
    let mut roots = vec![scene.client.scan().await.expect("a scan").root];
    let steps: [&dyn Fn(); 5] = [
        &|| fs::set_permissions(scene.root.join("a"), Permissions::from_mode(0o600)).expect("mode"),
        &|| fs::set_permissions(scene.root.join("d"), Permissions::from_mode(0o700)).expect("mode"),
        &|| fs::rename(scene.root.join("d/b"), scene.root.join("d/c")).expect("renamed"),
        &|| fs::remove_file(scene.root.join("a")).expect("removed"),
        &|| fs::create_dir(scene.root.join("new")).expect("made"),
    ];
    for step in steps {
        step();
        roots.push(scene.client.scan().await.expect("a scan").root);
    }
    roots.sort();
    roots.dedup();
    assert_eq!(roots.len(), 6, "each state is another one");
}
