//! The windows on the desktop, as its X server and window manager know them.
//!
//! Read through the X protocol with a limit on time and bytes: the server belongs to the agent's user.

mod stream;

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window as WindowId, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use self::stream::LimitedStream;
use super::rfb::Area;

/// How long all questions together may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Most windows that are looked at, of each kind.
const MAX_WINDOWS: usize = 60;

/// Longest title, in characters.
const MAX_TITLE: usize = 120;

/// A window of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Window {
    /// The X server's number for it.
    pub(crate) id: u32,
    /// What stands in its title bar.
    pub(crate) title: String,
    /// The kind of program, for example `XTerm`.
    pub(crate) class: String,
    /// The process, where it says so.
    pub(crate) pid: Option<u32>,
    /// Its inside, without title bar and borders, in pixels of the desktop. May reach beyond the desktop.
    pub(crate) x: i32,
    /// See `x`.
    pub(crate) y: i32,
    /// See `x`.
    pub(crate) width: u32,
    /// See `x`.
    pub(crate) height: u32,
    /// Whether it gets what is typed.
    pub(crate) focused: bool,
    /// Whether it is reduced to its place in the task list.
    pub(crate) minimised: bool,
    /// Whether the window manager knows it. Menus, splash screens and some full-screen programs go past it.
    pub(crate) managed: bool,
}

impl Window {
    /// The part of it that is on the desktop.
    pub(crate) fn on(&self, desktop: Area) -> Area {
        let clip = |start: i32, length: u32, most: u32| {
            let end = (i64::from(start) + i64::from(length)).clamp(0, most.into());
            let start = i64::from(start).clamp(0, most.into());
            (u32::try_from(start).unwrap_or(0), u32::try_from(end - start).unwrap_or(0))
        };
        let (x, width) = clip(self.x, self.width, desktop.width);
        let (y, height) = clip(self.y, self.height, desktop.height);
        Area { x, y, width, height }
    }
}

/// Why the windows are not known.
#[derive(Debug, thiserror::Error)]
pub enum WindowsError {
    /// There is no connection to the X server.
    #[error("cannot reach the X server: {0}")]
    Unreachable(#[from] io::Error),
    /// The server's words make no sense, or do not come in time.
    #[error("the X server does not tell its windows: {0}")]
    Unclear(String),
}

/// Makes any failure of the X client one of ours.
fn unclear(error: impl std::fmt::Display) -> WindowsError {
    WindowsError::Unclear(error.to_string())
}

/// What an X server tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Topmost first.
    pub(crate) windows: Vec<Window>,
    /// Where the pointer is.
    pub(crate) pointer: (u16, u16),
}

/// What the server tells whose socket this is. Blocks for two seconds at most.
///
/// # Errors
/// See [`WindowsError`].
pub(super) fn look(socket: &Path) -> Result<Seen, WindowsError> {
    let display = Display::open(socket)?;
    let managed = display.windows("_NET_CLIENT_LIST_STACKING")?;
    let managed = if managed.is_empty() { display.windows("_NET_CLIENT_LIST")? } else { managed };
    let focused = display.windows("_NET_ACTIVE_WINDOW")?.first().copied();
    let unmanaged = display.unmanaged()?.into_iter();
    let unmanaged =
        unmanaged.filter_map(|id| Some(Window { managed: false, ..display.window(id, focused).ok()? }));
    let newest_first = managed.into_iter().rev().take(MAX_WINDOWS);
    // A window that is gone by now is no failure.
    let managed = newest_first.filter_map(|id| display.window(id, focused).ok());
    Ok(Seen { windows: unmanaged.chain(managed).collect(), pointer: display.pointer()? })
}

/// Brings a window to the front and gives it the keyboard. Blocks for two seconds at most.
///
/// # Errors
/// See [`WindowsError`].
pub(super) fn activate(socket: &Path, window: u32) -> Result<(), WindowsError> {
    let display = Display::open(socket)?;
    let kind = display.atom("_NET_ACTIVE_WINDOW")?;
    // 2: it is the person at the desktop who wants it, so that the window manager obeys.
    let message = ClientMessageEvent::new(32, window, kind, [2, 0, 0, 0, 0]);
    let to = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
    display.connection.send_event(false, display.root, to, message).map_err(unclear)?;
    // The answer to a question comes after what was sent before it.
    display.connection.get_input_focus().map_err(unclear)?.reply().map_err(unclear)?;
    Ok(())
}

struct Display {
    connection: RustConnection<LimitedStream>,
    root: WindowId,
}

impl Display {
    fn open(socket: &Path) -> Result<Self, WindowsError> {
        let stream = UnixStream::connect(socket)?;
        let stream = LimitedStream::new(stream, Instant::now() + LIMIT)?;
        let connection = RustConnection::connect_to_stream(stream, 0).map_err(unclear)?;
        let root = connection.setup().roots.first().ok_or_else(|| unclear("it has no screen"))?.root;
        Ok(Self { connection, root })
    }

    fn atom(&self, name: &str) -> Result<u32, WindowsError> {
        let reply = self.connection.intern_atom(false, name.as_bytes()).map_err(unclear)?;
        Ok(reply.reply().map_err(unclear)?.atom)
    }

