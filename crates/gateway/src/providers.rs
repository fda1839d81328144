//! Model providers: the built-in demo, those with a key in the environment, and those that the person
//! added. A person's provider with the id of one from the environment overrides it.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Map;
use slipway_engine::provider::access::{self, Tokens};
use slipway_protocol::api::{ModelChoice, Provider, ProviderOrigin};
use slipway_protocol::cost::Payment;
use slipway_protocol::run::ModelEndpoint;
use slipway_protocol::{Problem, ProviderId, UserId};

pub mod catalog;
pub mod preset;
pub mod probe;
mod reply;
mod validate;

use crate::api::ApiError;
use crate::app::AppState;
use crate::demo::Demo;
use crate::recorded::RecordedModel;
use crate::secrets::{SecretError, owner};
use crate::store::StoredProvider;

use catalog::KeptLists;
pub use validate::{check_key_address, validate};

/// Id of the built-in provider.
pub const DEMO_ID: &str = "demo";

/// Providers that are not rows of the database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Providers {
    demo: Arc<Demo>,
    /// What plays a recorded conversation, if the gateway was started for that.
    recorded: Option<Arc<RecordedModel>>,
    /// Keys from the environment, by the name of the profile.
    environment: Arc<BTreeMap<String, SecretString>>,
    /// Access tokens that were fetched with keys.
    tokens: Tokens,
    /// What providers said they offer.
    lists: KeptLists,
}

impl Providers {
    /// The demo, the recorded model, and the profiles whose key variable is among `variables`.
    pub fn new(
        demo: Demo,
        recorded: Option<RecordedModel>,
        variables: &BTreeMap<String, SecretString>,
    ) -> Self {
        let environment = preset::presets()
            .iter()
            .filter_map(|preset| Some((preset.profile.clone(), variables.get(&preset.key_env)?.clone())))
            .collect();
        Self {
            demo: Arc::new(demo),
            recorded: recorded.map(Arc::new),
            environment: Arc::new(environment),
            tokens: Tokens::default(),
            lists: KeptLists::default(),
        }
    }

    /// What providers said they offer.
    pub fn lists(&self) -> &KeptLists {
        &self.lists
    }

    /// One provider for each recorded run. Its server wants no key, but some profiles do.
    fn recorded(&self) -> impl Iterator<Item = Configured> {
        let providers = self.recorded.iter().flat_map(|recorded| recorded.providers());
        providers.map(|provider| Configured { provider, key: Key::Environment("recorded".into()) })
    }

    /// The window that a model had when it was recorded.
    fn recorded_window(&self, model: &str) -> Option<u64> {
        self.recorded.as_ref()?.window(model)
    }

    fn demo(&self) -> Configured {
        let provider = Provider {
            id: DEMO_ID.into(),
            profile: preset::demo_profile(),
            name: "Demo (a script, not a model)".to_owned(),
            base_url: self.demo.base_url(),
            has_key: false,
            models: vec![self.demo.model().to_owned()],
            scripted: true,
            origin: ProviderOrigin::BuiltIn,
            extra_body: Map::new(),
            sees: None,
            payment: Payment::ByUse,
        };
        Configured { provider, key: Key::Absent }
    }

    fn of_environment(&self) -> impl Iterator<Item = Configured> {
        preset::presets().into_iter().filter_map(|preset| {
            let key = self.environment.get(&preset.profile)?.clone();
            let provider = Provider {
                id: preset.profile.as_str().into(),
                profile: preset.profile,
                name: preset.name,
                base_url: preset.base_url,
                has_key: true,
                models: preset.models,
                scripted: false,
                origin: ProviderOrigin::Environment,
                extra_body: Map::new(),
                sees: None,
                payment: preset.payment,
            };
            Some(Configured { provider, key: Key::Environment(key) })
        })
    }

