//! Keeping a secret of the tool host from what it starts, where both are the same user: the directory that holds it is
//! closed with Landlock, and the process' memory to everybody but root.

use std::io;
use std::path::{Component, Path, PathBuf};

use landlock::{
    AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError,
};

/// Why a directory was not closed.
#[derive(Debug, thiserror::Error)]
pub enum WithholdError {
    /// What lies beside it cannot be listed.
    #[error("cannot list {}: {source}", directory.display())]
    List {
        /// Which directory.
        directory: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The kernel has no Landlock, or an old one that would forbid moving files between directories.
    #[error("Landlock: {0}")]
    Landlock(#[from] RulesetError),
    /// The process can still be looked into.
    #[error("cannot close the process' memory: {0}")]
    Memory(#[from] nix::errno::Errno),
}

/// From now on neither this thread nor what it starts can read files below `directory`, and nobody without the right
/// to trace any process can read this one's memory. To be called before the process has other threads, and where
/// nobody can add files beside the directory or above it: such files could not be read either.
///
/// # Errors
/// See [`WithholdError`]; what was done until then stays in force.
pub fn withhold(directory: &Path) -> Result<(), WithholdError> {
    nix::sys::prctl::set_dumpable(false)?;
    // Only what is named here is restricted. Moving between directories is always, and allowed wherever reading is.
    let reading = AccessFs::ReadFile | AccessFs::Refer;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(reading)?
        .create()?;
    let mut parent = PathBuf::from("/");
    for component in directory.components() {
        let Component::Normal(closed) = component else { continue };
        for (path, is_directory) in beside(&parent, closed)? {
            // What is gone meanwhile needs no rule.
            let Ok(opened) = PathFd::new(&path) else { continue };
            let allowed = if is_directory { reading } else { BitFlags::from(AccessFs::ReadFile) };
            ruleset = ruleset.add_rule(PathBeneath::new(opened, allowed))?;
        }
        parent.push(closed);
    }
    ruleset.restrict_self()?;
    Ok(())
}

/// What lies in a directory beside one entry, and whether it is a directory itself. Links are left out: what they lead
/// to lies elsewhere.
fn beside(directory: &Path, closed: &std::ffi::OsStr) -> Result<Vec<(PathBuf, bool)>, WithholdError> {
    let failed = |source| WithholdError::List { directory: directory.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if entry.file_name() != closed && !kind.is_symlink() {
            found.push((entry.path(), kind.is_dir()));
        }
    }
    Ok(found)
}
