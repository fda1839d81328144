//! Changing paths back, one by one.

use std::fs;
use std::os::unix::fs::symlink;

use bytes::Bytes;
use slipway_protocol::checkpoint::{Node, ObjectId, Operation, Outcome};

use super::{State, on_disk};
use crate::scene::Scene;

const MODE: u32 = 0o640;

fn file(state: &State, path: &str) -> Option<Node> {
    state.nodes.get(path.as_bytes()).cloned()
}

fn operation(path: &str, expected: Option<Node>, wanted: Option<Node>) -> Operation {
    Operation { path: path.as_bytes().to_vec(), expected, wanted }
}

async fn apply(scene: &Scene, operations: &[Operation], content: &'static str) -> Vec<Outcome> {
    let with_content = operations.iter().cloned().map(|operation| {
        let is_file = matches!(operation.wanted, Some(Node::File { .. }));
        Ok::<_, std::convert::Infallible>((operation, Bytes::from(if is_file { content } else { "" })))
    });
    let Ok(applied) = scene.client.apply(futures::stream::iter(with_content)).await.expect("an answer");
    applied.outcomes
}

/// The node of a file with this content, and the way to have it: a file of that kind in another directory.
async fn node_with(scene: &Scene, content: &str) -> Node {
    scene.put("sample", content);
    let path = scene.root.join("sample");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(MODE)).expect("mode");
    let node = file(&State::of(scene).await, "sample").expect("scanned");
    fs::remove_file(path).expect("removed");
    node
}

#[tokio::test]
async fn what_is_not_as_expected_is_left_alone() {
    let scene = Scene::new().await;
    let wanted = node_with(&scene, "old").await;
    scene.put("a", "new");
    let expected = file(&State::of(&scene).await, "a");
    scene.put("a", "by somebody else");
    let change = operation("a", expected.clone(), Some(wanted.clone()));
    let deletion = operation("a", expected.clone(), None);
    let creation = operation("a", None, Some(wanted.clone()));
    let outcomes = apply(&scene, &[change.clone(), deletion, creation], "old").await;
    assert_eq!(outcomes, [Outcome::Changed, Outcome::Changed, Outcome::Changed]);
    assert_eq!(scene.read("a"), "by somebody else");

    scene.put("a", "new");
    assert_eq!(
        apply(&scene, &[change.clone(), change], "old").await,
        [Outcome::Done, Outcome::Done],
        "twice"
    );
    assert_eq!(on_disk(&scene.root).values().next().map(|(mode, _)| mode & 0o7777), Some(MODE));
}

#[tokio::test]
async fn a_content_that_is_not_the_wanted_one_is_not_written() {
    let scene = Scene::new().await;
    let wanted = node_with(&scene, "right").await;
    let outcomes = apply(&scene, &[operation("a", None, Some(wanted))], "wrong").await;
    assert!(matches!(&outcomes[..], [Outcome::Failed { .. }]), "{outcomes:?}");
    assert!(on_disk(&scene.root).is_empty());
}

#[tokio::test]
async fn a_directory_with_something_unrecorded_in_it_stays() {
    let scene = Scene::new().await;
    scene.put("d/node_modules/x.js", "x");
    let expected = file(&State::of(&scene).await, "d");
    let outcomes = apply(&scene, &[operation("d", expected, None)], "").await;
    assert_eq!(outcomes, [Outcome::NotEmpty]);
    assert_eq!(scene.read("d/node_modules/x.js"), "x");
}

/// A program puts a link in the place of a directory after the scan: nothing behind it is touched.
#[tokio::test]
async fn no_link_on_the_way_is_followed() {
    let scene = Scene::new().await;
    let wanted = node_with(&scene, "restored").await;
    scene.put("d/victim", "inside");
    scene.put("d/deep/victim", "inside");
    let state = State::of(&scene).await;
    let outside = scene.base.join("outside");
    fs::create_dir_all(outside.join("deep")).expect("made");
    for victim in ["victim", "deep/victim"] {
        fs::write(outside.join(victim), "inside").expect("written");
    }
    let before = on_disk(&outside);
    fs::remove_dir_all(scene.root.join("d")).expect("removed");
    symlink(&outside, scene.root.join("d")).expect("swapped");
    let directory = Some(Node::Directory { mode: 0o700, tree: ObjectId([0; 32]) });
    let operations = [
        operation("d/victim", file(&state, "d/victim"), Some(wanted.clone())),
        operation("d/victim", file(&state, "d/victim"), None),
        operation("d/deep/victim", file(&state, "d/deep/victim"), None),
        operation("d/deep", file(&state, "d/deep"), None),
        operation("d/new", None, Some(wanted.clone())),
        operation("d/made", None, directory.clone()),
        operation("d", file(&state, "d"), directory),
        operation("d/link", None, Some(Node::Link { target: b"x".to_vec() })),
    ];
    let outcomes = apply(&scene, &operations, "restored").await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Changed), "{outcomes:?}");
    assert_eq!(on_disk(&outside), before);
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused() {
    let scene = Scene::new().await;
    let wanted = node_with(&scene, "x").await;
    for path in ["../x", "/x", "a/../../x", "", ".", "a//b", "./x"] {
        let outcomes = apply(&scene, &[operation(path, None, Some(wanted.clone()))], "x").await;
        assert!(!matches!(&outcomes[..], [Outcome::Done]), "{path}: {outcomes:?}");
    }
    assert!(on_disk(&scene.root).is_empty() && !scene.base.join("x").exists());
}
