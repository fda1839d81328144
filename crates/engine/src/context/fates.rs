//! What became of each view: still true, superseded, or closed.

use std::collections::HashMap;

use slipway_protocol::transcript::Entry;
use slipway_protocol::view::{RenderedContent, ViewChange};

/// What became of a view. The first thing that ended a view decides, so that its stub never changes
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It shows the file as it is.
    Live,
    /// A newer view of the file has this version.
    Superseded(u32),
    /// The file was closed.
    Closed,
}

/// The fates of all views, by the position of their entries.
pub(crate) fn of_views(transcript: &[Entry]) -> HashMap<usize, Fate> {
    let mut fates = HashMap::new();
    let mut live: HashMap<&str, usize> = HashMap::new();
    for (position, entry) in transcript.iter().enumerate() {
        match entry {
            Entry::View(view) => {
                fates.insert(position, Fate::Live);
                if let Some(older) = live.insert(&view.file.path, position) {
                    fates.insert(older, Fate::Superseded(view.version));
                }
                if view.file.content == RenderedContent::Missing {
                    live.remove(view.file.path.as_str());
                }
            }
            Entry::ToolResult(result) => {
                for change in &result.outcome.view_changes {
                    close(change, &mut live, &mut fates);
                }
            }
            Entry::User(_)
            | Entry::Assistant(_)
            | Entry::Correction(_)
            | Entry::Notice(_)
            | Entry::Handover(_)
            | Entry::ContextChange(_) => {}
        }
    }
    fates
}

fn close(change: &ViewChange, live: &mut HashMap<&str, usize>, fates: &mut HashMap<usize, Fate>) {
    let stays = |path: &str| match change {
        ViewChange::Open { .. } => true,
        ViewChange::Close { path: closed } => path != closed,
        ViewChange::CloseAllExcept { keep } => keep.iter().any(|kept| kept == path),
    };
    live.retain(|path, position| {
        let stays = stays(path);
        if !stays {
            fates.insert(*position, Fate::Closed);
        }
        stays
    });
}
