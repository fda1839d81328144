//! Comparing two contents line by line. Lines are bytes, so that what is put together again from them is exact
//! whatever their encoding.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};
use slipway_protocol::api::{DiffLine, DiffLineKind, DiffNote, Hunk};

/// Most bytes of a text that is compared.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// How long a comparison may look for the shortest way; then it takes the next best.
const LIMIT: Duration = Duration::from_secs(1);
/// Lines around a change.
const CONTEXT: usize = 3;
/// Most characters of a line that are shown.
const MAX_CHARS: usize = 2000;
/// A zero byte among so many first ones makes a content binary, as git has it.
const LOOKED_AT: usize = 8000;

/// Lines on one page of a file's hunks; a hunk is never cut.
const LINES: usize = 2000;

/// Two texts and where they differ.
pub(crate) struct Comparison<'a> {
    old: Vec<&'a [u8]>,
    new: Vec<&'a [u8]>,
    ops: Vec<DiffOp>,
}

impl<'a> Comparison<'a> {
    /// Compares two contents.
    ///
    /// # Errors
    /// Why there is nothing to compare.
    pub(crate) fn of(old: &'a [u8], new: &'a [u8]) -> Result<Self, DiffNote> {
        if [old, new].iter().any(|content| content.iter().take(LOOKED_AT).any(|byte| *byte == 0)) {
            return Err(DiffNote::Binary);
        }
        if old.len().max(new.len()) > MAX_BYTES {
            return Err(DiffNote::TooLarge);
        }
        let (old, new) = (split(old), split(new));
        let deadline = Some(Instant::now() + LIMIT);
        let ops = placed(&capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline));
        Ok(Self { old, new, ops })
    }

    /// Lines added and lines removed.
    pub(crate) fn counts(&self) -> (u32, u32) {
        let changed = self.ops.iter().filter(|op| op.tag() != DiffTag::Equal);
        changed.fold((0, 0), |(added, removed), op| {
            (added + count(op.new_range().len()), removed + count(op.old_range().len()))
        })
    }

    /// The hunks.
    pub(crate) fn hunks(&self) -> Vec<Hunk> {
        let groups = group_diff_ops(self.ops.clone(), CONTEXT);
        groups.iter().zip(0..).map(|(group, index)| self.hunk(group, index)).collect()
    }

    fn hunk(&self, group: &[DiffOp], index: u32) -> Hunk {
        let mut lines = Vec::new();
        for op in group {
            let (old, new) = (op.old_range(), op.new_range());
            if op.tag() == DiffTag::Equal {
                lines.extend(shown(&self.new, new, DiffLineKind::Context));
            } else {
                lines.extend(shown(&self.old, old, DiffLineKind::Removed));
                lines.extend(shown(&self.new, new, DiffLineKind::Added));
            }
        }
        let (old, new) = bounds(group);
        Hunk {
            index,
            old_start: count(old.start) + u32::from(!old.is_empty()),
            old_lines: count(old.len()),
            new_start: count(new.start) + u32::from(!new.is_empty()),
            new_lines: count(new.len()),
            lines,
        }
    }

    /// `present` with one hunk undone. It may differ from the new content elsewhere, as long as the hunk's lines
    /// with those around them are in it exactly once. `None` when they are not, or there is no such hunk.
    pub(super) fn without(&self, index: u32, present: &[u8]) -> Option<Vec<u8>> {
        let groups = group_diff_ops(self.ops.clone(), CONTEXT);
        let (old, new) = bounds(groups.get(usize::try_from(index).ok()?)?);
        let (old, wanted) = (self.old.get(old)?, self.new.get(new.clone())?);
        let present = split(present);
        let start = if present == self.new { new.start } else { only_place(&present, wanted)? };
        let (head, rest) = present.split_at_checked(start)?;
        Some([head, old, rest.get(wanted.len()..)?].concat().concat())
    }
}

/// How many hunks there are, those of the page that begins with the hunk `first`, and the first of the next page.
pub(crate) fn page(hunks: Vec<Hunk>, first: u32) -> (u32, Vec<Hunk>, Option<u32>) {
    let total = count(hunks.len());
    let mut lines = 0;
    let page: Vec<_> = hunks
        .into_iter()
        .filter(|hunk| hunk.index >= first)
        .take_while(|hunk| {
            let is_first = lines == 0;
            lines += hunk.lines.len();
            is_first || lines <= LINES
        })
        .collect();
    let next = page.last().map(|last| last.index + 1).filter(|next| *next < total);
    (total, page, next)
}

/// The same operations where they follow from each other: when the library moves an insertion or a deletion, its
/// position on the other side stays behind.
fn placed(ops: &[DiffOp]) -> Vec<DiffOp> {
    let (mut old_index, mut new_index) = (0, 0);
    let place = |op: &DiffOp| {
        let (old_len, new_len) = (op.old_range().len(), op.new_range().len());
        let placed = match op.tag() {
            DiffTag::Equal => DiffOp::Equal { old_index, new_index, len: old_len },
            DiffTag::Delete => DiffOp::Delete { old_index, old_len, new_index },
            DiffTag::Insert => DiffOp::Insert { old_index, new_index, new_len },
            DiffTag::Replace => DiffOp::Replace { old_index, old_len, new_index, new_len },
        };
        old_index += old_len;
        new_index += new_len;
        placed
    };
    ops.iter().map(place).collect()
}

