//! The tool `computer`: mouse and keyboard of the desktop.

mod act;
mod chord;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolStatus};

use self::act::carry_out;
use self::plan::{Act, plan};
use super::look::{Eyes, LookError};
use crate::registry::{Tool, ToolContext};

/// How long the desktop must be at rest before it is shown, and how long that is waited for.
const REST: Duration = Duration::from_millis(150);
const REST_LIMIT: Duration = Duration::from_millis(1500);

/// Most actions of one call.
const MAX_ACTIONS: usize = 30;

/// What to do at the desktop.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ComputerArguments {
    /// What to do, one after the other, at most 30. Put everything into one call that needs no look in between.
    actions: Vec<ActionArguments>,
    /// The window whose top left corner coordinates count from, as in a screenshot of that window: its id or a
    /// part of its title. Without it they count from the desktop's corner.
    #[serde(default)]
    window: Option<String>,
    /// Whether to show the desktop (or the window) when all is done and at rest.
    #[serde(default)]
    screenshot: bool,
}

/// One action.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct ActionArguments {
    /// `click`, `double_click`: at x, y, or where the pointer is. `move`: the pointer to x, y. `drag`: from x, y
    /// to to_x, to_y with the button held. `scroll`: at x, y. `type`: `text`, any Unicode. `key`: press `keys`.
    /// `wait`: until something in the region changes. `focus`: bring `window` to the front and give it the
    /// keyboard.
    #[serde(alias = "type")]
    action: ActionKind,
    /// Column in pixels.
    #[serde(default)]
    x: Option<f64>,
    /// Row in pixels.
    #[serde(default)]
    y: Option<f64>,
    /// `drag`: column where it ends.
    #[serde(default)]
    to_x: Option<f64>,
    /// `drag`: row where it ends.
    #[serde(default)]
    to_y: Option<f64>,
    /// `click`, `double_click`, `drag`: which button (default left).
    #[serde(default)]
    button: Button,
    /// `click`, `double_click`, `drag`, `scroll`: modifier keys to hold meanwhile, for example `ctrl+shift`.
    #[serde(default)]
    hold: Option<String>,
    /// `scroll`: which way (default down).
    #[serde(default)]
    direction: Direction,
    /// `scroll`: notches of the wheel, 1 to 50 (default 3).
    #[serde(default)]
    amount: Option<u32>,
    /// `type`: what to type; a line break presses Enter.
    #[serde(default)]
    text: Option<String>,
    /// `key`: a chord, for example `ctrl+s`, `alt+F4`, `Return`, `Page_Down`; several with spaces between them
    /// are pressed one after the other.
    #[serde(default)]
    keys: Option<String>,
    /// `wait`: seconds at most, 0.1 to 120 (default 5).
    #[serde(default)]
    seconds: Option<f64>,
    /// `wait`: width of the region that begins at x, y; without a region the whole desktop is watched.
    #[serde(default)]
    width: Option<f64>,
    /// `wait`: height of the region.
    #[serde(default)]
    height: Option<f64>,
    /// `focus`: the window, if it is another one than that of the call.
    #[serde(default)]
    window: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ActionKind {
    #[default]
    #[serde(alias = "left_click")]
    Click,
    DoubleClick,
    #[serde(alias = "mouse_move")]
    Move,
    #[serde(alias = "left_click_drag")]
    Drag,
    Scroll,
    Type,
    #[serde(alias = "keypress")]
    Key,
    Wait,
    Focus,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Button {
    #[default]
    Left,
    Middle,
    Right,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Up,
    #[default]
    Down,
    Left,
    Right,
}

/// Structured particulars for the UI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComputerData {
    /// What was done, in words, in order.
    pub done: Vec<String>,
}

/// Uses mouse and keyboard.
pub struct Computer {
    eyes: Arc<Eyes>,
}

impl Computer {
    /// The tool, with these eyes.
    pub fn new(eyes: Arc<Eyes>) -> Self {
        Self { eyes }
    }

    async fn act(
        &self,
        arguments: &ComputerArguments,
        context: &ToolContext,
        done: &mut Vec<String>,
    ) -> Result<ToolOutcome, LookError> {
        if arguments.actions.len() > MAX_ACTIONS {
            let count = arguments.actions.len();
            return Err(LookError::Window(format!(
                "{count} actions are too many: {MAX_ACTIONS} at most in a call."
            )));
        }
        let mut scene = self.eyes.open().await?;
        let acts = plan(arguments, &scene).map_err(LookError::Window)?;
        let points = arguments.actions.iter().any(|action| action.x.is_some());
        if let Some(old) = self.eyes.last_size(&context.conversation_id).filter(|old| *old != scene.desktop())
            && points
        {
            let (was, is) = (old, scene.desktop());
            return Err(LookError::Window(format!(
                "The desktop had {} × {} pixels when you last looked and has {} × {} now, so that coordinates \
                 may mean something else. Take a screenshot first.",
                was.width, was.height, is.width, is.height
            )));
        }
        for act in &acts {
            let words = match act {
                Act::Focus { window, name } => {
                    self.eyes.activate(*window).await?;
                    format!("brought {name} to the front")
                }
                other => carry_out(other, &mut scene.client).await?,
            };
            done.push(words);
        }
        scene.client.synchronise().await?;
        if !arguments.screenshot {
            return Ok(ToolOutcome::ok(String::new()));
        }
        scene.client.settle(REST, REST_LIMIT).await?;
        scene.windows = self.eyes.windows().await?.windows;
        self.eyes.show(&context.conversation_id, scene, arguments.window.as_deref()).await
    }
}

impl Tool for Computer {
    type Arguments = ComputerArguments;
    const NAME: &'static str = "computer";
    const DESCRIPTION: &'static str = "Use the mouse and the keyboard of the sandbox's graphical desktop: click, \
        drag, scroll, type, press keys, wait until something changes. Take a screenshot first to see where \
        things are, and ask for one with `screenshot: true` to see what came of it. The person may take over \
        the desktop at any time; while they do, this tool is refused.";
    const ACCESS: ToolAccess = ToolAccess::Writing;

    async fn run(self: Arc<Self>, arguments: Self::Arguments, context: ToolContext) -> ToolOutcome {
        let mut done = Vec::new();
        let ended = tokio::select! {
            ended = self.act(&arguments, &context, &mut done) => Some(ended),
            () = context.cancel.cancelled() => None,
        };
        let so_far = match done.as_slice() {
            [] => "Nothing was done.".to_owned(),
            done => format!("Done: {}.", done.join("; ")),
        };
        let mut outcome = match ended {
            Some(Ok(mut outcome)) => {
                outcome.text = format!("{so_far}\n{}", outcome.text);
                outcome
            }
            Some(Err(error)) => ToolOutcome::error(format!("{error}\n{so_far}")),
            None => ToolOutcome::new(ToolStatus::Stopped, format!("Stopped. {so_far}")),
        };
        let mut data = match outcome.data {
            serde_json::Value::Object(data) => data,
            _ => serde_json::Map::new(),
        };
        data.insert("done".to_owned(), done.into());
        outcome.data = data.into();
        outcome
    }
}
