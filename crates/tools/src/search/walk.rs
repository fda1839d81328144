//! Walking the workspace the way a developer sees it: without what `.gitignore` leaves out.

use std::path::{Path, PathBuf};

use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder};

/// A walker over `start`, sorted by name, that shows dot files, follows no links and leaves out `.git` and
/// what ignore files name (unless `ignored` asks for those too).
pub(crate) fn builder(start: &Path, ignored: Ignored) -> WalkBuilder {
    let respect = ignored == Ignored::LeftOut;
    let mut builder = WalkBuilder::new(start);
    builder
        .hidden(false)
        .follow_links(false)
        .require_git(false)
        .git_global(false)
        .git_ignore(respect)
        .git_exclude(respect)
        .ignore(respect)
        .parents(respect)
        .sort_by_file_name(std::cmp::Ord::cmp);
    builder
}

/// What happens to files that ignore files name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    LeftOut,
    Included,
}

impl Ignored {
    pub(crate) fn from_flag(include: bool) -> Self {
        if include { Self::Included } else { Self::LeftOut }
    }
}

/// Whether a walker should go into, or yield, an entry: not the insides of `.git`, nor what `globs` rule out.
pub(crate) fn admits(globs: &Override, entry: &DirEntry) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    entry.file_name() != ".git" && !globs.matched(entry.path(), is_directory).is_ignore()
}

/// Globs below `root`: what to include (all, when there are none) and what to leave out.
pub(crate) fn globs(root: &Path, include: &[String], exclude: &[String]) -> Result<Override, ignore::Error> {
    let mut builder = OverrideBuilder::new(root);
    for glob in include {
        builder.add(glob.strip_prefix("./").unwrap_or(glob))?;
    }
    for glob in exclude {
        builder.add(&format!("!{}", glob.strip_prefix("./").unwrap_or(glob)))?;
    }
    builder.build()
}

/// The files below `start`, as paths relative to `root`.
pub(crate) fn files(start: &Path, root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let root = root.to_owned();
    let mut builder = builder(start, Ignored::LeftOut);
    builder.filter_entry(|entry| admits(&Override::empty(), entry));
    builder.build().filter_map(move |entry| {
        let entry = entry.ok()?;
        let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
        let path = entry.path();
        is_file.then(|| path.strip_prefix(&root).unwrap_or(path).to_owned())
    })
}
