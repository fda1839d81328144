//! Fetches the pictures that a request shows: they are with whoever answers for the tools.

use std::sync::Arc;

use slipway_protocol::transcript::{ContextChange, Entry};

use crate::context::masking;
use crate::provider::ready::ReadyMessage;
use crate::run::Run;

impl Run<'_> {
    /// Has the pictures of these messages at hand. One that is not to be had is no failure: the model is told.
    pub(super) async fn fetch_pictures(&self, messages: &[Arc<ReadyMessage>]) {
        let missing = self.model.pictures.missing(messages);
        let Some(endpoint) = &self.view_endpoint else { return };
        for id in missing {
            match endpoint.picture(&id).await {
                Ok(data_url) => self.model.pictures.keep(id, data_url),
                Err(error) => tracing::warn!(%error, %id, "a picture is not to be had"),
            }
        }
    }

    /// Leaves out all but the newest pictures when there have come to be many: they are large, and providers
    /// take only so many.
    pub(super) async fn leave_out_old_pictures(&mut self) {
        if !self.model.profile.sees {
            return;
        }
        let calls = masking::old_pictures(&self.request.transcript);
        if !calls.is_empty() {
            tracing::info!(calls = calls.len(), "old pictures are left out");
            self.record(Entry::ContextChange(ContextChange::Mask { calls })).await;
        }
    }
}
