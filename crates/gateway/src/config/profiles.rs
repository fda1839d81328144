//! Profiles of providers besides those that are compiled in.

use std::path::PathBuf;

use super::ConfigError;

/// Those in a file, or else in a text.
pub(super) fn read(
    file: Option<PathBuf>,
    text: Option<String>,
) -> Result<Option<Vec<slipway_engine::Profile>>, ConfigError> {
    let text = match file {
        Some(path) => Some(
            std::fs::read_to_string(&path)
                .map_err(|source| ConfigError::ProfileFile { path: path.clone(), source })?,
        ),
        None => text,
    };
    Ok(text.map(|text| slipway_engine::parse_profiles(&text)).transpose()?)
}
