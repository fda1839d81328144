//! A change of a file, and the call that a model would make for one part of it.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use slipway_tools::edit::{Document, Edit, Line};

/// A file before and after a commit.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) old: Vec<u8>,
    pub(crate) new: Vec<u8>,
}

/// A run of lines that a commit changed, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// The lines that went; empty for an insertion.
    pub(crate) old: Range<usize>,
    /// The lines that came; empty for a deletion.
    pub(crate) new: Range<usize>,
}

/// An edit before it is written down as a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// The lines to replace, counted from 0; at least one.
    pub(crate) lines: Range<usize>,
    /// Their text.
    pub(crate) removed: Vec<String>,
    /// What is to stand there.
    pub(crate) replacement: Vec<String>,
}

impl Revision {
    pub(crate) fn new(old: Vec<u8>, new: Vec<u8>) -> Self {
        Self { old, new }
    }

    /// The file before the commit, taken apart.
    pub(crate) fn before(&self) -> Document<'_> {
        Document::parse(&self.old)
    }

    /// The file after the commit, taken apart.
    pub(crate) fn after(&self) -> Document<'_> {
        Document::parse(&self.new)
    }

    /// What the commit changed, in order.
    pub(crate) fn hunks(&self) -> Vec<Hunk> {
        let (old, new) = (self.before(), self.after());
        let mut hunks: Vec<Hunk> = Vec::new();
        // Only the lengths: the library leaves indices stale where it swaps operations.
        let (mut old_next, mut new_next) = (0, 0);
        for op in capture_diff_slices(Algorithm::Myers, &old.lines, &new.lines) {
            let old = old_next..old_next + op.old_range().len();
            let new = new_next..new_next + op.new_range().len();
            (old_next, new_next) = (old.end, new.end);
            if matches!(op, DiffOp::Equal { .. }) {
                continue;
            }
            match hunks.last_mut().filter(|last| last.old.end == old.start && last.new.end == new.start) {
                Some(last) => (last.old.end, last.new.end) = (old.end, new.end),
                None => hunks.push(Hunk { old, new }),
            }
        }
        hunks
    }

    /// Whether an edit can say what `hunk` does: it cannot turn line endings into others, nor add or take
    /// away the final newline.
    pub(crate) fn can_express(&self, hunk: &Hunk) -> bool {
        let (old, new) = (self.before(), self.after());
        let part = |lines: &[Line<'_>], range: &Range<usize>| -> Vec<Vec<u8>> {
            lines.get(range.clone()).unwrap_or_default().iter().map(|line| line.body.to_vec()).collect()
        };
        let unterminated = |bytes: &[u8]| bytes.last().is_some_and(|byte| *byte != b'\n');
        let result = self.with(std::slice::from_ref(hunk));
        let added = new.lines.get(hunk.new.clone()).unwrap_or_default();
        let style = uniform_ending(&old.lines);
        !old.lines.is_empty()
            && !result.is_empty()
            && old.byte_order_mark == new.byte_order_mark
            && part(&old.lines, &hunk.old) != part(&new.lines, &hunk.new)
            && unterminated(&self.old) == unterminated(&result)
            && style
                .is_none_or(|style| added.iter().all(|line| line.ending == style || line.ending.is_empty()))
    }

    /// The file with only these hunks, which are in order.
    pub(crate) fn with(&self, hunks: &[Hunk]) -> Vec<u8> {
        let (old, new) = (self.before(), self.after());
        let mut bytes = old.byte_order_mark.to_vec();
        let mut next = 0;
        for hunk in hunks {
            copy(&mut bytes, old.lines.get(next..hunk.old.start));
            copy(&mut bytes, new.lines.get(hunk.new.clone()));
            next = hunk.old.end;
        }
        copy(&mut bytes, old.lines.get(next..));
        bytes
    }

    /// Whether the file's lines end in more than one way, so that a call cannot tell how new ones should.
    pub(crate) fn is_mixed(&self) -> bool {
        uniform_ending(&self.before().lines).is_none()
    }

    /// What a model would ask for to get `hunk`. A deletion or a replacement names the lines that go. An
    /// insertion keeps the nearest line that says something, as the tool asks for, of those up to two lines
    /// away; the one above goes first, and where none says anything it is taken.
    pub(crate) fn intent(&self, hunk: &Hunk) -> Intent {
        let (old, new) = (self.before(), self.after());
        let text = |lines: &[Line<'_>], range: Range<usize>| -> Vec<String> {
            lines.get(range).unwrap_or_default().iter().map(|line| line.text().into_owned()).collect()
        };
        let mut replacement = text(&new.lines, hunk.new.clone());
        let mut lines = hunk.old.clone();
        if lines.is_empty() {
            let at = lines.start;
            let says = |range: &Range<usize>| {
                let line =
                    old.lines.get(if range.start < at { range.start } else { range.end.wrapping_sub(1) });
                line.is_some_and(|line| line.text().chars().any(char::is_alphanumeric))
            };
            let nearest = [(1, 0), (0, 1), (2, 0), (0, 2)].into_iter();
            let mut ranges = nearest.filter_map(|(above, below)| Some(at.checked_sub(above)?..at + below));
            let any = if at > 0 { at - 1..at } else { at..at + 1 };
            lines = ranges.find(says).unwrap_or(any);
            let kept_above = text(&old.lines, lines.start..at);
            let kept_below = text(&old.lines, at..lines.end);
            replacement = [kept_above, replacement, kept_below].concat();
        }
        Intent { removed: text(&old.lines, lines.clone()), lines, replacement }
    }
}

