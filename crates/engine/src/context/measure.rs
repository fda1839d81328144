//! How large the parts of a request are, in estimated tokens, and how much of it was sent before.

use std::collections::HashMap;

use slipway_protocol::transcript::{View, ViewId};

use crate::context::entries::Entries;
use crate::context::groups::Groups;
use crate::context::riders::{self, Rider, Shown, full};
use crate::provider::estimate;

/// Estimated tokens of views that are shown in full, by the positions of their entries.
pub(crate) type ViewSizes = HashMap<usize, u64>;

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

/// Measures the next request. `ends` are the tokens before each group, and at last all of them; `sizes`
/// remembers what has been measured.
pub(crate) fn measure(
    groups: &Groups,
    entries: Entries<'_>,
    ends: &[u64],
    sizes: &mut ViewSizes,
) -> Measured {
    let end_of = |groups: usize| ends.get(groups).copied().unwrap_or_default();
    let mut measured = Measured {
        total: end_of(groups.groups.len()),
        same: if groups.request_ends.is_empty() { 0 } else { end_of(groups.same) },
        request_ends: groups.request_ends.iter().map(|groups| end_of(*groups)).collect(),
        ..Measured::default()
    };
    for (position, group) in groups.groups.iter().enumerate() {
        measured.take_riders(&group.riders, entries, end_of(position + 1), sizes);
    }
    measured
}

impl Measured {
    fn take_riders(&mut self, riders: &[Rider], entries: Entries<'_>, end: u64, sizes: &mut ViewSizes) {
        let mut after = 0;
        let first_new = self.stale.len();
        // What stands for those that have shrunk is there already, or comes with the first one.
        let line = if riders::has_shrunk(riders) { 0 } else { estimate::text(riders::instead(riders)) };
        for (position, rider) in riders.iter().enumerate().rev() {
            let tokens = size(riders, position, entries, sizes);
            after += tokens;
            if let Some(entry) = rider.stale() {
                let Some(view) = entries.view(entry) else { continue };
                let saves = tokens.saturating_sub(line);
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

fn size(riders: &[Rider], position: usize, entries: Entries<'_>, sizes: &mut ViewSizes) -> u64 {
    match riders.get(position) {
        Some(Rider::View { entry, shown: Shown::Full, .. }) => *sizes
            .entry(*entry)
            .or_insert_with(|| entries.view(*entry).map_or(0, |view| estimate::text(&full(view)))),
        _ => riders::text(riders, position, entries).map_or(0, |text| estimate::text(&text)),
    }
}

fn id_of(view: &View) -> ViewId {
    ViewId { path: view.file.path.clone(), version: view.version }
}
