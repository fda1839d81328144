//! What becomes of the windows on a large file when something else than a file tool changes it (a command, a
//! formatter, a person): they stay with the lines that they show, and the changes get windows of their own.

use std::ops::Range;

use slipway_protocol::view::LineRange;

use super::ranges::{Change, merged, moved, places};
use super::render::{AROUND, Shown, shown, windows};
use crate::bounds::ViewBounds;
use crate::edit::{Document, line_changes};

/// Most lines that are shown of one change.
const MAX_CHANGE_LINES: u32 = 80;

/// Most lines, surroundings included, that one refresh adds to the windows of a file.
const MAX_JOINING_LINES: u32 = 400;

/// A file with so many lines in windows gets no further ones by itself.
const MAX_WINDOW_LINES: u32 = 2_000;

/// The lines to show of a file that was changed: `ranges` of the old bytes, carried over to the new ones, and
/// what was changed, as far as it is not too much. Empty means all, or the beginning of a large file.
pub(super) fn followed(old: &[u8], new: &[u8], ranges: &[LineRange], bounds: ViewBounds) -> Vec<LineRange> {
    let bytes = new.len();
    if old == new || ranges.is_empty() && shown(new, ranges, bounds) == Shown::All {
        return ranges.to_vec();
    }
    let (old, new) = (Document::parse(old), Document::parse(new));
    let changes = changes(&old, &new);
    let total = number(new.lines.len()).max(1);
    let kept = merged(moved(ranges, &changes).map(|range| within(range, total)), 0);
    let shown = windows(new.lines.len(), bytes, &kept, bounds);
    let mut room = MAX_WINDOW_LINES.saturating_sub(shown.iter().map(length).sum()).min(MAX_JOINING_LINES);
    let mut joining = Vec::new();
    for place in places(&changes).map(|place| within(place, total)) {
        if shown.iter().any(|window| window.start <= place.start && place.end <= window.end) {
            continue;
        }
        let end = place.end.min(place.start.saturating_add(MAX_CHANGE_LINES - 1));
        let part = LineRange { end, ..place };
        if let Some(rest) = room.checked_sub(length(&part) + 2 * AROUND) {
            room = rest;
            joining.push(part);
        }
    }
    if joining.is_empty() {
        return kept;
    }
    let before = if kept.is_empty() { shown } else { kept };
    merged(before.into_iter().chain(joining), 0)
}

/// Lines of the new bytes that differ from the old ones and that a view with these ranges does not show.
pub(super) fn unshown(old: &[u8], new: &[u8], ranges: &[LineRange], bounds: ViewBounds) -> Vec<LineRange> {
    if old == new || shown(new, ranges, bounds) == Shown::All {
        return Vec::new();
    }
    let bytes = new.len();
    let (old, new) = (Document::parse(old), Document::parse(new));
    let total = number(new.lines.len()).max(1);
    let windows = windows(new.lines.len(), bytes, ranges, bounds);
    let places = places(&changes(&old, &new)).map(|place| within(place, total)).collect::<Vec<_>>();
    places.into_iter().flat_map(|place| outside(place, &windows)).collect()
}

/// The parts of a range that lie in none of the windows, which are in ascending order.
fn outside(mut range: LineRange, windows: &[LineRange]) -> Vec<LineRange> {
    let mut parts = Vec::new();
    for window in windows {
        if window.end < range.start {
            continue;
        }
        if range.start < window.start && range.start <= range.end {
            let end = range.end.min(window.start - 1);
            parts.push(LineRange { end, ..range });
        }
        range.start = window.end.saturating_add(1);
    }
    parts.push(range);
    parts.retain(|part| part.start <= part.end);
    parts
}

fn within(range: LineRange, total: u32) -> LineRange {
    LineRange { start: range.start.min(total), end: range.end.min(total) }
}

fn changes(old: &Document<'_>, new: &Document<'_>) -> Vec<Change> {
    line_changes(old, new).iter().map(|(old, new)| change(old, new)).collect()
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

    const BOUNDS: ViewBounds = ViewBounds { chars: 100_000 };

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
        let (old, new) = (old.concat(), new.concat());
        let found = followed(old.as_bytes(), new.as_bytes(), &ranges(before), BOUNDS);
        let unshown = unshown(old.as_bytes(), new.as_bytes(), &found, BOUNDS);
        assert_eq!((found, unshown), (ranges(after), ranges(left_out)));
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
        check(&[], everywhere, &[(1, 400), (1_000, 1_079)], &[(1_085, 1_999)]);
        let scattered =
            |lines: &mut Vec<String>| (1..=50).for_each(|part| replace(lines, part * 100..=part * 100));
        let old = lines(5_000);
        let mut new = old.clone();
        scattered(&mut new);
        let (old, new) = (old.concat(), new.concat());
        let found = followed(old.as_bytes(), new.as_bytes(), &ranges(&[(4_000, 4_002)]), BOUNDS);
        let unshown = unshown(old.as_bytes(), new.as_bytes(), &found, BOUNDS);
        assert_eq!((found.len(), unshown.len()), (37, 13), "{found:?}");
        check(&[(1, 1_995)], |lines| replace(lines, 3_000..=3_000), &[(1, 1_995)], &[(3_000, 3_000)]);
    }

    #[test]
    fn a_change_around_windows_is_named_where_none_of_them_is() {
        let part = |start, end| LineRange { start, end };
        let windows = [part(10, 20), part(30, 40)];
        assert_eq!(outside(part(12, 18), &windows), []);
        assert_eq!(outside(part(1, 50), &windows), [part(1, 9), part(21, 29), part(41, 50)]);
        assert_eq!(outside(part(15, 30), &windows), [part(21, 29)]);
        assert_eq!(outside(part(41, 41), &windows), [part(41, 41)]);
    }

    #[test]
    fn line_endings_are_no_changes() {
        let old = lines(5_000).concat();
        let found =
            followed(old.as_bytes(), old.replace('\n', "\r\n").as_bytes(), &ranges(&[(10, 20)]), BOUNDS);
        assert_eq!(found, ranges(&[(10, 20)]));
    }
}
