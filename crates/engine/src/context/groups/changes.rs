//! Recorded decisions that reach back: masked output and summaries.

use slipway_protocol::CallId;

use super::{Called, GroupBody, Groups};
use crate::context::entries::Entries;
use crate::context::placed_views::Place;
use crate::context::riders::{Fate, Rider, Shown};

impl Groups {
    /// Shows the results of these calls by their beginning and end.
    pub(super) fn mask(&mut self, calls: &[CallId], entries: Entries<'_>) {
        for id in calls {
            let Some(position) = self.waiting.get(id).copied() else { continue };
            let is_whole = |called: &Called| !called.masked;
            if let Some(called) = self.called(position, id, entries, is_whole) {
                called.masked = true;
                self.changed(position);
            }
        }
    }

    /// Lets a summary stand for the groups that began among the first `old` entries: whole groups, so that no
    /// call loses its result. Views that are live stay, on the summary.
    pub(super) fn compact(&mut self, old: u32, entries: Entries<'_>) {
        let old = usize::try_from(old).unwrap_or(usize::MAX);
        let old = self.starts.iter().take_while(|start| **start < old).count();
        let Some(last) = old.checked_sub(1) else { return };
        let mut said = Vec::new();
        let mut live = Vec::new();
        for group in self.groups.iter_mut().take(old) {
            match std::mem::replace(&mut group.body, GroupBody::Gone) {
                GroupBody::User(message) => said.push(message),
                GroupBody::Summary { said: earlier, .. } => {
                    said.splice(0..0, earlier);
                }
                GroupBody::Slipway | GroupBody::Gone | GroupBody::Assistant(..) => {}
            }
            for rider in std::mem::take(&mut group.riders) {
                if let Rider::View { entry, fate: Fate::Live, .. } = rider {
                    live.push(entry);
                }
            }
        }
        if let Some(group) = self.groups.get_mut(last) {
            group.body = GroupBody::Summary { said, summary: self.taken };
            for (rider, entry) in live.into_iter().enumerate() {
                group.riders.push(Rider::View { entry, fate: Fate::Live, shown: Shown::Full });
                if let Some(view) = entries.view(entry) {
                    self.views.moved(view, Place { group: last, rider });
                }
            }
        }
        if self.block.is_some_and(|block| block.group <= last) {
            self.block = None;
            self.block_is_due = true;
        }
        self.changed(0);
    }
}
