//! Walking the workspace the way a developer sees it: without what `.gitignore` leaves out.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};
use tokio_util::sync::CancellationToken;

/// Most threads of one walk; more find the disk busy and gain nothing.
const MAX_THREADS: usize = 8;

/// A walker over `start`, that shows dot files, follows no links and leaves out `.git` and what ignore
/// files name (unless `ignored` asks for those too). One that is not parallel goes by name.
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

/// How many threads a walk should have on this machine.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS)
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

/// The files below `start`, as paths relative to `root`, by name.
pub(crate) fn files(start: &Path, root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let root = root.to_owned();
    let mut builder = builder(start, Ignored::LeftOut);
    builder.filter_entry(|entry| admits(&Override::empty(), entry));
    builder.build().filter_map(move |entry| file_below(&root, &entry.ok()?))
}

/// The files below `start`, as paths relative to `root`, in no order: `limit` of them, and whether there are
/// more.
pub(crate) fn some_files(
    start: &Path,
    root: &Path,
    limit: usize,
    cancel: &CancellationToken,
) -> (Vec<PathBuf>, bool) {
    let mut builder = builder(start, Ignored::LeftOut);
    builder.filter_entry(|entry| admits(&Override::empty(), entry)).threads(threads());
    let all = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    builder.build_parallel().run(|| {
        let mut own = Gathered { own: Vec::new(), all: &all };
        let count = &count;
        Box::new(move |entry| {
            if cancel.is_cancelled() {
                return WalkState::Quit;
            }
            if let Some(path) = entry.ok().and_then(|entry| file_below(root, &entry)) {
                if count.fetch_add(1, Ordering::Relaxed) >= limit {
                    return WalkState::Quit;
                }
                own.own.push(path);
            }
            WalkState::Continue
        })
    });
    let files = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    (files, count.into_inner() > limit)
}

/// What one thread has found; joins the rest when the thread is done.
struct Gathered<'a> {
    own: Vec<PathBuf>,
    all: &'a Mutex<Vec<PathBuf>>,
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.own);
    }
}

fn file_below(root: &Path, entry: &DirEntry) -> Option<PathBuf> {
    let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
    let path = entry.path();
    is_file.then(|| path.strip_prefix(root).unwrap_or(path).to_owned())
}
