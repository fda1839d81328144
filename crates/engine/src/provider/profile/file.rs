//! Reads profiles: those that are compiled in, and files that add to or change them.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::{Table, Value};
use url::Url;

use super::{CacheRule, Profile};

/// The profiles that are compiled in.
const BUILT_IN: &str = include_str!("../profiles.toml");

/// Arrays of tables in a profile, and the field by which their elements are told apart.
const NAMED_PARTS: [(&str, &str); 2] = [("model", "name"), ("family", "prefix")];

/// Why a profile file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or not a list of `[[profile]]` tables with names.
    #[error("not a profile file: {0}")]
    Malformed(#[from] toml::de::Error),
    /// A profile has a missing, unknown or mistyped field.
    #[error("profile `{name}`: {reason}")]
    Field {
        /// The profile.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A profile's values make no sense.
    #[error("profile `{name}`: {reason}")]
    Value {
        /// The profile.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    profile: Vec<Entry>,
}

/// A profile as a file states it: complete, or what differs from another.
#[derive(Deserialize)]
struct Entry {
    name: String,
    /// The profile that it starts from; the built-in one of the same name unless stated, nothing when empty.
    based_on: Option<String>,
    #[serde(flatten)]
    fields: Table,
}

/// The profiles that are compiled in.
#[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
pub(super) fn built_in() -> Vec<Profile> {
    parse("").expect("profiles.toml is of the right form")
}

/// The built-in profiles with those of `text` (TOML, see `docs/providers.md`) added or laid over them.
///
/// # Errors
/// The text is not TOML of the right form, or a value makes no sense; the error names the profile and field.
pub fn parse(text: &str) -> Result<Vec<Profile>, ProfileError> {
    let mut tables: Vec<(String, Table)> = Vec::new();
    add(&mut tables, BUILT_IN)?;
    if !text.trim().is_empty() {
        add(&mut tables, text)?;
    }
    let profiles: Vec<Profile> = tables
        .into_iter()
        .map(|(name, table)| {
            let reason = |error: toml::de::Error| error.message().to_owned();
            table.try_into().map_err(|error| ProfileError::Field { name, reason: reason(error) })
        })
        .collect::<Result<_, _>>()?;
    for profile in &profiles {
        check(profile).map_err(|reason| ProfileError::Value { name: profile.name.clone(), reason })?;
    }
    Ok(profiles)
}

fn add(tables: &mut Vec<(String, Table)>, text: &str) -> Result<(), ProfileError> {
    let file: ProfileFile = toml::from_str(text)?;
    let mut seen = BTreeSet::new();
    for Entry { name, based_on, fields } in file.profile {
        let refuse = |reason: String| ProfileError::Value { name: name.clone(), reason };
        if !seen.insert(name.clone()) {
            return Err(refuse("it is stated twice".to_owned()));
        }
        let base = based_on.as_deref().unwrap_or(&name);
        let known = tables.iter().find(|(known, _)| known == base).map(|(_, table)| table.clone());
        let mut table = match (known, based_on.as_deref()) {
            (Some(table), _) => table,
            (None, None | Some("")) => Table::new(),
            (None, Some(base)) => return Err(refuse(format!("it is based on `{base}`, which is not known"))),
        };
        lay_over(&mut table, fields);
        table.insert("name".to_owned(), Value::String(name.clone()));
        match tables.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = table,
            None => tables.push((name, table)),
        }
    }
    Ok(())
}

/// Replaces fields. Models and families are laid over those of the same name; new ones come first, so that
/// a new model is the default.
fn lay_over(base: &mut Table, fields: Table) {
    for (field, value) in fields {
        let key = NAMED_PARTS.iter().find(|(part, _)| *part == field).map(|(_, key)| *key);
        match (key, base.get_mut(&field), value) {
            (Some(key), Some(Value::Array(known)), Value::Array(more)) => lay_parts_over(known, more, key),
            (_, _, value) => {
                base.insert(field, value);
            }
        }
    }
}

fn lay_parts_over(known: &mut Vec<Value>, parts: Vec<Value>, key: &str) {
    let mut fresh = Vec::new();
    for part in parts {
        let same = known.iter_mut().find(|other| other.get(key).is_some() && other.get(key) == part.get(key));
        match (same, part) {
            (Some(Value::Table(known)), Value::Table(part)) => known.extend(part),
            (_, part) => fresh.push(part),
        }
    }
    known.splice(0..0, fresh);
}

fn check(profile: &Profile) -> Result<(), String> {
    let valid =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter);
    if profile.name.is_empty() || !profile.name.chars().all(valid) {
        return Err("its name must be of a-z, 0-9, `-` and `_`".to_owned());
    }
    if !profile.base_url.is_empty() {
        check_base_url(&profile.base_url)?;
    }
    let positive = |temperature: &f64| temperature.is_finite() && *temperature > 0.0;
    if !profile.max_temperature.as_ref().is_none_or(positive) {
        return Err("max_temperature must be greater than 0".to_owned());
    }
    profile.cache.map_or(Ok(()), |rule| check_cache(rule, "cache"))?;
    for family in &profile.families {
        let place = format!("family `{}`: cache", family.prefix);
        family.cache.map_or(Ok(()), |rule| check_cache(rule, &place))?;
    }
    check_models(profile)
}

fn check_base_url(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| format!("base_url `{text}`: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("base_url `{text}` must begin with https:// or http://"));
    }
    if text.ends_with('/') || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("base_url `{text}` must have no slash at its end, no query and no fragment"));
    }
    Ok(())
}

fn check_cache(rule: CacheRule, place: &str) -> Result<(), String> {
    let sound = |ratio: f64| ratio.is_finite() && (0.0..=10.0).contains(&ratio);
    if sound(rule.read) && sound(rule.write) {
        return Ok(());
    }
    Err(format!("{place}: read and write are fractions of the input price, from 0 to 10"))
}

fn check_models(profile: &Profile) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for model in &profile.models {
        let fail = |reason: &str| Err(format!("model `{}`: {reason}", model.name));
        if model.name.trim().is_empty() {
            return fail("its name is empty");
        }
        for name in std::iter::once(&model.name).chain(&model.aliases) {
            if !names.insert(name.to_lowercase()) {
                return Err(format!("model `{}`: the name `{name}` is taken by another", model.name));
            }
        }
        if model.window == Some(0) || model.max_output == Some(0) {
            return fail("window and max_output must be greater than 0");
        }
        if let Some(prices) = &model.prices
            && !prices.all().all(|price| price.is_finite() && price >= 0.0)
        {
            return fail("prices must not be negative");
        }
        model.cache.map_or(Ok(()), |rule| check_cache(rule, &format!("model `{}`: cache", model.name)))?;
    }
    Ok(())
}