impl Intent {
    /// The call's edit as the tool asks for it.
    pub(crate) fn edit(&self) -> Edit {
        let anchors = match self.removed.as_slice() {
            [] => String::new(),
            [line] => line.clone(),
            [first, .., last] => format!("{first}\n[TO]\n{last}"),
        };
        Edit {
            remove_line_number: numbers(&self.lines),
            content_to_remove: anchors,
            replace_content: self.replacement.iter().map(|line| format!("{line}\n")).collect(),
        }
    }

    /// The call's edit with the whole block instead of its ends.
    pub(crate) fn pasted(&self) -> Edit {
        Edit { content_to_remove: self.removed.join("\n"), ..self.edit() }
    }

    /// The same edit with the numbers off by `start` and `end` lines; `None` where they leave the file.
    pub(crate) fn off_by(&self, start: isize, end: isize, line_count: usize) -> Option<Self> {
        let start = self.lines.start.checked_add_signed(start)?;
        let end = self.lines.end.checked_add_signed(end)?;
        (start < end && end <= line_count).then(|| Self { lines: start..end, ..self.clone() })
    }
}

/// As in `remove_line_number`.
pub(crate) fn numbers(lines: &Range<usize>) -> String {
    match lines.len() {
        1 => lines.end.to_string(),
        _ => format!("{}-{}", lines.start + 1, lines.end),
    }
}

/// How all lines end; `None` when they differ.
fn uniform_ending<'a>(lines: &[Line<'a>]) -> Option<&'a [u8]> {
    let mut endings = lines.iter().map(|line| line.ending).filter(|ending| !ending.is_empty());
    let first = endings.next().unwrap_or(b"\n");
    endings.all(|ending| ending == first).then_some(first)
}

fn copy(bytes: &mut Vec<u8>, lines: Option<&[Line<'_>]>) {
    for line in lines.unwrap_or_default() {
        bytes.extend_from_slice(line.body);
        bytes.extend_from_slice(line.ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(old: &str, new: &str) -> Revision {
        Revision::new(old.as_bytes().to_vec(), new.as_bytes().to_vec())
    }

    #[test]
    fn a_hunk_alone_gives_the_file_with_only_it() {
        let revision = revision("a\nb\nc\nd\ne\n", "a\nB\nc\nd\nnew\ne\n");
        let hunks = revision.hunks();
        assert_eq!(hunks, [Hunk { old: 1..2, new: 1..2 }, Hunk { old: 4..4, new: 4..5 }]);
        let alone: Vec<_> = hunks.iter().map(|hunk| revision.with(std::slice::from_ref(hunk))).collect();
        assert_eq!(alone, [b"a\nB\nc\nd\ne\n".to_vec(), b"a\nb\nc\nd\nnew\ne\n".to_vec()]);
        assert_eq!(revision.with(&hunks), revision.new);
    }

    #[test]
    fn an_insertion_keeps_the_neighbour_that_says_something() {
        let intent = |old: &str, new: &str| {
            let revision = revision(old, new);
            revision.intent(&revision.hunks()[0]).edit()
        };
        let edit = |numbers: &str, content: &str, text: &str| Edit {
            remove_line_number: numbers.into(),
            content_to_remove: content.into(),
            replace_content: text.into(),
        };
        assert_eq!(intent("a\nb\n", "a\nx\nb\n"), edit("1", "a", "a\nx\n"));
        assert_eq!(intent("}\nb\n", "}\nx\nb\n"), edit("2", "b", "x\nb\n"));
        assert_eq!(intent("a\n}\n", "a\n}\nx\n"), edit("1-2", "a\n[TO]\n}", "a\n}\nx\n"));
        assert_eq!(intent("}\n}\nb\n", "x\n}\n}\nb\n"), edit("1", "}", "x\n}\n"));
        assert_eq!(intent("b\n", "x\nb\n"), edit("1", "b", "x\nb\n"));
        assert_eq!(intent("a\nb\nc\nd\n", "a\nd\n"), edit("2-3", "b\n[TO]\nc", ""));
    }

    #[test]
    fn what_an_edit_cannot_say_is_left_out() {
        for (old, new, expressible) in [
            ("a\nb\n", "a\nc\n", true),
            ("a\nb", "a\nc", true),
            ("a\nb", "a\nb\n", false),
            ("a\nb\n", "a\r\nb\n", false),
            ("a\nb\n", "a\nx\r\nb\n", false),
            ("a\r\nb\nc\n", "a\r\nx\nc\n", true),
            ("a\n", "", false),
        ] {
            let revision = revision(old, new);
            assert_eq!(revision.can_express(&revision.hunks()[0]), expressible, "{old:?} {new:?}");
        }
    }
}
