//! Opens a page in the person's browser, where there is one.

use std::process::{Command, Stdio};

use crate::program;

/// Opens `url` with the desktop's own program. Never fails: the address is printed anyway.
/// Answers whether a browser was asked to open it.
pub(crate) fn open(url: &str) -> bool {
    let Some(opener) = opener() else { return false };
    let child = Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.is_ok()
}

/// The program that opens addresses here, or `None` where nobody looks at a screen.
pub(crate) fn opener() -> Option<&'static str> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "macos") {
        return Some("open");
    }
    if set("WSL_DISTRO_NAME") && program::exists("wslview") {
        return Some("wslview");
    }
    let has_screen = set("DISPLAY") || set("WAYLAND_DISPLAY");
    (has_screen && program::exists("xdg-open")).then_some("xdg-open")
}
