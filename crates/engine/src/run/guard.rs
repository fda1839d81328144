//! Notices when a run goes round in circles: the same calls with the same results, step after step.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use slipway_protocol::transcript::{AssistantStep, Entry};

use crate::tools::arguments;

/// Equal steps in a row after which the model is told.
const WARN_AFTER: u32 = 3;

/// Equal steps in a row after which the run ends.
const STOP_AFTER: u32 = 5;

/// Remembers the last step and how often it was repeated.
#[derive(Debug, Default)]
pub(crate) struct LoopGuard {
    last: BTreeSet<u64>,
    times: u32,
}

/// What to do after a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on.
    Progress,
    /// Tell the model; the number counts the equal steps.
    Warn(u32),
    /// End the run; the number counts the equal steps.
    Stop(u32),
}

impl LoopGuard {
    /// Takes a step whose results are at the end of `transcript`. Calls that are repeated within one step
    /// count once.
    pub(crate) fn observe(&mut self, answer: &AssistantStep, transcript: &[Entry]) -> Verdict {
        let step: BTreeSet<u64> = answer
            .tool_calls
            .iter()
            .map(|call| {
                let result = transcript.iter().rev().find_map(|entry| match entry {
                    Entry::ToolResult(result) if result.call_id == call.id => {
                        Some(result.outcome.text.as_str())
                    }
                    _ => None,
                });
                fingerprint(&call.name, &call.arguments, result.unwrap_or_default())
            })
            .collect();
        self.times = if step == self.last { self.times + 1 } else { 1 };
        self.last = step;
        match self.times {
            STOP_AFTER.. => Verdict::Stop(self.times),
            WARN_AFTER => Verdict::Warn(self.times),
            _ => Verdict::Progress,
        }
    }
}

fn fingerprint(name: &str, received: &str, result: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    match arguments::parse(received) {
        // The same object may be written with other white space.
        Ok(arguments) => serde_json::Value::Object(arguments.object).to_string().hash(&mut hasher),
        Err(_) => received.hash(&mut hasher),
    }
    without_durations(result).hash(&mut hasher);
    hasher.finish()
}

/// A result without the figures that differ each time: numbers that are followed by a unit of time.
fn without_durations(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>();
    let is_number = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_digit())
            && word.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
    };
    let is_unit = |word: &str| matches!(word, "ms" | "s" | "seconds" | "sec");
    let mut kept = Vec::with_capacity(words.len());
    for (position, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|letter: char| matches!(letter, ',' | ';' | '(' | ')' | '[' | ']'));
        let next = words
            .get(position + 1)
            .map(|next| next.trim_matches(|letter: char| !letter.is_ascii_alphabetic()));
        let glued = bare.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let duration = (is_number(bare) && next.is_some_and(is_unit))
            || (is_number(glued) && bare.strip_prefix(glued).is_some_and(is_unit));
        if !duration {
            kept.push(*word);
        }
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_do_not_count_as_a_difference() {
        assert_eq!(
            without_durations("exit 1 after 12 ms, cwd /x"),
            without_durations("exit 1 after 7 ms, cwd /x")
        );
        assert_eq!(without_durations("took (1.25s) ok"), "took ok");
        assert_ne!(without_durations("3 files"), without_durations("4 files"));
    }
}
