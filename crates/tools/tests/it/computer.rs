//! A program with a window on a real desktop, looked at and used by the tools `screenshot` and `computer`.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use serde_json::json;
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::tool::{ImageContent, ToolImage, ToolOutcome, ToolStatus};
use slipway_tools::client::ToolHostClient;
use slipway_tools::host::{Host, HostOptions};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, PropMode,
    Rectangle, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::scene::{call, connect};

const RED: u32 = 0x00c0_2010;
const GREEN: u32 = 0x0010_a040;

/// What happened in the window.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Shown,
    Button(u8, i16, i16),
    Released(u8, i16, i16),
    /// The character or key that was typed, as a keysym, and whether Control was held.
    Key(u32, bool),
}

/// A red window whose upper half turns green when it is told to.
struct Program {
    seen: mpsc::Receiver<Seen>,
    paint: Box<dyn Fn() + Send>,
}

fn start_program(display: u16, title: &str, place: (i16, i16)) -> Program {
    let (connection, screen) = RustConnection::connect(Some(&format!(":{display}"))).expect("a display");
    let connection = std::sync::Arc::new(connection);
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id().expect("an id");
    let events =
        EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::KEY_PRESS | EventMask::EXPOSURE;
    let look = CreateWindowAux::new().background_pixel(RED).event_mask(events);
    connection
        .create_window(24, window, root, place.0, place.1, 200, 100, 0, WindowClass::INPUT_OUTPUT, 0, &look)
        .expect("sent");
    connection
        .change_property8(PropMode::REPLACE, window, AtomEnum::WM_NAME, AtomEnum::STRING, title.as_bytes())
        .expect("sent");
    connection.map_window(window).expect("sent");
    let place = ConfigureWindowAux::new().x(i32::from(place.0)).y(i32::from(place.1));
    connection.configure_window(window, &place).expect("sent");
    connection.flush().expect("sent");
    let (told, seen) = mpsc::channel();
    let listening = std::sync::Arc::clone(&connection);
    std::thread::spawn(move || {
        while let Ok(event) = listening.wait_for_event() {
            let happened = match event {
                Event::Expose(_) => Seen::Shown,
                Event::ButtonPress(press) => Seen::Button(press.detail, press.event_x, press.event_y),
                Event::ButtonRelease(press) => Seen::Released(press.detail, press.event_x, press.event_y),
                Event::KeyPress(press) => {
                    let map =
                        listening.get_keyboard_mapping(press.detail, 1).expect("sent").reply().expect("keys");
                    let shift = usize::from(u16::from(press.state) & 1);
                    let keysym = map.keysyms.get(shift).copied().unwrap_or_default();
                    Seen::Key(keysym, u16::from(press.state) & 4 != 0)
                }
                _ => continue,
            };
            if told.send(happened).is_err() {
                return;
            }
        }
    });
    let paint = move || {
        let context = connection.generate_id().expect("an id");
        connection.create_gc(context, window, &CreateGCAux::new().foreground(GREEN)).expect("sent");
        let upper = Rectangle { x: 0, y: 0, width: 200, height: 50 };
        connection.poly_fill_rectangle(window, context, &[upper]).expect("sent");
        connection.flush().expect("sent");
    };
    Program { seen, paint: Box::new(paint) }
}

impl Program {
    /// The next thing that happened, apart from being shown.
    fn next(&self) -> Seen {
        loop {
            match self.seen.recv_timeout(Duration::from_secs(10)).expect("something happens") {
                Seen::Shown => {}
                other => return other,
            }
        }
    }

    fn wait_until_shown(&self) {
        while self.seen.recv_timeout(Duration::from_secs(10)).expect("it is shown") != Seen::Shown {}
    }
}

