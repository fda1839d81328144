//! Bytes in and out: uploads that arrive and that do not, downloads, zip files.

use std::io::{Cursor, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};

use bytes::Bytes;
use futures::StreamExt as _;
use slipway_protocol::workspace::{ArchiveKind, UnpackedArchive, WrittenFile};
use slipway_tools::client::{BoxError, ClientError, Download, UploadTarget};
use slipway_tools::workspace::{Owner, Workspace};

use super::builders::{TarEntry, tar};
use super::{assert_nothing_staged, refusal, tree};
use crate::scene::Scene;

type Pieces = Vec<Result<Bytes, BoxError>>;

/// A body in pieces of odd sizes.
fn pieces(bytes: &[u8]) -> Pieces {
    bytes.chunks(7_777).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
}

fn target(path: &str, replace: bool) -> UploadTarget {
    UploadTarget { path: path.to_owned(), replace }
}

pub(crate) async fn upload_archive(
    scene: &Scene,
    path: &str,
    kind: ArchiveKind,
    bytes: &[u8],
    max_bytes: u64,
) -> Result<UnpackedArchive, ClientError> {
    let content = futures::stream::iter(pieces(bytes));
    scene.client.unpack(&target(path, false), kind, max_bytes, content).await
}

async fn upload(scene: &Scene, path: &str, replace: bool, body: Pieces) -> Result<WrittenFile, ClientError> {
    scene.client.upload(&target(path, replace), futures::stream::iter(body)).await
}

