//! Every file tool and route, pointed at what lies outside the workspace or is no file. Each case has a name
//! that says what it tries; docs/security.md counts them.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::view::KnownFile;
use slipway_tools::workspace::{Owner, Workspace};

use crate::scene::Scene;

/// How many paths are tried.
const PATHS: usize = 45;

/// What lies outside; must turn up nowhere.
const SECRET: &str = "outside-7c41e9";

/// A workspace with every kind of trap, and a neighbour with a secret.
async fn trapped() -> Scene {
    let scene = Scene::new().await;
    let outside = scene.base.join("outside");
    std::fs::create_dir(&outside).expect("scratch");
    std::fs::write(outside.join("secret"), format!("{SECRET}\n")).expect("scratch");
    let link = |target: &str, name: &str| symlink(target, scene.root.join(name)).expect("scratch");
    link("../outside/secret", "link");
    link("../outside", "links");
    link("links/secret", "link-through-link");
    link("/", "root");
    link("/proc/self/root", "proc-root");
    link("/proc/self/fd", "descriptors");
    link("dangling-target/x", "dangling");
    link("circle-b", "circle-a");
    link("circle-a", "circle-b");
    scene.put("inside.txt", "inside\n");
    let fifo = scene.root.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o666)).expect("scratch");
    let socket = scene.root.join("socket");
    drop(std::os::unix::net::UnixListener::bind(socket).expect("scratch"));
    if nix::unistd::geteuid().is_root() {
        use nix::sys::stat::{Mode, SFlag, makedev, mknod};
        let device = scene.root.join("device");
        // Not everywhere may root make devices; the case then tries what is not there.
        let _ = mknod(&device, SFlag::S_IFCHR, Mode::from_bits_truncate(0o666), makedev(1, 5));
    }
    scene
}

/// What each case tries, and the path.
fn paths(scene: &Scene) -> Vec<(&'static str, String)> {
    let outside = scene.base.join("outside/secret").display().to_string();
    let below = outside.trim_start_matches('/').to_owned();
    let plain = |tries, path: &str| (tries, path.to_owned());
    vec![
        plain("going up", "../outside/secret"),
        plain("going up from below", "a/../../outside/secret"),
        plain("going up from a file", "inside.txt/../../outside/secret"),
        plain("going up twice as often as there are", "../../../../../../../../../../etc/passwd"),
        plain("going up behind a dot", "./.././outside/secret"),
        plain("going up with doubled slashes", "..//outside///secret"),
        plain("going up by backslashes", "..\\outside\\secret"),
        plain("going up in percent", "%2e%2e/outside/secret"),
        plain("going up twice in percent", "%252e%252e%252foutside%252fsecret"),
        plain("going up in full width", "．．/outside/secret"),
        plain("going up by a lookalike slash", "..∕outside∕secret"),
        plain("going up with too long an encoding", "\u{fffd}\u{fffd}/outside/secret"),
        ("an absolute path", outside.clone()),
        ("an absolute path with two slashes", format!("/{outside}")),
        ("an address", format!("file://{outside}")),
        ("the workspace and up", format!("{}/../outside/secret", scene.root.display())),
        ("a name that begins as the workspace", format!("{}-secret/x", scene.root.display())),
        plain("a home", "~/.ssh/id_rsa"),
        plain("somebody's home", "~root/.ssh/id_rsa"),
        plain("a variable", "$HOME/../outside/secret"),
        ("a NUL byte", format!("inside.txt\0{outside}")),
        ("a NUL byte behind", format!("{outside}\0.txt")),
        plain("a line end", "inside.txt\n../outside/secret"),
        ("too long a name", "n".repeat(300)),
        ("too long a path", "d/".repeat(3000)),
        plain("nothing", ""),
        plain("a blank", " "),
        plain("a link to a file", "link"),
        plain("a link to a directory", "links/secret"),
        plain("a link through a link", "link-through-link"),
        ("a link to the root", format!("root/{below}")),
        ("the root by way of a process", format!("proc-root/{below}")),
        ("the root by way of a process, directly", format!("/proc/self/root{outside}")),
        ("the workspace by way of a process", format!("/proc/self/cwd{outside}")),
        plain("an open file of the host", "descriptors/0"),
        plain("the host's environment", "/proc/self/environ"),
        plain("the host's memory", "/proc/self/mem"),
        plain("a link to nowhere", "dangling"),
        plain("a circle of links", "circle-a"),
        plain("a FIFO", "fifo"),
        plain("a socket", "socket"),
        plain("a device", "device"),
        plain("a device of the system", "/dev/zero"),
        plain("a terminal", "/dev/tty"),
        plain("standard input", "/dev/stdin"),
    ]
}

