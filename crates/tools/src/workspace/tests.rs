//! Path rules on a real directory tree.

use std::os::unix::fs::symlink;

use super::*;

struct Scene {
    _folder: tempfile::TempDir,
    base: PathBuf,
    workspace: Workspace,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let base = folder.path().canonicalize().expect("it exists");
    let root = base.join("ws");
    std::fs::create_dir_all(root.join("src/deep")).expect("scratch");
    std::fs::create_dir_all(base.join("ws-secret")).expect("scratch");
    std::fs::write(root.join("src/main.rs"), "x").expect("scratch");
    std::fs::write(base.join("ws-secret/key"), "x").expect("scratch");
    symlink("src", root.join("link")).expect("scratch");
    symlink(base.join("ws-secret"), root.join("leak")).expect("scratch");
    symlink("/nowhere/at/all", root.join("dangling")).expect("scratch");
    symlink("/", root.join("slash")).expect("scratch");
    symlink("/proc/self/root", root.join("procroot")).expect("scratch");
    let workspace = Workspace::open(&root).expect("it exists");
    Scene { _folder: folder, base, workspace }
}

#[test]
fn spellings_of_one_file_have_one_name() {
    let scene = scene();
    let absolute = scene.base.join("ws/src/main.rs").display().to_string();
    let cases = [
        ("src/main.rs", "src/main.rs"),
        ("./src/main.rs", "src/main.rs"),
        ("src//main.rs", "src/main.rs"),
        ("src/./main.rs", "src/main.rs"),
        ("src/deep/../main.rs", "src/main.rs"),
        ("link/main.rs", "src/main.rs"),
        (absolute.as_str(), "src/main.rs"),
        ("src/", "src"),
        (".", "."),
        ("new/dir/file.txt", "new/dir/file.txt"),
        ("~file", "~file"),
        ("back\\slash", "back\\slash"),
    ];
    for (text, name) in cases {
        let place =
            scene.workspace.resolve(text, Access::Write).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(place.name, name, "{text}");
    }
}

#[test]
fn what_leads_outside_is_refused() {
    let scene = scene();
    let neighbour = scene.base.join("ws-secret/key").display().to_string();
    let long = "n".repeat(300);
    let cases = [
        ("", "empty"),
        ("../ws-secret/key", "outside"),
        ("src/../../ws-secret/key", "outside"),
        (neighbour.as_str(), "outside"),
        ("leak/key", "outside"),
        ("leak/new", "outside"),
        ("leak", "outside"),
        ("slash/etc/passwd", "outside"),
        ("procroot/etc/passwd", "outside"),
        ("/proc/self/root/etc/passwd", "outside"),
        ("/etc/passwd", "outside"),
        ("/", "outside"),
        ("..", "outside"),
        ("dangling", "does not exist"),
        ("dangling/x", "does not exist"),
        ("missing/../../ws-secret/key", "goes up"),
        ("src/main.rs/x", "as if that were a directory"),
        ("a\0b", "NUL"),
        ("~", "~"),
        ("~/x", "~"),
        (long.as_str(), "too long"),
    ];
    for (text, reason) in cases {
        for access in [Access::Read, Access::Write] {
            let refused = scene.workspace.resolve(text, access).expect_err(text);
            assert!(refused.to_string().contains(reason), "{text}: {refused}");
        }
    }
}

#[test]
fn an_entry_is_the_link_itself() {
    let scene = scene();
    for (text, name) in [("leak", "leak"), ("dangling", "dangling"), ("link/main.rs", "src/main.rs")] {
        let place = scene.workspace.resolve_entry(text, Access::Write).expect(text);
        assert_eq!(place.name, name);
    }
    assert!(scene.workspace.resolve_entry("leak/key", Access::Write).is_err());
}

#[test]
fn a_container_opens_what_lies_outside_but_not_the_kernel() {
    let scene = scene();
    let workspace = scene.workspace.with_outside();
    let cases = [
        ("/usr/include/stdio.h", Access::Read, true),
        ("/usr/include/stdio.h", Access::Write, false),
        ("/tmp/note.txt", Access::Write, true),
        ("/tmp", Access::Write, false),
        ("/proc/1/environ", Access::Read, false),
        ("/proc/self/root/etc/hostname", Access::Write, false),
        ("/dev/null", Access::Read, false),
        ("/sys/kernel", Access::Read, false),
    ];
    for (text, access, allowed) in cases {
        assert_eq!(workspace.resolve(text, access).is_ok(), allowed, "{text} {access:?}");
    }
}

#[test]
fn only_regular_files_are_opened() {
    let scene = scene();
    let fifo = scene.base.join("ws/fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    assert_eq!(read_regular(&fifo).expect_err("a FIFO").to_string(), "not a regular file");
    assert!(read_regular(&scene.base.join("ws/src")).is_err());
    assert_eq!(read_regular(&scene.base.join("ws/src/main.rs")).expect("a file").0, b"x");
}
