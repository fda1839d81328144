//! Sets of lines: merging them, and carrying them over changes of the file.

use slipway_protocol::view::LineRange;

/// Lines `start..start + removed` (from 1) were replaced by `added` lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// First line concerned, in the old numbering.
    pub start: u32,
    /// Lines taken out.
    pub removed: u32,
    /// Lines put in.
    pub added: u32,
}

/// The same lines in ascending order, without overlaps, and as one range where at most `gap` lines lie
/// between two.
pub fn merged(ranges: impl IntoIterator<Item = LineRange>, gap: u32) -> Vec<LineRange> {
    let mut sorted: Vec<LineRange> = ranges.into_iter().filter(|range| range.start <= range.end).collect();
    sorted.sort_by_key(|range| range.start);
    let mut merged: Vec<LineRange> = Vec::with_capacity(sorted.len());
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap).saturating_add(1) => {
                last.end = last.end.max(range.end);
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// Where ranges are after changes, which are in ascending order and in the old numbering; what was put in
/// is added to them.
pub fn shifted(ranges: &[LineRange], changes: &[Change]) -> Vec<LineRange> {
    merged(moved(ranges, changes).chain(places(changes)), 0)
}

/// Where the same lines are after changes.
pub(super) fn moved(ranges: &[LineRange], changes: &[Change]) -> impl Iterator<Item = LineRange> {
    ranges.iter().map(|range| {
        let start = moved_line(range.start, changes);
        LineRange { start, end: moved_line(range.end, changes).max(start) }
    })
}

/// Where the changes are in the new numbering: the lines put in, or the one after those taken out.
pub(super) fn places(changes: &[Change]) -> impl Iterator<Item = LineRange> {
    changes.iter().scan(0_i64, |offset, change| {
        let start = clamped(i64::from(change.start) + *offset);
        *offset += i64::from(change.added) - i64::from(change.removed);
        Some(LineRange { start, end: start.saturating_add(change.added.saturating_sub(1)) })
    })
}

fn moved_line(line: u32, changes: &[Change]) -> u32 {
    let mut offset: i64 = 0;
    for change in changes {
        if change.start > line {
            break;
        }
        let end = change.start.saturating_add(change.removed);
        if line < end {
            return clamped(i64::from(change.start) + offset);
        }
        offset += i64::from(change.added) - i64::from(change.removed);
    }
    clamped(i64::from(line) + offset)
}

fn clamped(line: i64) -> u32 {
    u32::try_from(line.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(pairs: &[(u32, u32)]) -> Vec<LineRange> {
        pairs.iter().map(|&(start, end)| LineRange { start, end }).collect()
    }

    type Pairs = &'static [(u32, u32)];

    #[test]
    fn merging_joins_what_touches_or_nearly_does() {
        let cases: [(Pairs, u32, Pairs); 5] = [
            (&[], 0, &[]),
            (&[(5, 9), (1, 2)], 0, &[(1, 2), (5, 9)]),
            (&[(1, 2), (3, 4)], 0, &[(1, 4)]),
            (&[(1, 2), (6, 9), (7, 8)], 3, &[(1, 9)]),
            (&[(9, 3), (4, 4)], 0, &[(4, 4)]),
        ];
        for (input, gap, expected) in cases {
            assert_eq!(merged(ranges(input), gap), ranges(expected), "{input:?}");
        }
    }

    #[test]
    fn ranges_follow_the_lines_they_showed() {
        let insertion = Change { start: 10, removed: 1, added: 5 };
        let deletion = Change { start: 50, removed: 10, added: 0 };
        let cases: [(Pairs, &[Change], Pairs); 4] = [
            (&[(1, 5)], &[insertion], &[(1, 5), (10, 14)]),
            (&[(20, 30)], &[insertion], &[(10, 14), (24, 34)]),
            (&[(70, 80)], &[insertion, deletion], &[(10, 14), (54, 54), (64, 74)]),
            (&[(8, 12)], &[insertion], &[(8, 16)]),
        ];
        for (input, changes, expected) in cases {
            assert_eq!(shifted(&ranges(input), changes), ranges(expected), "{input:?}");
        }
    }
}