/// A host with a desktop of its own; `None` where the programs for one are not installed.
fn host(display: u16) -> Option<(tempfile::TempDir, std::sync::Arc<Host>)> {
    if !Path::new("/usr/bin/Xtigervnc").exists() {
        return None;
    }
    let folder = tempfile::tempdir().expect("a scratch directory");
    let options = HostOptions {
        workspace: Workspace::open(folder.path()).expect("it exists"),
        confinement: Confinement::None,
        state_directory: folder.path().to_owned(),
        environment: inheritable(std::env::vars_os()),
        display: Some(display),
        fetch: None,
        workspace_limit: None,
        command_patience: std::time::Duration::from_secs(120),
        desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
        bounds: slipway_tools::bounds::Bounds::default(),
    };
    Some((folder, Host::new(options).expect("a writable directory")))
}

struct Pixels {
    width: u32,
    rgb: Vec<u8>,
}

impl Pixels {
    fn of(image: &ToolImage) -> Self {
        let ImageContent::Inline(text) = &image.content else { panic!("no bytes: {image:?}") };
        let bytes = base64::prelude::BASE64_STANDARD.decode(text).expect("Base64");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let mut rgb = vec![0; reader.output_buffer_size().expect("small")];
        let shape = reader.next_frame(&mut rgb).expect("a PNG");
        assert_eq!((shape.width, shape.height), (image.width, image.height));
        Self { width: shape.width, rgb }
    }

    fn at(&self, x: u32, y: u32) -> u32 {
        let from = ((y * self.width + x) * 3) as usize;
        self.rgb[from..from + 3].iter().fold(0, |sum, part| sum << 8 | u32::from(*part))
    }
}

