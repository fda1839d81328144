//! What each kind of secret is bound to when it is encrypted: put into another's row, it cannot be read. Keys of
//! providers are bound to the provider's id, secrets of webhooks to the webhook's.

use slipway_protocol::api::SearchEngine;
use slipway_protocol::{ProviderId, UserId};

/// The key of a search engine.
pub fn search(engine: SearchEngine) -> String {
    format!("search:{}", engine.label())
}

/// An answer that is kept for a request that may be repeated.
pub fn answer(user: &UserId, name: &str) -> String {
    format!("answer:{user}:{name}")
}

/// A person's own key of a provider.
pub fn own_key(user: &UserId, provider: &ProviderId) -> String {
    format!("own:{user}:{provider}")
}
