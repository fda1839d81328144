//! `grep_search`: searches file contents with ripgrep's libraries.

mod collect;
mod kept;
mod report;
mod scan;

use std::sync::Arc;

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};

use self::scan::Scan;
use super::walk::{self, Ignored};
use crate::registry::{OneOrMany, Tool, ToolContext};
use crate::workspace::Access;

/// Matching lines that are told by default, and at most.
const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// Most lines of context on each side.
const MAX_CONTEXT: u32 = 20;

/// Arguments of `grep_search`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GrepSearchArguments {
    /// Regular expression in Rust's syntax (no look-around, no back-references), matched line by line.
    pattern: String,
    /// File or directory to search; the whole workspace by default.
    #[serde(default)]
    path: Option<String>,
    /// Only files that match this glob, or one of these, for example `*.rs` or `src/**/*.ts`.
    #[serde(default)]
    include: Option<OneOrMany<String>>,
    /// No files or directories that match this glob, or one of these.
    #[serde(default)]
    exclude: Option<OneOrMany<String>>,
    /// Whether `pattern` is plain text instead of a regular expression.
    #[serde(default)]
    literal: bool,
    /// Whether upper and lower case are the same.
    #[serde(default)]
    case_insensitive: bool,
    /// Lines to show before and after each match; 0 by default, at most 20.
    #[serde(default)]
    context: u32,
    /// Most matching lines to return; 100 by default, at most 1000.
    #[serde(default)]
    limit: Option<u32>,
    /// Whether to search files that .gitignore names, too.
    #[serde(default)]
    include_ignored: bool,
}

/// Searches file contents.
pub struct GrepSearch;

impl Tool for GrepSearch {
    type Arguments = GrepSearchArguments;
    const NAME: &'static str = "grep_search";
    const DESCRIPTION: &'static str = "Search the contents of files for a regular expression. Faster and tidier than \
grep in the shell: leaves out binary files and what .gitignore names, and says how many matches there are beyond the \
limit.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: GrepSearchArguments, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        let found = context.blocking(move || search(&arguments, &call)).await;
        found.unwrap_or_else(ToolOutcome::error)
    }
}

fn search(arguments: &GrepSearchArguments, context: &ToolContext) -> Result<ToolOutcome, String> {
    let matcher = matcher(arguments)?;
    let workspace = &context.workspace;
    let start = arguments.path.as_deref().unwrap_or(".");
    let place = workspace.resolve(start, Access::Read).map_err(|error| format!("Cannot search: {error}."))?;
    if !place.absolute.exists() {
        return Err(format!("{} does not exist: nothing was searched.", place.name));
    }
    let list =
        |globs: &Option<OneOrMany<String>>| globs.clone().map(|OneOrMany(globs)| globs).unwrap_or_default();
    let globs = walk::globs(workspace.root(), &list(&arguments.include), &list(&arguments.exclude))
        .map_err(|error| format!("A glob in `include` or `exclude` is not valid: {error}."))?;
    let scan = Scan {
        matcher,
        globs,
        root: workspace.root().to_owned(),
        ignored: Ignored::from_flag(arguments.include_ignored),
        context: arguments.context.min(MAX_CONTEXT) as usize,
        limit: arguments.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize,
    };
    let findings = scan.run(&place.absolute, &context.cancel);
    Ok(report::outcome(&arguments.pattern, &place.name, &findings))
}

fn matcher(arguments: &GrepSearchArguments) -> Result<RegexMatcher, String> {
    if arguments.pattern.is_empty() {
        return Err(
            "`pattern` is empty: give a regular expression or, with literal, the text to find.".to_owned()
        );
    }
    RegexMatcherBuilder::new()
        .case_insensitive(arguments.case_insensitive)
        .fixed_strings(arguments.literal)
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .build(&arguments.pattern)
        .map_err(|error| unusable(&error.to_string()))
}

/// What to tell of a pattern that cannot be used, and what to do.
fn unusable(reason: &str) -> String {
    let advice = if reason.contains("literal \"\\n\" is not allowed") {
        "Lines are matched one at a time, so a pattern lies within one line: search for a part of it, and read \
         what surrounds it with context"
    } else if reason.contains("look-around") {
        "Write it without look-around, and sort out what does not belong yourself"
    } else if reason.contains("backreferences") {
        "Write it without back-references"
    } else {
        "Escape characters with a special meaning with a backslash"
    };
    format!(
        "`pattern` is not a valid regular expression: {reason}\n{advice}; to search for it as plain text, set \
         literal to true."
    )
}
