//! What every request ends with. A request that is only looked at leaves no trace of it, because what comes
//! before the request is made may change it.

use super::{Group, Groups};
use crate::context::Layout;
use crate::context::placed_views::Place;
use crate::context::riders::Rider;

/// How the groups were before they were closed for a request.
#[derive(Debug)]
pub(crate) struct Open {
    groups: usize,
    /// Riders of the last group.
    riders: usize,
    block: Option<Place>,
    block_is_due: bool,
    /// What stood where the open files were shown before.
    old_block: Option<(Place, Rider)>,
    requested_at: u64,
    request_ends: Option<Vec<usize>>,
    same: usize,
}

impl Groups {
    /// Closes the groups as for a request; [`Self::reopen`] undoes it.
    pub(crate) fn close(&mut self) -> Open {
        let moves_block = self.layout == Layout::Consolidated && self.block_is_due;
        let old_block = self.block.filter(|_| moves_block);
        let open = Open {
            groups: self.groups.len(),
            riders: self.groups.last().map_or(0, |group| group.riders.len()),
            block: self.block,
            block_is_due: self.block_is_due,
            old_block: old_block.and_then(|place| Some((place, self.rider(place)?.clone()))),
            requested_at: self.requested_at,
            request_ends: old_block.map(|_| self.request_ends.clone()),
            same: self.same,
        };
        self.before_request();
        open
    }

    /// Makes the groups what they were before [`Self::close`].
    pub(crate) fn reopen(&mut self, open: Open) {
        let riders = self.groups.get(open.groups.wrapping_sub(1)).map_or(0, |group| group.riders.len());
        if self.groups.len() > open.groups || riders > open.riders {
            self.unchanged = self.unchanged.min(open.groups.saturating_sub(1));
        }
        self.groups.truncate(open.groups);
        self.starts.truncate(open.groups);
        if let Some(group) = self.groups.last_mut() {
            group.riders.truncate(open.riders);
        }
        if let Some((place, old)) = open.old_block {
            self.unchanged = self.unchanged.min(place.group);
            if let Some(rider) = self.rider(place) {
                *rider = old;
            }
        }
        self.block = open.block;
        self.block_is_due = open.block_is_due;
        self.requested_at = open.requested_at;
        if let Some(ends) = open.request_ends {
            self.request_ends = ends;
        }
        self.same = open.same;
    }

    /// What every request ends with: the open files where they are shown at once, a warning when too much
    /// has come to be open, and somebody else's words than the model's.
    pub(super) fn before_request(&mut self) {
        if self.layout == Layout::Consolidated && self.block_is_due {
            self.move_block();
        }
        if self.open.changes() != self.requested_at {
            self.requested_at = self.open.changes();
            if let Some(warning) = self.open.warning() {
                self.ride(Rider::notice(&warning));
            }
        }
        if self.groups.last().is_none_or(Group::ends_with_the_model) {
            self.ride(Rider::Text("Continue.".to_owned()));
        }
    }

    /// Shows the open files on the newest message instead of where they were.
    fn move_block(&mut self) {
        self.block_is_due = false;
        let views = self.views.live();
        let what = if views.is_empty() { "were closed" } else { "are shown again below" };
        if let Some(place) = self.block.take()
            && let Some(rider) = self.rider(place)
        {
            *rider = Rider::Text(format!("[The open files {what}]"));
            self.changed(place.group);
        }
        if !views.is_empty() {
            self.block = Some(self.ride(Rider::Block(views)));
        }
    }
}
