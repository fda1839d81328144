//! What is kept of one file.

use std::io;

use grep_searcher::{Searcher, Sink, SinkContext, SinkContextKind, SinkMatch};

use super::scan::MAX_COUNTED;

/// Most characters of a line that are kept.
const MAX_LINE_CHARS: usize = 400;

/// Most bytes that so many characters can have.
const MAX_LINE_BYTES: usize = 4 * MAX_LINE_CHARS;

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

/// Collects one file's matching lines and counts those for which there is no room.
pub(super) struct Collector {
    pub(super) lines: Vec<FoundLine>,
    pub(super) matches: usize,
    pub(super) is_binary: bool,
    /// Matching lines that may be kept.
    room: usize,
}

impl Collector {
    pub(super) fn new(room: usize) -> Self {
        Self { lines: Vec::new(), matches: 0, is_binary: false, room }
    }

    /// How many of the lines match.
    pub(super) fn kept(&self) -> usize {
        self.matches.min(self.room)
    }

    fn keep(&mut self, number: Option<u64>, bytes: &[u8], role: Role) {
        self.lines.push(FoundLine { number: number.unwrap_or(0), text: shortened(bytes), role });
    }
}

/// A line without its end, cut when it is very long.
fn shortened(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let head = String::from_utf8_lossy(bytes.get(..MAX_LINE_BYTES).unwrap_or(bytes));
    let Some((cut, _)) = head.char_indices().nth(MAX_LINE_CHARS) else {
        return head.into_owned();
    };
    let kept = &head[..cut];
    let more = String::from_utf8_lossy(bytes).chars().count() - MAX_LINE_CHARS;
    format!("{kept} … ({more} more characters)")
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
        let follows_last = self.matches == self.room && *context.kind() == SinkContextKind::After;
        if self.room > 0 && (self.matches < self.room || follows_last) {
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
