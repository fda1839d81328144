//! What becomes of the windows on a large file when something else than a file tool changes it (a command, a
//! formatter, a person): they stay with the lines that they show, and the changes get windows of their own.

use std::ops::Range;

use slipway_protocol::view::LineRange;

use super::ranges::{Change, merged, moved, places};
use super::render::{AROUND, Shown, shown, windows};
use crate::edit::{Document, line_changes};

/// Most lines that are shown of one change.
const MAX_CHANGE_LINES: u32 = 80;

/// Most lines, surroundings included, that one refresh adds to the windows of a file.
const MAX_JOINING_LINES: u32 = 400;

/// A file with so many lines in windows gets no further ones by itself.
const MAX_WINDOW_LINES: u32 = 2_000;

/// What is to be shown of a file that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Followed {
    /// Lines to show from now on; empty means all, or the beginning of a large file.
    pub(super) ranges: Vec<LineRange>,
    /// Lines that were changed and are not shown, because they are too many.
    pub(super) left_out: Vec<LineRange>,
}

/// Carries `ranges` of the old bytes over to the new ones.
pub(super) fn followed(old: &[u8], new: &[u8], ranges: &[LineRange]) -> Followed {
    let bytes = new.len();
    if old == new || ranges.is_empty() && shown(new, ranges) == Shown::All {
        return Followed { ranges: ranges.to_vec(), left_out: Vec::new() };
    }
    let (old, new) = (Document::parse(old), Document::parse(new));
    let changes: Vec<Change> = line_changes(&old, &new).iter().map(|(old, new)| change(old, new)).collect();
    let total = number(new.lines.len()).max(1);
    let within = |range: LineRange| LineRange { start: range.start.min(total), end: range.end.min(total) };
    let kept = merged(moved(ranges, &changes).map(within), 0);
    let shown = windows(new.lines.len(), bytes, &kept);
    let mut room = MAX_WINDOW_LINES.saturating_sub(shown.iter().map(length).sum()).min(MAX_JOINING_LINES);
    let (mut joining, mut left_out) = (Vec::new(), Vec::new());
    for place in places(&changes).map(within) {
        if shown.iter().any(|window| window.start <= place.start && place.end <= window.end) {
            continue;
        }
        let end = place.end.min(place.start.saturating_add(MAX_CHANGE_LINES - 1));
        let part = LineRange { end, ..place };
        let Some(rest) = room.checked_sub(length(&part) + 2 * AROUND) else {
            left_out.push(place);
            continue;
        };
        room = rest;
        joining.push(part);
        if end < place.end {
            left_out.push(LineRange { start: end + 1, ..place });
        }
    }
    if joining.is_empty() {
        return Followed { ranges: kept, left_out };
    }
    let before = if kept.is_empty() { shown } else { kept };
    Followed { ranges: merged(before.into_iter().chain(joining), 0), left_out }
}

fn change(old: &Range<usize>, new: &Range<usize>) -> Change {
    Change {
        start: number(old.start).saturating_add(1),
        removed: number(old.len()),
        added: number(new.len()),
    }
}

fn length(range: &LineRange) -> u32 {
    (range.end + 1).saturating_sub(range.start)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(u32, u32)];

    fn ranges(pairs: &[(u32, u32)]) -> Vec<LineRange> {
        pairs.iter().map(|&(start, end)| LineRange { start, end }).collect()
    }

    fn lines(count: usize) -> Vec<String> {
        (1..=count).map(|line| format!("line {line}\n")).collect()
    }

    /// After `change` to a file of 5000 lines.
    #[track_caller]
    fn check(before: Pairs, change: impl FnOnce(&mut Vec<String>), after: Pairs, left_out: Pairs) {
        let old = lines(5_000);
        let mut new = old.clone();
        change(&mut new);
        let found = followed(old.concat().as_bytes(), new.concat().as_bytes(), &ranges(before));
        assert_eq!(found, Followed { ranges: ranges(after), left_out: ranges(left_out) });
    }

    fn replace(lines: &mut [String], numbers: std::ops::RangeInclusive<usize>) {
        for number in numbers {
            lines[number - 1] = format!("other {number}\n");
        }
    }

    #[test]
    fn windows_stay_with_their_lines_and_changes_get_their_own() {
        check(&[], |lines| replace(lines, 20..=21), &[], &[]);
        check(&[], |lines| replace(lines, 3_000..=3_001), &[(1, 400), (3_000, 3_001)], &[]);
        check(&[(4_000, 4_002)], |lines| replace(lines, 4_001..=4_001), &[(4_000, 4_002)], &[]);
        let insert =
            |lines: &mut Vec<String>| drop(lines.splice(9..9, ["new\n".to_owned(), "new\n".to_owned()]));
        check(&[(4_000, 4_002)], insert, &[(10, 11), (4_002, 4_004)], &[]);
        check(&[(4_000, 4_002)], |lines| drop(lines.drain(99..199)), &[(100, 100), (3_900, 3_902)], &[]);
        check(&[(4_000, 4_002)], |lines| lines.truncate(3_000), &[(3_000, 3_000)], &[]);
    }

    #[test]
    fn what_is_too_much_is_named() {
        let everywhere = |lines: &mut Vec<String>| replace(lines, 1_000..=1_999);
        check(&[], everywhere, &[(1, 400), (1_000, 1_079)], &[(1_080, 1_999)]);
        let scattered =
            |lines: &mut Vec<String>| (1..=50).for_each(|part| replace(lines, part * 100..=part * 100));
        let old = lines(5_000);
        let mut new = old.clone();
        scattered(&mut new);
        let found = followed(old.concat().as_bytes(), new.concat().as_bytes(), &ranges(&[(4_000, 4_002)]));
        assert_eq!((found.ranges.len(), found.left_out.len()), (37, 13), "{found:?}");
        check(&[(1, 1_995)], |lines| replace(lines, 3_000..=3_000), &[(1, 1_995)], &[(3_000, 3_000)]);
    }

    #[test]
    fn line_endings_are_no_changes() {
        let old = lines(5_000).concat();
        let found = followed(old.as_bytes(), old.replace('\n', "\r\n").as_bytes(), &ranges(&[(10, 20)]));
        assert_eq!(found, Followed { ranges: ranges(&[(10, 20)]), left_out: Vec::new() });
    }
}
