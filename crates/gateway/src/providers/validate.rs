//! What a provider may be saved with.

use slipway_engine::provider::access;
use slipway_engine::provider::profile::Auth;
use slipway_protocol::api::SaveProvider;
use slipway_protocol::{Problem, ProviderId};
use url::Url;

use super::{Configured, DEMO_ID, preset};
use crate::api::ApiError;

/// Fields of a request body that Slipway sets itself.
const RESERVED_FIELDS: [&str; 5] = ["model", "messages", "stream", "stream_options", "tools"];

/// Longest key, in bytes.
const MAX_KEY: usize = 4096;
/// Longest credential in place of a key, in bytes; those of Google have about 2400.
const MAX_CREDENTIAL: usize = 16_384;

/// Checks everything that does not depend on other providers, and tidies what may be tidied: spaces
/// around values and a slash at the end of the address.
///
/// # Errors
/// 422 with the first value that cannot be used, and why.
pub fn validate(id: &ProviderId, mut given: SaveProvider) -> Result<SaveProvider, ApiError> {
    check_id(id)?;
    let known = preset::presets().iter().any(|preset| preset.profile == given.profile);
    if !known {
        return Err(ApiError::invalid(format!("There is no profile `{}`; use `custom`.", given.profile)));
    }
    given.name = given.name.trim().to_owned();
    if given.name.is_empty() || given.name.chars().count() > 100 {
        return Err(ApiError::invalid("The name must have 1 to 100 characters."));
    }
    given.base_url = base_url(&given.base_url)?;
    given.models = models(&given.models)?;
    given.api_key = given.api_key.map(|key| key.trim().to_owned());
    if let Some(key) = &given.api_key {
        check_key(&given.profile, key)?;
    }
    if let Some(field) = RESERVED_FIELDS.iter().find(|field| given.extra_body.contains_key(**field)) {
        return Err(ApiError::invalid(format!("The extra fields must not hold `{field}`: Slipway sets it.")));
    }
    Ok(given)
}

/// Refuses to send a stored key to an address that it was not entered for.
///
/// # Errors
/// 422 when `given` keeps the key of `stored` but names another server.
pub fn check_key_address(stored: Option<&Configured>, given: &SaveProvider) -> Result<(), ApiError> {
    let Some(stored) = stored.filter(|stored| stored.provider.has_key && given.api_key.is_none()) else {
        return Ok(());
    };
    if origin(&stored.provider.base_url) == origin(&given.base_url) {
        return Ok(());
    }
    Err(Problem::new(422, "key_needed", "The key must be entered again")
        .detail("The address changed to another server, and stored keys are sent only where they belong.")
        .hint("Enter the key for the new address.")
        .into())
}

fn check_key(profile: &str, key: &str) -> Result<(), ApiError> {
    let profile = slipway_engine::profile(profile);
    if profile.auth == Auth::Google && key.starts_with('{') && key.len() <= MAX_CREDENTIAL {
        return access::check_key(profile, key).map_err(|problem| ApiError::invalid(problem.detail));
    }
    if key.len() > MAX_KEY || !key.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err(ApiError::invalid("The key must be plain text without spaces, at most 4096 characters."));
    }
    Ok(())
}

fn origin(base_url: &str) -> Option<url::Origin> {
    Url::parse(base_url).ok().map(|url| url.origin())
}

fn check_id(id: &ProviderId) -> Result<(), ApiError> {
    let text = id.as_str();
    let is_valid = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_');
    if !is_valid {
        return Err(ApiError::invalid("An id has 1 to 64 of a-z, 0-9, `-` and `_`."));
    }
    if text == DEMO_ID {
        return Err(Problem::new(409, "built_in", "The demo cannot be changed")
            .detail("The id `demo` belongs to the built-in provider.")
            .hint("Choose another id.")
            .into());
    }
    Ok(())
}

fn base_url(text: &str) -> Result<String, ApiError> {
    let text = text.trim().trim_end_matches('/');
    let refused = |why: &str| ApiError::invalid(format!("The base URL `{text}` cannot be used: {why}."));
    if text.len() > 2048 {
        return Err(ApiError::invalid("The base URL is longer than 2048 characters."));
    }
    let url = Url::parse(text).map_err(|error| refused(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("it must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ApiError::invalid("The base URL must not hold a name or password; use the key field."));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("it must not have a query or fragment"));
    }
    Ok(text.to_owned())
}

fn models(given: &[String]) -> Result<Vec<String>, ApiError> {
    let mut models: Vec<String> = Vec::with_capacity(given.len());
    for model in given.iter().map(|model| model.trim()).filter(|model| !model.is_empty()) {
        if model.len() > 200 || model.chars().any(char::is_control) {
            return Err(ApiError::invalid("A model's name has at most 200 characters and no line breaks."));
        }
        if !models.iter().any(|known| known == model) {
            models.push(model.to_owned());
        }
    }
    match models.len() {
        1..=200 => Ok(models),
        _ => Err(ApiError::invalid("Name at least one model, and at most 200.")),
    }
}