    fn stored(&self, row: StoredProvider) -> Configured {
        let key = match (row.encrypted_key, self.environment.get(row.id.as_str())) {
            (Some(encrypted), _) => Key::Stored(encrypted),
            (None, Some(key)) if row.id.as_str() == row.profile => Key::Environment(key.clone()),
            (None, _) => Key::Absent,
        };
        let payment = row.payment.unwrap_or_else(|| slipway_engine::profile(&row.profile).payment);
        let provider = Provider {
            id: row.id,
            profile: row.profile,
            name: row.name,
            base_url: row.base_url,
            has_key: !matches!(key, Key::Absent),
            models: row.models,
            scripted: false,
            origin: ProviderOrigin::Person,
            extra_body: row.extra_body,
            sees: row.sees,
            payment,
        };
        Configured { provider, key }
    }
}

/// A provider and where its key is.
#[derive(Debug, Clone)]
pub struct Configured {
    /// As the API shows it.
    pub provider: Provider,
    key: Key,
}

#[derive(Debug, Clone)]
enum Key {
    Absent,
    Environment(SecretString),
    /// Encrypted, in base64.
    Stored(String),
    /// This person's own, encrypted.
    Own(UserId, String),
}

impl Configured {
    /// The key in clear; `None` when it has none.
    ///
    /// # Errors
    /// When it was encrypted with another secret key.
    pub fn key(&self, app: &AppState) -> Result<Option<SecretString>, SecretError> {
        match &self.key {
            Key::Absent => Ok(None),
            Key::Environment(key) => Ok(Some(key.clone())),
            Key::Stored(encrypted) => app.secrets.decrypt(self.provider.id.as_str(), encrypted).map(Some),
            Key::Own(user, encrypted) => {
                app.secrets.decrypt(&owner::own_key(user, &self.provider.id), encrypted).map(Some)
            }
        }
    }

    /// The provider's complete address, and what lets requests in.
    ///
    /// # Errors
    /// When the key cannot be decrypted, or no access token is to be had for it.
    pub async fn admission(&self, app: &AppState) -> Result<(String, Option<SecretString>), Problem> {
        let key = self.key(app).map_err(|error| unreadable_key(&self.provider, &error))?;
        admission(app, &self.provider.profile, &self.provider.base_url, key).await
    }
}

/// The complete address of a provider with this profile, and what lets requests in: the key, or an access
/// token that is fetched with it.
///
/// # Errors
/// When the address wants something that the key does not tell, or no token is to be had.
pub async fn admission(
    app: &AppState,
    profile: &str,
    base_url: &str,
    key: Option<SecretString>,
) -> Result<(String, Option<SecretString>), Problem> {
    let profile = slipway_engine::profile(profile);
    let Some(key) = key else { return Ok((base_url.to_owned(), None)) };
    let base_url = access::address(profile, base_url, key.expose_secret())?;
    let bearer = app.providers.tokens.bearer(&app.provider_http, profile, key.expose_secret()).await?;
    Ok((base_url, Some(bearer)))
}

/// All providers: recorded ones, the person's, then those from the environment, then the demo.
///
/// # Errors
/// When the database fails.
pub async fn all(app: &AppState) -> Result<Vec<Configured>, ApiError> {
    let rows = app.store.providers().await?;
    let mut configured: Vec<_> = app.providers.recorded().collect();
    configured.extend(rows.into_iter().map(|row| app.providers.stored(row)));
    for candidate in app.providers.of_environment() {
        if !configured.iter().any(|known| known.provider.id == candidate.provider.id) {
            configured.push(candidate);
        }
    }
    configured.push(app.providers.demo());
    Ok(configured)
}

/// The provider with this id, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &AppState, id: &ProviderId) -> Result<Option<Configured>, ApiError> {
    Ok(all(app).await?.into_iter().find(|known| known.provider.id == *id))
}

