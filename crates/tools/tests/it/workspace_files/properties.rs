//! Whatever an archive holds: nothing of it is ever outside of its directory, and it is unpacked whole or not at all.

use proptest::prelude::*;
use slipway_protocol::workspace::ArchiveKind;
use slipway_tools::workspace::Workspace;
use slipway_tools::workspace_files::{Existing, UnpackLimits, unpack};

use super::builders::{TarEntry, ZipEntry, tar, zip};
use super::tree;

/// Names that meet one another, and lead out now and then.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[abl](/[abl]){0,2}/?",
        1 => "(\\.\\./|/|\\./|[abl]/){1,3}[abl]?",
    ]
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[abl](/[abl]){0,1}",
        2 => "(\\.\\./){1,2}[abl]?(/\\.\\./\\.\\.)?",
        1 => Just("/".to_owned()),
    ]
}

fn entry() -> impl Strategy<Value = TarEntry> {
    prop_oneof![
        4 => name().prop_map(|name| TarEntry::file(&name, "content")),
        2 => name().prop_map(|name| TarEntry::directory(&name)),
        3 => (name(), target()).prop_map(|(name, target)| TarEntry::link(&name, &target)),
        1 => (name(), name()).prop_map(|(name, target)| TarEntry::hard_link(&name, &target)),
    ]
}

/// The same as an entry of a zip file, where that can be.
fn zipped(entry: &TarEntry) -> ZipEntry {
    let name = String::from_utf8_lossy(&entry.name).into_owned();
    match entry.kind {
        b'2' => ZipEntry::link(&name, &String::from_utf8_lossy(&entry.link)),
        b'5' => ZipEntry::of_mode(&name, 0o040_755),
        _ => ZipEntry::file(&name, "content"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn unpacking_stays_in_its_directory(entries in prop::collection::vec(entry(), 1..7)) {
        for kind in [ArchiveKind::Tar, ArchiveKind::Zip] {
            let folder = tempfile::tempdir().expect("scratch");
            let base = folder.path().canonicalize().expect("it exists");
            for directory in ["ws/in", "a", "b"] {
                std::fs::create_dir_all(base.join(directory)).expect("scratch");
            }
            std::fs::write(base.join("ws/b"), "beside").expect("scratch");
            let workspace = Workspace::open(&base.join("ws")).expect("it exists");
            let archive = match kind {
                ArchiveKind::Zip => zip(&entries.iter().map(zipped).collect::<Vec<_>>()),
                _ => tar(&entries),
            };
            let limits = UnpackLimits::default();
            let outcome = unpack(&workspace, "in", kind, &mut archive.as_slice(), Existing::Keep, limits);
            let found = tree(&base);
            let outside: Vec<&str> =
                found.keys().map(String::as_str).filter(|path| !path.starts_with("ws/in/") && !path.contains(".slipway")).collect();
            prop_assert_eq!(outside, ["a", "b", "ws", "ws/b", "ws/in"]);
            let unpacked = tree(&base.join("ws/in"));
            match outcome {
                Err(_) => prop_assert!(unpacked.is_empty(), "{unpacked:?}"),
                Ok(told) => {
                    let count = |what: &str| unpacked.values().filter(|found| found.starts_with(what)).count() as u64;
                    prop_assert_eq!((told.files, told.links), (count("file"), count("link")));
                    prop_assert_eq!(told.directories, count("directory"));
                }
            }
            for (path, what) in &unpacked {
                // Where links lead, they lead to something in the directory.
                if what.starts_with("link") && let Ok(end) = base.join("ws/in").join(path).canonicalize() {
                    prop_assert!(end.starts_with(base.join("ws/in")), "{path}: {what}");
                }
            }
        }
    }
}