/// The calls of every file tool for a path.
fn calls(path: &str) -> Vec<(&'static str, Value)> {
    let edit = json!({"remove_line_number": "1", "content_to_remove": SECRET, "replace_content": "evil"});
    vec![
        ("read_file", json!({"file": path})),
        ("read_file", json!({"file": ["inside.txt", path]})),
        ("edit_file", json!({"file": path, "edits": [edit]})),
        ("list_directory", json!({"path": path})),
        ("grep_search", json!({"pattern": "outside|root:", "path": path})),
        ("search_files", json!({"query": "secret", "path": path})),
        ("close_file", json!({"file": path})),
    ]
}

async fn timely(scene: &Scene, tries: &str, name: &str, arguments: Value) -> ToolOutcome {
    let call = scene.call(name, arguments.clone());
    let outcome = tokio::time::timeout(Duration::from_secs(20), call).await;
    outcome.unwrap_or_else(|_| panic!("{tries}: {name} {arguments} does not come back"))
}

#[tokio::test]
async fn no_tool_shows_what_lies_outside() {
    let scene = trapped().await;
    assert_eq!(paths(&scene).len(), PATHS);
    for (tries, path) in paths(&scene) {
        for (name, arguments) in calls(&path) {
            let outcome = timely(&scene, tries, name, arguments.clone()).await;
            // A message may repeat the path that was asked for, never what is there.
            let all = format!("{} {}", outcome.text, outcome.data).replace(&path, "");
            assert!(!all.contains(SECRET) && !all.contains("root:x"), "{tries}: {name}: {all}");
            let opened = serde_json::to_string(&outcome.view_changes).expect("JSON");
            let hidden = !opened.contains("\"open\"") || opened.contains("inside.txt");
            assert!(hidden, "{tries}: {name} opens {opened}");
        }
        let read = timely(&scene, tries, "read_file", json!({"file": path})).await;
        assert_eq!(read.status, ToolStatus::Error, "{tries}: {}", read.text);
    }
}

#[tokio::test]
async fn no_route_gives_what_lies_outside() {
    let scene = trapped().await;
    for (tries, path) in paths(&scene) {
        let read = tokio::time::timeout(Duration::from_secs(20), scene.client.file(&path)).await;
        assert!(read.expect("an answer").is_err(), "{tries}: the file route gives it");
        let range =
            tokio::time::timeout(Duration::from_secs(20), scene.client.file_range(&path, 0, 10)).await;
        assert!(range.expect("an answer").is_err(), "{tries}: the file route gives a part of it");
        let known =
            KnownFile { path: path.clone(), content_hash: None, ranges: Vec::new(), ranges_changed: true };
        let views = tokio::time::timeout(Duration::from_secs(20), scene.refresh(vec![known])).await;
        let views = format!("{:?}", views.expect("an answer")).replace(&path, "");
        assert!(!views.contains(SECRET) && !views.contains("root:x"), "{tries}: {views}");
    }
    assert_eq!(scene.client.file("inside.txt").await.expect("it is inside").as_ref(), b"inside\n");
}

#[tokio::test]
async fn no_tool_changes_what_lies_outside() {
    let scene = trapped().await;
    let outside = scene.base.join("outside");
    let below = |path: &str| paths_of(&scene, path);
    for path in paths(&scene).into_iter().map(|(_, path)| path).chain(below("new")) {
        // Names that only look as if they led outside are names, and may be made.
        let _ = timely(&scene, &path, "write_file", json!({"file": path, "content": "evil"})).await;
        let _ = timely(&scene, &path, "delete_file", json!({"file": path})).await;
        let left = std::fs::read_dir(&outside).expect("it is there").count();
        assert_eq!(left, 1, "{path:?} changed what lies outside");
        let kept = std::fs::read_to_string(outside.join("secret")).expect("it is there");
        assert_eq!(kept, format!("{SECRET}\n"), "{path:?}");
    }
    let beside: Vec<_> = std::fs::read_dir(&scene.base).expect("it is there").flatten().collect();
    assert!(
        beside.iter().all(|entry| entry.file_name() != "new" && entry.file_name() != "evil"),
        "{beside:?}"
    );
}

