//! Decides, before a model call, how earlier entries are shown from then on, and records it.

use slipway_protocol::transcript::{ContextChange, Entry};

use crate::context::ProjectionFacts;
use crate::context::collapse::{CollapseFacts, collapse};
use crate::run::{Run, now_ms};

impl Run<'_> {
    /// Shrinks superseded views where that pays.
    pub(super) async fn collapse_views(&mut self, step: u32) {
        let facts = CollapseFacts {
            projection: self.projection_facts(),
            model: &self.request.model.model,
            window: self.model.profile.window(&self.request.model),
            remaining_steps: (self.request.limits.max_steps + 1).saturating_sub(step),
            now_ms: now_ms(),
        };
        let views = collapse(&self.request.transcript, &facts);
        if !views.is_empty() {
            tracing::debug!(views = views.len(), "superseded views shrink");
            self.record(Entry::ContextChange(ContextChange::Collapse { views })).await;
        }
    }

    /// What the projection of this run's transcript depends on.
    pub(super) fn projection_facts(&self) -> ProjectionFacts<'_> {
        ProjectionFacts {
            profile: &self.model.profile,
            reasoning_off: !self.model.thinks(),
            mode: self.request.context_mode,
            prompt: &self.request.prompt,
        }
    }
}