async fn until_window(client: &ToolHostClient, title: &str) -> ToolOutcome {
    for _ in 0..100 {
        let outcome = call(client, "screenshot", json!({})).await;
        assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
        if outcome.text.contains(title) {
            return outcome;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no window {title}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_seen_clicked_and_typed_into() {
    let Some((_folder, host)) = host(74) else { return };
    let (client, _link) = connect(&host).await;
    let first = call(&client, "screenshot", json!({})).await;
    assert!(first.text.starts_with("Desktop: 1280 × 800 pixels.\nNo window is open.\n"), "{}", first.text);
    let program = start_program(74, "Target", (300, 200));
    program.wait_until_shown();
    let outcome = until_window(&client, "\"Target\"").await;
    assert!(outcome.text.contains("200 × 100"), "{}", outcome.text);
    assert!(outcome.text.contains("Since your last look: the window \"Target\""), "{}", outcome.text);

    let alone = call(&client, "screenshot", json!({"window": "target"})).await;
    let image = alone.images.first().expect("a picture");
    assert_eq!((image.width, image.height), (200, 100));
    assert_eq!(Pixels::of(image).at(100, 50), RED);

    let actions = json!([
        {"action": "click", "x": 20, "y": 30},
        {"action": "click", "x": 21, "y": 31, "button": "right"},
        {"action": "drag", "x": 5, "y": 5, "to_x": 150, "to_y": 60},
        {"action": "scroll", "x": 40, "y": 40, "direction": "up", "amount": 2},
    ]);
    let outcome = call(&client, "computer", json!({"window": "Target", "actions": actions})).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(outcome.text.trim(), "Done: clicked; clicked (right button); dragged; scrolled 2 notches.");
    let expected = [
        Seen::Button(1, 20, 30),
        Seen::Released(1, 20, 30),
        Seen::Button(3, 21, 31),
        Seen::Released(3, 21, 31),
        Seen::Button(1, 5, 5),
        Seen::Released(1, 150, 60),
        Seen::Button(4, 40, 40),
        Seen::Released(4, 40, 40),
        Seen::Button(4, 40, 40),
        Seen::Released(4, 40, 40),
    ];
    for happened in expected {
        assert_eq!(program.next(), happened);
    }

    let actions = json!([
        {"action": "focus"},
        {"action": "type", "text": "aZ é日"},
        {"action": "key", "keys": "ctrl+s Escape"},
    ]);
    let outcome = call(&client, "computer", json!({"window": "Target", "actions": actions})).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    let mut typed = Vec::new();
    while typed.len() < 7 {
        match program.next() {
            // Shift and Control by themselves.
            Seen::Key(0xffe1..=0xffee, _) => {}
            Seen::Key(keysym, control) => typed.push((keysym, control)),
            other => panic!("{other:?}"),
        }
    }
    let plain = |keysym: u32| (keysym, false);
    let expected =
        [plain(0x61), plain(0x5a), plain(0x20), plain(0xe9), plain(0x0100_65e5), (0x73, true), plain(0xff1b)];
    assert_eq!(typed, expected);
    host.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_is_told_although_no_window_manager_knows_it() {
    let Some((_folder, host)) = host(81) else { return };
    let (client, _link) = connect(&host).await;
    call(&client, "screenshot", json!({})).await;
    let (connection, screen) = RustConnection::connect(Some(":81")).expect("a display");
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id().expect("an id");
    let look = CreateWindowAux::new().background_pixel(RED).override_redirect(1);
    let (kind, title) = (WindowClass::INPUT_OUTPUT, AtomEnum::WM_NAME);
    connection.create_window(24, window, root, 50, 60, 200, 100, 0, kind, 0, &look).expect("sent");
    let named = connection.change_property8(PropMode::REPLACE, window, title, AtomEnum::STRING, b"Menu");
    named.expect("sent");
    connection.map_window(window).expect("sent");
    connection.flush().expect("sent");
    let outcome = until_window(&client, "\"Menu\"").await;
    assert!(outcome.text.contains("at 50, 60, 200 × 100, without a frame as menus are"), "{}", outcome.text);
    // The window manager's own windows are none of anybody's.
    assert_eq!(outcome.data["windows"], 1, "{}", outcome.text);
    let alone = call(&client, "screenshot", json!({"window": "Menu"})).await;
    assert_eq!(Pixels::of(alone.images.first().expect("a picture")).at(100, 50), RED);
    host.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_waited_for_and_shown() {
    let Some((_folder, host)) = host(75) else { return };
    let (client, _link) = connect(&host).await;
    call(&client, "screenshot", json!({})).await;
    let program = start_program(75, "Canvas", (100, 100));
    program.wait_until_shown();
    until_window(&client, "\"Canvas\"").await;
    let still = json!({"window": "Canvas", "actions": [{"action": "wait", "seconds": 0.3}]});
    let outcome = call(&client, "computer", still).await;
    assert!(outcome.text.contains("nothing changed"), "{}", outcome.text);
    assert_eq!(outcome.images, []);

    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        (program.paint)();
        program
    });
    let waiting = json!({
        "window": "Canvas", "screenshot": true, "actions": [{"action": "wait", "seconds": 20}]
    });
    let outcome = call(&client, "computer", waiting).await;
    assert!(outcome.text.contains("until something changed"), "{}", outcome.text);
    let pixels = Pixels::of(outcome.images.first().expect("a picture"));
    assert_eq!((pixels.at(10, 10), pixels.at(10, 90)), (GREEN, RED));
    host.shut_down().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_is_done() {
    let Some((_folder, host)) = host(76) else { return };
    let (client, _link) = connect(&host).await;
    let cases = [
        (json!({"actions": [{"action": "click", "x": 5000, "y": 1}]}), "Action 1: 5000, 1 is outside"),
        (
            json!({"actions": [{"action": "type", "text": "x"}, {"action": "key", "keys": "hyper+x"}]}),
            "Action 2: \"hyper\" in \"hyper+x\" is no key",
        ),
        (json!({"actions": [{"action": "move"}]}), "Action 1: it needs `x` and `y`"),
        (json!({"window": "Nowhere", "actions": []}), "There is no window \"Nowhere\". No window is open."),
    ];
    for (arguments, expected) in cases {
        let outcome = call(&client, "computer", arguments).await;
        assert_eq!(outcome.status, ToolStatus::Error);
        assert!(outcome.text.contains(expected), "{}", outcome.text);
        assert!(outcome.text.ends_with("Nothing was done."), "{}", outcome.text);
    }
    host.shut_down().await;
}
