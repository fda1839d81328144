//! Refreshing against a real directory.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::*;

struct Scene {
    _folder: tempfile::TempDir,
    root: PathBuf,
    workspace: Workspace,
    views: Views,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let root = folder.path().canonicalize().expect("it exists");
    let workspace = Workspace::open(&root).expect("it exists");
    Scene { _folder: folder, root, workspace, views: Views::default() }
}

impl Scene {
    fn refresh(&self, path: &str, known: Option<&str>, ranges: &[LineRange]) -> Option<RenderedFile> {
        let file = KnownFile {
            path: path.to_owned(),
            content_hash: known.map(str::to_owned),
            ranges: ranges.to_vec(),
            ranges_changed: false,
        };
        let request = RefreshViews {
            conversation_id: ConversationId::from("conv_1"),
            files: vec![file],
            only_look: false,
        };
        self.views.refresh(&self.workspace, &request).views.pop()
    }
}

#[test]
fn a_view_is_due_exactly_when_the_content_changed() {
    let scene = scene();
    let path = scene.root.join("a.txt");
    fs::write(&path, "one\n").expect("scratch");
    let first = scene.refresh("a.txt", None, &[]).expect("a first view");
    assert_eq!(first.content, RenderedContent::Text { text: "1\tone\n".to_owned() });
    assert_eq!(scene.refresh("a.txt", Some(&first.content_hash), &[]), None);

    // Rewritten with the same bytes: another stamp, the same content.
    fs::write(&path, "one\n").expect("scratch");
    assert_eq!(scene.refresh("a.txt", Some(&first.content_hash), &[]), None);

    // Same size and modification time, other content, as after `touch -r`.
    let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a time");
    fs::write(&path, "two\n").expect("scratch");
    fs::File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_modified(modified))
        .expect("scratch");
    let second = scene.refresh("a.txt", Some(&first.content_hash), &[]).expect("a second view");
    assert_eq!(second.content, RenderedContent::Text { text: "1\ttwo\n".to_owned() });
    assert_eq!(scene.views.seen(&ConversationId::from("conv_1"), "a.txt").as_deref(), Some(&b"two\n"[..]));

    fs::remove_file(&path).expect("scratch");
    let gone = scene.refresh("a.txt", Some(&second.content_hash), &[]).expect("a notice");
    assert_eq!(gone.content, RenderedContent::Missing);
    assert_eq!(scene.refresh("a.txt", Some(&gone.content_hash), &[]), None);
}

#[test]
fn settled_files_are_not_read_again() {
    let scene = scene();
    let path = scene.root.join("a.txt");
    fs::write(&path, "one\n").expect("scratch");
    let stamp = Stamp::of(&path).expect("a stamp");
    let mut fingerprints = Fingerprints::default();
    fingerprints.set(&path, stamp.clone(), "hash");
    assert_eq!(fingerprints.get(&path, &stamp), None, "just written, so the stamp proves nothing");
    let settled = loop {
        // The change time cannot be set, only waited for.
        let changed = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a time");
        if SystemTime::now().duration_since(changed).is_ok_and(|age| age > Duration::from_millis(150)) {
            break stamp;
        }
        std::thread::yield_now();
    };
    fingerprints.set(&path, settled.clone(), "hash");
    assert_eq!(fingerprints.get(&path, &settled).as_deref(), Some("hash"));
}

#[test]
fn what_cannot_be_shown_says_why() {
    let scene = scene();
    fs::write(scene.root.join("image.png"), b"\x89PNG\r\n\x1a\n\0\0\0").expect("scratch");
    fs::write(scene.root.join("blob"), b"a\0b").expect("scratch");
    fs::create_dir(scene.root.join("dir")).expect("scratch");
    let cases = [
        ("image.png", "image (PNG)"),
        ("blob", "binary file (unknown format)"),
        ("dir", "is a directory"),
        ("../outside", "outside the workspace"),
    ];
    for (path, expected) in cases {
        let view = scene.refresh(path, None, &[]).expect("a notice");
        let RenderedContent::Unreadable { reason } = view.content else { panic!("{path} is shown") };
        assert!(reason.contains(expected), "{path}: {reason}");
        assert_eq!(scene.refresh(path, Some(&view.content_hash), &[]), None, "{path} is told once");
    }
}
