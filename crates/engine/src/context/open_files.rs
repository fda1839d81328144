//! The files that the model has open: a fold over the transcript.

use std::collections::HashMap;

use slipway_protocol::run::ContextFile;
use slipway_protocol::transcript::{ContextChange, Entry, View};
use slipway_protocol::view::{KnownFile, LineRange, RenderedContent, ViewChange};

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
    /// Counts the changes of what is open and shown.
    changes: u64,
    /// Counts pins that were set or taken back, apart from the changes: they are no reason to tell the model anything.
    pin_changes: u64,
}

#[derive(Debug, Clone, Default)]
struct OpenFile {
    path: String,
    ranges: Vec<LineRange>,
    ranges_changed: bool,
    shown: Option<Shown>,
    /// State of [`OpenFiles::changes`] when the file was last opened, edited or shown.
    touched: u64,
    pinned: bool,
}

/// An open file, as it counts when there is to be room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aged<'a> {
    pub(crate) path: &'a str,
    /// Characters that are shown of it.
    pub(crate) characters: u64,
    pub(crate) pinned: bool,
}

/// The newest view of an open file.
#[derive(Debug, Clone)]
struct Shown {
    version: u32,
    content_hash: String,
    lines: u32,
    characters: u64,
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
            Entry::ContextChange(ContextChange::Evict { paths }) => {
                self.changes += 1;
                self.files.retain(|file| !paths.contains(&file.path));
            }
            Entry::ContextChange(ContextChange::Pin { path }) => self.pin(path, true),
            Entry::ContextChange(ContextChange::Unpin { path }) => self.pin(path, false),
            Entry::User(_)
            | Entry::Assistant(_)
            | Entry::Correction(_)
            | Entry::Notice(_)
            | Entry::Handover(_)
            | Entry::Plan(_)
            | Entry::ContextChange(_) => {}
        }
    }

    /// A number that differs whenever the set of open files or what is shown of them has changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// A number that differs whenever [`Self::listed`] does.
    pub fn listing(&self) -> u64 {
        self.changes + self.pin_changes
    }

    /// Whether a file is open.
    pub fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
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
                    pinned: file.pinned,
                })
            })
            .collect()
    }

    /// All of them, the file that was not touched for longest first.
    pub(crate) fn by_age(&self) -> Vec<Aged<'_>> {
        let mut files: Vec<&OpenFile> = self.files.iter().collect();
        files.sort_by_key(|file| file.touched);
        let aged = files.into_iter().map(|file| Aged {
            path: &file.path,
            characters: file.shown.as_ref().map_or(0, |shown| shown.characters),
            pinned: file.pinned,
        });
        aged.collect()
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

    fn pin(&mut self, path: &str, pinned: bool) {
        if let Some(file) = self.files.iter_mut().find(|file| file.path == path) {
            file.pinned = pinned;
            self.pin_changes += 1;
        }
    }

    fn open(&mut self, path: &str, ranges: &[LineRange]) {
        // The tool host says which lines are to be shown from now on, earlier ones included.
        let file = self.touch(path);
        if file.ranges != ranges {
            file.ranges = ranges.to_vec();
            file.ranges_changed = file.shown.is_some();
        }
    }

    /// The file, which is open and the one touched last from now on.
    fn touch(&mut self, path: &str) -> &mut OpenFile {
        let position = self.files.iter().position(|file| file.path == path).unwrap_or_else(|| {
            self.files.push(OpenFile { path: path.to_owned(), ..OpenFile::default() });
            self.files.len() - 1
        });
        let file = &mut self.files[position];
        file.touched = self.changes;
        file
    }

    fn show(&mut self, view: &View) {
        self.changes += 1;
        let path = &view.file.path;
        self.versions.insert(path.clone(), view.version);
        if view.file.content == RenderedContent::Missing {
            self.files.retain(|file| file.path != *path);
            return;
        }
        let file = self.touch(path);
        file.shown = Some(shown(view));
        file.ranges_changed = false;
        if let Some(ranges) = &view.file.ranges {
            file.ranges.clone_from(ranges);
        }
    }
}

