//! Decides when views that have ended shrink to a line each: in the mode `auto`, as soon as that pays.
//!
//! Shrinking a view makes everything after it new to the provider's cache, which is then paid in full once;
//! keeping it is paid with each further request at the price of cached input.

use slipway_protocol::transcript::{ContextChange, Entry, ViewId};

use crate::context::measure::{Measured, StaleView};
use crate::context::{KeptContext, ProjectionFacts, cached};
use crate::provider::profile::CacheRule;

/// What the policy assumes and allows; the defaults are what was measured to cost least (docs/context.md).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// So many requests are expected to come, at most.
    pub horizon: u32,
    /// Ended views may take up so many times the tokens of live ones.
    pub stale_per_live: f64,
    /// Share of the window beyond which nothing superfluous is kept.
    pub full_window: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { horizon: 15, stale_per_live: 2.0, full_window: 0.6 }
    }
}

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
    /// The policy's settings.
    pub tuning: Tuning,
}

/// The views that are to shrink before the next request; to be recorded as
/// [`slipway_protocol::transcript::ContextChange::Collapse`].
pub fn collapse(transcript: &[Entry], facts: &CollapseFacts<'_>) -> Vec<ViewId> {
    KeptContext::default().collapse(transcript, facts)
}

/// The same for a request that has been measured and shows views that have ended.
pub(crate) fn choose(mut request: Measured, transcript: &[Entry], facts: &CollapseFacts<'_>) -> Vec<ViewId> {
    let from = first_to_shrink(&request, transcript, facts);
    request.stale.drain(from..).map(|view| view.id).collect()
}

/// Position of the first view that shrinks, with all that follow it.
fn first_to_shrink(request: &Measured, transcript: &[Entry], facts: &CollapseFacts<'_>) -> usize {
    let Some(rule) = facts.projection.profile.cache.filter(CacheRule::rewards_prefixes) else { return 0 };
    if cached::is_cold(transcript, facts) || makes_room(transcript) || is_crowded(request, facts) {
        return 0;
    }
    cheapest(request, &rule, facts.remaining_steps.min(facts.tuning.horizon))
}

/// Whether files were closed to make room since the last answer.
fn makes_room(transcript: &[Entry]) -> bool {
    let new = transcript.iter().rev().take_while(|entry| !matches!(entry, Entry::Assistant(_)));
    let evicts = |entry: &Entry| matches!(entry, Entry::ContextChange(ContextChange::Evict { .. }));
    new.into_iter().any(evicts)
}

#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
fn is_crowded(request: &Measured, facts: &CollapseFacts<'_>) -> bool {
    let stale: u64 = request.stale.iter().map(|view| view.saves).sum();
    let outgrown = stale as f64 > facts.tuning.stale_per_live * request.live as f64;
    let full = |window: u64| request.total as f64 > facts.tuning.full_window * window as f64;
    outgrown || facts.window.is_some_and(full)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::profile::CacheUnits;

    fn rule(units: CacheUnits) -> CacheRule {
        CacheRule { read: 0.1, write: 1.0, units, minimum: 0, ttl_seconds: None }
    }

    #[test]
    fn a_prefix_is_found_up_to_where_the_provider_may_end_one() {
        let ends = [1500, 200, 900];
        for (units, found) in [
            (CacheUnits::Any, 1000),
            (CacheUnits::Steps(128), 896),
            (CacheUnits::RequestEnds, 900),
            (CacheUnits::RequestEndsAndSteps(512), 900),
            (CacheUnits::RequestEndsAndSteps(950), 950),
        ] {
            assert_eq!(rule(units).found(1000, &ends), found, "{units:?}");
        }
        assert_eq!(CacheRule { minimum: 1024, ..rule(CacheUnits::Any) }.found(1000, &ends), 0);
        assert_eq!(rule(CacheUnits::RequestEnds).found(100, &ends), 0);
    }

    #[test]
    fn what_stands_late_shrinks_and_what_stands_early_waits() {
        let view = |start, saves| StaleView { id: ViewId { path: "a".to_owned(), version: 1 }, start, saves };
        let request = Measured {
            same: 10_000,
            request_ends: vec![900, 8_900, 10_000],
            stale: vec![view(1_000, 500), view(9_000, 900)],
            ..Measured::default()
        };
        // 15 x 0.1 x 900 is saved, 0.9 x 100 paid for what stands behind; for the first one 0.9 x 7600.
        assert_eq!(cheapest(&request, &rule(CacheUnits::Any), 15), 1);
        assert_eq!(cheapest(&request, &rule(CacheUnits::Any), 1), 2, "it is not sent often enough any more");
        assert_eq!(cheapest(&request, &rule(CacheUnits::Any), 200), 0);
        assert_eq!(cheapest(&request, &rule(CacheUnits::RequestEnds), 15), 1);
        let far = Measured { request_ends: vec![900, 10_000], ..request };
        assert_eq!(cheapest(&far, &rule(CacheUnits::RequestEnds), 15), 2, "all after 900 would be new");
    }
}
