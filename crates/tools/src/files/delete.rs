//! `delete_file`: deletes files and directories.

use std::fs;
use std::io;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};
use slipway_protocol::view::ViewChange;

use super::{missing, reason_text};
use crate::registry::{OneOrMany, Tool, ToolContext};
use crate::views::Views;
use crate::workspace::{Access, Place};

/// Arguments of `delete_file`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteFileArguments {
    /// Path of the file or directory, or a list of paths. A directory is deleted with everything in it; of
    /// a symbolic link, only the link.
    file: OneOrMany<String>,
}

/// Deletes files.
pub struct DeleteFile {
    views: Arc<Views>,
}

impl DeleteFile {
    /// The tool on a host's views.
    pub fn new(views: Arc<Views>) -> Self {
        Self { views }
    }
}

impl Tool for DeleteFile {
    type Arguments = DeleteFileArguments;
    const NAME: &'static str = "delete_file";
    const DESCRIPTION: &'static str =
        "Delete one or more files or directories. Open files among them are closed.";
    const ACCESS: ToolAccess = ToolAccess::Writing;

    async fn run(self: Arc<Self>, arguments: DeleteFileArguments, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        context.blocking(move || self.delete_all(&arguments.file.0, &call)).await
    }
}

impl DeleteFile {
    fn delete_all(&self, files: &[String], context: &ToolContext) -> ToolOutcome {
        if files.is_empty() {
            return ToolOutcome::error("`file` is an empty list: name at least one file.");
        }
        let (mut lines, mut deleted) = (Vec::new(), Vec::new());
        for file in files {
            match delete(file, context) {
                Ok((place, line)) => {
                    deleted.push(place.name);
                    lines.push(line);
                }
                Err(line) => lines.push(line),
            }
        }
        let text = lines.join("\n");
        let outcome =
            if deleted.len() == files.len() { ToolOutcome::ok(text) } else { ToolOutcome::error(text) };
        let view_changes = deleted.iter().flat_map(|name| self.close(name, context)).collect();
        ToolOutcome { view_changes, changed_paths: deleted, ..outcome }
    }

    /// Closes the file, or the open files of the directory.
    fn close(&self, name: &str, context: &ToolContext) -> Vec<ViewChange> {
        let mut names = self.views.open_below(&context.conversation_id, name);
        names.push(name.to_owned());
        for name in &names {
            self.views.close(&context.conversation_id, name);
        }
        names.into_iter().map(|path| ViewChange::Close { path }).collect()
    }
}

fn delete(file: &str, context: &ToolContext) -> Result<(Place, String), String> {
    let workspace = &context.workspace;
    let place =
        workspace.resolve_entry(file, Access::Write).map_err(|error| format!("Cannot delete: {error}."))?;
    if workspace.root().starts_with(&place.absolute) {
        return Err("Cannot delete the workspace itself: name the files or directories in it.".to_owned());
    }
    let name = &place.name;
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => missing::text(workspace, name),
        _ => format!("Cannot delete {name}: {}.", reason_text(&error)),
    };
    let metadata = fs::symlink_metadata(&place.absolute).map_err(failed)?;
    let line = if metadata.is_dir() {
        fs::remove_dir_all(&place.absolute).map_err(failed)?;
        format!("Deleted the directory {name} with everything in it.")
    } else {
        fs::remove_file(&place.absolute).map_err(failed)?;
        format!("Deleted {name}.")
    };
    Ok((place, line))
}
