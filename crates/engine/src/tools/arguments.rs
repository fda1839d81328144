//! Reads the arguments text of a tool call. Only what loses nothing is repaired; text that was cut off is
//! never completed, because half a file or half a command must not be acted on.

use serde_json::{Map, Value};

/// Arguments that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    /// The object.
    pub object: Map<String, Value>,
    /// Its JSON text, where it is not what was received.
    pub repaired: Option<String>,
}

/// Arguments that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct MalformedArguments {
    /// What is wrong and where, for the model.
    pub reason: String,
}

/// Characters of the received text that are quoted before and after the point where reading failed.
const QUOTED: usize = 40;

/// Reads an arguments text.
///
/// # Errors
/// It is not a JSON object, even after these repairs: nothing at all counts as `{}`; a byte order mark, a
/// code fence around and text after the object are removed; control characters inside strings are
/// escaped; an object that was encoded as a string is decoded once.
pub fn parse(received: &str) -> Result<Arguments, MalformedArguments> {
    if let Ok(Value::Object(object)) = serde_json::from_str(received) {
        return Ok(Arguments { object, repaired: None });
    }
    let text = without_fence(received.trim_start_matches('\u{feff}').trim());
    if text.is_empty() || text == "null" {
        return Ok(repaired(Map::new()));
    }
    let escaped = escape_control_characters(text);
    match first_value(&escaped)? {
        Value::Object(object) => Ok(repaired(object)),
        Value::String(inner) => match serde_json::from_str(&inner) {
            Ok(Value::Object(object)) => Ok(repaired(object)),
            _ => Err(wrong_type("a string")),
        },
        Value::Array(_) => Err(wrong_type("an array")),
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(wrong_type("a single value")),
    }
}

/// JSON text that can stand for a received arguments text in a request: the text itself if it is a JSON
/// object, else what it was repaired to, else an empty object (several providers reject requests whose
/// history holds malformed arguments).
pub fn replayable(received: &str) -> String {
    match parse(received) {
        Ok(Arguments { repaired: None, .. }) => received.to_owned(),
        Ok(Arguments { repaired: Some(text), .. }) => text,
        Err(_) => "{}".to_owned(),
    }
}

/// A text that is the same for arguments that differ only in white space.
pub(crate) fn canonical(received: &str) -> String {
    match parse(received) {
        Ok(Arguments { object, .. }) => Value::Object(object).to_string(),
        Err(_) => received.to_owned(),
    }
}

fn repaired(object: Map<String, Value>) -> Arguments {
    let text = Value::Object(object.clone()).to_string();
    Arguments { object, repaired: Some(text) }
}

fn wrong_type(what: &str) -> MalformedArguments {
    MalformedArguments { reason: format!("the arguments must be a JSON object, but they are {what}") }
}

/// The text inside a Markdown code fence, or the text itself.
fn without_fence(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("```") else { return text };
    let Some((_language, body)) = rest.split_once('\n') else { return text };
    body.trim_end().strip_suffix("```").map_or(text, str::trim)
}

/// Reads the value at the beginning of a text. What follows is ignored unless it begins another value:
/// that would be lost.
fn first_value(text: &str) -> Result<Value, MalformedArguments> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(malformed(text, &error)),
        None => return Ok(Value::Object(Map::new())),
    };
    let rest = text.get(values.byte_offset()..).unwrap_or_default().trim_start();
    if value.is_object() && rest.starts_with(['{', '[', ',']) {
        let reason = format!(
            "the arguments must be one JSON object, but after it comes more: {}",
            rest.chars().take(QUOTED).collect::<String>()
        );
        return Err(MalformedArguments { reason });
    }
    Ok(value)
}

