//! Live output of one call between two flushes: bounded, whatever a command prints.

use slipway_protocol::{CallId, PartId};

use super::Change;
use crate::events::fold::EXCERPT_BYTES;

/// Most bytes gathered between two flushes; of a flood the newest are kept.
const MAX_GATHERED: usize = 256 << 10;
/// Most bytes of one flush that are shown in full.
const MAX_SHOWN: usize = 2 * EXCERPT_BYTES;

/// Output that no change tells of yet.
#[derive(Debug, Default)]
pub(super) struct PendingOutput {
    text: String,
    /// Position of `text` in the whole output, in bytes.
    start: u64,
    /// How much of the whole output has been told of or passed over, in bytes.
    told: u64,
}

impl PendingOutput {
    /// Output that goes on at byte `told`.
    pub(super) fn from_byte(told: u64) -> Self {
        Self { text: String::new(), start: told, told }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        // Cutting only at twice the limit keeps the cost proportional to the bytes that come.
        if self.text.len() > 2 * MAX_GATHERED {
            self.drop_front(self.text.len() - MAX_GATHERED);
        }
    }

    /// Turns what was gathered into changes; of much output only its two ends are shown.
    pub(super) fn flush(&mut self, part_id: &PartId, call_id: &CallId, changes: &mut Vec<Change>) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let end = self.start + text.len() as u64;
        let delta = |skipped: u64, text: &str| Change::OutputDelta {
            part_id: part_id.clone(),
            skipped,
            text: text.to_owned(),
        };
        let skipped = self.start - self.told;
        if text.len() <= MAX_SHOWN {
            changes.push(delta(skipped, &text));
        } else {
            // Enough for whatever room the excerpt's beginning still has.
            let first = text.floor_char_boundary(EXCERPT_BYTES);
            let last = text.ceil_char_boundary(text.len() - EXCERPT_BYTES).max(first);
            let (head, rest) = text.split_at(first);
            let (_, tail) = rest.split_at(last - first);
            changes.push(delta(skipped, head));
            changes.push(delta((last - first) as u64, tail));
        }
        changes.push(Change::OutputKept { call_id: call_id.clone(), start: self.start, text });
        (self.start, self.told) = (end, end);
    }

    fn drop_front(&mut self, bytes: usize) {
        let cut = self.text.ceil_char_boundary(bytes);
        self.text.drain(..cut);
        self.start += cut as u64;
    }
}

#[cfg(test)]
mod tests {
    use slipway_protocol::message::OutputExcerpt;

    use super::*;
    use crate::events::fold::append_output;

    /// The excerpt that a client has after these flushes.
    fn shown(flushes: &[&str]) -> (OutputExcerpt, u64) {
        let (mut pending, mut excerpt, mut kept) = (PendingOutput::default(), OutputExcerpt::default(), 0);
        for text in flushes {
            pending.push(text);
            let mut changes = Vec::new();
            pending.flush(&"part_1".into(), &"call_1".into(), &mut changes);
            for change in changes {
                match change {
                    Change::OutputDelta { skipped, text, .. } => append_output(&mut excerpt, skipped, &text),
                    Change::OutputKept { text, .. } => kept += text.len() as u64,
                    other => panic!("unexpected {other:?}"),
                }
            }
        }
        (excerpt, kept)
    }

    #[test]
    fn much_output_makes_the_same_excerpt_as_if_all_were_sent() {
        let text = "0123456789abcdef\n".repeat(4000);
        let mut whole = OutputExcerpt::default();
        append_output(&mut whole, 0, &text);
        assert_eq!(shown(&[&text]), (whole, text.len() as u64));
    }

    #[test]
    fn a_flood_is_bounded_and_every_byte_is_accounted_for() {
        let flood = "x".repeat(5 * MAX_GATHERED);
        let (excerpt, kept) = shown(&["start\n", &flood, "end\n"]);
        let total = (flood.len() + 10) as u64;
        let shown = (excerpt.head.len() + excerpt.tail.len()) as u64;
        assert_eq!(shown + excerpt.omitted_bytes, total);
        assert!(excerpt.tail.ends_with("xend\n"));
        assert!(kept <= (2 * MAX_GATHERED + 10) as u64, "kept {kept}");
    }
}
