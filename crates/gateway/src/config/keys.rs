//! The variables of the environment that hold keys.

use std::collections::BTreeMap;

use secrecy::SecretString;

/// Keys from the environment.
pub(super) struct Keys {
    /// `SLIPWAY_SECRET_KEY`.
    pub(super) secret_key: Option<SecretString>,
    /// `SLIPWAY_OLD_SECRET_KEY`.
    pub(super) old_secret_key: Option<SecretString>,
    /// Those of providers and search engines, by the variable's name.
    pub(super) provider_keys: BTreeMap<String, SecretString>,
}

impl Keys {
    /// Those among all variables; blank ones are none.
    pub(super) fn of(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut keys = Self { secret_key: None, old_secret_key: None, provider_keys: BTreeMap::new() };
        for (name, value) in environment.into_iter().filter(|(_, value)| !value.trim().is_empty()) {
            match name.as_str() {
                "SLIPWAY_SECRET_KEY" => keys.secret_key = Some(value.into()),
                "SLIPWAY_OLD_SECRET_KEY" => keys.old_secret_key = Some(value.into()),
                _ if name.ends_with("_API_KEY") => {
                    keys.provider_keys.insert(name, value.trim().to_owned().into());
                }
                _ => {}
            }
        }
        keys
    }
}
