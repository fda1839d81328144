//! What kinds of sessions there are.

/// A kind of session. The shares of edits and commands are of all turns; the others read or search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix {
    pub(crate) name: &'static str,
    pub(crate) edits: f64,
    pub(crate) commands: f64,
    /// Fewest and most lines of a file.
    pub(crate) lines: (usize, usize),
    /// Lengths in turns at which the bar holds. Where hardly any input is files, no way of showing files can
    /// make much of a difference: there the figures are only told.
    pub(crate) held_at: &'static [usize],
}

/// Files of the workspace that a session touches.
pub(crate) const FILES: usize = 8;

/// Files that are kept open, at most; the least recently used one is closed then.
pub(crate) const MOST_OPEN: usize = 6;

/// All kinds; the first is the default. Those that are held to the bar are the ones of the simulation that the
/// policy was designed by. It says of them what their names say, and what moving all files with each change
/// costs in each: of the default's cost 0.59 with small files and 0.71 with many commands, which sizes and
/// shares here reproduce.
pub(crate) const MIXES: [Mix; 6] = [
    Mix { name: "default", edits: 0.4, commands: 0.35, lines: (100, 1500), held_at: &[60, 150] },
    Mix { name: "small-files", edits: 0.4, commands: 0.35, lines: (50, 800), held_at: &[60] },
    Mix { name: "edit-heavy", edits: 0.6, commands: 0.2, lines: (100, 1500), held_at: &[60] },
    Mix { name: "run-heavy", edits: 0.3, commands: 0.45, lines: (100, 1500), held_at: &[60] },
    Mix { name: "tiny-files", edits: 0.4, commands: 0.35, lines: (30, 300), held_at: &[] },
    Mix { name: "mostly-commands", edits: 0.2, commands: 0.6, lines: (100, 1500), held_at: &[] },
];
