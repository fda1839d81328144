//! `write_file`: creates a file or replaces its whole content.

use std::io;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};

use super::{count_text, diff_data, hidden_credential, reason_text, reopen, size_text};
use crate::edit::{Document, EditData, introduced_omission, write_atomically};
use crate::registry::{Tool, ToolContext};
use crate::resources::Resources;
use crate::views::Views;
use crate::workspace::{Access, MAX_FILE_BYTES, Place, read_regular};

/// Arguments of `write_file`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WriteFileArguments {
    /// Path of the file, relative to the workspace or absolute. Missing directories are created.
    file: String,
    /// The complete content of the file.
    content: String,
}

/// Writes files.
pub struct WriteFile {
    views: Arc<Views>,
    resources: Arc<Resources>,
}

impl WriteFile {
    /// The tool on a host's views, within the workspace's bound.
    pub fn new(views: Arc<Views>, resources: Arc<Resources>) -> Self {
        Self { views, resources }
    }
}

impl Tool for WriteFile {
    type Arguments = WriteFileArguments;
    const NAME: &'static str = "write_file";
    const DESCRIPTION: &'static str = "Create a text file, or replace the whole content of one. For changes within an \
existing file use edit_file instead: it costs less and cannot lose what you did not look at. The file is open \
afterwards.";
    const ACCESS: ToolAccess = ToolAccess::Writing;

    async fn run(self: Arc<Self>, arguments: WriteFileArguments, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        let written = context.blocking(move || self.write(&arguments, &call)).await;
        written.unwrap_or_else(ToolOutcome::error)
    }
}

impl WriteFile {
    fn write(&self, arguments: &WriteFileArguments, context: &ToolContext) -> Result<ToolOutcome, String> {
        let place = context
            .workspace
            .resolve(&arguments.file, Access::Write)
            .map_err(|error| format!("Cannot write: {error}."))?;
        let new = arguments.content.as_bytes();
        if new.len() as u64 > MAX_FILE_BYTES {
            return Err(format!(
                "The content is larger than {} MiB. Nothing was written.",
                MAX_FILE_BYTES >> 20
            ));
        }
        if let Some(refusal) = hidden_credential([arguments.content.as_str()].into_iter()) {
            return Err(refusal);
        }
        let old = current_content(&place)?;
        if let Some((line, text)) =
            introduced_omission(&place.name, old.as_deref().unwrap_or_default(), &arguments.content)
        {
            return Err(omission(&place.name, line, text, old.is_some()));
        }
        let growth = new.len().saturating_sub(old.as_ref().map_or(0, Vec::len));
        if growth > 0 {
            self.resources.room_for(&place.absolute, growth as u64)?;
        }
        if old.as_deref() != Some(new) {
            store(&place.absolute, new).map_err(|reason| {
                format!("Cannot write {}: {reason}. The file is as it was before.", place.name)
            })?;
        }
        let before = old.as_deref().unwrap_or_default();
        let data = EditData::between(&place.name, before, new);
        let change = reopen(&self.views, &context.conversation_id, &place.name, (before, new), &data);
        self.views.set_seen(&context.conversation_id, &place.name, new);
        let text = summary(&place.name, old.as_deref(), new, &data);
        let changed = old.as_deref() != Some(new);
        Ok(ToolOutcome {
            data: diff_data(data),
            view_changes: vec![change],
            changed_paths: if changed { vec![place.name] } else { Vec::new() },
            ..ToolOutcome::ok(text)
        })
    }
}

/// What the file holds; `None` when there is none yet.
fn current_content(place: &Place) -> Result<Option<Vec<u8>>, String> {
    match read_regular(&place.absolute) {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            Err(format!("{} is a directory: give the path of a file in it.", place.name))
        }
        Err(error) => Err(format!("Cannot replace {}: {}.", place.name, reason_text(&error))),
    }
}

/// Why content that leaves code out is not written, and what to do instead.
fn omission(name: &str, line: usize, text: &str, exists: bool) -> String {
    let instead = if exists { ", or change single lines with edit_file" } else { "" };
    format!(
        "Line {line} of the content leaves code out ({text:?}); {name} would hold that line in place of the code. \
         Nothing was written. Send the complete content{instead}. If the file is really to hold this line, write it \
         with run_terminal_command."
    )
}

fn store(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| reason_text(&error))?;
    }
    write_atomically(path, bytes).map_err(|error| {
        let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
        source.map_or_else(|| error.to_string(), reason_text)
    })
}

fn summary(name: &str, old: Option<&[u8]>, new: &[u8], data: &EditData) -> String {
    let lines = count_text(Document::parse(new).lines.len(), "line");
    let size = size_text(new.len() as u64);
    match old {
        None => format!("Created {name} ({lines}, {size}); it is open below."),
        Some(old) if old == new => format!("{name} had exactly this content already; it is open below."),
        Some(_) => format!(
            "Replaced the content of {name} ({lines}, {size}; {} added, {} removed); it is open below.",
            data.added, data.removed
        ),
    }
}
