//! `edit_file` as a tool: path rules, what the model has seen, and the view afterwards. The edit itself is
//! [`crate::edit`].

use std::sync::Arc;

use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolStatus};

use super::{diff_data, hidden_credential, missing, reason_text, reopen};
use crate::edit::{self, EditData, EditFileArgs};
use crate::registry::{Tool, ToolContext};
use crate::resources::Resources;
use crate::views::Views;
use crate::workspace::{Access, open_regular, read_regular};

/// Edits files.
pub struct EditFile {
    views: Arc<Views>,
    resources: Arc<Resources>,
}

impl EditFile {
    /// The tool on a host's views, within the workspace's bound.
    pub fn new(views: Arc<Views>, resources: Arc<Resources>) -> Self {
        Self { views, resources }
    }
}

impl Tool for EditFile {
    type Arguments = EditFileArgs;
    const NAME: &'static str = "edit_file";
    const DESCRIPTION: &'static str = edit::DESCRIPTION;
    const ACCESS: ToolAccess = ToolAccess::Writing;

    async fn run(self: Arc<Self>, arguments: EditFileArgs, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        let edited = context.blocking(move || self.edit(&arguments, &call)).await;
        edited.unwrap_or_else(ToolOutcome::error)
    }
}

impl EditFile {
    fn edit(&self, arguments: &EditFileArgs, context: &ToolContext) -> Result<ToolOutcome, String> {
        let workspace = &context.workspace;
        let place = workspace
            .resolve(&arguments.file, Access::Write)
            .map_err(|error| format!("Cannot edit: {error}. Nothing was changed."))?;
        if let Some(refusal) =
            hidden_credential(arguments.edits.iter().map(|edit| edit.replace_content.as_str()))
        {
            return Err(refusal);
        }
        self.resources.room_for(&place.absolute, 0)?;
        let name = place.name;
        open_regular(&place.absolute).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!("{} To create a file, use write_file.", missing::text(workspace, &name))
            }
            _ => format!("Cannot edit {name}: {}. Nothing was changed.", reason_text(&error)),
        })?;
        let old = read_regular(&place.absolute).map(|(bytes, _)| bytes).unwrap_or_default();
        let seen = self.views.seen(&context.conversation_id, &name);
        let mut outcome = edit::edit_file(&place.absolute, &name, arguments, seen.as_deref());
        if outcome.status != ToolStatus::Ok {
            return Ok(outcome);
        }
        outcome.changed_paths = vec![name.clone()];
        let data = EditData::deserialize(&outcome.data);
        if let (Ok(data), Ok((new, _))) = (data, read_regular(&place.absolute)) {
            let change = reopen(&self.views, &context.conversation_id, &name, (&old, &new), &data);
            outcome.view_changes = vec![change];
            outcome.data = diff_data(data);
        }
        Ok(outcome)
    }
}
