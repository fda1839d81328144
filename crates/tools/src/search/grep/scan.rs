//! Going through the files on several threads.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use grep_regex::RegexMatcher;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use ignore::overrides::Override;
use ignore::{DirEntry, WalkState};
use tokio_util::sync::CancellationToken;

use super::collect::{Collector, FoundLine};
use super::kept::Kept;
use crate::search::walk::{self, Ignored};
use crate::workspace::open_regular;

/// After this time what was found so far is all.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Matches are counted up to here; a pattern that matches everything need not go through everything.
pub(super) const MAX_COUNTED: usize = 100_000;

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
    /// Files that hold a NUL byte, where they were looked into far enough to see it.
    pub(super) binary: usize,
    pub(super) end: End,
}

/// Why a search ended; where threads differ, the later one counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    #[default]
    Complete,
    TooMany,
    TimeLimit,
    Cancelled,
}

/// What was kept of one file.
pub(super) struct FileFindings {
    pub(super) path: PathBuf,
    /// How many of `lines` match.
    pub(super) matches: usize,
    pub(super) lines: Vec<FoundLine>,
}

/// What the threads of a search share.
struct Shared<'a> {
    scan: &'a Scan,
    cancel: &'a CancellationToken,
    started: Instant,
    matches: AtomicUsize,
    total: Mutex<Tally>,
}

/// What one thread has found, or all of them.
struct Tally {
    findings: Findings,
    kept: Kept,
}

impl Scan {
    /// Searches `start`, which is a file or a directory. Of the matches those are kept that come first by
    /// path, however the threads take turns.
    pub(super) fn run(&self, start: &Path, cancel: &CancellationToken) -> Findings {
        let mut builder = walk::builder(start, self.ignored);
        let globs = self.globs.clone();
        builder.filter_entry(move |entry| walk::admits(&globs, entry)).threads(walk::threads());
        let shared = Shared {
            scan: self,
            cancel,
            started: Instant::now(),
            matches: AtomicUsize::new(0),
            total: Mutex::new(self.tally()),
        };
        builder.build_parallel().run(|| {
            let mut worker = Worker::new(&shared);
            Box::new(move |entry| worker.visit(entry))
        });
        let end = shared.early_end().unwrap_or_default();
        let Tally { mut findings, kept } = shared.total.into_inner().unwrap_or_else(PoisonError::into_inner);
        findings.files = kept.into_files();
        findings.kept = findings.files.iter().map(|file| file.matches).sum();
        findings.end = findings.end.max(end);
        findings
    }

    fn tally(&self) -> Tally {
        Tally { findings: Findings::default(), kept: Kept::new(self.limit) }
    }

    fn searcher(&self) -> Searcher {
        // Memory maps would be no faster here, and a file that shrinks meanwhile would end the process.
        SearcherBuilder::new()
            .binary_detection(BinaryDetection::quit(0))
            .line_number(true)
            .before_context(self.context)
            .after_context(self.context)
            .build()
    }
}

impl Shared<'_> {
    /// Why the search should not go on, if it should not.
    fn early_end(&self) -> Option<End> {
        if self.cancel.is_cancelled() {
            Some(End::Cancelled)
        } else if self.started.elapsed() > TIME_LIMIT {
            Some(End::TimeLimit)
        } else if self.matches.load(Ordering::Relaxed) > MAX_COUNTED {
            Some(End::TooMany)
        } else {
            None
        }
    }
}

/// One thread's part of a search; adds what it found to the whole when it is dropped.
struct Worker<'a> {
    shared: &'a Shared<'a>,
    searcher: Searcher,
    own: Tally,
}

impl<'a> Worker<'a> {
    fn new(shared: &'a Shared<'a>) -> Self {
        Self { shared, searcher: shared.scan.searcher(), own: shared.scan.tally() }
    }

    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        if let Some(end) = self.shared.early_end() {
            self.own.findings.end = self.own.findings.end.max(end);
            return WalkState::Quit;
        }
        if let Ok(entry) = entry
            && entry.file_type().is_some_and(|kind| kind.is_file())
        {
            self.search_file(entry.path());
        }
        WalkState::Continue
    }

    fn search_file(&mut self, path: &Path) {
        let Ok((file, _)) = open_regular(path) else { return };
        let findings = &mut self.own.findings;
        findings.searched += 1;
        let below = path.strip_prefix(&self.shared.scan.root).unwrap_or(path);
        let mut collector = Collector::new(self.own.kept.room_for(below));
        let reader = Interruptible { file, shared: self.shared };
        let read = self.searcher.search_reader(&self.shared.scan.matcher, reader, &mut collector);
        findings.binary += usize::from(collector.is_binary);
        // A file that cannot be read to its end is left out, as a binary one is.
        if read.is_err() || collector.is_binary || collector.matches == 0 {
            return;
        }
        findings.matches += collector.matches;
        findings.matching_files += 1;
        self.shared.matches.fetch_add(collector.matches, Ordering::Relaxed);
        self.own.kept.add(below, collector);
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let empty = self.shared.scan.tally();
        let Tally { findings, kept } = std::mem::replace(&mut self.own, empty);
        let mut total = self.shared.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.findings.matches += findings.matches;
        total.findings.matching_files += findings.matching_files;
        total.findings.searched += findings.searched;
        total.findings.binary += findings.binary;
        total.findings.end = total.findings.end.max(findings.end);
        total.kept.merge(kept);
    }
}

/// A file that seems broken as soon as the search should not go on, however long it is.
struct Interruptible<'a> {
    file: File,
    shared: &'a Shared<'a>,
}

impl io::Read for Interruptible<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.shared.early_end() {
            Some(End::Cancelled | End::TimeLimit) => Err(io::Error::other("the search has ended")),
            Some(End::Complete | End::TooMany) | None => self.file.read(buffer),
        }
    }
}
