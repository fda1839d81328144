//! What states leave out beside what ignore files name: what programs make anew by themselves.

use std::path::Path;

use ignore::DirEntry;

/// Directories that hold what a package manager or a cache can make again, what version control keeps, and where the
/// person's uploads are put together.
const DIRECTORIES: [&str; 13] = [
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "__pycache__",
    ".venv",
    ".tox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
    ".npm",
    ".slipway",
];

/// Files by which programs mark a directory as a cache (<https://bford.info/cachedir/>; cargo's `target` has one)
/// or as a Python environment.
const MARKERS: [&str; 2] = ["CACHEDIR.TAG", "pyvenv.cfg"];

/// How the names of files begin that a restoration leaves behind when it is broken off.
pub(super) const UNFINISHED: &str = ".slipway-restore-";

/// Whether a state has this entry.
pub(super) fn is_kept(entry: &DirEntry) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let name = entry.file_name().to_string_lossy();
    // A `.git` that is a file belongs to a worktree or a submodule.
    if name == ".git" || name.starts_with(UNFINISHED) {
        return false;
    }
    let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    !is_directory || !(DIRECTORIES.contains(&&*name) || is_marked(entry.path()))
}

fn is_marked(directory: &Path) -> bool {
    MARKERS.iter().any(|marker| directory.join(marker).symlink_metadata().is_ok())
}
