//! JSON Schemas from the argument types, in the plain subset that every provider accepts.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema of a tool's arguments type.
pub fn parameters_of<A: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let settings = settings.with_transform(Plain);
    let mut schema = settings.into_generator().into_root_schema_for::<A>();
    schema.remove("title");
    schema.remove("description");
    if schema.get("properties").is_none() {
        schema.insert("properties".to_owned(), Value::Object(serde_json::Map::new()));
    }
    schema.to_value()
}

/// Takes out what only confuses models or their providers: number formats, `null` as a type of optional
/// arguments, defaults of `null`, and the line breaks of doc comments.
#[derive(Debug, Clone)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(keywords) = schema.as_object_mut() {
            keywords.shift_remove("format");
            if keywords.get("default") == Some(&Value::Null) {
                keywords.shift_remove("default");
            }
            if let Some(Value::Array(types)) = keywords.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    keywords.insert("type".to_owned(), only);
                }
            }
            unwrap_nullable(keywords);
            if let Some(Value::String(text)) = keywords.get_mut("description") {
                *text = unwrap_lines(text);
            }
        }
        transform_subschemas(self, schema);
    }
}

/// `anyOf: [X, null]` becomes `X`.
fn unwrap_nullable(keywords: &mut serde_json::Map<String, Value>) {
    let Some(Value::Array(choices)) = keywords.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        keywords.shift_remove("anyOf");
        for (key, value) in only {
            keywords.entry(key).or_insert(value);
        }
    }
}

/// Joins the lines of each paragraph; blank lines and list items stay on lines of their own.
fn unwrap_lines(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        match lines.last_mut() {
            Some(open) if !open.is_empty() && !line.is_empty() && !line.starts_with("- ") => {
                open.push(' ');
                open.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Example {
        /// The file or
        /// files.
        ///
        /// - first
        /// - second
        file: OneOrMany,
        /// A line.
        #[serde(default)]
        line: Option<u32>,
        /// Nested things.
        nested: Vec<Nested>,
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Nested {
        /// Whether.
        #[serde(default)]
        flag: bool,
    }

    #[test]
    fn schema_is_plain_and_in_declaration_order() {
        let parameters = parameters_of::<Example>();
        let expected = json!({
            "type": "object",
            "properties": {
                "file": {
                    "description": "The file or files.\n\n- first\n- second",
                    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
                },
                "line": {"description": "A line.", "type": "integer", "minimum": 0},
                "nested": {
                    "description": "Nested things.",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "flag": {"description": "Whether.", "type": "boolean", "default": false}
                        }
                    }
                }
            },
            "required": ["file", "nested"]
        });
        assert_eq!(parameters, expected);
        let keys: Vec<&String> = parameters["properties"].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["file", "line", "nested"]);
    }
}
