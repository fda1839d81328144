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
/// touched last always stays.
#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
pub fn evict(open: &OpenFiles, used: u64, window: u64) -> Vec<String> {
    if used as f64 <= TIGHT * window as f64 {
        return Vec::new();
    }
    let by_age = open.by_age();
    let tokens = |characters: u64| characters.div_ceil(CHARACTERS_PER_TOKEN);
    let mut taken: u64 = by_age.iter().map(|(_, characters)| tokens(*characters)).sum();
    let mut closed = Vec::new();
    let candidates = by_age.len().saturating_sub(1);
    for (path, characters) in by_age.into_iter().take(candidates) {
        if taken as f64 <= FOR_FILES * window as f64 {
            break;
        }
        taken = taken.saturating_sub(tokens(characters));
        closed.push(path.to_owned());
    }
    closed
}

#[cfg(test)]
mod tests {
    use slipway_protocol::transcript::{Entry, View};
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
}
