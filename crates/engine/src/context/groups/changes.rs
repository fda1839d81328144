//! Recorded decisions that reach back: masked output and summaries.

use slipway_protocol::CallId;
use slipway_protocol::transcript::UserMessage;

use super::{Group, GroupBody, Groups};
use crate::context::placed_views::Place;
use crate::context::riders::{Fate, Rider, Shown};

impl<'a> Groups<'a> {
    /// Shows the results of these calls by their beginning and end.
    pub(super) fn mask(&mut self, calls: &'a [CallId]) {
        for id in calls {
            let Some(position) = self.waiting.get(id).copied() else { continue };
            let Some(Group { body: GroupBody::Assistant(_, calls), .. }) = self.groups.get_mut(position)
            else {
                continue;
            };
            if let Some(call) = calls.iter_mut().find(|call| call.call.id == *id && !call.masked) {
                call.masked = true;
                self.changed(position);
            }
        }
    }

    /// Lets a summary stand for the groups that began among the first `entries`: whole groups, so that no
    /// call loses its result. Views that are live stay, on the summary.
    pub(super) fn compact(&mut self, entries: u32, summary: &'a str) {
        let entries = usize::try_from(entries).unwrap_or(usize::MAX);
        let old = self.starts.iter().take_while(|start| **start < entries).count();
        let Some(last) = old.checked_sub(1) else { return };
        let mut said = Vec::new();
        let mut live = Vec::new();
        for group in self.groups.iter_mut().take(old) {
            match std::mem::replace(&mut group.body, GroupBody::Gone) {
                GroupBody::User(message) => said.push(message),
                GroupBody::Summary { said: earlier, .. } => prepend(&mut said, earlier),
                GroupBody::Slipway | GroupBody::Gone | GroupBody::Assistant(..) => {}
            }
            for rider in std::mem::take(&mut group.riders) {
                if let Rider::View { view, fate: Fate::Live, .. } = rider {
                    live.push(view);
                }
            }
        }
        if let Some(group) = self.groups.get_mut(last) {
            group.body = GroupBody::Summary { said, summary };
            for (rider, view) in live.into_iter().enumerate() {
                group.riders.push(Rider::View { view, fate: Fate::Live, shown: Shown::Full });
                self.views.moved(view, Place { group: last, rider });
            }
        }
        if self.block.is_some_and(|block| block.group <= last) {
            self.block = None;
            self.block_is_due = true;
        }
        self.changed(0);
    }
}

fn prepend<'a>(said: &mut Vec<&'a UserMessage>, earlier: Vec<&'a UserMessage>) {
    said.splice(0..0, earlier);
}
