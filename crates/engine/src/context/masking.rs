//! Old tool output is shown by its beginning and its end. This happens in large steps, because everything
//! after the first change is new to the provider's cache.

use std::collections::HashSet;

use slipway_protocol::CallId;
use slipway_protocol::transcript::{ContextChange, Entry, ToolResult};

use crate::provider::estimate;

/// Characters of the beginning and of the end that stay.
const HEAD: usize = 1_500;
const TAIL: usize = 700;

/// Output of fewer characters than this is never masked.
const WORTH_IT: usize = 4_000;

/// Tokens of the newest tool output that stay whole, and the least that a step must gain; less for small
/// windows.
const PROTECTED: u64 = 40_000;
const LEAST_GAIN: u64 = 20_000;

/// Most results whose pictures are shown, and how many of the newest stay when it becomes more.
const MOST_PICTURES: usize = 20;
const NEWEST_PICTURES: usize = 8;

/// The calls whose output is to be masked before the next request to a model with this window; none while
/// that gains too little.
pub(crate) fn mask(transcript: &[Entry], window: u64, sees: bool) -> Vec<CallId> {
    let calls = maskable(transcript, PROTECTED.min(window / 4), sees);
    let gain: u64 = calls.iter().map(|(_, gain)| gain).sum();
    if gain < LEAST_GAIN.min(window / 8) { Vec::new() } else { names(calls) }
}

/// All calls whose output can be masked at all.
pub(crate) fn mask_all(transcript: &[Entry], sees: bool) -> Vec<CallId> {
    names(maskable(transcript, 0, sees))
}

/// The calls whose pictures are to be left out because newer ones have come; none while there are few.
pub(crate) fn old_pictures(transcript: &[Entry]) -> Vec<CallId> {
    let masked: HashSet<&CallId> = transcript.iter().flat_map(masked_by).collect();
    let from = transcript.iter().filter_map(compacted).next_back().unwrap_or_default();
    let shown = transcript.iter().skip(from).filter_map(|entry| match entry {
        Entry::ToolResult(result) if !result.outcome.images.is_empty() => Some(&result.call_id),
        _ => None,
    });
    let shown: Vec<&CallId> = shown.filter(|call| !masked.contains(call)).collect();
    match shown.len().checked_sub(NEWEST_PICTURES) {
        Some(old) if shown.len() > MOST_PICTURES => shown.into_iter().take(old).cloned().collect(),
        _ => Vec::new(),
    }
}

/// Estimated tokens of the pictures of a result.
fn picture_tokens(result: &ToolResult) -> u64 {
    result.outcome.images.iter().map(|image| estimate::picture(image.width, image.height)).sum()
}

fn names(calls: Vec<(&ToolResult, u64)>) -> Vec<CallId> {
    calls.into_iter().map(|(result, _)| result.call_id.clone()).collect()
}

/// Results that are shown whole, without the newest `protected` tokens, and what masking each gains.
fn maskable(transcript: &[Entry], protected: u64, sees: bool) -> Vec<(&ToolResult, u64)> {
    let masked: HashSet<&CallId> = transcript.iter().flat_map(masked_by).collect();
    let from = transcript.iter().filter_map(compacted).next_back().unwrap_or_default();
    let mut newer = 0;
    let mut found = Vec::new();
    for entry in transcript.iter().skip(from).rev() {
        let Entry::ToolResult(result) = entry else { continue };
        let text = &result.outcome.text;
        let tokens = estimate::text(text);
        let pictures = if sees { picture_tokens(result) } else { 0 };
        let is_old = newer >= protected;
        newer += tokens + pictures;
        if is_old && (text.len() >= WORTH_IT || pictures > 0) && !masked.contains(&result.call_id) {
            let left = estimate::text(&masked_text(&result.call_id, text));
            found.push((result, tokens.saturating_sub(left) + pictures));
        }
    }
    found.retain(|(_, gain)| *gain > 0);
    found.reverse();
    found
}

fn masked_by(entry: &Entry) -> &[CallId] {
    match entry {
        Entry::ContextChange(ContextChange::Mask { calls }) => calls,
        _ => &[],
    }
}

/// How many entries a summary stands for.
pub(crate) fn compacted(entry: &Entry) -> Option<usize> {
    match entry {
        Entry::ContextChange(ContextChange::Compact { entries, .. }) => {
            Some(usize::try_from(*entries).unwrap_or(usize::MAX))
        }
        _ => None,
    }
}

/// Masked output: its beginning and its end, whole lines where there are any, and how to get the rest.
pub(crate) fn masked_text(call_id: &CallId, text: &str) -> String {
    let Excerpt { head, left_out, tail } = excerpt(text, HEAD, TAIL);
    if left_out.is_empty() {
        return text.to_owned();
    }
    let first = head.matches('\n').count() + 1;
    let last = first + left_out.trim_end_matches('\n').matches('\n').count();
    let line_end = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
    format!(
        "{head}{line_end}[Slipway] {} characters (lines {first} to {last}) are left out here to save room; \
         recall_output with call_id \"{call_id}\" shows them.\n{tail}",
        left_out.chars().count()
    )
}

/// The parts of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt<'a> {
    pub(crate) head: &'a str,
    pub(crate) left_out: &'a str,
    pub(crate) tail: &'a str,
}

/// Cuts a text after about `head` and before about `tail` characters, at line ends if there are any near;
/// nothing is left out of a text that is not much longer.
pub(crate) fn excerpt(text: &str, head: usize, tail: usize) -> Excerpt<'_> {
    let whole = Excerpt { head: text, left_out: "", tail: "" };
    if text.len() <= head + tail {
        return whole;
    }
    let head = floor(text, head);
    let tail = floor(text, text.len() - tail);
    let (Some(start), Some(end)) = (text.get(..head), text.get(tail..)) else { return whole };
    // A line end in the further half of the head and in the first half of the tail.
    let head = start.rfind('\n').filter(|at| *at > head / 2).map_or(head, |at| at + 1);
    let tail = end.find('\n').filter(|at| *at < end.len() / 2).map_or(tail, |at| tail + at + 1);
    match (text.get(..head), text.get(head..tail), text.get(tail..)) {
        (Some(head), Some(left_out), Some(tail)) => Excerpt { head, left_out, tail },
        _ => whole,
    }
}

/// The last character boundary up to `index`.
fn floor(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|index| text.is_char_boundary(*index)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masked_output_says_which_lines_are_missing_and_how_to_get_them() {
        let text: String = (1..=1_000).map(|line| format!("line {line}\n")).collect();
        let masked = masked_text(&"call_7".into(), &text);
        assert!(masked.len() < 2_600, "{}", masked.len());
        assert!(masked.starts_with("line 1\n") && masked.ends_with("line 1000\n"));
        let note = masked.lines().find(|line| line.starts_with("[Slipway]")).unwrap_or_default();
        let before = masked.lines().position(|line| line.starts_with("[Slipway]")).unwrap_or_default();
        assert!(note.contains(&format!("(lines {} to ", before + 1)), "{note}");
        assert!(note.contains("recall_output with call_id \"call_7\""), "{note}");
    }

    proptest! {
        #[test]
        fn an_excerpt_loses_nothing(text in "(.|\n){0,80}", head in 0_usize..40, tail in 0_usize..40) {
            let parts = excerpt(&text, head, tail);
            prop_assert_eq!(format!("{}{}{}", parts.head, parts.left_out, parts.tail), text);
        }
    }
}
