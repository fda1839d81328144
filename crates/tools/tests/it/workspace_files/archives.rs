//! Archives that are fine, as programs write them.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use slipway_protocol::workspace::{ArchiveKind, UnpackedArchive};

use super::builders::{TarEntry, ZipEntry, gzip, tar, zip};
use super::transfer::upload_archive;
use super::{assert_nothing_staged, refusal, tree};
use crate::scene::Scene;

const ROOM: u64 = 1 << 30;

#[tokio::test]
async fn what_tar_packs_comes_out_the_same() {
    let scene = Scene::new().await;
    let source = scene.base.join("source");
    let long = "long-name-".repeat(20);
    for path in ["src/main.rs", &format!("{long}/{long}"), "empty", "ümlaut.txt", ".hidden/x"] {
        let path = source.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("scratch");
        std::fs::write(&path, path.display().to_string()).expect("scratch");
    }
    std::fs::create_dir(source.join("nothing-in-it")).expect("scratch");
    std::fs::set_permissions(source.join("empty"), PermissionsExt::from_mode(0o755)).expect("scratch");
    std::os::unix::fs::symlink("../src/main.rs", source.join(".hidden/link")).expect("scratch");
    std::fs::hard_link(source.join("empty"), source.join("hard")).expect("scratch");
    for (number, format) in ["gnu", "pax", "ustar"].into_iter().enumerate() {
        if format == "ustar" {
            // It has no room for such names.
            std::fs::remove_dir_all(source.join(&long)).expect("scratch");
        }
        let expected = tree(&source);
        let packed = Command::new("tar")
            .args(["--format", format, "-czf", "-", "-C"])
            .arg(&source)
            .arg(".")
            .output()
            .expect("tar is installed");
        assert!(packed.status.success(), "{packed:?}");
        let path = format!("out/{number}");
        let unpacked = upload_archive(&scene, &path, ArchiveKind::TarGz, &packed.stdout, ROOM).await;
        let unpacked = unpacked.expect("it is fine");
        let out = scene.root.join(&path);
        assert_eq!(tree(&out), expected, "{format}");
        let files = expected.values().filter(|what| what.starts_with("file")).count();
        assert_eq!((unpacked.files, unpacked.links), (files as u64, 1), "{format}");
        let mode = std::fs::metadata(out.join("empty")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "a program stays one");
    }
    assert_nothing_staged(&scene);
}

#[tokio::test]
async fn a_zip_file_of_windows_is_understood() {
    let scene = Scene::new().await;
    let bytes = zip(&[
        ZipEntry { mode: 0, ..ZipEntry::file("project\\src\\main.c", "int main;") },
        ZipEntry { mode: 0, ..ZipEntry::file("project/empty/", "") },
        ZipEntry::link("project/same.c", "src/main.c"),
    ]);
    let unpacked = upload_archive(&scene, "", ArchiveKind::Zip, &bytes, ROOM).await.expect("it is fine");
    assert_eq!(unpacked, UnpackedArchive { files: 1, directories: 3, links: 1, bytes: 9 });
    assert_eq!(scene.read("project/same.c"), "int main;");
    assert!(scene.root.join("project/empty").is_dir());
}

#[tokio::test]
async fn what_a_download_holds_can_be_uploaded_again() {
    use futures::StreamExt as _;
    let scene = Scene::new().await;
    scene.put("app/a/b.txt", "content\n");
    scene.put("app/c", "x".repeat(100_000));
    let zipped: Vec<_> = scene.client.download_zip("app", false).await.expect("a zip file").collect().await;
    let zipped: Vec<u8> = zipped.into_iter().flat_map(|piece| piece.expect("it goes on")).collect();
    upload_archive(&scene, "again", ArchiveKind::Zip, &zipped, ROOM).await.expect("it is fine");
    assert_eq!(tree(&scene.root.join("again/app")), tree(&scene.root.join("app")));
}

#[tokio::test]
async fn an_archive_joins_what_is_there_or_is_refused_whole() {
    let scene = Scene::new().await;
    scene.put("app/keep.txt", "kept");
    scene.put("app/src/main.rs", "old");
    scene.put("app/docs", "a file");
    let before = tree(&scene.root);
    let clash = tar(&[
        TarEntry::file("app/new.txt", "new"),
        TarEntry::file("app/src/main.rs", "new"),
        TarEntry::file("app/docs/readme", "new"),
    ]);
    for (replace, named) in [(false, "app/src/main.rs"), (true, "app/docs")] {
        let target = slipway_tools::client::UploadTarget { path: String::new(), replace };
        let body = futures::stream::iter([Ok(bytes::Bytes::from(clash.clone()))]);
        let problem = refusal(scene.client.unpack(&target, ArchiveKind::Tar, ROOM, body).await);
        assert_eq!((problem.status, problem.code.as_str()), (409, "already_exists"));
        assert!(problem.detail.contains(named), "{problem}");
        assert_eq!(tree(&scene.root), before, "replace: {replace}");
    }
    let fine = gzip(&tar(&[TarEntry::file("app/new.txt", "new"), TarEntry::file("app/src/main.rs", "new")]));
    let target = slipway_tools::client::UploadTarget { path: String::new(), replace: true };
    let body = futures::stream::iter([Ok(bytes::Bytes::from(fine))]);
    scene.client.unpack(&target, ArchiveKind::TarGz, ROOM, body).await.expect("it is fine");
    assert_eq!(scene.read("app/new.txt") + &scene.read("app/src/main.rs"), "newnew");
    assert_eq!(scene.read("app/keep.txt"), "kept");
    // A link in the workspace is no directory to unpack through.
    std::os::unix::fs::symlink("app", scene.root.join("link")).expect("scratch");
    let through = tar(&[TarEntry::file("link/x", "")]);
    let problem = refusal(upload_archive(&scene, "", ArchiveKind::Tar, &through, ROOM).await);
    assert_eq!(problem.code, "already_exists");
    assert_nothing_staged(&scene);
}
