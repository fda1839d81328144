//! The file that is played again.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use slipway_protocol::export::{ConversationExport, FORMAT, VERSION, WORKSPACE, replace_path};
use slipway_protocol::transcript::Entry;

/// Why a file cannot be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordingError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is something else.
    #[error(
        "{} is not an exported conversation: {reason}\n  \
         write one with: slipway export -o FILE   (or \"Export JSON\" in the browser)",
        path.display()
    )]
    Other {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer Slipway wrote it.
    #[error(
        "{} was written by Slipway {slipway_version} in version {version} of the format, and this one knows \
         versions up to {VERSION}; use that or a newer Slipway",
        path.display()
    )]
    Newer {
        /// Which.
        path: PathBuf,
        /// By whom.
        slipway_version: String,
        /// The version of the format.
        version: u32,
    },
    /// Nothing happened in it.
    #[error("{} holds an empty conversation; there is nothing to play", path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
}

/// Fields that every version has.
#[derive(Deserialize)]
struct Label {
    format: String,
    version: u32,
    #[serde(default)]
    slipway_version: String,
}

/// Reads an exported conversation.
pub(crate) fn read(path: &Path) -> Result<ConversationExport, RecordingError> {
    let text =
        std::fs::read(path).map_err(|source| RecordingError::Unreadable { path: path.to_owned(), source })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &[u8]) -> Result<ConversationExport, RecordingError> {
    let path = path.to_owned();
    let label: Label = match serde_json::from_slice(text) {
        Ok(label) => label,
        Err(error) => return Err(RecordingError::Other { path, reason: error.to_string() }),
    };
    if label.format != FORMAT {
        return Err(RecordingError::Other { path, reason: format!("its format is `{}`", label.format) });
    }
    if label.version > VERSION {
        let Label { slipway_version, version, .. } = label;
        return Err(RecordingError::Newer { path, slipway_version, version });
    }
    let export: ConversationExport = match serde_json::from_slice(text) {
        Ok(export) => export,
        Err(error) => return Err(RecordingError::Other { path, reason: error.to_string() }),
    };
    if export.runs.is_empty() {
        return Err(RecordingError::Empty { path });
    }
    Ok(export)
}

/// The recording with calls that name files where they will be: in a workspace at another path.
pub(crate) fn translated(export: &ConversationExport, workspace: &str) -> ConversationExport {
    let mut translated = export.clone();
    if workspace == WORKSPACE {
        return translated;
    }
    for entry in translated.runs.iter_mut().flat_map(|run| &mut run.entries) {
        if let Entry::Assistant(step) = entry {
            for call in &mut step.tool_calls {
                call.arguments = replace_path(&call.arguments, WORKSPACE, workspace);
            }
        }
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::plan::samples;

    fn error(text: &str) -> String {
        parse(Path::new("report.json"), text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_played_is_said() {
        assert!(error("[]").contains("is not an exported conversation"));
        assert!(error("{\"format\": \"x\", \"version\": 1}").contains("its format is `x`"));
        let newer =
            error("{\"format\": \"slipway.conversation\", \"version\": 9, \"slipway_version\": \"7.0\"}");
        assert!(newer.contains("Slipway 7.0") && newer.contains("version 9"), "{newer}");
        assert!(error("{\"format\": \"slipway.conversation\", \"version\": 1}").contains("missing field"));
        let empty = serde_json::to_string(&samples::export(Vec::new())).unwrap();
        assert!(error(&empty).contains("nothing to play"));
    }

    #[test]
    fn calls_name_files_where_they_will_be() {
        let call = samples::step(&[("a", r#"{"command":"cat /workspace/x /workspaces"}"#)]);
        let export = samples::export(vec![samples::run(vec![call])]);
        let text = serde_json::to_string(&translated(&export, "/tmp/r/workspace")).unwrap();
        assert!(text.contains("cat /tmp/r/workspace/x /workspaces"), "{text}");
        assert_eq!(translated(&export, WORKSPACE), export);
    }
}
