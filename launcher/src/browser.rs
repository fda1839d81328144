//! Opens a page in the person's browser, where there is one.

use std::process::{Command, Stdio};

/// Opens `url` with the desktop's own program. Never fails: the address is printed anyway.
/// Answers whether a browser was asked to open it.
pub(crate) fn open(url: &str) -> bool {
    let Some(program) = opener() else { return false };
    let child = Command::new(program)
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
    if set("WSL_DISTRO_NAME") && on_path("wslview") {
        return Some("wslview");
    }
    let has_screen = set("DISPLAY") || set("WAYLAND_DISPLAY");
    (has_screen && on_path("xdg-open")).then_some("xdg-open")
}

/// Whether `PATH` has a program of that name.
pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|directory| directory.join(program).is_file()))
}
