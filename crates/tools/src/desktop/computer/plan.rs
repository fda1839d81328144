//! From arguments to acts: everything is checked before anything is done.

use std::time::Duration;

use super::{ActionArguments, ActionKind, Button, ComputerArguments, Direction, chord};
use crate::desktop::look::Scene;
use crate::desktop::rfb::{Area, keysym_of};

/// Most characters that one action types.
const MAX_TEXT: usize = 5_000;

/// Limits of waiting, and what it is without one, in seconds.
const WAIT: (f64, f64, f64) = (0.1, 120.0, 5.0);

/// A position on the desktop.
pub(super) type Point = (u16, u16);

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Move { to: Point },
    Click { at: Point, button: u8, times: u32, hold: Vec<u32> },
    Drag { from: Point, to: Point, button: u8, hold: Vec<u32> },
    Scroll { at: Point, button: u8, notches: u32, hold: Vec<u32> },
    Type { keys: Vec<u32> },
    Press { chords: Vec<Vec<u32>>, words: String },
    Wait { area: Area, limit: Duration },
    Focus { window: u32, name: String },
}

impl Act {
    /// Where the pointer is afterwards, if it was moved.
    fn pointer(&self) -> Option<Point> {
        match self {
            Self::Move { to } | Self::Drag { to, .. } => Some(*to),
            Self::Click { at, .. } | Self::Scroll { at, .. } => Some(*at),
            Self::Type { .. } | Self::Press { .. } | Self::Wait { .. } | Self::Focus { .. } => None,
        }
    }
}

/// What the arguments ask for.
///
/// # Errors
/// What is wrong with which action, for the model.
pub(super) fn plan(arguments: &ComputerArguments, scene: &Scene) -> Result<Vec<Act>, String> {
    let window = arguments.window.as_deref().map(|wanted| scene.find(wanted)).transpose();
    let window = window.map_err(|error| error.to_string())?;
    let mut space = Space {
        scene,
        pointer: scene.pointer,
        origin: window.map_or((0, 0), |window| (window.x, window.y)),
        size: window.map_or(scene.desktop(), |window| Area {
            x: 0,
            y: 0,
            width: window.width,
            height: window.height,
        }),
    };
    let mut acts = Vec::with_capacity(arguments.actions.len());
    for (position, action) in arguments.actions.iter().enumerate() {
        let act = space.act(action, arguments.window.as_deref());
        let act = act.map_err(|error| format!("Action {}: {error}", position + 1))?;
        space.pointer = act.pointer().unwrap_or(space.pointer);
        acts.push(act);
    }
    Ok(acts)
}

/// What coordinates count from.
struct Space<'a> {
    scene: &'a Scene,
    /// Where the pointer is.
    pointer: Point,
    origin: (i32, i32),
    size: Area,
}

