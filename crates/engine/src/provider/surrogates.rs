//! Halves of surrogate pairs in JSON text: some providers cut an emoji in two between chunks, and no JSON
//! reader takes one half of it.

use std::borrow::Cow;

/// Bytes of an escape such as `\\ud83d`.
const ESCAPE: usize = 6;

/// JSON text in which each escape of half a character is replaced by that of the replacement character.
pub(crate) fn with_whole_characters(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return Cow::Borrowed(json);
    }
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find('\\') {
        let (before, escape) = rest.split_at(start);
        whole.push_str(before);
        let length = match half(escape) {
            Some(Half::First) if escape.get(ESCAPE..).and_then(half) == Some(Half::Second) => {
                whole.push_str(escape.get(..2 * ESCAPE).unwrap_or_default());
                2 * ESCAPE
            }
            Some(_) => {
                whole.push_str("\\ufffd");
                ESCAPE
            }
            None => {
                // A back slash and what it escapes.
                let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
                whole.push_str(escape.get(..length).unwrap_or_default());
                length
            }
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// Which half of a character an escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    First,
    Second,
}

/// The half that a text begins with, if it begins with the escape of one.
fn half(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..ESCAPE - 2)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..0xdc00 => Some(Half::First),
        0xdc00..0xe000 => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_are_replaced_and_pairs_kept() {
        for (json, wanted) in [
            (r#""plain""#, r#""plain""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\uD83Dx""#, r#""\ufffdx""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#""\ud83""#, r#""\ud83""#),
            (r#""\ud83d\"#, r#""\ufffd\"#),
        ] {
            assert_eq!(with_whole_characters(json), wanted);
        }
    }

    proptest! {
        #[test]
        fn strings_of_any_escapes_can_be_read_afterwards(escapes in prop::collection::vec(any::<u16>(), 0..12)) {
            let json = format!("\"{}\"", escapes.iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>());
            let read: String = serde_json::from_str(&with_whole_characters(&json)).expect("JSON");
            prop_assert_eq!(read, String::from_utf16_lossy(&escapes));
        }

        #[test]
        fn whole_text_is_not_touched(text in ".{0,40}") {
            let json = serde_json::json!(text).to_string();
            prop_assert_eq!(with_whole_characters(&json), json.as_str());
        }
    }
}
