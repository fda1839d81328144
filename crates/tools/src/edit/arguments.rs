//! What the model sends to `edit_file`. The doc comments here are what the model reads.

use schemars::JsonSchema;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Edits beyond this many in one call are dropped, and named in the result.
pub const MAX_EDITS: usize = 3;

/// Arguments of `edit_file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditFileArgs {
    /// Path of the file, relative to the workspace or absolute.
    pub file: String,
    /// One to three line-range replacements. All of them are applied, or none. All line numbers refer to the
    /// file as it was shown to you before this call; ranges must not overlap.
    #[serde(deserialize_with = "lenient_edits")]
    #[schemars(length(min = 1, max = 3))]
    pub edits: Vec<Edit>,
}

/// The replacement of one range of whole lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The lines to replace, as numbered in the file's view: "42" for one line, "13-15" for a range.
    /// "0" with empty content_to_remove inserts at the top, and fills an empty file.
    #[serde(deserialize_with = "lenient_line_number")]
    #[schemars(with = "String")]
    pub remove_line_number: String,
    /// Copied from the file without line numbers, it proves which lines are meant. One line: that line.
    /// Several lines: the first line, then a line holding only [TO], then the last line. Numbers may be off
    /// by up to 3 when this text settles the place; a text that fits several places is refused, so begin and
    /// end with lines that say something rather than with } or a blank line.
    #[serde(deserialize_with = "null_is_empty")]
    pub content_to_remove: String,
    /// The complete new lines; empty deletes the range. A newline at the very end only ends the last line
    /// (two make a blank line). To insert, replace one line by itself plus the new lines; to append, do so
    /// with the last line. Write every line out: no "rest unchanged" comments.
    pub replace_content: String,
}

/// Accepts what models send for a list of edits: the list, one edit, or either of them as JSON text.
fn lenient_edits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Edit>, D::Error> {
    let sent = match Value::deserialize(deserializer)? {
        Value::String(text) => serde_json::from_str(&text)
            .map_err(|error| D::Error::custom(format_args!("edits is text that is not JSON: {error}")))?,
        value => value,
    };
    let items = match sent {
        Value::Array(items) => items,
        single @ Value::Object(_) => vec![single],
        other => {
            return Err(D::Error::custom(format_args!(
                "edits must be an array of objects, not {}",
                kind(&other)
            )));
        }
    };
    let parse = |(index, item): (usize, Value)| {
        serde_json::from_value(item)
            .map_err(|error| D::Error::custom(format_args!("edit {}: {error}", index + 1)))
    };
    items.into_iter().enumerate().map(parse).collect()
}

fn lenient_line_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        Value::Number(number) => match number.as_f64() {
            Some(value) if value >= 0.0 && value.fract() == 0.0 => Ok(format!("{value:.0}")),
            _ => Err(D::Error::custom(format_args!("remove_line_number cannot be {number}"))),
        },
        other => Err(D::Error::custom(format_args!(
            "remove_line_number must be text such as \"13-15\" or \"42\", not {}",
            kind(&other)
        ))),
    }
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "callers build the value in place")]
    fn parse(edits: Value) -> Result<EditFileArgs, String> {
        serde_json::from_value(json!({"file": "a", "edits": edits})).map_err(|error| error.to_string())
    }

    #[test]
    fn accepts_numbers_single_edits_and_encoded_lists() {
        let expected =
            parse(json!([{"remove_line_number": "3", "content_to_remove": "x", "replace_content": "y"}]));
        let edit = json!({"remove_line_number": 3, "content_to_remove": "x", "replace_content": "y"});
        assert_eq!(parse(json!([edit])), expected);
        assert_eq!(parse(edit.clone()), expected);
        assert_eq!(parse(json!(json!([edit]).to_string())), expected);
        assert_eq!(
            parse(json!([{"remove_line_number": 3.0, "content_to_remove": "x", "replace_content": "y"}])),
            expected
        );
    }

    #[test]
    fn names_the_edit_and_the_field_that_is_wrong() {
        let edit = json!({"remove_line_number": 3, "content_to_remove": null, "replace_content": "y"});
        let error = parse(json!([edit, {"remove_line_number": "1", "content_to_remove": "x"}]));
        assert_eq!(error, Err("edit 2: missing field `replace_content`".to_owned()));
        let error =
            parse(json!([{"remove_line_number": [1, 2], "content_to_remove": "", "replace_content": ""}]));
        assert!(error.is_err_and(|text| text.contains("remove_line_number") && text.contains("an array")));
        assert!(
            parse(json!(7)).is_err_and(|text| text.contains("must be an array of objects, not a number"))
        );
    }
}