    fn pointer(&self) -> Result<(u16, u16), WindowsError> {
        let reply = self.connection.query_pointer(self.root).map_err(unclear)?.reply().map_err(unclear)?;
        let place = |position: i16| u16::try_from(position).unwrap_or(0);
        Ok((place(reply.root_x), place(reply.root_y)))
    }

    /// A property of at most 4 KiB.
    fn property(&self, window: WindowId, name: u32) -> Result<Vec<u8>, WindowsError> {
        let request = self.connection.get_property(false, window, name, AtomEnum::ANY, 0, 1024);
        Ok(request.map_err(unclear)?.reply().map_err(unclear)?.value)
    }

    fn named(&self, window: WindowId, name: &str) -> Result<Vec<u8>, WindowsError> {
        self.property(window, self.atom(name)?)
    }

    /// The windows that a property of the root window names.
    fn windows(&self, property: &str) -> Result<Vec<WindowId>, WindowsError> {
        Ok(numbers(&self.named(self.root, property)?))
    }

    /// The windows that show on the desktop without the window manager's doing, topmost first. Numbers tell
    /// whose a window is: each program has a range of its own, the server the first.
    fn unmanaged(&self) -> Result<Vec<WindowId>, WindowsError> {
        let program = |window: WindowId| window & !self.connection.setup().resource_id_mask;
        let Some(manager) = self.windows("_NET_SUPPORTING_WM_CHECK")?.first().map(|window| program(*window))
        else {
            // It is about to start, and nothing tells its own windows from others.
            return Ok(Vec::new());
        };
        let tree = self.connection.query_tree(self.root).map_err(unclear)?.reply().map_err(unclear)?;
        let newest_first = tree.children.into_iter().rev();
        let of_programs = newest_first.filter(|window| ![0, manager].contains(&program(*window)));
        Ok(of_programs.filter(|window| self.shows(*window)).take(MAX_WINDOWS).collect())
    }

    /// Whether a window can be seen; one that is gone by now cannot.
    fn shows(&self, window: WindowId) -> bool {
        let attributes =
            self.connection.get_window_attributes(window).ok().and_then(|asked| asked.reply().ok());
        attributes.is_some_and(|attributes| {
            attributes.map_state == MapState::VIEWABLE && attributes.class == WindowClass::INPUT_OUTPUT
        })
    }

    fn window(&self, id: WindowId, focused: Option<WindowId>) -> Result<Window, WindowsError> {
        let geometry = self.connection.get_geometry(id).map_err(unclear)?.reply().map_err(unclear)?;
        let place = self.connection.translate_coordinates(id, self.root, 0, 0).map_err(unclear)?;
        let place = place.reply().map_err(unclear)?;
        let title = self.named(id, "_NET_WM_NAME")?;
        let title = if title.is_empty() { self.property(id, AtomEnum::WM_NAME.into())? } else { title };
        let class = self.property(id, AtomEnum::WM_CLASS.into())?;
        let hidden = self.atom("_NET_WM_STATE_HIDDEN")?;
        Ok(Window {
            id,
            title: text(&title),
            class: class.split(|byte| *byte == 0).nth(1).map(text).unwrap_or_default(),
            pid: numbers(&self.named(id, "_NET_WM_PID")?).first().copied(),
            x: place.dst_x.into(),
            y: place.dst_y.into(),
            width: geometry.width.into(),
            height: geometry.height.into(),
            focused: focused == Some(id),
            minimised: numbers(&self.named(id, "_NET_WM_STATE")?).contains(&hidden),
            managed: true,
        })
    }
}

/// 32-bit numbers of a property, in this machine's byte order, which the connection asks for.
fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|chunk| chunk.try_into().ok().map(u32::from_ne_bytes)).collect()
}

/// A title as one line of bounded length: it is the program's, and may hold anything.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    line.take(MAX_TITLE).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_clipped_to_the_desktop() {
        let desktop = Area { x: 0, y: 0, width: 100, height: 80 };
        let window = |x, y, width, height| Window {
            id: 1,
            title: String::new(),
            class: String::new(),
            pid: None,
            x,
            y,
            width,
            height,
            focused: false,
            minimised: false,
            managed: true,
        };
        let area = |x, y, width, height| Area { x, y, width, height };
        assert_eq!(window(10, 20, 30, 40).on(desktop), area(10, 20, 30, 40));
        assert_eq!(window(-10, -5, 30, 40).on(desktop), area(0, 0, 20, 35));
        assert_eq!(window(90, 70, 30, 40).on(desktop), area(90, 70, 10, 10));
        assert!(window(200, 0, 30, 40).on(desktop).is_empty());
        assert!(window(i32::MAX, i32::MIN, u32::MAX, 1).on(desktop).is_empty());
    }

    #[test]
    fn titles_are_one_bounded_line() {
        assert_eq!(text(b"one\ntwo\x1b[31m"), "one two [31m");
        assert_eq!(text("ü".repeat(500).as_bytes()).chars().count(), MAX_TITLE);
    }
}
