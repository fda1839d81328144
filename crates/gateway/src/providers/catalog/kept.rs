//! Lists of models that were fetched a short while ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use slipway_engine::provider::profile::ModelListKind;
use slipway_protocol::api::{ModelList, OfferedModel};
use slipway_protocol::{Problem, ProviderId};

use super::{Source, fetch};
use crate::api::ApiError;
use crate::app::AppState;
use crate::providers::Configured;
use crate::store::now_ms;

/// How long a list is good for.
const GOOD_FOR: Duration = Duration::from_secs(10 * 60);
/// How long what a server of one's own says is good for: its window changes with each model that it loads.
const LOCAL_GOOD_FOR: Duration = Duration::from_secs(30);
/// How long a run waits to learn a window that nobody knows.
const WINDOW_LIMIT: Duration = Duration::from_secs(3);

/// The lists, by provider. Cheap to clone; all clones share them.
#[derive(Debug, Clone, Default)]
pub struct KeptLists {
    lists: Arc<Mutex<HashMap<ProviderId, Kept>>>,
}

#[derive(Debug, Clone)]
struct Kept {
    /// Where it was asked for: a provider may move.
    base_url: String,
    /// `None` when it was not to be had.
    list: Option<ModelList>,
    until: Instant,
}

impl KeptLists {
    /// Forgets a provider's list, because the provider has changed.
    pub fn forget(&self, id: &ProviderId) {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    fn get(&self, id: &ProviderId, base_url: &str) -> Option<Kept> {
        let lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(id).filter(|kept| kept.base_url == base_url && Instant::now() < kept.until).cloned()
    }

    fn keep(&self, id: &ProviderId, kept: Kept) {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), kept);
    }
}

/// What the provider offers, from a list of a short while ago unless `refresh` asks for a new one.
///
/// # Errors
/// When the list is not to be had, or the key cannot be used.
pub async fn list(app: &AppState, known: &Configured, refresh: bool) -> Result<ModelList, ApiError> {
    let kept = app.providers.lists().get(&known.provider.id, &known.provider.base_url);
    if let Some(list) = kept.filter(|_| !refresh).and_then(|kept| kept.list) {
        return Ok(list);
    }
    Ok(ask(app, known).await?)
}

/// The window of one of the provider's models, if its list tells it. Asks at most once in a while, and not
/// for long.
pub async fn window(app: &AppState, known: &Configured, model: &str) -> Option<u64> {
    let kept = app.providers.lists().get(&known.provider.id, &known.provider.base_url);
    let list = match kept {
        Some(kept) => kept.list,
        None => match tokio::time::timeout(WINDOW_LIMIT, ask(app, known)).await {
            Ok(answer) => answer.ok(),
            Err(_) => {
                keep(app, known, None);
                None
            }
        },
    };
    let same = |offered: &&OfferedModel| {
        offered.name == model || offered.name.strip_suffix(":latest") == Some(model)
    };
    list?.models.iter().find(same)?.context_window
}

async fn ask(app: &AppState, known: &Configured) -> Result<ModelList, Problem> {
    let profile = slipway_engine::profile(&known.provider.profile);
    let (base_url, bearer) = known.admission(app).await?;
    let source = Source { profile, base_url: &base_url, bearer };
    let answer = fetch(&app.provider_http, &source).await;
    let list = answer.map(|models| ModelList { models, fetched_at: now_ms() });
    keep(app, known, list.as_ref().ok().cloned());
    list
}

fn keep(app: &AppState, known: &Configured, list: Option<ModelList>) {
    let kind = slipway_engine::profile(&known.provider.profile).model_list;
    let is_local = matches!(kind, ModelListKind::Ollama | ModelListKind::Lmstudio | ModelListKind::Llamacpp);
    let until = Instant::now() + if is_local { LOCAL_GOOD_FOR } else { GOOD_FOR };
    let kept = Kept { base_url: known.provider.base_url.clone(), list, until };
    app.providers.lists().keep(&known.provider.id, kept);
}