/// What new conversations use: the person's choice while its provider exists, else the first provider's
/// first model, which is the demo's as long as there is no other provider.
///
/// # Errors
/// When the database fails.
pub async fn default_model(app: &AppState) -> Result<ModelChoice, ApiError> {
    let chosen = app.store.settings().await?.default_model;
    let providers = all(app).await?;
    let exists = |choice: &ModelChoice| providers.iter().any(|known| known.provider.id == choice.provider_id);
    if let Some(choice) = chosen.filter(exists) {
        return Ok(choice);
    }
    let first = providers.iter().find_map(|known| {
        let model = known.provider.models.first()?.clone();
        Some(ModelChoice { provider_id: known.provider.id.clone(), model })
    });
    first.ok_or_else(|| ApiError::internal("not even the demo offers a model"))
}

/// A provider with the key that runs of this person use: their own if they have one.
async fn find_for(app: &AppState, user: &UserId, id: &ProviderId) -> Result<Configured, Problem> {
    let known = find(app, id).await.map_err(ApiError::into_problem)?;
    let Some(mut known) = known else { return Err(missing_provider(id)) };
    let own = app.store.own_keys(user).await?.into_iter().find(|own| own.provider_id == *id);
    if let Some(own) = own {
        // Else whoever changes a provider's address would be sent everybody's keys.
        if own.base_url != known.provider.base_url {
            return Err(own_key_elsewhere(&known.provider));
        }
        known.key = Key::Own(user.clone(), own.encrypted_key);
        known.provider.has_key = true;
    }
    Ok(known)
}

/// The endpoint behind `choice`, with its key, for a run of `user`'s.
///
/// # Errors
/// When the provider is gone, or its key is missing or cannot be used.
pub async fn resolve(app: &AppState, user: &UserId, choice: &ModelChoice) -> Result<ModelEndpoint, Problem> {
    let known = find_for(app, user, &choice.provider_id).await?;
    let key = known.key(app).map_err(|error| unreadable_key(&known.provider, &error))?;
    if key.is_none() && preset::needs_key(&known.provider.profile) {
        return Err(missing_key(&known.provider));
    }
    let profile = slipway_engine::profile(&known.provider.profile);
    let is_known = profile.model(&choice.model).is_some_and(|facts| facts.window.is_some());
    let context_window = match (is_known, known.provider.scripted) {
        (true, _) => None,
        (false, true) => app.providers.recorded_window(&choice.model),
        (false, false) => catalog::window(app, &known, &choice.model).await,
    };
    Ok(ModelEndpoint {
        profile: known.provider.profile,
        base_url: known.provider.base_url,
        api_key: key.map(|key| key.expose_secret().to_owned()).unwrap_or_default(),
        model: choice.model.clone(),
        extra_body: known.provider.extra_body,
        context_window,
        sees: known.provider.sees,
        payment: Some(known.provider.payment),
    })
}

fn missing_provider(id: &ProviderId) -> Problem {
    Problem::new(409, "provider_not_found", "The chosen provider is not configured")
        .detail(format!("No provider has the id {id}; it may have been removed."))
        .hint("Choose another model for this conversation, or add the provider again in the settings.")
}

fn own_key_elsewhere(provider: &Provider) -> Problem {
    Problem::new(409, "own_key_elsewhere", "Your own key was entered for another address")
        .detail(format!(
            "{} has another address now, and your key is sent to none that you have not seen.",
            provider.name
        ))
        .hint("Enter your key again in the settings if it belongs there, or remove it.")
}

fn missing_key(provider: &Provider) -> Problem {
    Problem::new(409, "provider_key_missing", "The provider has no key")
        .detail(format!("{} wants a key, and none is stored.", provider.name))
        .hint("Enter its key in the settings, then press Continue.")
}

fn unreadable_key(provider: &Provider, error: &SecretError) -> Problem {
    tracing::error!(provider_id = %provider.id, %error, "cannot decrypt a provider's key");
    Problem::new(409, "provider_key_unreadable", "The provider's key cannot be decrypted")
        .detail(format!("The key of {} was encrypted with another secret key.", provider.name))
        .hint("Enter the key again in the settings, or restore the file secret.key of the data directory.")
}
