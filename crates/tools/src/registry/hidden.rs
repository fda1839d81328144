//! Credentials in addresses, such as a git remote's token, leave the sandbox in no result.

use serde_json::Value;
use slipway_protocol::credentials::hide;
use slipway_protocol::tool::ToolOutcome;

/// The outcome without them.
pub(super) fn hidden(mut outcome: ToolOutcome) -> ToolOutcome {
    replace(&mut outcome.text);
    replace_in(&mut outcome.data);
    if let Some(arguments) = &mut outcome.corrected_arguments {
        replace(arguments);
    }
    outcome
}

fn replace(text: &mut String) {
    if let std::borrow::Cow::Owned(clean) = hide(text) {
        *text = clean;
    }
}

fn replace_in(value: &mut Value) {
    match value {
        Value::String(text) => replace(text),
        Value::Array(items) => items.iter_mut().for_each(replace_in),
        Value::Object(fields) => fields.values_mut().for_each(replace_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
