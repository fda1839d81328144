//! Listing a directory page by page.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use slipway_protocol::workspace::{DirectoryPage, WorkspaceEntry, WorkspaceEntryKind};

use super::FileError;
use super::ignored::IgnoreRules;
use crate::search::walk::Ignored;
use crate::workspace::{Access, Workspace};

/// Entries of one page by default, and at most.
const DEFAULT_LIMIT: usize = 500;
const MAX_LIMIT: usize = 2_000;

/// Entries of one directory that can be paged through; further ones are only counted.
const MAX_ENTRIES: usize = 100_000;

/// Which part of a directory is wanted.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// `next` of the page before.
    pub after: Option<String>,
    /// Most entries; at most 2000.
    pub limit: Option<usize>,
    /// Whether what ignore files name is listed too.
    pub ignored: bool,
}

/// One page of what is in a directory; the directory's normalised name comes with it.
///
/// # Errors
/// When it is no directory that can be read.
pub fn list(workspace: &Workspace, path: &str, options: &ListOptions) -> Result<DirectoryPage, FileError> {
    let place = workspace.resolve_inside(path, Access::Read)?;
    let reader = fs::read_dir(&place.absolute).map_err(|source| FileError::io(&place.name, source))?;
    let rules = IgnoreRules::of(workspace.root(), &place.absolute);
    let wanted = Ignored::from_flag(options.ignored);
    let (mut names, mut beyond, mut left_out) = (Vec::new(), 0, 0);
    for entry in reader.flatten() {
        let kind = kind_of(entry.file_type().ok());
        let name = Named::new(entry.file_name(), kind);
        let is_ignored = rules.name(&name.real, kind == WorkspaceEntryKind::Directory);
        if is_ignored && wanted == Ignored::LeftOut {
            left_out += 1;
        } else if names.len() < MAX_ENTRIES {
            names.push((name, is_ignored));
        } else {
            beyond += 1;
        }
    }
    names.sort_unstable_by(|(a, _), (b, _)| a.key().cmp(&b.key()));
    let start = match &options.after {
        Some(cursor) => names.partition_point(|(name, _)| name.cursor().as_str() <= cursor.as_str()),
        None => 0,
    };
    let limit = options.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let rest = names.get(start..).unwrap_or_default();
    let page = rest.get(..limit.min(rest.len())).unwrap_or_default();
    let next = (rest.len() > page.len()).then(|| page.last().map(|(name, _)| name.cursor())).flatten();
    Ok(DirectoryPage {
        path: if place.name == "." { String::new() } else { place.name.clone() },
        entries: page.iter().filter_map(|(name, ignored)| entry(&place.absolute, name, *ignored)).collect(),
        next,
        more: (rest.len() - page.len() + beyond) as u64,
        ignored: left_out,
    })
}

/// A name with what it is sorted by.
struct Named {
    real: OsString,
    shown: String,
    kind: WorkspaceEntryKind,
}

impl Named {
    fn new(real: OsString, kind: WorkspaceEntryKind) -> Self {
        let shown = real.to_string_lossy().into_owned();
        Self { real, shown, kind }
    }

    fn key(&self) -> (bool, &str) {
        (self.kind != WorkspaceEntryKind::Directory, &self.shown)
    }

    /// Sorts as [`Self::key`] does.
    fn cursor(&self) -> String {
        format!("{}{}", if self.kind == WorkspaceEntryKind::Directory { 'd' } else { 'f' }, self.shown)
    }
}

fn kind_of(kind: Option<fs::FileType>) -> WorkspaceEntryKind {
    match kind {
        Some(kind) if kind.is_dir() => WorkspaceEntryKind::Directory,
        Some(kind) if kind.is_symlink() => WorkspaceEntryKind::Link,
        Some(kind) if kind.is_file() => WorkspaceEntryKind::File,
        _ => WorkspaceEntryKind::Special,
    }
}

/// `None` when it has gone in the meantime.
fn entry(directory: &Path, name: &Named, ignored: bool) -> Option<WorkspaceEntry> {
    let path = directory.join(&name.real);
    let metadata = fs::symlink_metadata(&path).ok()?;
    let target = match name.kind {
        WorkspaceEntryKind::Link => {
            fs::read_link(&path).ok().map(|target| target.to_string_lossy().into_owned())
        }
        _ => None,
    };
    Some(WorkspaceEntry {
        name: name.shown.clone(),
        kind: name.kind,
        bytes: if name.kind == WorkspaceEntryKind::File { metadata.len() } else { 0 },
        modified_at: milliseconds(&metadata),
        ignored,
        target,
    })
}

/// When it was changed, in milliseconds since the epoch.
pub(super) fn milliseconds(metadata: &fs::Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000).saturating_add(metadata.mtime_nsec() / 1_000_000)
}
