//! Decides when views that have ended shrink to a line each: in the mode `auto`, as soon as that pays.
//!
//! Shrinking a view makes everything after it new to the provider's cache, which is then paid in full once;
//! keeping it is paid with each further request at the price of cached input.

use slipway_protocol::transcript::{Entry, ViewId};

use crate::context::measure::{Measured, StaleView, measure};
use crate::context::{Layout, ProjectionFacts};
use crate::provider::model_name::same_model;
use crate::provider::profile::CacheRule;

/// So many requests are expected to come, at most.
const HORIZON: u32 = 15;

/// Ended views are not let outgrow the live ones by more than this.
const STALE_PER_LIVE: f64 = 1.0;

/// Share of the window beyond which nothing superfluous is kept.
const FULL_WINDOW: f64 = 0.6;

/// What the decision depends on, beside the transcript.
#[derive(Debug, Clone, Copy)]
pub struct CollapseFacts<'a> {
    /// What the projection depends on.
    pub projection: ProjectionFacts<'a>,
    /// The provider's name for the model that is asked.
    pub model: &'a str,
    /// Its window in tokens, if known.
    pub window: Option<u64>,
    /// Most requests that the run may still make, this one included.
    pub remaining_steps: u32,
    /// Milliseconds since the Unix epoch.
    pub now_ms: i64,
}

/// The views that are to shrink before the next request; to be recorded as
/// [`slipway_protocol::transcript::ContextChange::Collapse`].
pub fn collapse(transcript: &[Entry], facts: &CollapseFacts<'_>) -> Vec<ViewId> {
    if facts.projection.layout() != Layout::Lazy {
        return Vec::new();
    }
    let mut request = measure(transcript, &facts.projection);
    let from = first_to_shrink(&request, transcript, facts);
    request.stale.drain(from..).map(|view| view.id).collect()
}

/// Position of the first view that shrinks, with all that follow it.
fn first_to_shrink(request: &Measured, transcript: &[Entry], facts: &CollapseFacts<'_>) -> usize {
    if request.stale.is_empty() {
        return 0;
    }
    let Some(rule) = facts.projection.profile.cache.filter(CacheRule::rewards_prefixes) else { return 0 };
    if is_cold(transcript, facts, &rule) || is_crowded(request, facts.window) {
        return 0;
    }
    cheapest(request, &rule, facts.remaining_steps.min(HORIZON))
}

/// Whether the provider has nothing of the conversation in its cache, so that changing it costs nothing.
fn is_cold(transcript: &[Entry], facts: &CollapseFacts<'_>, rule: &CacheRule) -> bool {
    let last = transcript.iter().rev().find_map(|entry| match entry {
        Entry::Assistant(step) => Some(step),
        _ => None,
    });
    let Some(last) = last else { return true };
    let idle_ms = u64::try_from(facts.now_ms.saturating_sub(last.created_at)).unwrap_or_default();
    let forgotten = rule.ttl_seconds.is_some_and(|seconds| idle_ms > seconds.saturating_mul(1000));
    forgotten || !same_model(facts.projection.profile, facts.model, &last.model)
}

#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
fn is_crowded(request: &Measured, window: Option<u64>) -> bool {
    let stale: u64 = request.stale.iter().map(|view| view.saves).sum();
    let outgrown = stale as f64 > STALE_PER_LIVE * request.live as f64;
    let full = window.is_some_and(|window| request.total as f64 > FULL_WINDOW * window as f64);
    outgrown || full
}

/// The choice that costs least over the requests to come.
#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
fn cheapest(request: &Measured, rule: &CacheRule, requests: u32) -> usize {
    let found = rule.found(request.same, &request.request_ends);
    let mut best = (request.stale.len(), 0.0);
    let mut saved = 0;
    for (position, StaleView { start, saves, .. }) in request.stale.iter().enumerate().rev() {
        saved += saves;
        let still_found = rule.found(request.same.min(*start), &request.request_ends);
        // What was found and is not found any more, without what is not sent any more.
        let resent = found.saturating_sub(still_found).saturating_sub(saved);
        let gain = rule.read * f64::from(requests) * saved as f64 - (rule.write - rule.read) * resent as f64;
        if gain > best.1 {
            best = (position, gain);
        }
    }
    best.0
}
