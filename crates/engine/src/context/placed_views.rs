//! Where the views stand, and what became of each: a fold over the transcript.

use std::collections::{BTreeMap, HashMap};

use slipway_protocol::transcript::{View, ViewId};
use slipway_protocol::view::{RenderedContent, ViewChange};

use crate::context::riders::Fate;

/// The place of a rider: its group, and its position among the group's riders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) group: usize,
    pub(crate) rider: usize,
}

/// All views so far.
#[derive(Debug, Default)]
pub(crate) struct PlacedViews {
    /// By path and version.
    places: HashMap<String, HashMap<u32, Place>>,
    /// The newest view of each open file.
    live: BTreeMap<String, Live>,
}

/// A view that shows a file as it is.
#[derive(Debug, Clone, Copy)]
struct Live {
    version: u32,
    /// Position of its entry.
    entry: usize,
}

/// A view that has ended.
pub(crate) struct Ended {
    pub(crate) place: Place,
    pub(crate) fate: Fate,
}

impl PlacedViews {
    /// Takes in a new view, whose entry is at `entry`, and gives the one that it supersedes.
    pub(crate) fn show(&mut self, view: &View, entry: usize, place: Place) -> Option<Ended> {
        let path = view.file.path.as_str();
        let older = self.live.get(path).and_then(|older| self.place(path, older.version));
        if view.file.content == RenderedContent::Missing {
            self.live.remove(path);
        } else {
            self.live.insert(path.to_owned(), Live { version: view.version, entry });
        }
        self.moved(view, place);
        older.map(|place| Ended { place, fate: Fate::Superseded })
    }

    /// Takes note that a view stands elsewhere.
    pub(crate) fn moved(&mut self, view: &View, place: Place) {
        self.places.entry(view.file.path.clone()).or_default().insert(view.version, place);
    }

    /// Closes files, and gives the views that have ended thereby.
    pub(crate) fn close(&mut self, change: &ViewChange) -> Vec<Ended> {
        let closes = |path: &str| match change {
            ViewChange::Open { .. } => false,
            ViewChange::Close { path: closed } => path == closed,
            ViewChange::CloseAllExcept { keep } => keep.iter().all(|kept| kept != path),
        };
        self.end(closes)
    }

    /// Closes the files with these paths, and gives the views that have ended thereby.
    pub(crate) fn evict(&mut self, paths: &[String]) -> Vec<Ended> {
        self.end(|path| paths.iter().any(|evicted| evicted == path))
    }

    /// Where a view stands.
    pub(crate) fn find(&self, id: &ViewId) -> Option<Place> {
        self.place(&id.path, id.version)
    }

    /// The newest views of the open files, by path: positions of their entries.
    pub(crate) fn live(&self) -> Vec<usize> {
        self.live.values().map(|live| live.entry).collect()
    }

    fn place(&self, path: &str, version: u32) -> Option<Place> {
        self.places.get(path)?.get(&version).copied()
    }

    fn end(&mut self, closes: impl Fn(&str) -> bool) -> Vec<Ended> {
        let closed = self.live.iter().filter(|(path, _)| closes(path));
        let places = closed.filter_map(|(path, live)| self.place(path, live.version));
        let ended = places.map(|place| Ended { place, fate: Fate::Closed }).collect();
        self.live.retain(|path, _| !closes(path));
        ended
    }
}
