//! The files that the model has open: a fold over the transcript.

use std::collections::HashMap;

use slipway_protocol::run::ContextFile;
use slipway_protocol::transcript::{Entry, View};
use slipway_protocol::view::{KnownFile, LineRange, RenderedContent, ViewChange};

use crate::context::open_ranges::union;

/// More open files than this make a warning.
const MANY_FILES: usize = 7;

/// More visible characters than this make a warning.
const MANY_CHARACTERS: u64 = 300_000;

/// The open files, in the order in which they were opened.
#[derive(Debug, Clone, Default)]
pub struct OpenFiles {
    files: Vec<OpenFile>,
    /// Version of the newest view of each file that was ever open.
    versions: HashMap<String, u32>,
    /// Counts the changes.
    changes: u64,
}

#[derive(Debug, Clone)]
struct OpenFile {
    path: String,
    ranges: Vec<LineRange>,
    ranges_changed: bool,
    shown: Option<Shown>,
}

/// The newest view of an open file.
#[derive(Debug, Clone)]
struct Shown {
    version: u32,
    content_hash: String,
    lines: u32,
    characters: u64,
    /// Whether it shows every line.
    complete: bool,
}

impl OpenFiles {
    /// The open files after all these entries.
    pub fn of(transcript: &[Entry]) -> Self {
        let mut open = Self::default();
        transcript.iter().for_each(|entry| open.apply(entry));
        open
    }

    /// Takes the next entry into account.
    pub fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::ToolResult(result) => {
                result.outcome.view_changes.iter().for_each(|change| self.change(change));
            }
            Entry::View(view) => self.show(view),
            Entry::User(_)
            | Entry::Assistant(_)
            | Entry::Correction(_)
            | Entry::Notice(_)
            | Entry::Handover(_) => {}
        }
    }

    /// A number that differs whenever the set of open files or what is shown of them has changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether no file is open.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What the tool host needs to know to find the files that need a new view.
    pub fn known(&self) -> Vec<KnownFile> {
        self.files
            .iter()
            .map(|file| KnownFile {
                path: file.path.clone(),
                content_hash: file.shown.as_ref().map(|shown| shown.content_hash.clone()),
                ranges: file.ranges.clone(),
                ranges_changed: file.ranges_changed,
            })
            .collect()
    }

    /// The version that the next view of a file gets.
    pub fn next_version(&self, path: &str) -> u32 {
        self.versions.get(path).map_or(1, |version| version.saturating_add(1))
    }

    /// The open files as the person is told of them.
    pub fn listed(&self) -> Vec<ContextFile> {
        self.files
            .iter()
            .filter_map(|file| {
                let shown = file.shown.as_ref()?;
                Some(ContextFile {
                    path: file.path.clone(),
                    lines: shown.lines,
                    shown_chars: shown.characters,
                    version: shown.version,
                })
            })
            .collect()
    }

    /// What to tell the model when it has too much open.
    pub fn warning(&self) -> Option<String> {
        let characters =
            self.files.iter().filter_map(|file| file.shown.as_ref()).map(|shown| shown.characters);
        let characters: u64 = characters.sum();
        (self.files.len() > MANY_FILES || characters > MANY_CHARACTERS).then(|| {
            format!(
                "{} files with {characters} characters are open. Close those that you do not need with \
                 close_file; more than {MANY_FILES} files or {MANY_CHARACTERS} characters slow you down.",
                self.files.len()
            )
        })
    }

    fn change(&mut self, change: &ViewChange) {
        self.changes += 1;
        match change {
            ViewChange::Open { path, ranges } => self.open(path, ranges),
            ViewChange::Close { path } => self.files.retain(|file| file.path != *path),
            ViewChange::CloseAllExcept { keep } => self.files.retain(|file| keep.contains(&file.path)),
        }
    }

    fn open(&mut self, path: &str, ranges: &[LineRange]) {
        let Some(file) = self.files.iter_mut().find(|file| file.path == path) else {
            let file = OpenFile {
                path: path.to_owned(),
                ranges: union(ranges, &[]),
                ranges_changed: false,
                shown: None,
            };
            self.files.push(file);
            return;
        };
        let complete = file.shown.as_ref().is_some_and(|shown| shown.complete);
        let wanted = match (file.ranges.is_empty(), ranges.is_empty()) {
            // A part of a file that is visible as a whole is visible already.
            (true, false) if complete => Vec::new(),
            (_, true) => Vec::new(),
            (true, false) => union(ranges, &[]),
            (false, false) => union(&file.ranges, ranges),
        };
        if wanted != file.ranges {
            file.ranges = wanted;
            file.ranges_changed = true;
        }
    }

    fn show(&mut self, view: &View) {
        self.changes += 1;
        let path = &view.file.path;
        self.versions.insert(path.clone(), view.version);
        if view.file.content == RenderedContent::Missing {
            self.files.retain(|file| file.path != *path);
            return;
        }
        let shown = Some(shown(view));
        match self.files.iter_mut().find(|file| file.path == *path) {
            Some(file) => {
                file.shown = shown;
                file.ranges_changed = false;
            }
            None => self.files.push(OpenFile {
                path: path.clone(),
                ranges: Vec::new(),
                ranges_changed: false,
                shown,
            }),
        }
    }
}

fn shown(view: &View) -> Shown {
    let text = match &view.file.content {
        RenderedContent::Text { text } => text.as_str(),
        RenderedContent::Missing | RenderedContent::Unreadable { .. } => "",
    };
    // Numbered lines begin with their number, padded or not; lines that say what is left out do not.
    let numbered =
        text.lines().filter(|line| line.trim_start().starts_with(|first: char| first.is_ascii_digit()));
    Shown {
        version: view.version,
        content_hash: view.file.content_hash.clone(),
        lines: view.file.lines,
        characters: u64::try_from(text.chars().count()).unwrap_or(u64::MAX),
        complete: u32::try_from(numbered.count()).unwrap_or(u32::MAX) >= view.file.lines,
    }
}
