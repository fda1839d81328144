//! How large the parts of a request are, in estimated tokens, and how much of it was sent before.

use slipway_protocol::transcript::{Entry, View, ViewId};

use crate::context::groups::Collected;
use crate::context::riders::{Rider, stub};
use crate::context::{ProjectionFacts, system_prompt, wire};
use crate::provider::estimate;
use crate::provider::request::WireMessage;

/// A request in figures.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// All tokens.
    pub(crate) total: u64,
    /// Tokens of views that show files as they are.
    pub(crate) live: u64,
    /// Views that are shown in full although they have ended, in order.
    pub(crate) stale: Vec<StaleView>,
    /// So many tokens from the first on are as they were in the last request.
    pub(crate) same: u64,
    /// Where earlier requests ended that this one begins with, in tokens.
    pub(crate) request_ends: Vec<u64>,
}

/// A view that could be shrunk.
#[derive(Debug)]
pub(crate) struct StaleView {
    pub(crate) id: ViewId,
    /// Tokens before it.
    pub(crate) start: u64,
    /// Tokens that shrinking it saves.
    pub(crate) saves: u64,
}

/// Measures the next request.
pub(crate) fn measure(
    collected: &Collected<'_>,
    transcript: &[Entry],
    facts: &ProjectionFacts<'_>,
) -> Measured {
    let corrections = wire::corrections(transcript);
    let system = WireMessage::System { content: system_prompt::text(facts.prompt) };
    let mut ends = vec![estimate::message(&system)];
    let mut measured = Measured::default();
    let mut messages = Vec::new();
    for group in &collected.groups {
        messages.clear();
        wire::append(group, facts, &corrections, &mut messages);
        let tokens: u64 = messages.iter().map(estimate::message).sum();
        let end = ends.last().copied().unwrap_or_default() + tokens;
        ends.push(end);
        measured.take_riders(&group.riders, end);
    }
    let end_of = |groups: usize| ends.get(groups).copied().unwrap_or_default();
    measured.total = end_of(collected.groups.len());
    measured.same = if collected.request_ends.is_empty() { 0 } else { end_of(collected.same) };
    measured.request_ends = collected.request_ends.iter().map(|groups| end_of(*groups)).collect();
    measured
}

impl Measured {
    fn take_riders(&mut self, riders: &[Rider<'_>], end: u64) {
        let mut after = 0;
        let first_new = self.stale.len();
        for rider in riders.iter().rev() {
            let tokens = estimate::text(&rider.text());
            after += tokens;
            if let Some((view, fate)) = rider.stale() {
                let saves = tokens.saturating_sub(stub(view, fate).map_or(0, |stub| estimate::text(&stub)));
                if saves > 0 {
                    self.stale.push(StaleView { id: id_of(view), start: end.saturating_sub(after), saves });
                }
            } else {
                match rider {
                    Rider::View { .. } | Rider::Block(_) => self.live += tokens,
                    Rider::Text(_) => {}
                }
            }
        }
        if let Some(new) = self.stale.get_mut(first_new..) {
            new.reverse();
        }
    }
}

fn id_of(view: &View) -> ViewId {
    ViewId { path: view.file.path.clone(), version: view.version }
}
