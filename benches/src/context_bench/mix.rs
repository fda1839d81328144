//! What kinds of sessions there are.

/// A kind of session. The shares of edits and commands are of all turns; the others read or search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix {
    pub(crate) name: &'static str,
    pub(crate) edits: f64,
    pub(crate) commands: f64,
    /// Fewest and most lines of a file.
    pub(crate) lines: (usize, usize),
}

/// Files of the workspace that a session touches.
pub(crate) const FILES: usize = 8;

/// Files that are kept open, at most; the least recently used one is closed then.
pub(crate) const MOST_OPEN: usize = 6;

/// All kinds; the first is the default.
pub(crate) const MIXES: [Mix; 4] = [
    Mix { name: "default", edits: 0.4, commands: 0.35, lines: (100, 1500) },
    Mix { name: "small-files", edits: 0.4, commands: 0.35, lines: (30, 300) },
    Mix { name: "edit-heavy", edits: 0.6, commands: 0.2, lines: (100, 1500) },
    Mix { name: "run-heavy", edits: 0.2, commands: 0.6, lines: (100, 1500) },
];
