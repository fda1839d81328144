//! The tool `screenshot`: what is on the desktop.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolStatus};

use super::look::Eyes;
use crate::registry::{Tool, ToolContext};

/// What to look at.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ScreenshotArguments {
    /// A window to show alone: its id (for example `0x400003`) or a part of its title. Without it the whole
    /// desktop is shown.
    #[serde(default)]
    window: Option<String>,
}

/// Looks at the desktop.
pub struct Screenshot {
    eyes: Arc<Eyes>,
}

impl Screenshot {
    /// The tool, with these eyes.
    pub fn new(eyes: Arc<Eyes>) -> Self {
        Self { eyes }
    }
}

impl Tool for Screenshot {
    type Arguments = ScreenshotArguments;
    const NAME: &'static str = "screenshot";
    const DESCRIPTION: &'static str = "Look at the sandbox's graphical desktop, where windows of programs appear \
        that you start in the shell (run those in the background). Gives a picture, if you can see pictures, \
        and in words the windows with their ids, titles, places and sizes, which of them has the keyboard, and \
        what has changed since your last look. Coordinates count from the top left corner of the desktop in \
        pixels of the picture, and computer takes the same ones.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: Self::Arguments, context: ToolContext) -> ToolOutcome {
        let look = async {
            let scene = self.eyes.open().await?;
            self.eyes.show(&context.conversation_id, scene, arguments.window.as_deref()).await
        };
        tokio::select! {
            outcome = look => outcome.unwrap_or_else(|error| ToolOutcome::error(error.to_string())),
            () = context.cancel.cancelled() => {
                ToolOutcome::new(ToolStatus::Stopped, "The screenshot was stopped before it was taken.")
            }
        }
    }
}
