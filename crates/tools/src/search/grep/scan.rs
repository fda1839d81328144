//! Going through the files.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use grep_regex::RegexMatcher;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkMatch};
use ignore::overrides::Override;
use tokio_util::sync::CancellationToken;

use crate::search::walk::{self, Ignored};
use crate::workspace::open_regular;

/// After this time what was found so far is all.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Matches are counted up to here; a pattern that matches everything need not go through everything.
const MAX_COUNTED: usize = 100_000;

/// Most characters of a line that are kept.
const MAX_LINE_CHARS: usize = 400;

/// A search to be run.
pub(super) struct Scan {
    pub(super) matcher: RegexMatcher,
    pub(super) globs: Override,
    pub(super) root: PathBuf,
    pub(super) ignored: Ignored,
    pub(super) context: usize,
    /// Matching lines that are kept.
    pub(super) limit: usize,
}

/// What a search found.
#[derive(Default)]
pub(super) struct Findings {
    /// Files with kept matches, by path.
    pub(super) files: Vec<FileFindings>,
    /// Matching lines that are kept.
    pub(super) kept: usize,
    /// All matching lines, and the files they are in.
    pub(super) matches: usize,
    pub(super) matching_files: usize,
    pub(super) searched: usize,
    pub(super) end: End,
}

/// Why a search ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    #[default]
    Complete,
    TimeLimit,
    TooMany,
    Cancelled,
}

/// What was kept of one file.
pub(super) struct FileFindings {
    pub(super) path: String,
    pub(super) lines: Vec<FoundLine>,
}

/// A line that is kept.
pub(super) struct FoundLine {
    pub(super) number: u64,
    pub(super) text: String,
    pub(super) role: Role,
}

/// Why a line is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Match,
    Context,
    /// No line: some were left out between two contexts.
    Break,
}

impl Scan {
    /// Searches `start`, which is a file or a directory.
    pub(super) fn run(&self, start: &Path, cancel: &CancellationToken) -> Findings {
        let mut findings = Findings::default();
        let mut searcher = SearcherBuilder::new()
            .binary_detection(BinaryDetection::quit(0))
            .line_number(true)
            .before_context(self.context)
            .after_context(self.context)
            .build();
        let started = Instant::now();
        let mut builder = walk::builder(start, self.ignored);
        let globs = self.globs.clone();
        builder.filter_entry(move |entry| walk::admits(&globs, entry));
        for entry in builder.build().flatten() {
            if let Some(end) = early_end(&findings, started, cancel) {
                findings.end = end;
                break;
            }
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                self.search_file(&mut searcher, entry.path(), &mut findings);
            }
        }
        findings
    }

    fn search_file(&self, searcher: &mut Searcher, path: &Path, findings: &mut Findings) {
        let Ok((file, _)) = open_regular(path) else { return };
        findings.searched += 1;
        let room = self.limit.saturating_sub(findings.kept);
        let mut sink = Collector { lines: Vec::new(), room, matches: 0, is_binary: false };
        // A file that cannot be read to its end is left out, as a binary one is.
        if searcher.search_file(&self.matcher, &file, &mut sink).is_err()
            || sink.is_binary
            || sink.matches == 0
        {
            return;
        }
        findings.matches += sink.matches;
        findings.matching_files += 1;
        findings.kept += sink.matches.min(room);
        if !sink.lines.is_empty() {
            let path = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
            findings.files.push(FileFindings { path, lines: sink.lines });
        }
    }
}

fn early_end(findings: &Findings, started: Instant, cancel: &CancellationToken) -> Option<End> {
    if cancel.is_cancelled() {
        Some(End::Cancelled)
    } else if started.elapsed() > TIME_LIMIT {
        Some(End::TimeLimit)
    } else if findings.matches > MAX_COUNTED {
        Some(End::TooMany)
    } else {
        None
    }
}

struct Collector {
    lines: Vec<FoundLine>,
    /// Matching lines that may still be kept.
    room: usize,
    matches: usize,
    is_binary: bool,
}

impl Collector {
    fn keep(&mut self, number: Option<u64>, bytes: &[u8], role: Role) {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\r', '\n']);
        let text = match text.char_indices().nth(MAX_LINE_CHARS) {
            None => text.to_owned(),
            Some((cut, _)) => {
                let (kept, rest) = text.split_at(cut);
                format!("{kept} … ({} more characters)", rest.chars().count())
            }
        };
        self.lines.push(FoundLine { number: number.unwrap_or(0), text, role });
    }
}

impl Sink for Collector {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, io::Error> {
        self.matches += 1;
        if self.matches <= self.room {
            self.keep(found.line_number(), found.bytes(), Role::Match);
        }
        Ok(self.matches <= MAX_COUNTED)
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> Result<bool, io::Error> {
        if self.matches < self.room || (self.matches == self.room && self.room > 0) {
            self.keep(context.line_number(), context.bytes(), Role::Context);
        }
        Ok(true)
    }

    fn context_break(&mut self, _: &Searcher) -> Result<bool, io::Error> {
        if self.matches < self.room {
            self.lines.push(FoundLine { number: 0, text: String::new(), role: Role::Break });
        }
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> Result<bool, io::Error> {
        self.is_binary = true;
        Ok(false)
    }
}
