//! The last bytes of an endless output.

use std::collections::VecDeque;

/// Bytes with their offsets in all that ever came. Takes memory for what it holds only.
#[derive(Debug)]
pub(super) struct Ring {
    bytes: VecDeque<u8>,
    /// Bytes that ever came.
    end: u64,
    capacity: usize,
}

impl Ring {
    /// An empty one that keeps at most `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: VecDeque::new(), end: 0, capacity }
    }

    /// Takes the next bytes; the oldest make room.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.end += bytes.len() as u64;
        let kept = bytes.get(bytes.len().saturating_sub(self.capacity)..).unwrap_or_default();
        let excess = (self.bytes.len() + kept.len()).saturating_sub(self.capacity);
        self.bytes.drain(..excess);
        self.bytes.extend(kept);
    }

    /// Offset of the oldest byte that is kept.
    pub(super) fn start(&self) -> u64 {
        self.end - self.bytes.len() as u64
    }

    /// Offset of the byte that comes next.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// At most `most` bytes from `offset` on; none when they are not kept any more, or did not come yet.
    pub(super) fn read(&self, offset: u64, most: usize) -> Vec<u8> {
        let first = offset.checked_sub(self.start()).and_then(|skipped| usize::try_from(skipped).ok());
        let Some(first) = first.filter(|first| *first < self.bytes.len()) else { return Vec::new() };
        let last = self.bytes.len().min(first.saturating_add(most));
        self.bytes.range(first..last).copied().collect()
    }

    /// Where somebody who knows nothing begins to read: at the oldest byte, or after the first line's end when what
    /// came before is gone, so as not to begin within a character or a control sequence.
    pub(super) fn beginning(&self) -> u64 {
        let start = self.start();
        if start == 0 {
            return 0;
        }
        let line_end = self.bytes.iter().position(|byte| *byte == b'\n');
        line_end.map_or(start, |line_end| start + line_end as u64 + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_knows_nothing_begins_at_a_line() {
        let mut ring = Ring::new(8);
        ring.append(b"one\n");
        assert_eq!(ring.beginning(), 0);
        ring.append(b"two\nthr");
        assert_eq!((ring.start(), ring.beginning(), ring.end()), (3, 4, 11));
        ring.append(b"eeeeeeeeee");
        assert_eq!(ring.beginning(), ring.start(), "there is no line");
    }

    proptest! {
        /// Whatever comes in whatever pieces: the last bytes are kept under their offsets, and no others.
        #[test]
        fn the_last_bytes_are_kept_under_their_offsets(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20),
            capacity in 1_usize..64,
            most in 1_usize..50,
        ) {
            let mut ring = Ring::new(capacity);
            let all = pieces.concat();
            for piece in &pieces {
                ring.append(piece);
            }
            prop_assert_eq!(ring.end(), all.len() as u64);
            prop_assert_eq!(ring.end() - ring.start(), all.len().min(capacity) as u64);
            for offset in 0..=all.len() {
                let end = (offset + most).min(all.len());
                let kept = offset as u64 >= ring.start();
                let expected = if kept { &all[offset..end] } else { &[] };
                prop_assert_eq!(ring.read(offset as u64, most), expected);
            }
        }
    }
}
