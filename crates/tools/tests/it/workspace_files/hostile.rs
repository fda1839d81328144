//! Archives that must not be unpacked: each is refused for the right reason, naming the entry, and nothing of it is
//! written, neither in the workspace nor beside it. docs/security.md counts the cases.

use std::convert::identity;

use slipway_protocol::workspace::ArchiveKind;
use slipway_tools::workspace::Workspace;
use slipway_tools::workspace_files::{Existing, UnpackLimits, unpack};

use super::builders::{TarEntry, ZipEntry, gzip, tar, zip, zip_of_zeros};
use super::transfer::upload_archive;
use super::{assert_nothing_staged, refusal, tree};
use crate::scene::Scene;

/// What is tried, the archive, the entry to be named (empty: none), and words of the reason.
type Case = (&'static str, Vec<u8>, &'static str, &'static str);

/// How many there are; docs/security.md says so.
const ZIPS: usize = 41;
const TARS: usize = 35;

fn zips() -> Vec<Case> {
    let one = |entry: ZipEntry| zip(&[ZipEntry::file("fine.txt", "fine"), entry]);
    let file = |name: &str| one(ZipEntry::file(name, "evil"));
    let link = |name: &str, target: &str| one(ZipEntry::link(name, target));
    let mode = |name: &str, mode| one(ZipEntry::of_mode(name, mode));
    let changed = |change: fn(&mut ZipEntry)| {
        let mut entry = ZipEntry::file("evil", "evil");
        change(&mut entry);
        one(entry)
    };
    let deep = "d/".repeat(70) + "evil";
    vec![
        ("an absolute name", file("/etc/evil"), "/etc/evil", "absolute"),
        ("going up", file("../evil"), "../evil", "goes up"),
        ("going up from below", file("a/../../evil"), "a/../../evil", "goes up"),
        ("going up and staying", file("a/../evil"), "a/../evil", "goes up"),
        ("only going up", file(".."), "..", "goes up"),
        ("going up by backslashes", file("..\\evil"), "../evil", "goes up"),
        ("a drive", file("C:\\evil"), "C:/evil", "absolute"),
        ("a drive without a slash", file("c:evil"), "c:evil", "absolute"),
        ("a network share", file("\\\\host\\share"), "host", "absolute"),
        ("a new line in a name", file("a\nb"), "a\\nb", "control character"),
        ("a terminal's commands in a name", file("\u{1b}[2J"), "[2J", "control character"),
        ("a NUL in a name", file("evil\0.txt"), "evil\\0.txt", "control character"),
        ("a name that reads backwards", file("\u{202e}txt.exe"), "txt.exe", "control character"),
        ("no name", file(""), "", "has no name"),
        ("a name of dots and slashes", one(ZipEntry::file("./.", "x")), "./.", "has no name"),
        ("a long name", file(&"n".repeat(300)), "nnnn", "too long"),
        ("a deep one", file(&deep), "d/d/d/", "deeper than 64"),
        ("a link to the root", link("l", "/"), "l", "link"),
        ("a link to a file of the system", link("l", "/etc/passwd"), "l", "link"),
        ("a link upwards", link("l", "../x"), "l", "link"),
        ("a link upwards from below", link("a/l", "../../x"), "a/l", "link"),
        ("a link down and up again", link("l", "a/../../x"), "l", "link"),
        ("a link to nothing", link("l", ""), "l", "link"),
        ("a link with an endless target", link("l", &"x/".repeat(3_000)), "l", "target"),
        (
            "a file through a link",
            zip(&[ZipEntry::link("l", "d"), ZipEntry::file("d/x", ""), ZipEntry::file("l/evil", "evil")]),
            "l/evil",
            "goes through `l`",
        ),
        (
            "a file through a file",
            zip(&[ZipEntry::file("f", ""), ZipEntry::file("f/evil", "evil")]),
            "f/evil",
            "goes through `f`",
        ),
        ("a name twice", zip(&[ZipEntry::file("a", "1"), ZipEntry::file("a", "2")]), "", "twice"),
        (
            "a name twice in other words",
            zip(&[ZipEntry::file("a", "1"), ZipEntry::file("./a", "2")]),
            "./a",
            "twice",
        ),
        (
            "a directory that becomes a link",
            zip(&[ZipEntry::file("d/x", "1"), ZipEntry::link("d", "x")]),
            "d",
            "twice",
        ),
        ("a device", mode("dev", 0o020_666), "dev", "a device"),
        ("a disk", mode("disk", 0o060_666), "disk", "a device"),
        ("a FIFO", mode("fifo", 0o010_666), "fifo", "a FIFO"),
        ("a socket", mode("sock", 0o140_666), "sock", "a socket"),
        ("an encrypted entry", changed(|entry| entry.flags |= 1), "evil", "encrypted"),
        ("an unknown compression", changed(|entry| entry.method = 98), "evil", "cannot be read"),
        ("a wrong checksum", changed(|entry| entry.wrong = 1), "evil", "cannot be read"),
        ("entries in one another", changed(|entry| entry.overlaps = true), "", "overlap"),
        ("nothing at all", Vec::new(), "", "cannot be read"),
        ("no archive", b"<!doctype html>".repeat(50), "", "cannot be read"),
        ("half an archive", identity(file("evil")).split_off(40), "", "cannot be read"),
        ("more than goes", zip_of_zeros("zeros", 3 << 20), "zeros", "beyond 1048576 bytes"),
    ]
}

fn tars() -> Vec<Case> {
    let one = |entry: TarEntry| tar(&[TarEntry::file("fine.txt", "fine"), entry]);
    let file = |name: &str| one(TarEntry::file(name, "evil"));
    let two = |first: TarEntry, second: TarEntry| tar(&[TarEntry::file("fine.txt", "fine"), first, second]);
    let not_utf8 = TarEntry { name: b"caf\xe9".to_vec(), ..TarEntry::file("", "") };
    vec![
        ("an absolute name", file("/etc/evil"), "/etc/evil", "absolute"),
        ("going up", file("../evil"), "../evil", "goes up"),
        ("a directory that goes up", one(TarEntry::directory("../evil/")), "../evil/", "goes up"),
        ("the directory above", one(TarEntry::directory("..")), "..", "goes up"),
        ("the root", one(TarEntry::directory("/")), "/", "absolute"),
        ("a backslash", file("..\\evil"), "..\\\\evil", "backslash"),
        ("a name that is no text", one(not_utf8), "caf", "not UTF-8"),
        ("a link to the root", one(TarEntry::link("l", "/")), "l", "link"),
        ("a link upwards", one(TarEntry::link("a/b/l", "../../../x")), "a/b/l", "link"),
        (
            "a file through a link",
            two(TarEntry::link("l", "fine.txt"), TarEntry::file("l/evil", "evil")),
            "l/evil",
            "goes through `l`",
        ),
        (
            "a link in place of a directory, then a file in it",
            tar(&[TarEntry::directory("d"), TarEntry::link("d", "x"), TarEntry::file("d/evil", "")]),
            "d",
            "twice",
        ),
        ("a hard link to the system", one(TarEntry::hard_link("h", "/etc/passwd")), "h", "hard link"),
        ("a hard link upwards", one(TarEntry::hard_link("h", "../keep.txt")), "h", "hard link"),
        ("a hard link to what comes later", one(TarEntry::hard_link("h", "later")), "h", "hard link"),
        (
            "a hard link to a link",
            two(TarEntry::link("l", "fine.txt"), TarEntry::hard_link("h", "l")),
            "h",
            "hard link",
        ),
        ("a file twice", two(TarEntry::file("a", "1"), TarEntry::file("a", "2")), "a", "twice"),
        ("a device", one(TarEntry::of_kind(b'3', "dev", b"")), "dev", "a device"),
        ("a disk", one(TarEntry::of_kind(b'4', "disk", b"")), "disk", "a device"),
        ("a FIFO", one(TarEntry::of_kind(b'6', "fifo", b"")), "fifo", "a FIFO"),
        ("a sparse file", one(TarEntry::of_kind(b'S', "sparse", b"")), "sparse", "a sparse file"),
        ("a kind of its own", one(TarEntry::of_kind(b'Z', "odd", b"")), "odd", "not known"),
    ]
}

/// What headers before an entry, and damage, can do.
fn tampered_tars() -> Vec<Case> {
    let one = |entry: TarEntry| tar(&[TarEntry::file("fine.txt", "fine"), entry]);
    let two = |first: TarEntry, second: TarEntry| tar(&[TarEntry::file("fine.txt", "fine"), first, second]);
    let endless = TarEntry { claims: Some(1 << 30), ..TarEntry::of_kind(b'L', "././@LongLink", b"name") };
    let short = TarEntry { claims: Some(4096), ..TarEntry::file("short", "evil") };
    let damaged = TarEntry { wrong: 1, ..TarEntry::file("damaged", "") };
    vec![
        (
            "going up in an extended name",
            two(TarEntry::pax(b'x', &[("path", "../evil")]), TarEntry::file("innocent", "evil")),
            "../evil",
            "goes up",
        ),
        (
            "going up in a long name",
            two(TarEntry::of_kind(b'L', "././@LongLink", b"../evil\0"), TarEntry::file("innocent", "")),
            "../evil",
            "goes up",
        ),
        (
            "leading out in an extended target",
            two(TarEntry::pax(b'x', &[("linkpath", "/etc")]), TarEntry::link("l", "fine.txt")),
            "l",
            "link",
        ),
        (
            "leading out in a long target",
            two(TarEntry::of_kind(b'K', "././@LongLink", b"/etc\0"), TarEntry::link("l", "fine.txt")),
            "l",
            "link",
        ),
        (
            "two sizes",
            two(TarEntry::pax(b'x', &[("size", "0")]), TarEntry::file("two", "evil")),
            "two",
            "two sizes",
        ),
        (
            "a sparse file in an extended header",
            two(TarEntry::pax(b'x', &[("GNU.sparse.major", "1")]), TarEntry::file("sparse", "")),
            "sparse",
            "a sparse file",
        ),
        (
            "a name for every entry",
            two(TarEntry::pax(b'g', &[("path", "evil")]), TarEntry::file("a", "")),
            "",
            "global header",
        ),
        ("an endless long name", one(endless), "", "longer than 64 KiB"),
        ("a long name of nothing", one(TarEntry::of_kind(b'L', "././@LongLink", b"x\0")), "", "announces"),
        ("a file that ends too early", one(short)[..1_700].to_vec(), "short", "cannot be read"),
        ("a wrong checksum", one(damaged), "", "cannot be read"),
        ("no archive", b"<!doctype html>".repeat(50), "", "cannot be read"),
        ("a zip file", zip(&[ZipEntry::file("a", "evil evil evil")]).repeat(9), "", "cannot be read"),
        (
            "more than goes",
            one(TarEntry::of_kind(b'0', "big", &vec![0; 2 << 20])),
            "big",
            "beyond 1048576 bytes",
        ),
    ]
}

fn all_tars() -> Vec<Case> {
    let all = [tars(), tampered_tars()].concat();
    assert_eq!(all.len(), TARS);
    all
}

async fn all_are_refused(kind: ArchiveKind, cases: Vec<Case>) {
    let scene = Scene::new().await;
    let outside = scene.base.join("outside");
    std::fs::create_dir(&outside).expect("scratch");
    scene.put("keep.txt", "kept");
    let before = tree(&scene.base.join("ws"));
    for (tries, archive, entry, reason) in cases {
        // To a new directory and into the workspace itself.
        for path in ["new/place", ""] {
            let problem = refusal(upload_archive(&scene, path, kind, &archive, 1 << 20).await);
            assert_eq!(
                (problem.status, problem.code.as_str()),
                (422, "archive_refused"),
                "{tries}: {problem}"
            );
            assert!(problem.detail.contains(reason), "{tries}: {problem}");
            if !entry.is_empty() {
                let named = problem.detail.split('`').nth(1).unwrap_or_default();
                assert!(named.contains(entry), "{tries}: {problem}");
            }
            assert_eq!(tree(&scene.root), before, "{tries}");
            assert_nothing_staged(&scene);
        }
    }
    assert_eq!(std::fs::read_dir(&outside).expect("scratch").count(), 0);
    let mut beside: Vec<_> = std::fs::read_dir(&scene.base).expect("scratch").flatten().collect();
    beside.retain(|entry| !entry.file_name().to_string_lossy().starts_with("outputs"));
    let names: Vec<_> = beside.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.contains("evil")), "{names:?}");
}

