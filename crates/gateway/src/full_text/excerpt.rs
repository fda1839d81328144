//! Texts without regard to case, and the surroundings of a place in a text.

use std::ops::Range;

use slipway_protocol::search::Excerpt;

/// Characters before and behind what was found.
const BEFORE: usize = 40;
const AFTER: usize = 120;

/// A text in lower case that knows where each of its pieces comes from.
pub(super) struct Folded {
    pub(super) text: String,
    /// For each character: where it begins in `text`, and in the original.
    starts: Vec<(usize, usize)>,
    /// Length of the original in bytes.
    length: usize,
}

impl Folded {
    pub(super) fn of(original: &str) -> Self {
        let mut folded = Self { text: String::new(), starts: Vec::new(), length: original.len() };
        for (start, character) in original.char_indices() {
            folded.starts.push((folded.text.len(), start));
            folded.text.extend(character.to_lowercase());
        }
        folded
    }

    /// The first place of a word that is in lower case, in the original.
    pub(super) fn find(&self, word: &str) -> Option<Range<usize>> {
        let start = self.text.find(word)?;
        let (end, length) = (start + word.len(), self.text.len());
        // A place may begin or end within a character that folds to several.
        let first = self.starts.partition_point(|(folded, _)| *folded <= start).checked_sub(1)?;
        let behind = self.starts.partition_point(|(folded, _)| *folded < end.min(length));
        let original = |index: usize| self.starts.get(index).map_or(self.length, |(_, original)| *original);
        Some(original(first)..original(behind))
    }
}

/// A place in a text with what is around it.
pub(super) fn excerpt(text: &str, place: Range<usize>) -> Excerpt {
    let (before, rest) = text.split_at(place.start);
    let (found, after) = rest.split_at(place.len());
    Excerpt { before: end_of(before), found: on_one_line(found), after: beginning_of(after) }
}

fn end_of(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().rev().nth(BEFORE - 1).filter(|(cut, _)| *cut > 0) else {
        return on_one_line(text);
    };
    let (left_out, end) = text.split_at(cut);
    let within_word = !left_out.ends_with(char::is_whitespace);
    let begin = end.find(char::is_whitespace).filter(|_| within_word).unwrap_or(0);
    format!("…{}", on_one_line(&end[begin..]).trim_start())
}

fn beginning_of(text: &str) -> String {
    match text.char_indices().nth(AFTER) {
        None => on_one_line(text),
        Some((cut, _)) => format!("{}…", on_one_line(&text[..cut]).trim_end()),
    }
}

fn on_one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_told_in_the_original() {
        // "İ" folds to two characters.
        for (text, word, found) in [
            ("One Two", "two", "Two"),
            ("İstanbul", "stan", "stan"),
            ("xİy", "i", "İ"),
            ("ÄÖÜ", "ö", "Ö"),
            ("end", "end", "end"),
        ] {
            let place = Folded::of(text).find(word).expect("found");
            assert_eq!(&text[place], found, "{word} in {text}");
        }
    }

    #[test]
    fn surroundings_are_short_and_begin_with_a_word() {
        let text = format!("{} the\nplace {}", "before ".repeat(20), "after ".repeat(60));
        let start = text.find("place").expect("there");
        let Excerpt { before, found, after } = excerpt(&text, start..start + 5);
        assert_eq!((before.as_str(), found.as_str()), ("…before before before before before  the ", "place"));
        assert!(after.starts_with(" after after") && after.ends_with("after…"), "{after}");
        let whole = excerpt("a place here", 2..7);
        assert_eq!((whole.before.as_str(), whole.after.as_str()), ("a ", " here"));
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_was_looked_for(text in "\\PC{0,80}", word in "\\PC{1,3}") {
            let word = Folded::of(&word).text;
            if let Some(place) = Folded::of(&text).find(&word) {
                prop_assert!(Folded::of(&text[place.clone()]).text.contains(&word));
                excerpt(&text, place);
            }
        }
    }
}
