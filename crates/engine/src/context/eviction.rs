//! Decides which open files are closed when the context gets tight.

use crate::context::open_files::OpenFiles;

/// Share of the window in use from which it is tight.
const TIGHT: f64 = 0.7;

/// Share of the window that open files may take up then.
const FOR_FILES: f64 = 0.25;

/// Characters per token of a view, about.
const CHARACTERS_PER_TOKEN: u64 = 4;

/// The files to close, those first that were not touched for longest; to be recorded as
/// [`slipway_protocol::transcript::ContextChange::Evict`]. `used` and `window` are in tokens. The file that was
/// touched last always stays, and so do pinned ones, which take up their part of the room all the same.
#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
pub fn evict(open: &OpenFiles, used: u64, window: u64) -> Vec<String> {
    if used as f64 <= TIGHT * window as f64 {
        return Vec::new();
    }
    let by_age = open.by_age();
    let mut taken: u64 = by_age.iter().map(|file| tokens(file.characters)).sum();
    let mut closed = Vec::new();
    let candidates = by_age.len().saturating_sub(1);
    for file in by_age.into_iter().take(candidates).filter(|file| !file.pinned) {
        if taken as f64 <= FOR_FILES * window as f64 {
            break;
        }
        taken = taken.saturating_sub(tokens(file.characters));
        closed.push(file.path.to_owned());
    }
    closed
}

/// What is closed when nothing else is left that could be left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LastResort {
    /// The files to close.
    pub paths: Vec<String>,
    /// Those among them that the person has pinned.
    pub pinned: Vec<String>,
}

/// The files to close so that about so many tokens are saved, whatever becomes of them: first those that are not pinned,
/// then pinned ones, of each those first that were not touched for longest.
pub fn last_resort(open: &OpenFiles, wanted: u64) -> LastResort {
    let mut files = open.by_age();
    files.sort_by_key(|file| file.pinned);
    let mut closed = LastResort::default();
    let mut saved = 0;
    for file in files {
        if saved >= wanted {
            break;
        }
        saved += file.characters / CHARACTERS_PER_TOKEN;
        closed.paths.push(file.path.to_owned());
        if file.pinned {
            closed.pinned.push(file.path.to_owned());
        }
    }
    closed
}

