//! Values as columns hold them: JSON, counters, enums by their wire names.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// A value as JSON text.
///
/// # Errors
/// When the value has no JSON form, which none of ours lacks.
pub(crate) fn to_json<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Unreadable { what, source })
}

/// A value from JSON text.
///
/// # Errors
/// When the text is not what [`to_json`] once wrote.
pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Unreadable { what, source })
}

/// A statement that inserts so many rows. Only names and placeholders are in it.
pub(crate) fn insertion(table: &'static str, columns: &[&'static str], rows: usize) -> String {
    let row = |row: usize| {
        let places = (1..=columns.len()).map(|column| format!("${}", row * columns.len() + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let rows = (0..rows).map(row).collect::<Vec<_>>().join(", ");
    format!("INSERT INTO {table} ({}) VALUES {rows}", columns.join(", "))
}

/// An enum without data as its wire name.
///
/// # Errors
/// As [`to_json`].
pub(crate) fn to_name<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    Ok(to_json(what, value)?.trim_matches('"').to_owned())
}

/// An enum without data from its wire name.
///
/// # Errors
/// When there is no such name.
pub(crate) fn from_name<T: DeserializeOwned>(what: &'static str, name: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|source| StoreError::Unreadable { what, source })
}

/// Text from outside as every database can hold it: PostgreSQL has no text with U+0000. What stands for it is as
/// long, so that positions stay, and is what ASCII has for the purpose.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{1a}").into() } else { text.into() }
}

/// A count as the database holds it; beyond `i64` it stays at the end of the range.
pub(crate) fn to_count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count from the database; never negative.
pub(crate) fn from_count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
