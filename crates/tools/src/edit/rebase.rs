//! Carrying a place in the file as the model saw it over to the file as it is now.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::document::{Document, Line};
use super::request::Span;

/// A diff that takes longer settles for a coarser answer.
const DIFF_TIME: Duration = Duration::from_millis(500);

/// Which lines of an older text are still there in a newer one.
#[derive(Debug)]
pub(super) struct LineMap<'a> {
    old: Vec<Line<'a>>,
    new: Vec<Line<'a>>,
    ops: Vec<DiffOp>,
}

/// Where lines went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// They are here, unchanged.
    To(Span),
    /// They were changed; this is what now stands in their place (perhaps nothing).
    Changed(Span),
}

impl<'a> LineMap<'a> {
    /// Compares two texts, line by line. Endings do not count: the model was never shown them, and they
    /// change when a formatter runs or something is appended to a last line without one.
    pub(super) fn new(old: &Document<'a>, new: &Document<'a>) -> Self {
        let (old, new) = (bodies(old), bodies(new));
        let ops = diff(&old, &new);
        Self { old, new, ops }
    }

    /// Follows `span` of the old text into the new one.
    pub(super) fn carry(&self, span: Span) -> Carried {
        if span.len() == 0 {
            return Carried::To(span);
        }
        let kept = self.ops.iter().filter(|op| matches!(op, DiffOp::Equal { .. }));
        for op in kept {
            let (old, new) = (op.old_range(), op.new_range());
            if old.start <= span.start && span.end <= old.end {
                let start = new.start + (span.start - old.start);
                return Carried::To(Span { start, end: start + span.len() });
            }
        }
        match self.moved(span) {
            Some(moved) => Carried::To(moved),
            None => Carried::Changed(self.successor(span)),
        }
    }

    /// Where the same lines stand now, if they were and are unique.
    fn moved(&self, span: Span) -> Option<Span> {
        let block = self.old.get(span.start..span.end)?;
        let telling = block.iter().any(|line| super::matching::information(&line.text()) >= 4);
        let only = |lines: &[Line<'_>]| {
            let mut places = lines.windows(block.len()).enumerate().filter(|(_, window)| *window == block);
            let (start, _) = places.next()?;
            places.next().is_none().then_some(start)
        };
        only(&self.old)?;
        let start = only(&self.new)?;
        telling.then_some(Span { start, end: start + block.len() })
    }

    /// The new lines between what is left of the lines around `span`.
    fn successor(&self, span: Span) -> Span {
        let touched = |op: &&DiffOp| {
            let old = op.old_range();
            old.start < span.end && span.start < old.end || (old.is_empty() && within(old.start, span))
        };
        let clip = |op: &DiffOp| -> Range<usize> {
            let (old, new) = (op.old_range(), op.new_range());
            match op {
                DiffOp::Equal { .. } => {
                    let start = new.start + span.start.saturating_sub(old.start);
                    start..new.end - old.end.saturating_sub(span.end)
                }
                DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => new,
            }
        };
        let ranges: Vec<_> = self.ops.iter().filter(touched).map(clip).collect();
        let start = ranges.iter().map(|range| range.start).min().unwrap_or(0);
        let end = ranges.iter().map(|range| range.end).max().unwrap_or(0);
        Span { start, end: end.max(start) }
    }
}

/// Where two texts differ, in order: lines of the old one and what stands in their place in the new one,
/// counted from 0. Endings do not count.
pub(crate) fn line_changes(old: &Document<'_>, new: &Document<'_>) -> Vec<(Range<usize>, Range<usize>)> {
    let mut changes: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in diff(&bodies(old), &bodies(new)) {
        let (old, new) = (op.old_range(), op.new_range());
        match changes.last_mut() {
            _ if matches!(op, DiffOp::Equal { .. }) => {}
            Some(last) if last.0.end == old.start && last.1.end == new.start => {
                (last.0.end, last.1.end) = (old.end, new.end);
            }
            _ => changes.push((old, new)),
        }
    }
    changes
}

fn bodies<'a>(document: &Document<'a>) -> Vec<Line<'a>> {
    document.lines.iter().map(|line| Line { ending: b"", ..*line }).collect()
}

fn within(position: usize, span: Span) -> bool {
    span.start < position && position < span.end
}