fn tokens(characters: u64) -> u64 {
    characters.div_ceil(CHARACTERS_PER_TOKEN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use slipway_protocol::transcript::{ContextChange, Entry, View};
    use slipway_protocol::view::{RenderedContent, RenderedFile};

    use super::*;

    fn shown(path: &str, version: u32, characters: usize) -> Entry {
        let file = RenderedFile {
            path: path.to_owned(),
            content_hash: String::new(),
            lines: 1,
            bytes: 1,
            content: RenderedContent::Text { text: "x".repeat(characters) },
            ranges: None,
        };
        Entry::View(View { version, file })
    }

    #[test]
    fn the_files_touched_longest_ago_go_until_the_rest_fits() {
        // 100, 100, 50 and 100 tokens; `a` is shown again last.
        let transcript = [
            shown("a", 1, 40),
            shown("b", 1, 400),
            shown("c", 1, 200),
            shown("d", 1, 400),
            shown("a", 2, 400),
        ];
        let open = OpenFiles::of(&transcript);
        assert_eq!(evict(&open, 700, 1000), Vec::<String>::new(), "there is room");
        assert_eq!(evict(&open, 701, 1000), ["b"]);
        assert_eq!(evict(&open, 701, 990), ["b", "c"]);
        assert_eq!(evict(&open, 701, 100), ["b", "c", "d"], "the last one stays, however large it is");
        assert_eq!(evict(&open, 701, 10_000), Vec::<String>::new());
        assert_eq!(evict(&OpenFiles::default(), 701, 100), Vec::<String>::new());
    }

    fn pin(path: &str) -> Entry {
        Entry::ContextChange(ContextChange::Pin { path: path.to_owned() })
    }

    fn unpin(path: &str) -> Entry {
        Entry::ContextChange(ContextChange::Unpin { path: path.to_owned() })
    }

    /// Four files of 100 tokens each, `a` the oldest.
    fn four() -> Vec<Entry> {
        ["a", "b", "c", "d"].map(|path| shown(path, 1, 400)).to_vec()
    }

    #[test]
    fn a_pinned_file_stays_however_old_it_is() {
        let mut transcript = four();
        transcript.push(pin("a"));
        let open = OpenFiles::of(&transcript);
        assert_eq!(evict(&open, 1_000, 1_200), ["b"], "room for three, of which it is one");
        assert_eq!(evict(&open, 1_000, 100), ["b", "c"], "and the last one stays as ever");
        transcript.push(unpin("a"));
        assert_eq!(evict(&OpenFiles::of(&transcript), 1_000, 1_200), ["a"]);
    }

    #[test]
    fn a_pinned_file_that_has_grown_stays_until_the_last_resort() {
        let mut transcript = four();
        transcript.extend([pin("a"), shown("a", 2, 40_000), shown("d", 2, 400)]);
        let open = OpenFiles::of(&transcript);
        assert_eq!(evict(&open, 12_000, 12_000), ["b", "c"]);
        let closed = |wanted| last_resort(&open, wanted);
        assert_eq!(closed(150), LastResort { paths: owned(&["b", "c"]), pinned: Vec::new() });
        assert_eq!(closed(301), LastResort { paths: owned(&["b", "c", "d", "a"]), pinned: owned(&["a"]) });
        assert_eq!(closed(0), LastResort::default());
    }

    #[test]
    fn pinned_files_go_last_and_the_oldest_of_them_first() {
        let mut transcript = four();
        transcript.extend([pin("c"), pin("a")]);
        let closed = last_resort(&OpenFiles::of(&transcript), 301);
        assert_eq!(closed.paths, ["b", "d", "a", "c"]);
        assert_eq!(closed.pinned, ["a", "c"]);
    }

    fn owned(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[derive(Debug, Clone)]
    enum Event {
        Shown(usize, usize),
        Pin(usize),
        Unpin(usize),
        Closed(usize),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => (0..6_usize, 0..4_000_usize).prop_map(|(file, characters)| Event::Shown(file, characters)),
            2 => (0..6_usize).prop_map(Event::Pin),
            1 => (0..6_usize).prop_map(Event::Unpin),
            1 => (0..6_usize).prop_map(Event::Closed),
        ]
    }

    proptest! {
        #[test]
        fn pins_hold_back_what_would_be_closed_and_nothing_else(
            events in prop::collection::vec(event(), 0..30),
            used in 0..4_000_u64,
            window in 1..4_000_u64,
            wanted in 0..8_000_u64,
        ) {
            let transcript: Vec<Entry> = events.iter().map(|event| match event {
                Event::Shown(file, characters) => shown(&file.to_string(), 1, *characters),
                Event::Pin(file) => pin(&file.to_string()),
                Event::Unpin(file) => unpin(&file.to_string()),
                Event::Closed(file) => {
                    Entry::ContextChange(ContextChange::Evict { paths: vec![file.to_string()] })
                }
            }).collect();
            let open = OpenFiles::of(&transcript);
            let files = open.by_age();
            let is_pinned = |path: &str| files.iter().any(|file| file.path == path && file.pinned);
            let closed = evict(&open, used, window);
            prop_assert!(closed.iter().all(|path| !is_pinned(path)), "{closed:?}");
            prop_assert!(files.last().is_none_or(|last| closed.iter().all(|path| path != last.path)));
            let unpinned = files.iter().filter(|file| !file.pinned).map(|file| file.path);
            prop_assert!(unpinned.zip(&closed).all(|(expected, path)| expected == path), "the oldest first");
            // In the end all of it is to be had, pinned files last.
            let last = last_resort(&open, wanted);
            let first_pinned = last.paths.iter().position(|path| is_pinned(path)).unwrap_or(last.paths.len());
            prop_assert!(last.paths[first_pinned..].iter().all(|path| is_pinned(path)));
            prop_assert_eq!(&last.paths[first_pinned..], &last.pinned[..]);
            let saved = |paths: &[String]| files.iter()
                .filter(|file| paths.iter().any(|path| path == file.path))
                .map(|file| file.characters / 4)
                .sum::<u64>();
            prop_assert!(saved(&last.paths) >= wanted || last.paths.len() == files.len());
            if let Some((_, before)) = last.paths.split_last() {
                prop_assert!(saved(before) < wanted, "no more than needed");
            }
        }
    }
}
