//! An estimate of tokens from text alone: before a call, and after one whose provider reports none.
//!
//! It follows how tokenisers cut text up before they look words up: words, groups of three digits, runs of
//! punctuation and of white space. What the pieces cost was fitted to o200k_base (docs/context-window.md
//! has the figures); other tokenisers differ from it mostly by a factor, which
//! [`crate::context::calibration`] learns.

use slipway_protocol::usage::{Usage, UsageSource};

use crate::provider::answer::Answer;
use crate::provider::pictures::WirePart;
use crate::provider::request::WireMessage;

/// Bytes per token, as a rule of thumb.
const BYTES_PER_TOKEN: usize = 4;

/// Pixels of a picture per token.
const PIXELS_PER_TOKEN: u64 = 750;

/// What a message costs beside its text.
const PER_MESSAGE: u64 = 4;

/// What a tool call costs beside its arguments: name, id and form.
const PER_CALL: u64 = 12;

/// Tokens of a call with so many tokens of input, by the texts of its answer.
pub(crate) fn usage(input: u64, answer: &Answer) -> Usage {
    let calls = answer.tool_calls.iter();
    let calls: u64 = calls.map(|call| PER_CALL + text(&call.name) + text(&call.arguments)).sum();
    Usage {
        input,
        output: text(&answer.text) + calls,
        reasoning: text(&answer.reasoning),
        source: UsageSource::Estimated,
        ..Usage::default()
    }
}

/// Tokens of a message.
pub(crate) fn message(message: &WireMessage) -> u64 {
    PER_MESSAGE
        + match message {
            WireMessage::System { content }
            | WireMessage::User { content }
            | WireMessage::Tool { content, .. } => text(content),
            WireMessage::Pictures { content } => content.iter().map(part).sum(),
            WireMessage::Assistant(assistant) => {
                let calls = assistant.tool_calls.iter();
                let calls: u64 = calls.map(|call| PER_CALL + text(&call.function.arguments)).sum();
                let opaque: u64 = assistant.opaque.values().map(|value| text(&value.to_string())).sum();
                text(&assistant.content)
                    + text(assistant.reasoning_content.as_deref().unwrap_or_default())
                    + calls
                    + opaque
            }
        }
}

fn part(part: &WirePart) -> u64 {
    match part {
        WirePart::Text { text } => self::text(text),
        WirePart::Image { tokens, .. } => *tokens,
    }
}

/// Tokens of a picture of so many pixels. Anthropic says width × height / 750; OpenAI and Google, which count
/// tiles, come to less for screens.
pub(crate) fn picture(width: u32, height: u32) -> u64 {
    (u64::from(width) * u64::from(height)).div_ceil(PIXELS_PER_TOKEN)
}

/// Tokens of so many bytes of which nothing else is known.
pub(crate) fn tokens(bytes: usize) -> u64 {
    units(bytes.div_ceil(BYTES_PER_TOKEN))
}

/// Tokens of a text.
pub(crate) fn text(text: &str) -> u64 {
    let mut rest = text.as_bytes();
    let mut milli = 0_u64;
    while let Some(first) = rest.first() {
        let (length, cost) = piece(*first, rest);
        milli += cost;
        rest = rest.get(length..).unwrap_or_default();
    }
    milli.div_ceil(1000)
}

/// The length in bytes of the piece that a text begins with, and what it costs in thousandths of a token.
fn piece(first: u8, text: &[u8]) -> (usize, u64) {
    let run = |belongs: fn(&u8) -> bool| text.iter().take_while(|byte| belongs(byte)).count();
    match first {
        b'a'..=b'z' => {
            let length = run(u8::is_ascii_lowercase);
            (length, word(length))
        }
        b'A'..=b'Z' => {
            let upper = run(u8::is_ascii_uppercase);
            let lower = text.iter().skip(upper).take_while(|byte| byte.is_ascii_lowercase()).count();
            // `Word`, or `WORD`, which is rarer and falls into smaller pieces.
            if upper == 1 { (1 + lower, word(1 + lower)) } else { (upper, 600 + 260 * units(upper)) }
        }
        b'0'..=b'9' => {
            let length = run(u8::is_ascii_digit);
            (length, 1000 * units(length.div_ceil(3)))
        }
        b' ' | b'\t' => {
            let length = run(|byte| matches!(byte, b' ' | b'\t'));
            // One space belongs to the word that follows.
            let alone = length == 1 && first == b' ';
            let before_digit = text.get(length).is_some_and(u8::is_ascii_digit);
            (length, if alone && !before_digit { 0 } else { 1000 })
        }
        b'\n' | b'\r' => (run(|byte| matches!(byte, b'\n' | b'\r')), 150),
        0x80.. => high(first),
        _ => {
            let length = run(|byte| byte.is_ascii_punctuation() || byte.is_ascii_control()).max(1);
            (length, 650 + 140 * units(length))
        }
    }
}

/// What a word of so many letters costs: common ones are one token, long ones fall into pieces.
fn word(length: usize) -> u64 {
    match length {
        0..=4 => 960,
        5..=7 => 1080,
        8..=10 => 1330,
        _ => 1330 + 130 * units(length - 10),
    }
}

/// A character outside ASCII, by its first byte.
fn high(first: u8) -> (usize, u64) {
    match first {
        0xF0.. => (4, 2200),
        0xE0..=0xEF => (3, 850),
        0xC0..=0xDF => (2, 500),
        _ => (1, 0),
    }
}

fn units(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_has_a_cost_that_grows_with_it(one in ".{0,60}", two in ".{0,60}") {
            let (first, both) = (text(&one), text(&format!("{one}\n{two}")));
            prop_assert!(first <= both);
            prop_assert!(both <= 4 + 4 * u64::try_from(one.len() + two.len()).unwrap_or(u64::MAX));
        }
    }
}
