//! Decides, before a model call, how earlier entries are shown from then on, and records it.

use slipway_protocol::run::RunRequest;
use slipway_protocol::transcript::{ContextChange, Entry};

use crate::context::ProjectionFacts;
use crate::context::collapse::{CollapseFacts, Tuning};
use crate::context::eviction::evict;
use crate::provider::model::Model;
use crate::run::{Run, now_ms};

impl Run<'_> {
    /// Shrinks superseded views where that pays.
    pub(super) async fn collapse_views(&mut self, step: u32) {
        let remaining_steps = (self.request.limits.max_steps + 1).saturating_sub(step);
        let facts = collapse_facts(&self.request, &self.model, remaining_steps);
        let views = self.context.collapse(&self.request.transcript, &facts);
        if !views.is_empty() {
            tracing::debug!(views = views.len(), "superseded views shrink");
            self.record(Entry::ContextChange(ContextChange::Collapse { views })).await;
        }
    }

    /// Closes files that were not used for long when the context gets tight, but none that is pinned, and tells the
    /// model.
    pub(super) async fn make_room(&mut self) {
        let Some(window) = self.model.profile.window(&self.request.model) else { return };
        let used = self.request.transcript.iter().rev().find_map(|entry| match entry {
            Entry::Assistant(step) => step.usage.map(|usage| usage.context_tokens()),
            _ => None,
        });
        let paths = evict(&self.open_files, used.unwrap_or_default(), window);
        if paths.is_empty() {
            return;
        }
        tracing::info!(files = paths.len(), used, window, "files are closed to make room");
        let text = format!(
            "The context is getting full, so the files that you did not use for longest were closed: {}. Open \
             them again with read_file when you need them.",
            paths.join(", ")
        );
        self.record(Entry::ContextChange(ContextChange::Evict { paths })).await;
        self.notice(text).await;
    }
}

/// What decisions about a run's context depend on.
pub(super) fn collapse_facts<'a>(
    request: &'a RunRequest,
    model: &'a Model,
    remaining_steps: u32,
) -> CollapseFacts<'a> {
    CollapseFacts {
        projection: projection_facts(request, model),
        model: &request.model.model,
        window: model.profile.window(&request.model),
        remaining_steps,
        now_ms: now_ms(),
        tuning: Tuning::default(),
    }
}

/// What the projection of a request's transcript depends on.
pub(super) fn projection_facts<'a>(request: &'a RunRequest, model: &'a Model) -> ProjectionFacts<'a> {
    ProjectionFacts {
        profile: &model.profile,
        reasoning_off: !model.thinks(),
        mode: request.context_mode,
        prompt: &request.prompt,
    }
}
