//! What makes two calls, two contents or two errors the same.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use slipway_protocol::transcript::{ToolCall, ToolResult, View};

use crate::tools::arguments;

/// Words of an error that tell its class; what follows is particulars.
const CLASS_WORDS: usize = 10;

/// Fewer words are too little to tell an error by.
const SENTENCE_WORDS: usize = 3;

/// A call with what came of it. White space in the arguments, durations and times of day make no
/// difference.
pub(super) fn call_fingerprint(call: &ToolCall, result: Option<&ToolResult>) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.name.hash(&mut hasher);
    arguments::canonical(&call.arguments).hash(&mut hasher);
    if let Some(result) = result {
        without_times(&result.outcome.text).hash(&mut hasher);
    }
    hasher.finish()
}

/// A file with a content.
pub(super) fn view_fingerprint(view: &View) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&view.file.path, &view.file.content_hash).hash(&mut hasher);
    hasher.finish()
}

/// A step, by its calls.
pub(super) fn of_all(calls: &BTreeSet<u64>) -> u64 {
    let mut hasher = DefaultHasher::new();
    calls.hash(&mut hasher);
    hasher.finish()
}

/// The kind of an error: the first words of its first sentence, without what it quotes and without
/// figures.
pub(super) fn error_class(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut count = 0;
    for part in unquoted(text).split_whitespace() {
        for word in part.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()) {
            word.to_lowercase().hash(&mut hasher);
            count += 1;
        }
        let ends_sentence = part.ends_with('.') && count >= SENTENCE_WORDS;
        if count >= CLASS_WORDS || ends_sentence {
            break;
        }
    }
    hasher.finish()
}

/// A text without what stands between back ticks or double quotes; a quote that is not closed hides
/// nothing.
fn unquoted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['`', '"']) {
        let (before, quoted) = rest.split_at(start);
        kept.push_str(before);
        kept.push(' ');
        let mark = if quoted.starts_with('`') { '`' } else { '"' };
        let inside = quoted.get(1..).unwrap_or_default();
        rest = inside.split_once(mark).map_or(inside, |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// A result without the figures that differ each time: times of day, and numbers that are followed by a
/// unit of time.
fn without_times(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>();
    let mut kept = Vec::with_capacity(words.len());
    for (position, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|letter: char| matches!(letter, ',' | ';' | '(' | ')' | '[' | ']'));
        let next = words
            .get(position + 1)
            .map(|next| next.trim_matches(|letter: char| !letter.is_ascii_alphabetic()));
        let glued = bare.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let duration = (is_number(bare) && next.is_some_and(is_unit))
            || (is_number(glued) && bare.strip_prefix(glued).is_some_and(is_unit));
        if !duration && !is_time_of_day(bare) {
            kept.push(*word);
        }
    }
    kept.join(" ")
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
        && word.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
}

fn is_unit(word: &str) -> bool {
    matches!(word, "ms" | "s" | "seconds" | "sec")
}

/// Whether a word ends like `12:34:56`, with or without a date before it, a fraction and a zone after it.
fn is_time_of_day(word: &str) -> bool {
    let time = word.rsplit(['T', '_']).next().unwrap_or(word);
    let time = time.trim_end_matches('Z');
    let parts: Vec<&str> = time.splitn(3, ':').collect();
    matches!(parts.as_slice(), [hours, minutes, seconds]
        if [hours, minutes].iter().all(|part| part.len() == 2 && is_number(part))
            && seconds.len() >= 2 && seconds.starts_with(|first: char| first.is_ascii_digit())
            && seconds.chars().all(|letter| letter.is_ascii_digit() || ".,+:".contains(letter)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_do_not_count_as_a_difference() {
        assert_eq!(without_times("exit 1 after 12 ms, cwd /x"), without_times("exit 1 after 7 ms, cwd /x"));
        assert_eq!(without_times("took (1.25s) ok"), "took ok");
        assert_eq!(without_times("12:00:01 2026-11-21T12:00:01.5Z [23:59:59] waiting"), "waiting");
        assert_ne!(without_times("3 files"), without_times("4 files"));
        assert_eq!(without_times("a.rs:12:34: 10:20 1:2:3 ::"), "a.rs:12:34: 10:20 1:2:3 ::");
    }

    #[test]
    fn errors_of_a_kind_have_a_class_of_their_own() {
        let class = |text: &str| error_class(text);
        let first = class("edit 1 of 1: the anchor `fn main()` was not found in src/a.rs near line 12");
        assert_eq!(
            first,
            class("edit 1 of 1: the anchor `let x = \"1\";` was not found in src/a.rs near line 990")
        );
        assert_ne!(first, class("edit 1 of 1: the anchor `fn main()` is ambiguous"));
        assert_eq!(class("There is no tool `foo`. Did you"), class("There is no tool `bar`. The tools"));
        assert_ne!(class("Failed. The disk is full"), class("Failed. The file is gone"));
        assert_ne!(class("don`t find it"), class("don`t lose it"));
    }

    proptest! {
        #[test]
        fn any_text_has_a_class_and_quotes_do_not_matter(before in "[a-z ]{0,20}", quoted in "[^`]{0,20}", text in ".{0,60}") {
            let _ = (error_class(&text), without_times(&text));
            prop_assert_eq!(error_class(&format!("{before} `{quoted}` x")), error_class(&format!("{before} `` x")));
        }
    }
}
