//! How views read in the context.

use slipway_protocol::transcript::View;
use slipway_protocol::view::RenderedContent;

use crate::context::fates::Fate;

/// A view as the model sees it.
pub(crate) fn render(view: &View, fate: Fate) -> String {
    let path = &view.file.path;
    let version = view.version;
    match (fate, &view.file.content) {
        (Fate::Superseded(by), _) => {
            format!("[{path}: version {version} was superseded by version {by} below]")
        }
        (Fate::Closed, _) => format!("[{path}: version {version} is closed]"),
        (Fate::Live, RenderedContent::Missing) => {
            format!("[{path}: version {version}: the file does not exist any more]")
        }
        (Fate::Live, RenderedContent::Unreadable { reason }) => {
            format!("[{path}: version {version}: the file cannot be shown: {reason}]")
        }
        (Fate::Live, RenderedContent::Text { text }) => {
            let lines = view.file.lines;
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            format!("<file path=\"{path}\" version=\"{version}\" lines=\"{lines}\">\n{text}{end}</file>")
        }
    }
}
