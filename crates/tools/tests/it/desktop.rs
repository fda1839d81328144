//! The desktop: started when needed, restarted when it crashes, gone with its host.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use slipway_tools::desktop::{Desktop, DesktopError, DesktopOptions};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tokio::io::AsyncReadExt as _;

/// A desktop on a display of its own. `path` is where its programs are looked for.
fn desktop(display: u16, path: Option<&str>) -> (tempfile::TempDir, Desktop) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let workspace = Arc::new(Workspace::open(directory.path()).expect("a workspace"));
    let environment = match path {
        Some(path) => vec![("PATH".into(), path.into())],
        None => inheritable(std::env::vars_os()),
    };
    let state_directory = directory.path().to_owned();
    (directory, Desktop::new(DesktopOptions { workspace, state_directory, environment, display }))
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