fn malformed(text: &str, error: &serde_json::Error) -> MalformedArguments {
    let length = text.chars().count();
    if error.is_eof() {
        let from = text.char_indices().rev().nth(QUOTED - 1).map_or(0, |(index, _)| index);
        let end = text.get(from..).unwrap_or_default();
        let reason = format!("the arguments are cut off after {length} characters; they end with: {end}");
        return MalformedArguments { reason };
    }
    let offset = offset(text, error.line(), error.column());
    let before: String = {
        let head: Vec<char> = text.get(..offset).unwrap_or(text).chars().collect();
        head.iter().skip(head.len().saturating_sub(QUOTED)).collect()
    };
    let after: String = text.get(offset..).unwrap_or_default().chars().take(QUOTED).collect();
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or(&what);
    let reason = format!(
        "the arguments are not valid JSON: {what} at line {}, column {}, here: {before}⟨HERE⟩{after}",
        error.line(),
        error.column()
    );
    MalformedArguments { reason }
}

/// The byte offset of a line and column (counted in bytes from 1), moved to a character boundary.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Escapes raw control characters inside strings; JSON forbids them, models write them.
fn escape_control_characters(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut inside_string = false;
    let mut escaped = false;
    for character in text.chars() {
        if inside_string && u32::from(character) < 0x20 {
            match character {
                '\n' => result.push_str("\\n"),
                '\r' => result.push_str("\\r"),
                '\t' => result.push_str("\\t"),
                other => result.push_str(&format!("\\u{:04x}", u32::from(other))),
            }
            escaped = false;
            continue;
        }
        match character {
            '"' if !escaped => inside_string = !inside_string,
            _ => {}
        }
        escaped = inside_string && character == '\\' && !escaped;
        result.push(character);
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(received: &str, wanted: &str) {
        let arguments = parse(received).unwrap_or_else(|error| panic!("{received}: {error}"));
        assert_eq!(Value::Object(arguments.object).to_string(), wanted, "{received}");
    }

    fn check_error(received: &str, wanted: &str) {
        let error = parse(received).expect_err(received);
        assert!(error.reason.contains(wanted), "{}", error.reason);
        assert_eq!(replayable(received), "{}");
    }

    #[test]
    fn lossless_repairs_are_made() {
        check("", "{}");
        check("  \n", "{}");
        check("null", "{}");
        check("\u{feff}{\"a\":1}", r#"{"a":1}"#);
        check("```json\n{\"a\":1}\n```", r#"{"a":1}"#);
        check("{\"a\":1}</tool_call>", r#"{"a":1}"#);
        check("{\"a\":1}}", r#"{"a":1}"#);
        check("{\"a\":\"x\ty\nz\u{1}\"}", r#"{"a":"x\ty\nz\u0001"}"#);
        check(r#""{\"a\":\"b\"}""#, r#"{"a":"b"}"#);
    }

    #[test]
    fn valid_text_is_replayed_byte_for_byte() {
        let odd = "{ \"b\" :1.0,\n\"a\":[ ]}";
        assert_eq!(replayable(odd), odd);
        assert_eq!(replayable("{\"a\":1} ```"), "{\"a\":1}");
    }

    #[test]
    fn what_would_be_lost_or_guessed_is_refused() {
        check_error(r#"{"path":"a.py","text":"import o"#, "cut off after 31 characters");
        check_error(r#"{"path":"#, "cut off");
        check_error(r#"{"a":1"#, "cut off");
        check_error(r#"{"a":1}{"b":2}"#, "after it comes more");
        check_error("[1]", "an array");
        check_error("\"text\"", "a string");
        check_error("12", "a single value");
        check_error("{\"a\": tru}", "line 1, column");
        check_error("{'a': 1}", "⟨HERE⟩");
        check_error("{\"ü\": \"€\" x}", "⟨HERE⟩");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_cut_of_an_object_is_ever_accepted(value in "[a-z\\\\\"\n{}]{0,20}", cut in 1_usize..60) {
            let whole = serde_json::json!({"path": &value, "text": [&value]}).to_string();
            if let Some(part) = whole.get(..cut.min(whole.len() - 1)) {
                prop_assert!(parse(part).is_err(), "{part}");
            }
        }
    }
}