/// The difference between two lists of lines, as operations in order.
pub(super) fn diff<'a>(old: &[Line<'a>], new: &[Line<'a>]) -> Vec<DiffOp> {
    let same = |(old, new): &(&Line<'a>, &Line<'a>)| old == new;
    let prefix = old.iter().zip(new).take_while(same).count();
    let shorter = old.len().min(new.len());
    let suffix = old.iter().rev().zip(new.iter().rev()).take(shorter - prefix).take_while(same).count();
    let (old_end, new_end) = (old.len() - suffix, new.len() - suffix);

    let equal = |old_index, new_index, len| DiffOp::Equal { old_index, new_index, len };
    let middle = diff_middle(
        old.get(prefix..old_end).unwrap_or_default(),
        new.get(prefix..new_end).unwrap_or_default(),
    );
    let mut ops = vec![equal(0, 0, prefix)];
    ops.extend(middle);
    ops.push(equal(old_end, new_end, suffix));
    settle(&mut ops);
    ops
}

/// The difference between lists whose first lines differ and whose last lines differ. Numbers stand for the
/// lines, so that each is hashed only once.
fn diff_middle(old: &[Line<'_>], new: &[Line<'_>]) -> Vec<DiffOp> {
    let mut numbers = HashMap::new();
    let mut number = |line| {
        let next = numbers.len();
        *numbers.entry(line).or_insert(next)
    };
    let old: Vec<usize> = old.iter().map(&mut number).collect();
    let new: Vec<usize> = new.iter().map(&mut number).collect();
    operations(&old, &new)
}

/// The difference between two lists, as operations that cover both in order.
pub(super) fn operations<T: Hash + Eq + Ord>(old: &[T], new: &[T]) -> Vec<DiffOp> {
    let mut ops = capture_diff_slices_deadline(Algorithm::Myers, old, new, Some(Instant::now() + DIFF_TIME));
    settle(&mut ops);
    ops
}

/// Puts each operation where the ones before it end. The library leaves indices stale where it swaps a
/// deletion and an insertion.
fn settle(ops: &mut Vec<DiffOp>) {
    ops.retain(|op| !op.old_range().is_empty() || !op.new_range().is_empty());
    let (mut old_index, mut new_index) = (0, 0);
    for op in ops {
        let (old_len, new_len) = (op.old_range().len(), op.new_range().len());
        *op = match *op {
            DiffOp::Equal { len, .. } => DiffOp::Equal { old_index, new_index, len },
            DiffOp::Delete { .. } => DiffOp::Delete { old_index, old_len, new_index },
            DiffOp::Insert { .. } => DiffOp::Insert { old_index, new_index, new_len },
            DiffOp::Replace { .. } => DiffOp::Replace { old_index, old_len, new_index, new_len },
        };
        (old_index, new_index) = (op.old_range().end, op.new_range().end);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::ProptestConfig;

    use super::*;

    #[track_caller]
    fn check_cover(old: &str, new: &str) {
        let (before, after) = (Document::parse(old.as_bytes()), Document::parse(new.as_bytes()));
        let (mut old_next, mut new_next) = (0, 0);
        for op in diff(&before.lines, &after.lines) {
            assert_eq!((op.old_range().start, op.new_range().start), (old_next, new_next), "{old:?} {new:?}");
            (old_next, new_next) = (op.old_range().end, op.new_range().end);
            if let DiffOp::Equal { .. } = op {
                assert_eq!(before.lines[op.old_range()], after.lines[op.new_range()]);
            }
        }
        assert_eq!((old_next, new_next), (before.lines.len(), after.lines.len()));
    }

    #[test]
    fn operations_cover_both_lists_in_order() {
        let texts = ["", "a\n", "a\nb\nc\n", "a\nx\nc\n", "b\nc\na\n", "a\na\n", "x\na\nb\ny\nc\n"];
        for (old, new) in texts.iter().flat_map(|old| texts.iter().map(move |new| (*old, *new))) {
            check_cover(old, new);
        }
    }

    proptest::proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn operations_cover_lists_that_repeat_themselves(old in "([a-d]\n){0,12}", new in "([a-d]\n){0,12}") {
            check_cover(&old, &new);
        }
    }
}
