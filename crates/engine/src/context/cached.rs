//! How much of a request the provider should find in its cache.

use slipway_protocol::transcript::Entry;

use crate::context::Projection;
use crate::context::collapse::CollapseFacts;
use crate::provider::model_name::same_model;
use crate::provider::profile::CacheRule;

/// An expectation, in estimated tokens of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// What should be found in the cache.
    pub cached: u64,
    /// All of the request.
    pub total: u64,
}

/// What the provider should find in its cache of the next request; `None` where nothing can be expected: its
/// cache is not known, the request is the conversation's first, or the cache is cold.
pub fn expected(
    projection: &Projection,
    transcript: &[Entry],
    facts: &CollapseFacts<'_>,
) -> Option<Expected> {
    let rule = facts.projection.profile.cache.filter(CacheRule::rewards_prefixes)?;
    if is_cold(transcript, facts) {
        return None;
    }
    let mut sums = vec![0];
    for message in &projection.messages {
        sums.push(sums.last().copied().unwrap_or_default() + message.tokens());
    }
    let tokens = |messages: usize| sums.get(messages).copied().unwrap_or_default();
    let ends: Vec<u64> = projection.request_ends.iter().map(|messages| tokens(*messages)).collect();
    Some(Expected {
        cached: rule.found(tokens(projection.same), &ends),
        total: tokens(projection.messages.len()),
    })
}

/// Whether the provider has nothing of the conversation in its cache, so that changing it costs nothing.
pub(crate) fn is_cold(transcript: &[Entry], facts: &CollapseFacts<'_>) -> bool {
    let last = transcript.iter().rev().find_map(|entry| match entry {
        Entry::Assistant(step) => Some(step),
        _ => None,
    });
    let Some(last) = last else { return true };
    let profile = facts.projection.profile;
    let idle_ms = u64::try_from(facts.now_ms.saturating_sub(last.created_at)).unwrap_or_default();
    let ttl = profile.cache.and_then(|rule| rule.ttl_seconds);
    let forgotten = ttl.is_some_and(|seconds| idle_ms > seconds.saturating_mul(1000));
    forgotten || !same_model(profile, facts.model, &last.model)
}

impl Expected {
    /// The expected tokens of a request that had `prompt` tokens by the provider's count.
    pub fn of(self, prompt: u64) -> u64 {
        let share = u128::from(prompt) * u128::from(self.cached) / u128::from(self.total.max(1));
        u64::try_from(share).unwrap_or(u64::MAX).min(prompt)
    }
}
