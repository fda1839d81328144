//! What rides on a message beside its own text: views of open files, and what Slipway has to say.

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

/// What became of a view. The first thing that ended it decides, so that its stub never changes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It shows the file as it is.
    Live,
    /// A newer view of the file has this version.
    Superseded(u32),
    /// The file was closed.
    Closed,
}

/// How much of a view is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The rendering.
    Full,
    /// A line that says what became of it.
    Stub,
}

impl Rider {
    /// A note from Slipway.
    pub(crate) fn notice(text: &str) -> Self {
        Self::Text(format!("[Slipway] {text}"))
    }

    /// The view's entry, where it is still shown in full although it has ended.
    pub(crate) fn stale(&self) -> Option<(usize, Fate)> {
        match self {
            Self::View { fate: Fate::Live, .. } | Self::View { shown: Shown::Stub, .. } => None,
            Self::View { entry, fate, .. } => Some((*entry, *fate)),
            Self::Text(_) | Self::Block(_) => None,
        }
    }

    /// Whether it shows a file as it is.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Self::View { fate: Fate::Live, .. } | Self::Block(_))
    }

    /// The rider as the model sees it.
    pub(crate) fn text(&self, entries: Entries<'_>) -> String {
        let full = |entry: &usize| entries.view(*entry).map(full).unwrap_or_default();
        match self {
            Self::Text(text) => text.clone(),
            Self::View { entry, fate, shown: Shown::Stub } => {
                let stub = entries.view(*entry).and_then(|view| stub(view, *fate));
                stub.unwrap_or_else(|| full(entry))
            }
            Self::View { entry, .. } => full(entry),
            Self::Block(views) => views.iter().map(full).collect::<Vec<_>>().join("\n\n"),
        }
    }
}

/// The line that stands for a view that has ended.
pub(crate) fn stub(view: &View, fate: Fate) -> Option<String> {
    let path = &view.file.path;
    let version = view.version;
    match fate {
        Fate::Live => None,
        Fate::Superseded(by) => {
            Some(format!("[{path}: version {version} was superseded by version {by} below]"))
        }
        Fate::Closed => Some(format!("[{path}: version {version} is closed]")),
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
