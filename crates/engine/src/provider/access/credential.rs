//! Google credentials: what a person pastes as the key.

use secrecy::SecretString;
use serde::Deserialize;
use slipway_protocol::Problem;
use url::Url;

use crate::provider::failure::CallFailure;

/// Where tokens are fetched when the credential does not say.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// A credential, as the files of Google's own programs hold it.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Credential {
    /// A service account, which signs that it is itself.
    ServiceAccount(ServiceAccount),
    /// A person who has logged in.
    AuthorizedUser(AuthorizedUser),
}

/// A service account.
#[derive(Debug, Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) client_email: String,
    /// In PEM.
    pub(super) private_key: SecretString,
    #[serde(default)]
    pub(super) private_key_id: String,
    #[serde(default = "token_uri")]
    pub(super) token_uri: String,
    #[serde(default)]
    project_id: Option<String>,
}

/// A person who has logged in.
#[derive(Debug, Deserialize)]
pub(super) struct AuthorizedUser {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    pub(super) refresh_token: SecretString,
    #[serde(default = "token_uri")]
    pub(super) token_uri: String,
    #[serde(default)]
    quota_project_id: Option<String>,
}

impl Credential {
    /// Reads the JSON of a credential.
    pub(super) fn parse(text: &str) -> Result<Self, CallFailure> {
        // The parser's words name fields and places, never values of known fields.
        let credential: Self = serde_json::from_str(text).map_err(|error| unusable(&error.to_string()))?;
        let address =
            Url::parse(credential.token_uri()).map_err(|error| unusable(&format!("token_uri: {error}")))?;
        let is_local = matches!(address.host(), Some(url::Host::Ipv4(host)) if host.is_loopback());
        if address.scheme() != "https" && !is_local {
            return Err(unusable("token_uri must begin with https://"));
        }
        Ok(credential)
    }

    pub(super) fn token_uri(&self) -> &str {
        match self {
            Self::ServiceAccount(account) => &account.token_uri,
            Self::AuthorizedUser(user) => &user.token_uri,
        }
    }

    /// The project that it belongs to, if it says so.
    pub(super) fn project(&self) -> Option<&str> {
        match self {
            Self::ServiceAccount(account) => account.project_id.as_deref(),
            Self::AuthorizedUser(user) => user.quota_project_id.as_deref(),
        }
    }
}

/// The key is no credential.
pub(super) fn unusable(why: &str) -> CallFailure {
    CallFailure::permanent(
        Problem::new(401, "provider_key_rejected", "The key is not a Google credential")
            .detail(why)
            .hint("Paste the whole JSON file of a service account, or an access token."),
    )
    .not_billed()
}

fn token_uri() -> String {
    TOKEN_URI.to_owned()
}