/// A new name outside, in the ways that lead to the old one.
fn paths_of(scene: &Scene, name: &str) -> Vec<String> {
    let outside = scene.base.join("outside").display().to_string();
    ["../outside", "links", "links/deep/deeper", "root/tmp/../..", "a/b/../../../outside"]
        .iter()
        .map(|directory| format!("{directory}/{name}"))
        .chain([
            format!("{outside}/{name}"),
            format!("proc-root{outside}/{name}"),
            format!("root{outside}/{name}"),
        ])
        .collect()
}

#[tokio::test]
async fn a_hard_link_to_a_foreign_file_is_cut_by_writing() {
    let scene = trapped().await;
    let foreign = scene.base.join("outside/secret");
    std::fs::hard_link(&foreign, scene.root.join("hard")).expect("scratch");
    let written = scene.call("write_file", json!({"file": "hard", "content": "mine\n"})).await;
    assert_eq!(written.status, ToolStatus::Ok, "{}", written.text);
    assert_eq!(std::fs::read_to_string(&foreign).expect("it is there"), format!("{SECRET}\n"));
    assert_eq!(scene.read("hard"), "mine\n");
}

/// Raises a flag when it is dropped.
struct Raised<'a>(&'a AtomicBool);

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_swapped_meanwhile_leads_to_nothing_that_the_owner_may_not_change() {
    const OWNER: Owner = Owner { uid: 12_345, gid: 23_456 };
    const SWAPPED: u32 = 150;
    const MOST_SWAPPED: u32 = 10_000;
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let scene = Scene::with(|root| {
        std::os::unix::fs::chown(root, Some(OWNER.uid), Some(OWNER.gid)).expect("root may");
        Workspace::open(root).expect("it exists").with_owner(OWNER).with_outside()
    })
    .await;
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("scratch");
    };
    set(&scene.base, 0o755);
    let closed = scene.base.join("closed");
    std::fs::create_dir(&closed).expect("scratch");
    std::fs::write(closed.join("secret"), SECRET).expect("scratch");
    set(&closed, 0o700);
    let real = scene.root.join("real");
    std::fs::create_dir(&real).expect("scratch");
    std::os::unix::fs::chown(&real, Some(OWNER.uid), Some(OWNER.gid)).expect("root may");
    let (swapped, next) = (scene.root.join("swapped"), scene.root.join("next"));
    // From the beginning, or the first call would make a directory of that name, which no link replaces.
    symlink(&real, &swapped).expect("scratch");
    let stop = AtomicBool::new(false);
    let mut refusals = std::collections::BTreeSet::new();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for target in [&real, &closed] {
                    let _ = std::fs::remove_file(&next);
                    let _ = symlink(target, &next);
                    let _ = std::fs::rename(&next, &swapped);
                }
            }
        });
        // Where a check fails, too: the scope waits for the thread.
        let _stops = Raised(&stop);
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                // On a busy machine the links may change in step with the calls for a while.
                for number in 0..MOST_SWAPPED {
                    let has_hit = real.read_dir().expect("scratch").next().is_some();
                    if number >= SWAPPED && has_hit {
                        break;
                    }
                    let file = format!("swapped/f{number}");
                    let wrote = scene.call("write_file", json!({"file": file, "content": "x"})).await;
                    if refusals.len() < 10 && wrote.status != ToolStatus::Ok {
                        refusals.insert(wrote.text.replace(&format!("f{number}"), "f"));
                    }
                    let read = scene.call("read_file", json!({"file": "swapped/secret"})).await;
                    assert_eq!(read.status, ToolStatus::Error, "{}", read.text);
                    scene.call("delete_file", json!({"file": "swapped/secret"})).await;
                }
            });
        });
    });
    let left: Vec<_> =
        std::fs::read_dir(&closed).expect("it is there").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["secret"]);
    let written = std::fs::read_dir(&real).expect("it is there").count();
    assert!(written > 0, "none of it went where it should: {refusals:?}");
}