async fn all(download: Download) -> Vec<u8> {
    let pieces: Vec<_> = download.collect().await;
    pieces.into_iter().map(|piece| piece.expect("it goes on")).collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn a_file_goes_in_and_out_unchanged() {
    let scene = Scene::new().await;
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let written = upload(&scene, "deep/er/data.bin", false, pieces(&content)).await.expect("it arrives");
    assert_eq!((written.path.as_str(), written.bytes), ("deep/er/data.bin", 3_000_000));
    let (download, size) = scene.client.download("deep/er/data.bin").await.expect("it is there");
    assert_eq!(size, 3_000_000);
    assert!(all(download).await == content);
    assert_nothing_staged(&scene);
}

#[tokio::test]
async fn a_file_is_replaced_only_when_that_was_asked_for() {
    let scene = Scene::new().await;
    scene.put("run.sh", "old");
    let mode = |bits| std::fs::set_permissions(scene.root.join("run.sh"), PermissionsExt::from_mode(bits));
    mode(0o755).expect("scratch");
    let refused = refusal(upload(&scene, "run.sh", false, pieces(&[1; 200_000])).await);
    assert_eq!((refused.status, refused.code.as_str()), (409, "already_exists"));
    assert_eq!(scene.read("run.sh"), "old");
    upload(&scene, "run.sh", true, pieces(b"new")).await.expect("it arrives");
    assert_eq!(scene.read("run.sh"), "new");
    assert_eq!(std::fs::metadata(scene.root.join("run.sh")).expect("it is there").mode() & 0o777, 0o755);
    scene.put("folder/x", "");
    assert_eq!(refusal(upload(&scene, "folder", true, pieces(b"x")).await).code, "already_exists");
    assert_nothing_staged(&scene);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let scene = Scene::new().await;
    scene.put("there.txt", "old");
    let before = tree(&scene.root);
    for path in ["new/file", "there.txt"] {
        let mut body = pieces(&[7; 100_000]);
        body.push(Err("the browser went away".into()));
        assert!(upload(&scene, path, true, body).await.is_err(), "{path}");
    }
    let whole = tar(&[TarEntry::file("a", &"x".repeat(100_000))]);
    let mut body = pieces(&whole[..60_000]);
    body.push(Err("the browser went away".into()));
    let archive = target("archive", false);
    let unpacked =
        scene.client.unpack(&archive, ArchiveKind::Tar, 1 << 20, futures::stream::iter(body)).await;
    assert!(unpacked.is_err());
    // The host notices on its own time; an upload after that shows that it is still well.
    let mut left = true;
    for _ in 0..200 {
        // It is not made for what breaks off before it is begun.
        left =
            std::fs::read_dir(scene.root.join(".slipway/staging")).is_ok_and(|mut all| all.next().is_some());
        if !left {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!left, "half an upload stays");
    assert_eq!(tree(&scene.root), before);
    upload(&scene, "new/file", false, pieces(b"whole")).await.expect("it arrives");
}

#[tokio::test]
async fn nothing_outside_is_read_or_written() {
    let scene = Scene::with(|root| Workspace::open(root).expect("it exists").with_outside()).await;
    let outside = scene.base.join("outside");
    std::fs::create_dir(&outside).expect("scratch");
    std::fs::write(outside.join("secret"), "secret").expect("scratch");
    symlink(&outside, scene.root.join("out")).expect("scratch");
    symlink("/etc/passwd", scene.root.join("passwd")).expect("scratch");
    let absolute = outside.join("secret").display().to_string();
    for path in
        ["out/secret", "../outside/secret", &absolute, "passwd", "/etc/passwd", "a/../../outside/secret"]
    {
        let refused = |outcome: Result<(), ClientError>| {
            let problem = refusal(outcome);
            assert_eq!((problem.status, problem.code.as_str()), (403, "path_refused"), "{path}: {problem}");
        };
        refused(scene.client.download(path).await.map(drop));
        refused(scene.client.text(path, None, None).await.map(drop));
        refused(upload(&scene, path, true, pieces(b"evil")).await.map(drop));
        refused(scene.client.download_zip(path, true).await.map(drop));
        refused(upload_archive(&scene, path, ArchiveKind::Tar, &tar(&[]), 100).await.map(drop));
    }
    assert_eq!(std::fs::read_to_string(outside.join("secret")).expect("it is there"), "secret");
    // Deleting and renaming mean the link itself.
    scene
        .client
        .trash(&slipway_protocol::workspace::TrashEntry { path: "out".into() })
        .await
        .expect("it goes");
    assert!(outside.join("secret").exists());
}

#[tokio::test]
async fn an_area_that_leads_out_is_not_used() {
    let scene = Scene::new().await;
    let outside = scene.base.join("outside");
    std::fs::create_dir(&outside).expect("scratch");
    symlink(&outside, scene.root.join(".slipway")).expect("scratch");
    assert_eq!(refusal(upload(&scene, "a", false, pieces(b"x")).await).code, "path_refused");
    assert_eq!(std::fs::read_dir(&outside).expect("scratch").count(), 0);
}

#[tokio::test]
async fn uploads_belong_to_the_owner() {
    const OWNER: Owner = Owner { uid: 12_345, gid: 23_456 };
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let scene = Scene::with(|root| {
        std::os::unix::fs::chown(root, Some(OWNER.uid), Some(OWNER.gid)).expect("root may");
        Workspace::open(root).expect("it exists").with_owner(OWNER)
    });
    let scene = scene.await;
    std::fs::set_permissions(&scene.base, PermissionsExt::from_mode(0o755)).expect("scratch");
    upload(&scene, "up/file", false, pieces(b"x")).await.expect("it arrives");
    let set_user = TarEntry { mode: 0o6755, ..TarEntry::file("bin/tool", "x") };
    upload_archive(&scene, "arch", ArchiveKind::Tar, &tar(&[set_user]), 100).await.expect("it arrives");
    for path in ["up", "up/file", "arch", "arch/bin", "arch/bin/tool", ".slipway", ".slipway/.gitignore"] {
        let metadata = std::fs::metadata(scene.root.join(path)).expect("it is there");
        assert_eq!((metadata.uid(), metadata.gid()), (OWNER.uid, OWNER.gid), "{path}");
    }
    let tool = std::fs::metadata(scene.root.join("arch/bin/tool")).expect("it is there");
    assert_eq!(tool.mode() & 0o7111, 0o111, "a program, but nobody's privileges");
    scene.put("roots", "x");
    std::fs::set_permissions(scene.root.join("roots"), PermissionsExt::from_mode(0o600)).expect("scratch");
    assert_eq!(refusal(scene.client.download("roots").await.map(drop)).code, "permission_denied");
}

#[tokio::test]
async fn a_zip_file_holds_what_is_there_and_tells_what_not() {
    let scene = Scene::new().await;
    scene.put("app/.gitignore", "target/\n");
    scene.put("app/target/big.bin", "built");
    scene.put("app/src/main.rs", "fn main() {}\n");
    scene.put("app/.git/HEAD", "ref");
    scene.put("app/run.sh", "#!/bin/sh\n");
    std::fs::set_permissions(scene.root.join("app/run.sh"), PermissionsExt::from_mode(0o755))
        .expect("scratch");
    symlink("main.rs", scene.root.join("app/src/same.rs")).expect("scratch");
    symlink("/etc/passwd", scene.root.join("app/passwd")).expect("scratch");
    let zipped = async |path: &str, ignored| {
        let bytes = all(scene.client.download_zip(path, ignored).await.expect("a zip file")).await;
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
        let mut found = std::collections::BTreeMap::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            found.insert(entry.name().expect("UTF-8").into_owned(), (entry.unix_mode().unwrap_or(0), text));
        }
        found
    };
    let found = zipped("app", false).await;
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "app/.gitignore",
            "app/LEFT-OUT-OF-THIS-ARCHIVE.txt",
            "app/run.sh",
            "app/src/",
            "app/src/main.rs",
            "app/src/same.rs"
        ]
    );
    assert_eq!(found["app/src/main.rs"].1, "fn main() {}\n");
    assert_eq!(found["app/run.sh"].0 & 0o777, 0o755);
    assert_eq!(
        (found["app/src/same.rs"].0 & 0o170_000, found["app/src/same.rs"].1.as_str()),
        (0o120_000, "main.rs")
    );
    assert!(found["app/LEFT-OUT-OF-THIS-ARCHIVE.txt"].1.contains("passwd: it is a link that leads out"));
    // What was put together for uploads is nobody's download.
    upload(&scene, "x", false, pieces(b"x")).await.expect("it arrives");
    let everything = zipped("", true).await;
    assert!(everything.contains_key("ws/app/target/big.bin") && everything.contains_key("ws/app/.git/HEAD"));
    assert!(!everything.keys().any(|name| name.contains(".slipway")), "{:?}", everything.keys());
    assert_eq!(refusal(scene.client.download_zip("x", false).await.map(drop)).code, "not_a_directory");
}
