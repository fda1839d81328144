//! What is looked for, and whether a text holds it.

use slipway_protocol::message::{Part, PartBody};
use slipway_protocol::search::Excerpt;

use super::excerpt::{Folded, excerpt};

/// Most words of a query; further ones are not looked at.
const MAX_WORDS: usize = 8;

/// The words of a query. All of them are to be in a text, in any order and case; what stands in quotation
/// marks counts as one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

/// Where the words were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The first word's place.
    pub excerpt: Excerpt,
    /// The tool whose arguments hold it.
    pub tool: Option<String>,
}

impl Words {
    /// The words of a query; `None` when it has none.
    pub fn parse(query: &str) -> Option<Self> {
        let mut words = Vec::new();
        for (index, piece) in query.split('"').enumerate() {
            match index % 2 {
                0 => words.extend(piece.split_whitespace()),
                _ => words.push(piece.trim()),
            }
        }
        words.retain(|word| !word.is_empty());
        words.truncate(MAX_WORDS);
        let words: Vec<String> = words.into_iter().map(|word| Folded::of(word).text).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// For each word a pattern for `LIKE` that fits every JSON text which holds the word in lower case. It may
    /// fit others too.
    pub fn patterns(&self) -> Vec<String> {
        let pattern = |word: &String| {
            let mut pattern = String::from("%");
            for character in word.chars() {
                match character {
                    // A wildcard, which JSON has as it is.
                    '_' => pattern.push('_'),
                    'a'..='z' | '0'..='9' | '-' | '.' | ':' => pattern.push(character),
                    // JSON may have it escaped, in arguments twice; SQLite folds the case of ASCII alone.
                    _ => pattern.push('%'),
                }
            }
            pattern.push('%');
            pattern
        };
        self.0.iter().map(pattern).collect()
    }

    /// Whether a part holds all words, in its text or in the arguments of its call.
    pub fn find(&self, part: &Part) -> Option<Found> {
        match &part.body {
            PartBody::Text { text } | PartBody::Notice { text, .. } => {
                self.find_in(text).map(|excerpt| Found { excerpt, tool: None })
            }
            PartBody::Tool(tool) => {
                let excerpt = self.find_in(&strings_of(&tool.arguments))?;
                Some(Found { excerpt, tool: Some(tool.name.clone()) })
            }
            PartBody::Reasoning { .. } => None,
        }
    }

    /// The first word's place in a text that holds all words.
    pub fn find_in(&self, text: &str) -> Option<Excerpt> {
        let folded = Folded::of(text);
        let (first, others) = self.0.split_first()?;
        let place = folded.find(first)?;
        others.iter().all(|word| folded.text.contains(word)).then(|| excerpt(text, place))
    }
}

/// The strings in a JSON text, line by line; the text itself while it is not whole.
fn strings_of(arguments: &str) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(arguments) else {
        return arguments.to_owned();
    };
    let mut strings = Vec::new();
    collect(&value, &mut strings);
    strings.join("\n")
}

fn collect<'a>(value: &'a serde_json::Value, strings: &mut Vec<&'a str>) {
    match value {
        serde_json::Value::String(text) => strings.push(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, strings)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| collect(field, strings)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(query: &str) -> Words {
        Words::parse(query).expect("words")
    }

    /// `LIKE` as databases have it.
    fn is_like(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|skip| is_like(rest, &text[skip..])),
            Some(('_', rest)) => !text.is_empty() && is_like(rest, &text[1..]),
            Some((first, rest)) => text.first() == Some(first) && is_like(rest, &text[1..]),
        }
    }

    #[test]
    fn quoted_words_belong_together() {
        assert_eq!(words("flaky  Upload").0, ["flaky", "upload"]);
        assert_eq!(words("\"flaky Upload\" test").0, ["flaky upload", "test"]);
        assert_eq!(words("an open \"quotation").0, ["an", "open", "quotation"]);
        assert_eq!(Words::parse(" \"\" \" "), None);
    }

    #[test]
    fn all_words_are_to_be_there() {
        let text = "The UPLOAD is flaky: Straße, \"quoted\" 100%";
        for query in ["upload", "flaky upload", "\"is flaky\"", "STRASSE upload", "straße", "100%", "'"] {
            let expected = !query.contains("SS") && query != "'";
            assert_eq!(words(query).find_in(text).is_some(), expected, "{query}");
        }
        assert!(words("flaky missing").find_in(text).is_none());
    }

    #[test]
    fn arguments_are_searched_as_what_they_say() {
        let arguments = r#"{"file": "src/upload.rs", "edits": [{"replace_content": "let t = \"now\";\nx"}]}"#;
        let strings = strings_of(arguments);
        assert!(words("SRC/upload.rs").find_in(&strings).is_some());
        assert!(words("\"t =\" now").find_in(&strings).is_some());
        assert!(words("replace_content").find_in(&strings).is_none(), "names are no content");
        assert!(words("half").find_in(&strings_of("{\"file\": \"half")).is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_found_fits_the_patterns(
            before in ".{0,5}", word in "[a-zA-Z\"\\\\%_/äÖß\n-]{1,4}", after in ".{0,5}",
        ) {
            let text = format!("{before}{word}{after}");
            let Some(words) = Words::parse(&word) else { return Ok(()) };
            prop_assume!(words.find_in(&text).is_some());
            // As a text, and as a string in arguments that are a string themselves.
            let once = serde_json::to_string(&text).expect("JSON");
            let twice = serde_json::to_string(&once).expect("JSON");
            for json in [once, twice] {
                // SQLite's lower(); PostgreSQL's knows more letters.
                for stored in [json.to_ascii_lowercase(), json.to_lowercase()] {
                    let stored: Vec<char> = stored.chars().collect();
                    for pattern in words.patterns() {
                        let pattern: Vec<char> = pattern.chars().collect();
                        prop_assert!(is_like(&pattern, &stored), "{pattern:?} in {stored:?}");
                    }
                }
            }
        }
    }
}