#[tokio::test]
async fn hostile_zip_files_are_refused() {
    let all = zips();
    assert_eq!(all.len(), ZIPS);
    all_are_refused(ArchiveKind::Zip, all).await;
}

#[tokio::test]
async fn hostile_tar_files_are_refused() {
    all_are_refused(ArchiveKind::Tar, all_tars()).await;
}

#[tokio::test]
async fn hostile_tar_files_are_refused_when_they_are_compressed() {
    let mut cases: Vec<Case> = all_tars()
        .into_iter()
        .map(|(tries, bytes, entry, reason)| (tries, gzip(&bytes), entry, reason))
        .collect();
    let fine = gzip(&tar(&[TarEntry::file("a", &"random".repeat(9_000))]));
    cases.push(("half a file", fine[..fine.len() / 2].to_vec(), "", "cannot be read"));
    cases.push(("no gzip", b"plain".repeat(300), "", "cannot be read"));
    all_are_refused(ArchiveKind::TarGz, cases).await;
}

#[test]
fn bombs_are_noticed_by_what_comes_out() {
    let folder = tempfile::tempdir().expect("scratch");
    let workspace = Workspace::open(folder.path()).expect("it exists");
    let usual = UnpackLimits::default();
    let small_ratio = UnpackLimits { ratio: 10, ratio_from: 100_000, ..usual };
    let few = UnpackLimits { entries: 3, ..usual };
    let zeros = tar(&[TarEntry::of_kind(b'0', "zeros", &vec![0; 1 << 20])]);
    let many: Vec<String> = (0..4).map(|n| format!("file{n}")).collect();
    let many_zip: Vec<ZipEntry> = many.iter().map(|name| ZipEntry::file(name, "")).collect();
    let many_tar: Vec<TarEntry> = many.iter().map(|name| TarEntry::file(name, "")).collect();
    let nested = tar(&[TarEntry::file("a/b/c/d", "")]);
    for (kind, archive, limits, entry, reason) in [
        (ArchiveKind::Zip, zip_of_zeros("zeros", 1 << 20), small_ratio, "zeros", "beyond 10 times"),
        (ArchiveKind::TarGz, gzip(&zeros), small_ratio, "zeros", "beyond 10 times"),
        (ArchiveKind::Zip, zip(&many_zip), few, "file3", "beyond the 3 entries"),
        (ArchiveKind::Tar, tar(&many_tar), few, "file3", "beyond the 3 entries"),
        (ArchiveKind::Tar, nested, UnpackLimits { depth: 3, ..usual }, "a/b/c/d", "deeper than 3"),
    ] {
        let error = unpack(&workspace, "out", kind, &mut archive.as_slice(), Existing::Keep, limits)
            .expect_err("it is refused")
            .to_string();
        assert!(error.contains(&format!("`{entry}`")) && error.contains(reason), "{error}");
        assert!(!folder.path().join("out").exists());
    }
    // The same amount that is not compressed is fine.
    unpack(&workspace, "out", ArchiveKind::Tar, &mut zeros.as_slice(), Existing::Keep, small_ratio)
        .expect("it is no bomb");
}
