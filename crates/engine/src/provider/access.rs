//! How requests are let in: with the key itself, or with tokens that are fetched with it.

mod credential;
mod token;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use secrecy::{ExposeSecret, SecretString};
use slipway_protocol::Problem;

use crate::provider::failure::CallFailure;
use crate::provider::profile::{Auth, Profile};
use credential::Credential;
use token::Token;

/// Credentials whose tokens are kept; beyond that, tokens that have ended are forgotten.
const MAX_KEPT: usize = 64;

/// A token, or the request for it that goes on. Everybody who needs it waits for the same one.
type Flight = Shared<BoxFuture<'static, Result<Arc<Token>, CallFailure>>>;

/// Tokens by the credential with which they were fetched. Cheap to clone; all clones share them.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    flights: Arc<Mutex<HashMap<String, Flight>>>,
}

impl Tokens {
    /// What to present as bearer token to a provider with this profile: the key, or a token that was
    /// fetched with it over `http` and has not ended. Empty when the key is.
    ///
    /// # Errors
    /// The key is no credential of the form that the profile asks for, or no token is to be had for it.
    pub async fn bearer(
        &self,
        http: &reqwest::Client,
        profile: &Profile,
        key: &str,
    ) -> Result<SecretString, Problem> {
        self.admit(http, profile, key).await.map_err(|failure| *failure.problem)
    }

    /// As [`Self::bearer`], with whether trying again can help.
    pub(crate) async fn admit(
        &self,
        http: &reqwest::Client,
        profile: &Profile,
        key: &str,
    ) -> Result<SecretString, CallFailure> {
        let key = key.trim();
        let Some(credential) = credential_of(profile, key)? else { return Ok(key.to_owned().into()) };
        let flight = self.flight(http, key, credential);
        Ok(flight.await?.value.clone())
    }

    /// Takes note that the provider calls `bearer` expired. Gives whether another one can be had; it is
    /// fetched by the next [`Self::admit`], unless somebody has done so meanwhile.
    pub(crate) fn reject(&self, profile: &Profile, key: &str, bearer: &SecretString) -> bool {
        let key = key.trim();
        if !matches!(credential_of(profile, key), Ok(Some(_))) {
            return false;
        }
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let is_this = |flight: &Flight| matches!(flight.peek(), Some(Ok(token)) if token.value.expose_secret() == bearer.expose_secret());
        if flights.get(key).is_some_and(is_this) {
            flights.remove(key);
        }
        true
    }

    /// The request for a token that goes on, the token that it came to, or a new request.
    fn flight(&self, http: &reqwest::Client, key: &str, credential: Credential) -> Flight {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key).filter(|flight| is_usable(flight)) {
            return flight.clone();
        }
        if flights.len() >= MAX_KEPT {
            flights.retain(|_, flight| is_usable(flight));
        }
        let http = http.clone();
        let fetch = async move {
            let token = token::fetch(&http, &credential).await?;
            tracing::info!("fetched an access token");
            Ok(Arc::new(token))
        };
        let flight = fetch.boxed().shared();
        flights.insert(key.to_owned(), flight.clone());
        flight
    }
}

/// Whether a request goes on or has come to a token that has not ended.
fn is_usable(flight: &Flight) -> bool {
    match flight.peek() {
        None => true,
        Some(Ok(token)) => token.is_fresh(Instant::now()),
        Some(Err(_)) => false,
    }
}

/// The credential that a key holds; `None` when the key itself is to be presented.
fn credential_of(profile: &Profile, key: &str) -> Result<Option<Credential>, CallFailure> {
    match profile.auth {
        Auth::Google if key.starts_with('{') => Credential::parse(key).map(Some),
        Auth::Google | Auth::Bearer => Ok(None),
    }
}

/// Checks that a key has the form that the profile asks for, without using it.
///
/// # Errors
/// It has not; the problem says what is missing.
pub fn check_key(profile: &Profile, key: &str) -> Result<(), Problem> {
    credential_of(profile, key.trim()).map(|_| ()).map_err(|failure| *failure.problem)
}

/// `base_url` with `{project}` replaced by the project that the key names.
///
/// # Errors
/// The address wants a project and the key names none.
pub fn address(profile: &Profile, base_url: &str, key: &str) -> Result<String, Problem> {
    if !base_url.contains("{project}") {
        return Ok(base_url.to_owned());
    }
    let credential = credential_of(profile, key.trim()).map_err(|failure| *failure.problem)?;
    match credential.as_ref().and_then(Credential::project) {
        Some(project) => Ok(base_url.replace("{project}", project)),
        None => {
            Err(Problem::new(400, "provider_project_missing", "The provider's address lacks the project")
                .detail("the base URL has {project} in it, and the key names no project")
                .hint("Write your project's id into the base URL in place of {project}."))
        }
    }
}