impl Space<'_> {
    fn act(&self, action: &ActionArguments, window: Option<&str>) -> Result<Act, String> {
        let button = match action.button {
            Button::Left => 1,
            Button::Middle => 2,
            Button::Right => 4,
        };
        let hold = || action.hold.as_deref().map_or(Ok(Vec::new()), chord::parse);
        Ok(match action.action {
            ActionKind::Move => Act::Move { to: self.needed("x", "y", action.x, action.y)? },
            ActionKind::Click | ActionKind::DoubleClick => {
                let times = if action.action == ActionKind::Click { 1 } else { 2 };
                Act::Click {
                    at: self.point(action.x, action.y)?.unwrap_or(self.pointer),
                    button,
                    times,
                    hold: hold()?,
                }
            }
            ActionKind::Drag => Act::Drag {
                from: self.needed("x", "y", action.x, action.y)?,
                to: self.needed("to_x", "to_y", action.to_x, action.to_y)?,
                button,
                hold: hold()?,
            },
            ActionKind::Scroll => Act::Scroll {
                at: self.point(action.x, action.y)?.unwrap_or(self.pointer),
                button: match action.direction {
                    Direction::Up => 8,
                    Direction::Down => 16,
                    Direction::Left => 32,
                    Direction::Right => 64,
                },
                notches: action.amount.unwrap_or(3).clamp(1, 50),
                hold: hold()?,
            },
            ActionKind::Type => Act::Type { keys: typed(action.text.as_deref())? },
            ActionKind::Key => {
                let words = action.keys.as_deref().or(action.text.as_deref()).unwrap_or_default().trim();
                let chords: Result<Vec<_>, _> = words.split_whitespace().map(chord::parse).collect();
                let chords = chords?;
                if chords.is_empty() {
                    return Err("`key` needs `keys`, for example `ctrl+s`.".to_owned());
                }
                Act::Press { chords, words: words.to_owned() }
            }
            ActionKind::Wait => Act::Wait { area: self.region(action)?, limit: wait(action.seconds) },
            ActionKind::Focus => {
                let wanted = action.window.as_deref().or(window).ok_or("`focus` needs a `window`.")?;
                let window = self.scene.find(wanted).map_err(|error| error.to_string())?;
                Act::Focus { window: window.id, name: format!("{:?}", window.title) }
            }
        })
    }

    fn needed(&self, x_name: &str, y_name: &str, x: Option<f64>, y: Option<f64>) -> Result<Point, String> {
        self.point(x, y)?.ok_or_else(|| format!("it needs `{x_name}` and `{y_name}`."))
    }

    /// A point of the desktop, if one is given.
    fn point(&self, x: Option<f64>, y: Option<f64>) -> Result<Option<Point>, String> {
        let (x, y) = match (x, y) {
            (None, None) => return Ok(None),
            (Some(x), Some(y)) => (x, y),
            _ => return Err("a position needs both its numbers.".to_owned()),
        };
        let inside = self.place(x, self.origin.0, |area| area.width);
        let place = inside.zip(self.place(y, self.origin.1, |area| area.height));
        place.map(Some).ok_or_else(|| {
            let last = |length: u32| self.scene.scale().shown(length).saturating_sub(1);
            format!(
                "{x}, {y} is outside: x goes from 0 to {} and y from 0 to {}.",
                last(self.size.width),
                last(self.size.height)
            )
        })
    }

    /// A column or row of the desktop, if it is inside both the desktop and what coordinates count in.
    fn place(&self, shown: f64, origin: i32, length: impl Fn(Area) -> u32) -> Option<u16> {
        let scale = self.scene.scale();
        let is_inside = shown >= 0.0 && shown < f64::from(scale.shown(length(self.size)));
        let place = (scale.meant(shown) + f64::from(origin)).round();
        let is_on_desktop = place >= 0.0 && place < f64::from(length(self.scene.desktop()));
        (is_inside && is_on_desktop).then(|| whole(place))
    }

    fn region(&self, action: &ActionArguments) -> Result<Area, String> {
        let (Some(width), Some(height)) = (action.width, action.height) else {
            return Ok(if self.origin == (0, 0) { self.scene.desktop() } else { self.all() });
        };
        let (x, y) = self.needed("x", "y", action.x, action.y)?;
        let scale = self.scene.scale();
        let length = |shown: f64| u32::from(whole(scale.meant(shown.max(1.0)).round().max(1.0)));
        let area = Area { x: x.into(), y: y.into(), width: length(width), height: length(height) };
        Ok(area.common(self.scene.desktop()))
    }

    /// All of the window that is on the desktop.
    fn all(&self) -> Area {
        let from = |origin: i32| u32::try_from(origin.max(0)).unwrap_or(0);
        let area = Area { x: from(self.origin.0), y: from(self.origin.1), ..self.size };
        area.common(self.scene.desktop())
    }
}

/// The keys that type a text.
fn typed(text: Option<&str>) -> Result<Vec<u32>, String> {
    let text = text.filter(|text| !text.is_empty()).ok_or("`type` needs a `text`.")?;
    let count = text.chars().count();
    if count > MAX_TEXT {
        return Err(format!(
            "{count} characters are too many to type: {MAX_TEXT} at most. Write a file instead."
        ));
    }
    // A line break of two characters is one press of Enter.
    let text = text.replace("\r\n", "\n");
    text.chars()
        .map(|letter| keysym_of(letter).ok_or_else(|| format!("no key types the character {letter:?}.")))
        .collect()
}

fn wait(seconds: Option<f64>) -> Duration {
    let (least, most, usual) = WAIT;
    let seconds = seconds.filter(|seconds| seconds.is_finite()).unwrap_or(usual);
    Duration::from_secs_f64(seconds.clamp(least, most))
}

/// A number from 0 up without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn whole(number: f64) -> u16 {
    number.clamp(0.0, f64::from(u16::MAX)) as u16
}
