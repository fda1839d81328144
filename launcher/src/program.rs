//! Other programs of this machine.

use std::path::PathBuf;

/// Where `PATH` has a program of that name.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|candidate| candidate.is_file())
}

/// Whether `PATH` has a program of that name.
pub(crate) fn exists(name: &str) -> bool {
    find(name).is_some()
}
