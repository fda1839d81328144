//! `search_files`: finds files by name.

use std::path::Path;
use std::sync::Arc;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};
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
const MAX_FILES: usize = 200_000;

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
    let files: Vec<String> = walk::files(&place.absolute, workspace.root())
        .take(MAX_FILES)
        .take_while(|_| !context.cancel.is_cancelled())
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let searched = files.len();
    let matching = if query.contains(['*', '?', '[', '{']) {
        by_glob(workspace.root(), query, files)?
    } else {
        by_likeness(query, files)
    };
    let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    Ok(report(query, &matching, searched, limit))
}

fn by_glob(root: &Path, query: &str, files: Vec<String>) -> Result<Vec<String>, String> {
    let globs = walk::globs(root, &[query.to_owned()], &[])
        .map_err(|error| format!("`{query}` is not a valid glob: {error}."))?;
    Ok(files.into_iter().filter(|path| globs.matched(root.join(path), false).is_whitelist()).collect())
}

/// Best first; equally good ones by path.
fn by_likeness(query: &str, files: Vec<String>) -> Vec<String> {
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    pattern.match_list(files, &mut matcher).into_iter().map(|(path, _)| path).collect()
}

fn report(query: &str, matching: &[String], searched: usize, limit: usize) -> ToolOutcome {
    if matching.is_empty() {
        return ToolOutcome::ok(format!("No path matches `{query}` ({searched} files searched)."));
    }
    let shown = matching.get(..limit).unwrap_or(matching);
    let mut text = shown.join("\n");
    let more = matching.len() - shown.len();
    if more > 0 {
        text.push_str(&format!("\n… {more} more match: make the query longer, or raise limit"));
    }
    let data = json!({ "paths": shown, "matches": matching.len(), "searched": searched });
    ToolOutcome { data, truncated: more > 0, ..ToolOutcome::ok(text) }
}