fn shown(view: &View) -> Shown {
    let text = match &view.file.content {
        RenderedContent::Text { text } => text.as_str(),
        RenderedContent::Missing | RenderedContent::Unreadable { .. } => "",
    };
    Shown {
        version: view.version,
        content_hash: view.file.content_hash.clone(),
        lines: view.file.lines,
        characters: u64::try_from(text.chars().count()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use slipway_protocol::tool::ToolOutcome;
    use slipway_protocol::transcript::ToolResult;
    use slipway_protocol::view::RenderedFile;

    use super::*;

    fn change(change: ViewChange) -> Entry {
        let mut outcome = ToolOutcome::ok("");
        outcome.view_changes.push(change);
        Entry::ToolResult(ToolResult {
            call_id: "c".into(),
            name: String::new(),
            outcome,
            duration_ms: 0,
            created_at: 0,
        })
    }

    fn open(path: &str, ranges: &[(u32, u32)]) -> Entry {
        let ranges = ranges.iter().map(|&(start, end)| LineRange { start, end }).collect();
        change(ViewChange::Open { path: path.to_owned(), ranges })
    }

    fn view(path: &str, version: u32, content: RenderedContent) -> Entry {
        let file = RenderedFile {
            path: path.to_owned(),
            content_hash: format!("h{version}"),
            lines: 9,
            bytes: 1,
            content,
            ranges: None,
        };
        Entry::View(View { version, file })
    }

    fn text() -> RenderedContent {
        RenderedContent::Text { text: "1\tx\n".to_owned() }
    }

    #[test]
    fn other_lines_of_a_file_make_a_new_view_due() {
        let mut files = OpenFiles::of(&[open("a", &[(1, 5)]), view("a", 1, text())]);
        assert!(!files.known()[0].ranges_changed);
        files.apply(&open("a", &[(1, 5)]));
        assert!(!files.known()[0].ranges_changed);
        files.apply(&open("a", &[(1, 5), (50, 60)]));
        let known = &files.known()[0];
        assert_eq!((known.ranges.len(), known.ranges_changed), (2, true));
        assert_eq!(known.content_hash.as_deref(), Some("h1"));
        files.apply(&view("a", 2, text()));
        assert!(!files.known()[0].ranges_changed);
    }

    #[test]
    fn windows_that_moved_are_asked_for_from_then_on() {
        let mut files = OpenFiles::of(&[open("a", &[(50, 60)]), view("a", 1, text())]);
        let Entry::View(mut moved) = view("a", 2, text()) else { unreachable!() };
        moved.file.ranges = Some(vec![LineRange { start: 1, end: 2 }, LineRange { start: 70, end: 80 }]);
        files.apply(&Entry::View(moved.clone()));
        let known = &files.known()[0];
        assert_eq!((Some(&known.ranges), known.ranges_changed), (moved.file.ranges.as_ref(), false));
        files.apply(&view("a", 3, text()));
        assert_eq!(Some(&files.known()[0].ranges), moved.file.ranges.as_ref());
    }

    #[test]
    fn a_file_that_is_closed_or_gone_and_opened_again_counts_its_views_on() {
        let mut files = OpenFiles::of(&[open("a", &[]), view("a", 1, text()), open("b", &[])]);
        files.apply(&change(ViewChange::CloseAllExcept { keep: vec!["b".to_owned()] }));
        files.apply(&open("a", &[]));
        assert_eq!(files.known().iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(files.known()[1].content_hash, None, "it has to be shown again");
        assert_eq!((files.next_version("a"), files.next_version("b")), (2, 1));
        files.apply(&view("a", 2, RenderedContent::Missing));
        assert_eq!(files.known().len(), 1);
        assert_eq!(files.next_version("a"), 3);
    }

    fn pin(path: &str) -> Entry {
        Entry::ContextChange(ContextChange::Pin { path: path.to_owned() })
    }

    fn unpin(path: &str) -> Entry {
        Entry::ContextChange(ContextChange::Unpin { path: path.to_owned() })
    }

    fn pinned(files: &OpenFiles) -> Vec<&str> {
        let pinned = files.by_age().into_iter().filter(|file| file.pinned);
        pinned.map(|file| file.path).collect()
    }

    #[test]
    fn a_pin_lasts_as_long_as_the_file_is_open() {
        let shown = [open("a", &[]), view("a", 1, text()), open("b", &[]), view("b", 1, text())];
        let closings = [
            change(ViewChange::Close { path: "a".to_owned() }),
            change(ViewChange::CloseAllExcept { keep: vec!["b".to_owned()] }),
            Entry::ContextChange(ContextChange::Evict { paths: vec!["a".to_owned()] }),
            view("a", 2, RenderedContent::Missing),
            unpin("a"),
        ];
        for closing in closings {
            let mut files = OpenFiles::of(&shown);
            files.apply(&pin("a"));
            assert_eq!(pinned(&files), ["a"]);
            files.apply(&closing);
            files.apply(&open("a", &[]));
            files.apply(&view("a", 3, text()));
            assert_eq!(pinned(&files), Vec::<&str>::new(), "{closing:?}");
        }
        // What happens to the file otherwise does not end it: it is edited, and too large to be shown.
        let mut files = OpenFiles::of(&shown);
        files.apply(&pin("a"));
        files.apply(&open("a", &[(1, 5)]));
        files.apply(&view("a", 2, RenderedContent::Unreadable { reason: "too large".to_owned() }));
        assert_eq!(pinned(&files), ["a"]);
        // One that is not open has none.
        files.apply(&pin("c"));
        files.apply(&open("c", &[]));
        assert_eq!(pinned(&files), ["a"]);
    }

    #[test]
    fn a_pin_is_listed_and_is_no_change_of_what_is_shown() {
        let mut files = OpenFiles::of(&[open("a", &[]), view("a", 1, text())]);
        let (changes, listing) = (files.changes(), files.listing());
        files.apply(&pin("a"));
        assert_eq!(files.changes(), changes);
        assert_ne!(files.listing(), listing);
        assert!(files.listed()[0].pinned);
        files.apply(&unpin("a"));
        assert!(!files.listed()[0].pinned);
    }
}
