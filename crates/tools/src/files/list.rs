//! `list_directory`: what is in a directory.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ignore::DirEntry;
use ignore::overrides::Override;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_protocol::tool::{ToolAccess, ToolOutcome};

use super::{missing, size_text};
use crate::registry::{Tool, ToolContext};
use crate::search::walk::{self, Ignored};
use crate::workspace::{Access, Place};

/// Deepest listing.
const MAX_DEPTH: u32 = 10;

/// Entries that are told by default, and at most.
const DEFAULT_LIMIT: u32 = 300;
const MAX_LIMIT: u32 = 2_000;

/// Entries that are counted.
const MAX_COUNTED: usize = 200_000;

/// Arguments of `list_directory`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ListDirectoryArguments {
    /// Directory to list; the workspace by default.
    #[serde(default)]
    path: Option<String>,
    /// How many levels to list: 1 (the default) for the directory alone, at most 10.
    #[serde(default)]
    depth: Option<u32>,
    /// Most entries to return; 300 by default, at most 2000.
    #[serde(default)]
    limit: Option<u32>,
    /// Whether to list what .gitignore names, too.
    #[serde(default)]
    include_ignored: bool,
}

/// `data` of the outcome.
#[derive(Debug, Serialize)]
pub struct ListDirectoryData {
    /// Normalised path of the directory.
    pub path: String,
    /// The entries, sorted by path.
    pub entries: Vec<ListedEntry>,
    /// Entries beyond the limit.
    pub more: usize,
}

/// An entry of a directory.
#[derive(Debug, Serialize)]
pub struct ListedEntry {
    /// Path below the listed directory.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Size of a file in bytes.
    pub bytes: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
}

/// Lists directories.
pub struct ListDirectory;

impl Tool for ListDirectory {
    type Arguments = ListDirectoryArguments;
    const NAME: &'static str = "list_directory";
    const DESCRIPTION: &'static str = "List the files and directories in a directory, with sizes. Leaves out what \
.gitignore names.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: ListDirectoryArguments, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        let listed = context.blocking(move || list(&arguments, &call)).await;
        listed.unwrap_or_else(ToolOutcome::error)
    }
}

fn list(arguments: &ListDirectoryArguments, context: &ToolContext) -> Result<ToolOutcome, String> {
    let workspace = &context.workspace;
    let path = arguments.path.as_deref().filter(|path| !path.is_empty()).unwrap_or(".");
    let place = workspace.resolve(path, Access::Read).map_err(|error| format!("Cannot list: {error}."))?;
    match fs::metadata(&place.absolute) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(format!("{} is not a directory: use read_file to see it.", place.name)),
        Err(_) => return Err(missing::text(workspace, &place.name)),
    }
    // The walker leaves out what it cannot read, so that a closed directory would look empty.
    fs::read_dir(&place.absolute).map_err(|error| format!("Cannot list {}: {error}.", place.name))?;
    let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    let ignored = Ignored::from_flag(arguments.include_ignored);
    let depth = arguments.depth.unwrap_or(1).clamp(1, MAX_DEPTH) as usize;
    let mut walker = walk::builder(&place.absolute, ignored);
    walker.max_depth(Some(depth)).filter_entry(|entry| walk::admits(&Override::empty(), entry));
    let mut found = walker
        .build()
        .flatten()
        .filter(|entry| entry.depth() > 0)
        .take_while(|_| !context.cancel.is_cancelled());
    let entries: Vec<ListedEntry> =
        found.by_ref().take(limit).map(|entry| listed(&place.absolute, &entry)).collect();
    let more = found.take(MAX_COUNTED).count();
    Ok(report(&place, entries, more))
}

fn listed(root: &Path, entry: &DirEntry) -> ListedEntry {
    let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_string_lossy().into_owned();
    let kind = match entry.file_type() {
        Some(kind) if kind.is_dir() => EntryKind::Directory,
        Some(kind) if kind.is_symlink() => EntryKind::Link,
        Some(kind) if kind.is_file() => EntryKind::File,
        _ => EntryKind::Special,
    };
    let bytes = match (kind, entry.metadata()) {
        (EntryKind::File, Ok(metadata)) => metadata.len(),
        _ => 0,
    };
    ListedEntry { path, kind, bytes }
}

fn report(place: &Place, entries: Vec<ListedEntry>, more: usize) -> ToolOutcome {
    let mut lines: Vec<String> = entries.iter().map(|entry| line(&place.absolute, entry)).collect();
    if entries.is_empty() {
        lines.push(format!("{} is empty (apart from what .gitignore may name).", place.name));
    }
    if more > 0 {
        lines.push(format!(
            "… {}: list a subdirectory, or raise limit",
            if more == 1 { "1 more entry".to_owned() } else { format!("{more} more entries") }
        ));
    }
    let data = ListDirectoryData { path: place.name.clone(), entries, more };
    ToolOutcome {
        data: serde_json::to_value(data).unwrap_or_default(),
        truncated: more > 0,
        ..ToolOutcome::ok(lines.join("\n"))
    }
}

fn line(root: &Path, entry: &ListedEntry) -> String {
    let path = &entry.path;
    match entry.kind {
        EntryKind::File => format!("{path}  ({})", size_text(entry.bytes)),
        EntryKind::Directory => format!("{path}/"),
        EntryKind::Special => format!("{path}  (not a regular file)"),
        EntryKind::Link => match fs::read_link(root.join(path)) {
            Ok(target) => format!("{path} -> {}", target.display()),
            Err(_) => format!("{path} -> ?"),
        },
    }
}