/// Where `wanted` is, if that is in one place only.
fn only_place(lines: &[&[u8]], wanted: &[&[u8]]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    let mut places = lines.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted);
    let (place, _) = places.next()?;
    places.next().is_none().then_some(place)
}

fn bounds(group: &[DiffOp]) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    match (group.first(), group.last()) {
        (Some(first), Some(last)) => {
            (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end)
        }
        _ => (0..0, 0..0),
    }
}

fn split(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|byte| *byte == b'\n').collect()
}

fn shown<'a>(
    lines: &'a [&'a [u8]],
    range: std::ops::Range<usize>,
    kind: DiffLineKind,
) -> impl Iterator<Item = DiffLine> + 'a {
    lines.get(range).unwrap_or_default().iter().map(move |line| {
        let text = line.strip_suffix(b"\n");
        let no_newline = text.is_none();
        let text = String::from_utf8_lossy(text.unwrap_or(line));
        let text = match text.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text.into_owned(),
        };
        DiffLine { kind, text, no_newline }
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(lines: std::ops::Range<u32>) -> String {
        lines.map(|number| format!("line {number}\n")).collect()
    }

    #[test]
    fn hunks_say_where_they_are() {
        let old = numbered(1..30);
        let new = old.replace("line 5\n", "five\n").replace("line 25\n", "");
        let compared = Comparison::of(old.as_bytes(), new.as_bytes()).expect("texts");
        assert_eq!(compared.counts(), (1, 2));
        let hunks = compared.hunks();
        let places: Vec<_> = hunks
            .iter()
            .map(|hunk| (hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines))
            .collect();
        assert_eq!(places, [(2, 7, 2, 7), (22, 7, 22, 6)]);
        let kinds: Vec<_> = hunks[0].lines.iter().map(|line| line.kind).collect();
        use DiffLineKind::{Added, Context, Removed};
        assert_eq!(kinds, [Context, Context, Context, Removed, Added, Context, Context, Context]);
    }

    #[test]
    fn new_and_deleted_files_count_from_zero() {
        let compared = Comparison::of(b"", b"a\nb").expect("texts");
        let hunk = compared.hunks().remove(0);
        assert_eq!((hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines), (0, 0, 1, 2));
        assert!(hunk.lines[1].no_newline && !hunk.lines[0].no_newline);
        assert_eq!(compared.without(0, b"a\nb").expect("undone"), b"");
    }

    #[test]
    fn what_is_no_text_or_too_much_of_it_is_not_compared() {
        assert_eq!(Comparison::of(b"a\0b", b"").err(), Some(DiffNote::Binary));
        let large = vec![b'x'; MAX_BYTES + 1];
        assert_eq!(Comparison::of(&large, b"").err(), Some(DiffNote::TooLarge));
        assert!(Comparison::of(b"caf\xe9\n", b"").is_ok(), "other encodings are texts too");
    }

    #[test]
    fn a_hunk_is_undone_in_a_file_that_went_on_changing() {
        let old = numbered(1..30);
        let new = old.replace("line 15\n", "fifteen\n");
        let compared = Comparison::of(old.as_bytes(), new.as_bytes()).expect("texts");
        let later = format!("before\n{}", new.replace("line 28\n", ""));
        let undone = compared.without(0, later.as_bytes()).expect("found");
        assert_eq!(undone, format!("before\n{}", old.replace("line 28\n", "")).into_bytes());
        let gone = new.replace("fifteen\n", "15\n");
        assert_eq!(compared.without(0, gone.as_bytes()), None, "its lines are not there any more");
        let twice = format!("{new}{new}");
        assert_eq!(compared.without(0, twice.as_bytes()), None, "nobody can tell which is meant");
        assert_eq!(compared.without(1, new.as_bytes()), None, "there is one hunk only");
    }

    #[test]
    fn the_library_s_positions_are_put_right() {
        let compared = Comparison::of(b"x\n\n", b"\n\n").expect("texts");
        assert_eq!(compared.without(0, b"\n\n").expect("undone"), b"x\n\n");
    }

    proptest! {
        /// Undoing the only hunk gives the old content, byte by byte, and no line is counted twice.
        #[test]
        fn undoing_the_only_hunk_gives_the_old_content(
            old in proptest::collection::vec("[abc\u{e9}]{0,2}\r?\n?", 0..10),
            new in proptest::collection::vec("[abc\u{e9}]{0,2}\r?\n?", 0..10),
        ) {
            let (old, new) = (old.concat().into_bytes(), new.concat().into_bytes());
            let compared = Comparison::of(&old, &new).expect("texts");
            if compared.hunks().len() == 1 {
                prop_assert_eq!(compared.without(0, &new), Some(old.clone()));
            }
            let added: usize = compared.hunks().iter().flat_map(|hunk| &hunk.lines)
                .filter(|line| line.kind == DiffLineKind::Added).count();
            prop_assert_eq!(added, usize::try_from(compared.counts().0).expect("small"));
        }
    }
}
