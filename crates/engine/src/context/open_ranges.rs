//! Line ranges of large files that are open in part.

use slipway_protocol::view::LineRange;

/// The union of two sets of ranges, sorted, with overlapping and adjacent ones joined.
pub(crate) fn union(left: &[LineRange], right: &[LineRange]) -> Vec<LineRange> {
    let mut all: Vec<LineRange> =
        left.iter().chain(right).copied().filter(|range| range.start <= range.end).collect();
    all.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<LineRange> = Vec::with_capacity(all.len());
    for range in all {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(1) => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined() {
        let range = |start, end| LineRange { start, end };
        let joined = union(&[range(10, 20), range(1, 2)], &[range(21, 25), range(15, 18), range(40, 30)]);
        assert_eq!(joined, [range(1, 2), range(10, 25)]);
        assert_eq!(union(&[range(1, u32::MAX)], &[range(5, 6)]), [range(1, u32::MAX)]);
    }
}
