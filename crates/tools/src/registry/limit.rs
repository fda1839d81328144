//! Output limits: what a tool hands to the model and the UI is bounded here, whatever the tool did.

use slipway_protocol::tool::ToolOutcome;

/// Most bytes of a tool's structured data, as JSON.
const MAX_DATA_BYTES: usize = 1024 * 1024;

/// Share of the kept text that comes from its end, as a divisor: errors tend to be at the end, headings at
/// the beginning.
const TAIL_DIVISOR: usize = 2;

/// Cuts an outcome to its limits, of which the text's is `most_chars`, and marks it as truncated where anything was
/// left out.
pub(super) fn bounded(mut outcome: ToolOutcome, most_chars: usize) -> ToolOutcome {
    if let Some(cut) = cut_text(&outcome.text, most_chars) {
        outcome.text = cut;
        outcome.truncated = true;
    }
    let size = json_size(&outcome.data);
    if size > MAX_DATA_BYTES {
        outcome.data = serde_json::json!({ "omitted": "too large to show", "bytes": size });
    }
    outcome
}

/// Head and tail of a text longer than `limit` characters, with a line between them that says how much is
/// left out; `None` when the text fits. The result is at most `limit` characters long (for limits of 200 up).
pub fn cut_text(text: &str, limit: usize) -> Option<String> {
    if text.len() <= limit {
        return None;
    }
    let total = text.chars().count();
    if total <= limit {
        return None;
    }
    let kept = limit.saturating_sub(MARKER_ROOM);
    let tail_chars = kept / TAIL_DIVISOR;
    let head_chars = kept - tail_chars;
    let head = &text[..byte_offset(text, head_chars)];
    let tail = &text[byte_offset(text, total - tail_chars)..];
    let left_out = total - kept;
    Some(format!(
        "{head}\n… {left_out} of {total} characters left out here: only the beginning and the end are shown …\n{tail}"
    ))
}

/// Room for the marker line with two large numbers.
const MARKER_ROOM: usize = 150;

fn byte_offset(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(offset, _)| offset)
}

fn json_size(value: &serde_json::Value) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_left_alone() {
        assert_eq!(cut_text(&"ä".repeat(300), 300), None);
    }

    #[test]
    fn long_text_keeps_head_and_tail_and_says_so() {
        let text = format!("HEAD{}TAIL", "ü".repeat(5_000_000));
        let cut = cut_text(&text, 30_000).expect("too long");
        assert!(cut.chars().count() <= 30_000);
        assert!(cut.starts_with("HEAD") && cut.ends_with("TAIL"), "{}", &cut[..20]);
        assert!(cut.contains("4970158 of 5000008 characters left out here"), "{}", &cut[29_000..31_000]);
    }

    #[test]
    fn oversized_data_is_replaced() {
        let outcome =
            ToolOutcome { data: serde_json::json!("x".repeat(MAX_DATA_BYTES)), ..ToolOutcome::ok("fine") };
        assert_eq!(bounded(outcome, 30_000).data["omitted"], "too large to show");
    }
}
