//! Keeps the model's picture of the open files true: before every model call the tool host is asked which
//! of them changed, by whatever cause.

use slipway_protocol::transcript::{Entry, View};
use slipway_protocol::view::RefreshViews;

use crate::run::Run;

impl Run<'_> {
    /// Records new views of open files that changed since the model last saw them.
    pub(super) async fn refresh_views(&mut self) {
        if let Some(endpoint) = &self.view_endpoint
            && !self.open_files.is_empty()
        {
            let known = RefreshViews {
                conversation_id: self.request.conversation_id.clone(),
                files: self.open_files.known(),
                only_look: false,
            };
            match endpoint.refresh_views(&known).await {
                Ok(refreshed) => {
                    for file in refreshed.views {
                        let version = self.open_files.next_version(&file.path);
                        self.record(Entry::View(View { version, file })).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the open files could not be compared with the disk");
                    let text = format!(
                        "The open files could not be compared with the disk ({error}); what is shown of \
                         them may be out of date."
                    );
                    // Once is enough for as long as it is so.
                    if self.newest_notice() != Some(text.as_str()) {
                        self.notice(text).await;
                    }
                }
            }
        }
        self.make_room().await;
        if self.open_files.listing() != self.told_listing {
            self.told_listing = self.open_files.listing();
            self.tell_open_files().await;
        }
    }

    fn newest_notice(&self) -> Option<&str> {
        self.request.transcript.iter().rev().find_map(|entry| match entry {
            Entry::Notice(notice) => Some(notice.text.as_str()),
            _ => None,
        })
    }
}
