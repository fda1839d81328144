//! From the arguments object that a model wrote to the tool's own type.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor, value};
use serde_json::{Map, Value};
use slipway_protocol::tool::ToolSpec;

/// Names that models know from other systems for arguments of ours.
const SYNONYMS: [(&str, &[&str]); 2] = [
    ("file", &["path", "file_path", "filename", "files", "target_file"]),
    ("path", &["directory", "relative_workspace_path", "dir"]),
];

/// Arguments of the right types, and what the model should know about how they were read.
pub(super) struct Decoded<A> {
    pub(super) arguments: A,
    /// Text to add to the result: names of arguments that the tool does not have.
    pub(super) note: Option<String>,
}

/// Decodes the arguments of a call.
///
/// # Errors
/// The text for the model: which argument is wrong, what was expected there, and what the tool takes.
pub(super) fn decode<A: DeserializeOwned>(
    spec: &ToolSpec,
    mut arguments: Value,
) -> Result<Decoded<A>, String> {
    let known = spec.parameters.get("properties").and_then(Value::as_object);
    let is_known = |name: &str| known.is_some_and(|known| known.contains_key(name));
    let Value::Object(object) = &mut arguments else {
        return Err(format!(
            "Wrong arguments for {}: expected a JSON object, got {}. {}",
            spec.name,
            kind_of(&arguments),
            usage(spec)
        ));
    };
    rename_synonyms(object, is_known);
    let unknown: Vec<String> =
        object.keys().filter(|key| !is_known(key)).map(|key| format!("`{}`", shortened(key))).collect();
    match serde_path_to_error::deserialize::<_, A>(arguments) {
        Ok(decoded) => Ok(Decoded { arguments: decoded, note: note_of(spec, &unknown) }),
        Err(error) => Err(refusal(spec, &error, &unknown)),
    }
}

/// Gives arguments their right name where a model used that of a similar tool.
fn rename_synonyms(arguments: &mut Map<String, Value>, is_known: impl Fn(&str) -> bool) {
    for (name, synonyms) in SYNONYMS {
        if !is_known(name) || arguments.contains_key(name) {
            continue;
        }
        let used = synonyms.iter().find(|synonym| arguments.contains_key(**synonym) && !is_known(synonym));
        if let Some(value) = used.and_then(|used| arguments.shift_remove(*used)) {
            arguments.insert(name.to_owned(), value);
        }
    }
}

fn refusal(
    spec: &ToolSpec,
    error: &serde_path_to_error::Error<serde_json::Error>,
    unknown: &[String],
) -> String {
    let path = error.path().to_string();
    let place = if path == "." { String::new() } else { format!("`{path}`: ") };
    let ignored =
        if unknown.is_empty() { String::new() } else { format!(" It does not take {}.", unknown.join(", ")) };
    format!(
        "Wrong arguments for {}: {place}{}. Nothing was done. {}{ignored}",
        spec.name,
        shortened(&error.inner().to_string()),
        usage(spec)
    )
}

fn note_of(spec: &ToolSpec, unknown: &[String]) -> Option<String> {
    if unknown.is_empty() {
        return None;
    }
    Some(format!("\n(Ignored: {} does not take {}.)", spec.name, unknown.join(", ")))
}

/// What a tool takes, in one sentence each for required and optional arguments.
fn usage(spec: &ToolSpec) -> String {
    let required: Vec<&str> = spec
        .parameters
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let properties = spec.parameters.get("properties").and_then(Value::as_object);
    let (mut needed, mut optional) = (Vec::new(), Vec::new());
    for (name, schema) in properties.into_iter().flatten() {
        let text = format!("`{name}` ({})", type_of(schema));
        if required.contains(&name.as_str()) { needed.push(text) } else { optional.push(text) }
    }
    let needed = if needed.is_empty() { "nothing".to_owned() } else { needed.join(", ") };
    if optional.is_empty() {
        format!("Required: {needed}.")
    } else {
        format!("Required: {needed}. Optional: {}.", optional.join(", "))
    }
}

/// A schema's type in words, for example `array of string`.
fn type_of(schema: &Value) -> String {
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        return choices.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => match schema.get("items") {
            Some(items) => format!("array of {}", type_of(items)),
            None => "array".to_owned(),
        },
        Some(name) => name.to_owned(),
        None => "any".to_owned(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A model's own text is quoted back, but not by the page.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain("…".chars()).collect()
}

/// One value or a list of them: models write either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [item, { "type": "array", "items": item }] })
    }
}

impl<'de> Deserialize<'de> for OneOrMany<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrTexts(PhantomData))
    }
}

struct TextOrTexts(PhantomData<String>);

impl<'de> Visitor<'de> for TextOrTexts {
    type Value = OneOrMany<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or an array of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(OneOrMany(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(value::SeqAccessDeserializer::new(items)).map(OneOrMany)
    }
}
