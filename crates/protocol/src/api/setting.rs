//! What settings that several sources may name have in common: variables, bounds, and where a value comes from.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a value in force comes from; later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    /// Nobody has chosen.
    Default,
    /// The file `.env`.
    File,
    /// The environment that Slipway was started in.
    Env,
    /// Saved in this instance.
    Instance,
}

/// For whom a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingScope {
    /// Everybody who uses this instance.
    Instance,
    /// The person who asks.
    Person,
}

/// A setting with what is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SettingEntry {
    /// Its name: the kind of setting and the field, such as `limits.max_steps`.
    pub name: String,
    /// What is in force. Of keys, whether there is one.
    pub value: Value,
    /// For whom it holds.
    pub scope: SettingScope,
    /// Where the value comes from.
    pub source: SettingSource,
    /// The variable of the environment that sets it; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
}

/// `GET /settings/all`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SettingList {
    /// All settings; a conversation's own limits are with its budget.
    pub items: Vec<SettingEntry>,
}

/// Why a value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is `{value}`, but must be {expected}")]
pub struct SettingError {
    /// The field or the variable.
    pub name: String,
    /// What it is.
    pub value: String,
    /// What it should be.
    pub expected: String,
}

/// Variables of the environment, by the fields that they set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variables(pub(super) &'static [(&'static str, &'static str)]);

impl Variables {
    /// Their names.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(_, variable)| *variable)
    }

    /// The variable of a field; the field itself when it has none.
    pub(super) fn of(self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or(field, |(_, variable)| variable)
    }

    /// A field's variable and what it holds; `None` when it is not set or blank.
    pub(super) fn text(
        self,
        read: &impl Fn(&str) -> Option<String>,
        field: &str,
    ) -> Option<(String, String)> {
        let name = self.of(field);
        let value = read(name)?.trim().to_owned();
        (!value.is_empty()).then(|| (name.to_owned(), value))
    }

    /// The same as a value of the field's type.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn parsed<T: FromStr>(
        self,
        read: &impl Fn(&str) -> Option<String>,
        field: &str,
        expected: &str,
    ) -> Result<Option<T>, SettingError> {
        let Some((name, value)) = self.text(read, field) else { return Ok(None) };
        match value.parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => Err(SettingError { name, value, expected: expected.to_owned() }),
        }
    }

    /// Each field of `values` by itself, named below `kind`.
    pub(super) fn entries<T: Serialize>(
        self,
        kind: &str,
        scope: SettingScope,
        values: &T,
        sources: &BTreeMap<String, SettingSource>,
    ) -> Vec<SettingEntry> {
        let values = serde_json::to_value(values).unwrap_or_default();
        let entry = |(field, variable): &(&str, &str)| SettingEntry {
            name: format!("{kind}.{field}"),
            value: values.get(field).cloned().unwrap_or_default(),
            scope,
            source: sources.get(*field).copied().unwrap_or(SettingSource::Default),
            variable: Some((*variable).to_owned()),
        };
        self.0.iter().map(entry).collect()
    }

    /// An error of a field as one of its variable.
    pub(super) fn name_variable(self, error: SettingError) -> SettingError {
        SettingError { name: self.of(&error.name).to_owned(), ..error }
    }

    /// Where each field's value comes from, given what is saved, what the environment says (each with the
    /// fields that it chooses alone), and the variables that a file had set.
    pub(super) fn sources<T: Serialize>(
        self,
        saved: &T,
        environment: &T,
        in_file: &[String],
    ) -> BTreeMap<String, SettingSource> {
        let chosen = |choices: &T| match serde_json::to_value(choices) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (saved, environment) = (chosen(saved), chosen(environment));
        let source = |name: &str, variable: &str| {
            if saved.contains_key(name) {
                SettingSource::Instance
            } else if !environment.contains_key(name) {
                SettingSource::Default
            } else if in_file.iter().any(|file| file == variable) {
                SettingSource::File
            } else {
                SettingSource::Env
            }
        };
        self.0.iter().map(|(name, variable)| ((*name).to_owned(), source(name, variable))).collect()
    }
}

/// Whether 0 stands for something of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    Allowed,
    Refused,
}

/// Refuses a value outside of its bounds.
pub(super) fn within(
    name: &str,
    value: Option<u32>,
    least: u32,
    most: u32,
    zero: Zero,
) -> Result<(), SettingError> {
    let Some(value) = value else { return Ok(()) };
    if (least..=most).contains(&value) || (value == 0 && zero == Zero::Allowed) {
        return Ok(());
    }
    let or_zero = if zero == Zero::Allowed { ", or 0" } else { "" };
    let expected = format!("{least} to {most}{or_zero}");
    Err(SettingError { name: name.to_owned(), value: value.to_string(), expected })
}
