//! A host that runs as root works as somebody else. These tests need root, as in a container.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use serde_json::json;
use slipway_protocol::tool::ToolStatus;
use slipway_tools::workspace::{Owner, Workspace};

use crate::scene::Scene;

const OWNER: Owner = Owner { uid: 12_345, gid: 23_456 };

/// A workspace of another user in a container; `None` without root.
async fn scene() -> Option<Scene> {
    if !nix::unistd::geteuid().is_root() {
        return None;
    }
    let scene = Scene::with(|root| {
        chown(root, Some(OWNER.uid), Some(OWNER.gid)).expect("root may");
        Workspace::open(root).expect("it exists").with_owner(OWNER).with_outside()
    });
    let scene = scene.await;
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&scene.base, open).expect("scratch");
    Some(scene)
}

#[tokio::test]
async fn new_files_belong_to_the_owner() {
    let Some(scene) = scene().await else { return };
    let outcome = scene.call("write_file", json!({"file": "new/dir/a.txt", "content": "x\n"})).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    for path in ["new", "new/dir", "new/dir/a.txt"] {
        let metadata = std::fs::metadata(scene.root.join(path)).expect("it exists");
        assert_eq!((metadata.uid(), metadata.gid()), (OWNER.uid, OWNER.gid), "{path}");
    }
    let edit = json!({"file": "new/dir/a.txt", "edits": [
        {"remove_line_number": "1", "content_to_remove": "x", "replace_content": "y"}
    ]});
    assert_eq!(scene.call("edit_file", edit).await.status, ToolStatus::Ok);
    let metadata = std::fs::metadata(scene.root.join("new/dir/a.txt")).expect("it exists");
    assert_eq!((metadata.uid(), metadata.gid()), (OWNER.uid, OWNER.gid));
    let shell =
        scene.call("run_terminal_command", json!({"command": "echo z >> new/dir/a.txt && id -u"})).await;
    assert!(shell.text.contains("12345"), "{}", shell.text);
    assert_eq!(scene.read("new/dir/a.txt"), "y\nz\n");
}

#[tokio::test]
async fn files_of_root_stay_closed() {
    let Some(scene) = scene().await else { return };
    let secret = scene.base.join("token");
    std::fs::write(&secret, "secret\n").expect("scratch");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).expect("scratch");
    let public = scene.base.join("public");
    std::fs::write(&public, "public\n").expect("scratch");
    scene.put("roots.txt", "x\n");
    let secret = secret.display().to_string();
    let cases = [
        ("read_file", json!({"file": secret}), ToolStatus::Error),
        ("read_file", json!({"file": public.display().to_string()}), ToolStatus::Ok),
        ("read_file", json!({"file": "/proc/self/environ"}), ToolStatus::Error),
        ("write_file", json!({"file": "/etc/owned", "content": "x"}), ToolStatus::Error),
        ("delete_file", json!({"file": secret}), ToolStatus::Error),
    ];
    for (name, arguments, status) in cases {
        let outcome = scene.call(name, arguments.clone()).await;
        assert_eq!(outcome.status, status, "{name} {arguments}: {}", outcome.text);
    }
    assert!(scene.client.file(&secret).await.is_err());
    let outcome = scene.call("grep_search", json!({"pattern": "secret", "path": secret})).await;
    assert_eq!(outcome.data["matches"], 0, "{}", outcome.text);
}
