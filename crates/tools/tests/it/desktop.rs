//! The desktop: started when needed, restarted when it crashes, gone with its host.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use slipway_tools::desktop::{Desktop, DesktopError, DesktopOptions, IDLE_LIMIT};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tokio::io::AsyncReadExt as _;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;

/// A desktop on a display of its own. `path` is where its programs are looked for.
fn desktop(display: u16, path: Option<&str>) -> (tempfile::TempDir, Desktop) {
    desktop_with(display, path, IDLE_LIMIT)
}

fn desktop_with(display: u16, path: Option<&str>, idle_limit: Duration) -> (tempfile::TempDir, Desktop) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let workspace = Arc::new(Workspace::open(directory.path()).expect("a workspace"));
    let environment = match path {
        Some(path) => vec![("PATH".into(), path.into())],
        None => inheritable(std::env::vars_os()),
    };
    let state_directory = directory.path().to_owned();
    (directory, Desktop::new(DesktopOptions { workspace, state_directory, environment, display, idle_limit }))
}

/// Whether this machine has what a desktop needs; elsewhere the tests check that it says what is missing.
fn is_installed() -> bool {
    ["Xtigervnc", "jwm"].iter().all(|program| Path::new("/usr/bin").join(program).exists())
}

async fn greeting(desktop: &Desktop) -> Result<String, DesktopError> {
    let mut stream = desktop.connect().await?;
    let mut greeting = [0; 12];
    stream.read_exact(&mut greeting).await.expect("a greeting");
    Ok(String::from_utf8_lossy(&greeting).into_owned())
}

fn server_process(display: u16) -> Option<i32> {
    std::fs::read_to_string(format!("/tmp/.X{display}-lock")).ok()?.trim().parse().ok()
}

#[tokio::test]
async fn missing_programs_are_named() {
    let (_directory, desktop) = desktop(71, Some("/nowhere"));
    let error = desktop.ensure_started().await.expect_err("no programs");
    assert_eq!(
        error.to_string(),
        "there is no desktop: Xtigervnc is not installed; install it with \
         `apt-get install tigervnc-standalone-server`"
    );
}

#[tokio::test]
async fn it_answers_restarts_and_goes_away() {
    let display = 72;
    let (directory, desktop) = desktop(display, None);
    if !is_installed() {
        let error = desktop.ensure_started().await.expect_err("no programs");
        assert!(matches!(error, DesktopError::Missing { .. }), "{error}");
        return;
    }
    // As after the restart of a container: a lock of a server that is gone, its number given anew.
    std::fs::write(format!("/tmp/.X{display}-lock"), format!("{:>10}\n", std::process::id()))
        .expect("a lock");
    let begun = Instant::now();
    assert_eq!(greeting(&desktop).await.expect("a desktop"), "RFB 003.008\n");
    println!("first answer after {:?}", begun.elapsed());
    assert_eq!(greeting(&desktop).await.expect("a second viewer"), "RFB 003.008\n");

    let first = server_process(display).expect("a server");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(first), nix::sys::signal::Signal::SIGKILL)
        .expect("killed");
    let deadline = Instant::now() + Duration::from_secs(5);
    while server_process(display).is_none_or(|process| process == first) || greeting(&desktop).await.is_err()
    {
        assert!(Instant::now() < deadline, "no new server");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    desktop.shutdown().await;
    assert!(matches!(desktop.ensure_started().await, Err(DesktopError::Closed)));
    assert!(std::os::unix::net::UnixStream::connect(directory.path().join("desktop/rfb.sock")).is_err());
}

#[tokio::test]
async fn a_display_of_somebody_else_is_left_alone() {
    let display = 73;
    let (_first_directory, first) = desktop(display, None);
    if !is_installed() {
        return;
    }
    first.ensure_started().await.expect("a desktop");
    let (_second_directory, second) = desktop(display, None);
    let error = second.ensure_started().await.expect_err("taken");
    assert!(matches!(error, DesktopError::DisplayTaken { display: 73, .. }), "{error}");
    assert_eq!(greeting(&first).await.expect("unharmed"), "RFB 003.008\n");
    first.shutdown().await;
}

/// Whether a window asks to be left alone by the window manager, as menus and some full-screen programs do.
#[derive(Debug, Clone, Copy)]
enum Frame {
    Wanted,
    Unwanted,
}

/// What a program does that opens a window.
fn open_window(display: u16, frame: Frame) -> RustConnection {
    let (connection, screen) = RustConnection::connect(Some(&format!(":{display}"))).expect("a display");
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id().expect("an id");
    let kind = WindowClass::INPUT_OUTPUT;
    let look = CreateWindowAux::new().override_redirect(u32::from(matches!(frame, Frame::Unwanted)));
    connection.create_window(24, window, root, 0, 0, 90, 60, 0, kind, 0, &look).expect("sent");
    connection.map_window(window).expect("sent");
    connection.flush().expect("sent");
    connection
}

async fn until(desktop: &Desktop, running: bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while desktop.is_running() != running {
        assert!(Instant::now() < deadline, "running: {}", desktop.is_running());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_window_starts_it_and_it_ends_when_nobody_needs_it() {
    let display = 78;
    let (_directory, desktop) = desktop_with(display, None, Duration::from_millis(400));
    if !is_installed() {
        return;
    }
    desktop.listen();
    let socket = format!("/tmp/.X11-unix/X{display}");
    while !Path::new(&socket).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!desktop.is_running() && server_process(display).is_none(), "nobody has asked");

    // What ends starts again, for any kind of window.
    for frame in [Frame::Wanted, Frame::Unwanted] {
        let begun = Instant::now();
        let program =
            tokio::task::spawn_blocking(move || open_window(display, frame)).await.expect("a window");
        println!("a window after {:?}", begun.elapsed());
        until(&desktop, true).await;
        // As long as its window is open, it stays.
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert!(desktop.is_running(), "{frame:?}");
        drop(program);
        until(&desktop, false).await;
        assert_eq!(server_process(display), None);
    }
    // A viewer keeps it as well.
    let viewer = desktop.connect().await.expect("a desktop");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(desktop.is_running());
    drop(viewer);
    until(&desktop, false).await;
    desktop.shutdown().await;
    assert!(!Path::new(&socket).exists(), "it leaves nothing behind");
}

#[tokio::test]
async fn a_program_is_sent_away_when_there_can_be_no_desktop() {
    let (directory, desktop) = desktop(79, None);
    if !is_installed() {
        return;
    }
    desktop.listen();
    while !Path::new("/tmp/.X11-unix/X79").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // A server that cannot write its log does not start.
    std::fs::remove_dir_all(directory.path().join("desktop")).expect("it is there");
    std::fs::write(directory.path().join("desktop"), "in the way").expect("written");
    let mut program = tokio::net::UnixStream::connect("/tmp/.X11-unix/X79").await.expect("the door is open");
    let mut answer = [0; 1];
    let read = tokio::time::timeout(Duration::from_secs(20), program.read(&mut answer)).await;
    assert!(matches!(read.expect("an answer"), Ok(0) | Err(_)), "nobody keeps it waiting");
    desktop.shutdown().await;
}
