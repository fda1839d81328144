//! What a look at the desktop shows: a picture, its windows in words, and what has changed since the
//! conversation's last look.

mod memory;
mod words;

use std::sync::Arc;

use base64::Engine as _;
use serde::Serialize;
use slipway_protocol::id::ConversationId;
use slipway_protocol::tool::{ImageContent, ToolImage, ToolOutcome};

use self::memory::{Glance, Memory};
use super::picture::{Picture, Scale, draw};
use super::rfb::{Area, Frame, RfbClient, RfbError};
use super::windows::{Seen, Window, WindowsError};
use super::{Desktop, DesktopError, DesktopStream};

/// Structured particulars for the UI of a call that looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookData {
    /// Size of the desktop in pixels.
    pub width: u32,
    /// See `width`.
    pub height: u32,
    /// The window that the picture shows; `None` when it shows the whole desktop.
    pub window: Option<String>,
    /// How many windows there are.
    pub windows: usize,
}

/// Why nothing can be seen.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    #[error(transparent)]
    Desktop(#[from] DesktopError),
    #[error(transparent)]
    Rfb(#[from] RfbError),
    #[error(transparent)]
    Windows(#[from] WindowsError),
    /// Which window is meant is not clear; the text says what there is.
    #[error("{0}")]
    Window(String),
}

/// Looks at a desktop, and remembers for each conversation what it saw.
pub struct Eyes {
    desktop: Arc<Desktop>,
    memory: Memory,
}

/// A connection to act on, and what there is to act on.
pub(super) struct Scene {
    pub(super) client: RfbClient<DesktopStream>,
    pub(super) windows: Vec<Window>,
    /// Where the pointer is.
    pub(super) pointer: (u16, u16),
}

impl Scene {
    pub(super) fn desktop(&self) -> Area {
        self.client.frame().area()
    }

    pub(super) fn scale(&self) -> Scale {
        Scale::of(self.desktop())
    }

    /// The window that a model means by an id (`0x2a`) or by a part of its title.
    pub(super) fn find(&self, wanted: &str) -> Result<&Window, LookError> {
        words::find(&self.windows, wanted).map_err(LookError::Window)
    }
}

impl Eyes {
    /// Eyes on a desktop.
    pub fn new(desktop: Arc<Desktop>) -> Self {
        Self { desktop, memory: Memory::default() }
    }

    /// Forgets what a conversation saw.
    pub fn forget(&self, conversation: &ConversationId) {
        self.memory.forget(conversation);
    }

    /// The size that the desktop had when the conversation last looked.
    pub(super) fn last_size(&self, conversation: &ConversationId) -> Option<Area> {
        self.memory.get(conversation).map(|glance| glance.size)
    }

    /// Connects, and fetches a whole frame and the windows.
    pub(super) async fn open(&self) -> Result<Scene, LookError> {
        let mut client = RfbClient::connect(self.desktop.connect().await?).await?;
        client.fetch().await?;
        let Seen { windows, pointer } = self.desktop.windows().await?;
        Ok(Scene { client, windows, pointer })
    }

    pub(super) async fn windows(&self) -> Result<Seen, LookError> {
        Ok(self.desktop.windows().await?)
    }

    pub(super) async fn activate(&self, window: u32) -> Result<(), LookError> {
        Ok(self.desktop.activate(window).await?)
    }

    /// Shows a scene, all of it or one window.
    pub(super) async fn show(
        &self,
        conversation: &ConversationId,
        scene: Scene,
        window: Option<&str>,
    ) -> Result<ToolOutcome, LookError> {
        let window = window.map(|wanted| scene.find(wanted).cloned()).transpose()?;
        if let Some(window) = window.as_ref().filter(|window| window.minimised) {
            return Err(LookError::Window(format!(
                "The window {} is minimised, so there is nothing to see of it. Bring it back with the action \
                 `focus` of computer.",
                words::name(window)
            )));
        }
        let (desktop, scale, windows) = (scene.desktop(), scene.scale(), scene.windows);
        let area = window.as_ref().map_or(desktop, |window| window.on(desktop));
        let frame = scene.client.into_frame();
        // Drawing takes some milliseconds of computing.
        let drawing =
            tokio::task::spawn_blocking(move || (draw(&frame, area, scale), Glance::of(&frame, windows)));
        let (picture, glance) = drawing.await.map_err(|failure| LookError::Window(failure.to_string()))?;
        let mut text = words::subject(desktop, scale, window.as_ref(), &glance.windows);
        text.push_str(&words::windows(&glance.windows, scale));
        text.push_str(&words::changes(self.memory.get(conversation).as_ref(), &glance, scale));
        let data = LookData {
            width: desktop.width,
            height: desktop.height,
            window: window.as_ref().map(|window| window.title.clone()),
            windows: glance.windows.len(),
        };
        self.memory.put(conversation, glance);
        Ok(ToolOutcome {
            data: serde_json::to_value(data).unwrap_or_default(),
            images: picture.iter().map(image).collect(),
            ..ToolOutcome::ok(text)
        })
    }
}

fn image(picture: &Picture) -> ToolImage {
    ToolImage {
        media_type: "image/png".to_owned(),
        width: picture.width,
        height: picture.height,
        content: ImageContent::Inline(base64::prelude::BASE64_STANDARD.encode(&picture.png)),
    }
}

/// Draws the whole of a frame; for benchmarks of the path that a screenshot takes.
pub(super) fn draw_all(frame: &Frame) -> Option<Picture> {
    draw(frame, frame.area(), Scale::of(frame.area()))
}
