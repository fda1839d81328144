//! `search_files`: finds files by name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};

use super::walk;
use crate::registry::{Tool, ToolContext};
use crate::workspace::Access;

/// Paths that are told by default, and at most.
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 200;

/// Files that are looked at.
pub(crate) const MAX_FILES: usize = 200_000;

/// Fewest files for which a thread pays.
const FILES_PER_THREAD: usize = 2_048;

/// Arguments of `search_files`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SearchFilesArguments {
    /// Part of a path, in fuzzy order (`tlreg` finds `tools/registry.rs`), or a glob such as `*.test.ts`.
    query: String,
    /// Directory to search in; the whole workspace by default.
    #[serde(default)]
    path: Option<String>,
    /// Most paths to return; 20 by default, at most 200.
    #[serde(default)]
    limit: Option<u32>,
}

/// Finds files by name.
pub struct SearchFiles;

impl Tool for SearchFiles {
    type Arguments = SearchFilesArguments;
    const NAME: &'static str = "search_files";
    const DESCRIPTION: &'static str = "Find files by name: fuzzy search in paths, best first, or a glob. Leaves out what \
.gitignore names. To search in file contents use grep_search.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: SearchFilesArguments, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        let found = context.blocking(move || search(&arguments, &call)).await;
        found.unwrap_or_else(ToolOutcome::error)
    }
}

fn search(arguments: &SearchFilesArguments, context: &ToolContext) -> Result<ToolOutcome, String> {
    let query = arguments.query.trim();
    if query.is_empty() {
        return Err(
            "`query` is empty: give part of a path, or a glob. To list files use list_directory.".to_owned()
        );
    }
    let workspace = &context.workspace;
    let start = arguments.path.as_deref().unwrap_or(".");
    let place = workspace.resolve(start, Access::Read).map_err(|error| format!("Cannot search: {error}."))?;
    if !place.absolute.is_dir() {
        return Err(format!("{} is not a directory.", place.name));
    }
    let (files, is_cut) = walk::some_files(&place.absolute, workspace.root(), MAX_FILES, &context.cancel);
    let searched = Searched { files: files.len(), is_cut };
    let matching = if query.contains(['*', '?', '[', '{']) {
        by_glob(workspace.root(), query, files)?
    } else {
        by_likeness(query, &files)
    };
    let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    Ok(report(query, &matching, searched, limit))
}

fn by_glob(root: &Path, query: &str, files: Vec<PathBuf>) -> Result<Vec<String>, String> {
    let globs = walk::globs(root, &[query.to_owned()], &[])
        .map_err(|error| format!("`{query}` is not a valid glob: {error}."))?;
    let mut matching: Vec<PathBuf> =
        files.into_iter().filter(|path| globs.matched(root.join(path), false).is_whitelist()).collect();
    matching.sort_unstable();
    Ok(matching.iter().map(|path| path.to_string_lossy().into_owned()).collect())
}

/// Best first; equally good ones by path.
pub(crate) fn by_likeness(query: &str, files: &[PathBuf]) -> Vec<String> {
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    // No shared pool: its threads would keep the file identity that this one has for the moment.
    let share = files.len().div_ceil(walk::threads()).max(FILES_PER_THREAD);
    let mut scored: Vec<(u32, &PathBuf)> = std::thread::scope(|scope| {
        let parts = files.chunks(share).map(|part| scope.spawn(|| scores(&pattern, part)));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
    });
    scored.sort_unstable_by(|(left, path), (right, other)| right.cmp(left).then_with(|| path.cmp(other)));
    scored.into_iter().map(|(_, path)| path.to_string_lossy().into_owned()).collect()
}

/// The paths that match, with how well.
fn scores<'a>(pattern: &Pattern, files: &'a [PathBuf]) -> Vec<(u32, &'a PathBuf)> {
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut characters = Vec::new();
    let mut score = |path: &PathBuf| {
        let path = path.to_string_lossy();
        pattern.score(Utf32Str::new(&path, &mut characters), &mut matcher)
    };
    files.iter().filter_map(|path| Some((score(path)?, path))).collect()
}

/// How many files were looked at.
#[derive(Debug, Clone, Copy)]
struct Searched {
    files: usize,
    /// Whether there are more.
    is_cut: bool,
}

impl Searched {
    /// What to tell when there are more.
    fn cut(self) -> Option<String> {
        self.is_cut.then(|| {
            format!(
                "Only {} files were looked at, and there are more: give a `path` to search in.",
                self.files
            )
        })
    }
}

fn report(query: &str, matching: &[String], searched: Searched, limit: usize) -> ToolOutcome {
    let shown = matching.get(..limit).unwrap_or(matching);
    let more = matching.len() - shown.len();
    let mut lines = shown.to_vec();
    if matching.is_empty() {
        lines.push(format!("No path matches `{query}` ({} files searched).", searched.files));
    }
    if more > 0 {
        lines.push(format!("… {more} more match: make the query longer, or raise limit"));
    }
    lines.extend(searched.cut());
    let data = json!({ "paths": shown, "matches": matching.len(), "searched": searched.files });
    ToolOutcome { data, truncated: more > 0 || searched.is_cut, ..ToolOutcome::ok(lines.join("\n")) }
}
