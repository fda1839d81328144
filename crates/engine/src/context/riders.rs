//! What rides on a message beside its own text: views of open files, and what Slipway has to say.

use slipway_protocol::context::ViewState;
use slipway_protocol::transcript::View;
use slipway_protocol::view::RenderedContent;

use crate::context::entries::Entries;

/// Something that rides on a message. Views are named by the positions of their entries.
#[derive(Debug, Clone)]
pub(crate) enum Rider {
    /// Words of Slipway.
    Text(String),
    /// A view of a file.
    View { entry: usize, fate: Fate, shown: Shown },
    /// All open files at once, by path.
    Block(Vec<usize>),
}

/// What became of a view. The first thing that ended it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It shows the file as it is.
    Live,
    /// There is a newer view of the file.
    Superseded,
    /// The file was closed.
    Closed,
}

/// How much of a view is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The rendering.
    Full,
    /// Nothing, but one line on the message for all such views of it.
    Shrunk,
}

impl Rider {
    /// A note from Slipway.
    pub(crate) fn notice(text: &str) -> Self {
        Self::Text(format!("[Slipway] {text}"))
    }

    /// The view's entry, where it is still shown in full although it has ended.
    pub(crate) fn stale(&self) -> Option<usize> {
        match self {
            Self::View { fate: Fate::Live, .. } | Self::View { shown: Shown::Shrunk, .. } => None,
            Self::View { entry, .. } => Some(*entry),
            Self::Text(_) | Self::Block(_) => None,
        }
    }

    /// Whether it shows a file as it is.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Self::View { fate: Fate::Live, .. } | Self::Block(_))
    }

    /// How a view is shown; what is no view hides nothing.
    pub(crate) fn view_state(&self) -> ViewState {
        match self {
            Self::View { shown: Shown::Shrunk, .. } => ViewState::Stub,
            Self::View { fate: Fate::Superseded | Fate::Closed, .. } => ViewState::Outdated,
            Self::View { fate: Fate::Live, .. } | Self::Text(_) | Self::Block(_) => ViewState::Live,
        }
    }

    fn fate_if_shrunk(&self) -> Option<Fate> {
        match self {
            Self::View { fate, shown: Shown::Shrunk, .. } => Some(*fate),
            Self::View { .. } | Self::Text(_) | Self::Block(_) => None,
        }
    }
}

/// What the model sees of the rider at `position` among those of a message; `None` for a shrunk view that is not the
/// first one, as one line stands for them all.
pub(crate) fn text(riders: &[Rider], position: usize, entries: Entries<'_>) -> Option<String> {
    let full = |entry: &usize| entries.view(*entry).map(full).unwrap_or_default();
    match riders.get(position)? {
        Rider::Text(text) => Some(text.clone()),
        Rider::View { shown: Shown::Shrunk, .. } => {
            let is_first = !has_shrunk(riders.get(..position)?);
            is_first.then(|| instead(riders).to_owned())
        }
        Rider::View { entry, .. } => Some(full(entry)),
        Rider::Block(views) => Some(views.iter().map(full).collect::<Vec<_>>().join("\n\n")),
    }
}

/// All that the model sees of the riders of a message, in order.
pub(crate) fn texts(riders: &[Rider], entries: Entries<'_>) -> impl Iterator<Item = String> {
    (0..riders.len()).filter_map(move |position| text(riders, position, entries))
}

/// Whether one of them is a shrunk view.
pub(crate) fn has_shrunk(riders: &[Rider]) -> bool {
    riders.iter().any(|rider| rider.fate_if_shrunk().is_some())
}

/// The line that stands for views of one message that have ended. It is no longer than the one that stands where all open
/// files were shown at once, so that shrinking view by view is never dearer than that.
pub(crate) fn instead(riders: &[Rider]) -> &'static str {
    let fates = || riders.iter().filter_map(Rider::fate_if_shrunk);
    match (fates().any(|fate| fate == Fate::Superseded), fates().any(|fate| fate == Fate::Closed)) {
        (true, true) => "[Closed, or newer below]",
        (false, true) => "[No longer open]",
        (_, false) => "[A newer version is below]",
    }
}

/// The view as it is shown in full.
pub(crate) fn full(view: &View) -> String {
    let path = &view.file.path;
    let version = view.version;
    match &view.file.content {
        RenderedContent::Missing => format!("[{path}: version {version}: the file does not exist any more]"),
        RenderedContent::Unreadable { reason } => {
            format!("[{path}: version {version}: the file cannot be shown: {reason}]")
        }
        RenderedContent::Text { text } => {
            let lines = view.file.lines;
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            format!("<file path=\"{path}\" version=\"{version}\" lines=\"{lines}\">\n{text}{end}</file>")
        }
    }
}
