//! Which engine is configured, and with what.

use secrecy::{ExposeSecret, SecretString};
use slipway_protocol::api::{SaveSearchSettings, SearchEngine, SearchSettings};
use url::Url;

use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::secrets::owner;
use crate::store::SavedSearch;

/// Engines that the environment may configure, best known first, with the variables of their keys.
const OF_ENVIRONMENT: [(SearchEngine, &str); 3] = [
    (SearchEngine::Google, "GOOGLE_SEARCH_API_KEY"),
    (SearchEngine::Brave, "BRAVE_SEARCH_API_KEY"),
    (SearchEngine::Tavily, "TAVILY_API_KEY"),
];

/// Longest key, id or address.
const MAX_BYTES: usize = 1_000;

/// An engine, ready to be asked.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) engine: SearchEngine,
    pub(super) cx: String,
    pub(super) base_url: String,
    /// `None` where none is wanted.
    pub(super) key: Option<SecretString>,
    from_environment: bool,
}

/// The engine in force: the saved one, else that of the environment.
///
/// # Errors
/// When the database or decryption fails.
pub(super) async fn in_force(app: &AppState) -> ApiResult<Option<Configured>> {
    let Some(saved) = app.store.search().await? else { return Ok(of_environment(app)) };
    let owner = owner::search(saved.engine);
    let key = saved.key.map(|key| app.secrets.decrypt(&owner, &key)).transpose().map_err(|error| {
        ApiError::invalid(format!("The key of the search engine cannot be read: {error}."))
    })?;
    let SavedSearch { engine, cx, base_url, .. } = saved;
    Ok(Some(Configured { engine, cx, base_url, key, from_environment: false }))
}

/// The key in force in clear, for what has to be kept free of it.
pub(crate) async fn key_in_force(app: &AppState) -> Option<String> {
    let key = in_force(app).await.ok()??.key?;
    Some(key.expose_secret().to_owned())
}

fn of_environment(app: &AppState) -> Option<Configured> {
    let options = &app.config.search;
    let keyed = OF_ENVIRONMENT.into_iter().find_map(|(engine, variable)| {
        let key = app.config.provider_keys.get(variable)?.clone();
        let cx = options.google_search_cx.clone().unwrap_or_default();
        let is_complete = engine != SearchEngine::Google || !cx.is_empty();
        let configured =
            Configured { engine, cx, base_url: String::new(), key: Some(key), from_environment: true };
        is_complete.then_some(configured)
    });
    keyed.or_else(|| {
        let base_url = options.searxng_url.as_ref()?.to_string();
        let engine = SearchEngine::Searxng;
        Some(Configured { engine, cx: String::new(), base_url, key: None, from_environment: true })
    })
}

/// What the person is told of it.
///
/// # Errors
/// When the database or decryption fails.
pub async fn current(app: &AppState) -> ApiResult<SearchSettings> {
    Ok(in_force(app).await?.map_or_else(SearchSettings::default, |configured| SearchSettings {
        engine: Some(configured.engine),
        cx: configured.cx,
        base_url: configured.base_url,
        has_key: configured.key.is_some(),
        from_environment: configured.from_environment,
    }))
}

/// Saves what the person wants.
///
/// # Errors
/// When it is not complete, or the database fails.
pub async fn save(app: &AppState, wanted: SaveSearchSettings) -> ApiResult<()> {
    let Some(engine) = wanted.engine else {
        app.store.save_search(None).await?;
        return Ok(());
    };
    let [cx, base_url] = [&wanted.cx, &wanted.base_url].map(|text| text.trim().to_owned());
    let new_key = wanted.api_key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
    let lengths = [cx.len(), base_url.len(), new_key.as_ref().map_or(0, String::len)];
    if lengths.into_iter().any(|bytes| bytes > MAX_BYTES) {
        return Err(ApiError::invalid(format!("A field is longer than {MAX_BYTES} bytes.")));
    }
    check(engine, &cx, &base_url)?;
    let earlier = app.store.search().await?.filter(|earlier| earlier.engine == engine);
    let key = match new_key {
        _ if !engine.wants_key() => None,
        Some(key) => {
            let sealed = app.secrets.encrypt(&owner::search(engine), &SecretString::from(key));
            Some(sealed.map_err(|error| ApiError::invalid(format!("The key cannot be kept: {error}.")))?)
        }
        None => earlier.and_then(|earlier| earlier.key),
    };
    if engine.wants_key() && key.is_none() {
        return Err(ApiError::invalid(format!("{} wants a key.", engine.label())));
    }
    app.store.save_search(Some(&SavedSearch { engine, cx, base_url, key })).await?;
    Ok(())
}

fn check(engine: SearchEngine, cx: &str, base_url: &str) -> ApiResult<()> {
    if engine == SearchEngine::Google && cx.is_empty() {
        return Err(ApiError::invalid("Google wants the id of a search engine (cx)."));
    }
    if engine != SearchEngine::Searxng {
        // A key goes to its own service and nowhere else.
        let is_empty = base_url.is_empty();
        return if is_empty { Ok(()) } else { Err(ApiError::invalid("Only SearXNG takes an address.")) };
    }
    let url = Url::parse(base_url).ok();
    match url.filter(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty()) {
        Some(_) => Ok(()),
        None => Err(ApiError::invalid(
            "SearXNG wants the address of the server, such as https://search.example.com.",
        )),
    }
}

impl Configured {
    /// The key, for the one place that sends it.
    pub(super) fn key(&self) -> &str {
        self.key.as_ref().map_or("", |key| key.expose_secret())
    }
}
