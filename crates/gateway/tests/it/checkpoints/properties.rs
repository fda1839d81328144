//! Whatever a run does to files, going back to a state gives exactly that state, and undoing that too.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::json;

use crate::checkpoint_scene::{Scene, on_disk};

/// Something that a run does. Names are few, so that files, links and directories change places.
#[derive(Debug, Clone)]
enum Deed {
    Write { path: &'static str, content: u8, mode: u32 },
    Link { path: &'static str, target: &'static str },
    Directory { path: &'static str, mode: u32 },
    Remove { path: &'static str },
    Rename { from: &'static str, to: &'static str },
}

const PATHS: [&str; 9] = ["a", "b", "a/x", "a/y", "b/x", "b/x/deep", "c", "c/d", "c/d/e"];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let path = || prop::sample::select(&PATHS[..]);
    let mode = || prop::sample::select(&[0o644_u32, 0o600, 0o755, 0o444, 0o4755][..]);
    let deed = prop_oneof![
        4 => (path(), 0..4_u8, mode())
            .prop_map(|(path, content, mode)| Deed::Write { path, content, mode }),
        1 => (path(), prop::sample::select(&["a", "b/x", "../outside", "c/d"][..]))
            .prop_map(|(path, target)| Deed::Link { path, target }),
        2 => (path(), prop::sample::select(&[0o755_u32, 0o700, 0o775][..]))
            .prop_map(|(path, mode)| Deed::Directory { path, mode }),
        2 => path().prop_map(|path| Deed::Remove { path }),
        2 => (path(), path()).prop_map(|(from, to)| Deed::Rename { from, to }),
    ];
    prop::collection::vec(deed, 0..10)
}

/// Does it, where that is possible; nothing is done through links.
fn perform(root: &Path, deed: &Deed) {
    let remove = |path: &Path| match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    };
    let place = |path: &str| -> Option<PathBuf> {
        let path = root.join(path);
        let parent = path.parent()?;
        (parent.canonicalize().ok()? == parent && parent.is_dir()).then_some(path)
    };
    match deed {
        Deed::Write { path, content, mode } => {
            let Some(path) = place(path) else { return };
            remove(&path);
            fs::write(&path, vec![b'0' + content; usize::from(*content) * 7]).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(*mode)).unwrap();
        }
        Deed::Link { path, target } => {
            let Some(path) = place(path) else { return };
            remove(&path);
            symlink(target, path).unwrap();
        }
        Deed::Directory { path, mode } => {
            let Some(path) = place(path) else { return };
            if !path.is_dir() || path.is_symlink() {
                remove(&path);
                fs::create_dir(&path).unwrap();
            }
            fs::set_permissions(&path, Permissions::from_mode(*mode)).unwrap();
        }
        Deed::Remove { path } => {
            if let Some(path) = place(path) {
                remove(&path);
            }
        }
        Deed::Rename { from, to } => {
            let (Some(from), Some(to)) = (place(from), place(to)) else { return };
            if from.symlink_metadata().is_ok() && !to.starts_with(&from) && !from.starts_with(&to) {
                remove(&to);
                fs::rename(from, to).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn going_back_is_exact(turns in prop::collection::vec(deeds(), 1..4), back in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut scene = Scene::new().await;
            let outside = scene.folder.path().canonicalize().unwrap().join("outside");
            fs::create_dir(&outside).unwrap();
            fs::write(outside.join("x"), "outside").unwrap();
            let kept = on_disk(&outside);
            let root = scene.root().canonicalize().unwrap();
            let mut states = Vec::new();
            for deeds in &turns {
                let before = scene.disk();
                scene.turn(|_| deeds.iter().for_each(|deed| perform(&root, deed))).await;
                states.push((scene.newest("before_run").await, before));
            }
            let last = scene.disk();
            let (checkpoint, wanted) = back.get(&states);
            let receipt = scene.restore_all(checkpoint).await;
            assert_eq!(&scene.disk(), wanted);
            scene.restore_all(&receipt["before"]).await;
            assert_eq!(scene.disk(), last);
            assert_eq!(scene.restore(json!({ "checkpoint_id": checkpoint })).await.0, 200);
            assert_eq!(&scene.disk(), wanted);
            assert_eq!(on_disk(&outside), kept);
        });
    }
}
