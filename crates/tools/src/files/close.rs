//! `close_file`: takes files out of the model's view.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};
use slipway_protocol::view::ViewChange;

use crate::registry::{OneOrMany, Tool, ToolContext};
use crate::views::Views;
use crate::workspace::Access;

/// Arguments of `close_file`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CloseFileArguments {
    /// Path of the file to close, or a list of paths.
    #[serde(default)]
    file: Option<OneOrMany<String>>,
    /// Instead of `file`: close every open file but these; an empty list closes all.
    #[serde(default)]
    keep: Option<Vec<String>>,
}

/// Closes files.
pub struct CloseFile {
    views: Arc<Views>,
}

impl CloseFile {
    /// The tool on a host's views.
    pub fn new(views: Arc<Views>) -> Self {
        Self { views }
    }
}

impl Tool for CloseFile {
    type Arguments = CloseFileArguments;
    const NAME: &'static str = "close_file";
    const DESCRIPTION: &'static str = "Close open files that you no longer need to see. They stay on disk; only their \
views go, which makes room. Give either `file` or `keep`.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: CloseFileArguments, context: ToolContext) -> ToolOutcome {
        let call = context.clone();
        context.blocking(move || self.close(arguments, &call)).await
    }
}

impl CloseFile {
    fn close(&self, arguments: CloseFileArguments, context: &ToolContext) -> ToolOutcome {
        let names = |files: &[String]| files.iter().map(|file| normalised(file, context)).collect::<Vec<_>>();
        match arguments {
            CloseFileArguments { keep: Some(keep), .. } => {
                let keep = names(&keep);
                self.views.close_all_except(&context.conversation_id, &keep);
                let text = match keep.as_slice() {
                    [] => "Closed all files.".to_owned(),
                    kept => format!("Closed all files but {}.", kept.join(", ")),
                };
                let view_changes = vec![ViewChange::CloseAllExcept { keep }];
                ToolOutcome { view_changes, ..ToolOutcome::ok(text) }
            }
            CloseFileArguments { file: Some(OneOrMany(files)), keep: None } if !files.is_empty() => {
                let closed = names(&files);
                for name in &closed {
                    self.views.close(&context.conversation_id, name);
                }
                let text = format!("Closed {}.", closed.join(", "));
                let view_changes = closed.into_iter().map(|path| ViewChange::Close { path }).collect();
                ToolOutcome { view_changes, ..ToolOutcome::ok(text) }
            }
            CloseFileArguments { .. } => ToolOutcome::error(
                "Nothing to close: give `file` with the files to close, or `keep` with those that stay open.",
            ),
        }
    }
}

/// The name under which a file is open; a path that leads nowhere any more stays as written.
fn normalised(file: &str, context: &ToolContext) -> String {
    context.workspace.resolve(file, Access::Read).map_or_else(|_| file.to_owned(), |place| place.name)
}
