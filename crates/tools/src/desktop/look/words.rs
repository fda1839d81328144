//! The desktop in words, for models that do not see, and with exact places for those that do.

use std::fmt::Write as _;

use super::memory::Glance;
use crate::desktop::picture::Scale;
use crate::desktop::rfb::Area;
use crate::desktop::windows::Window;

/// Windows that are told one by one.
const MOST: usize = 20;

/// How the model may name a window.
pub(super) fn name(window: &Window) -> String {
    format!("{:?} [{:#x}]", window.title, window.id)
}

/// The window that is meant by an id or by a part of a title.
///
/// # Errors
/// What there is instead, for the model.
pub(super) fn find<'a>(windows: &'a [Window], wanted: &str) -> Result<&'a Window, String> {
    let wanted = wanted.trim();
    let number = wanted.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    if let Some(window) = windows.iter().find(|window| Some(window.id) == number) {
        return Ok(window);
    }
    let lower = wanted.to_lowercase();
    let exact: Vec<&Window> = windows.iter().filter(|window| window.title.to_lowercase() == lower).collect();
    let partly = || windows.iter().filter(|window| window.title.to_lowercase().contains(&lower)).collect();
    let found = if exact.is_empty() { partly() } else { exact };
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(format!("There is no window {wanted:?}. {}", listed(windows.iter()))),
        several => Err(format!(
            "{} windows have {wanted:?} in their titles; give the id of one. {}",
            several.len(),
            listed(several.iter().copied())
        )),
    }
}

fn listed<'a>(windows: impl Iterator<Item = &'a Window>) -> String {
    let names: Vec<String> = windows.take(MOST).map(name).collect();
    if names.is_empty() {
        "No window is open.".to_owned()
    } else {
        format!("There are: {}.", names.join(", "))
    }
}

/// What the picture shows.
pub(super) fn subject(desktop: Area, scale: Scale, window: Option<&Window>, windows: &[Window]) -> String {
    let (width, height) = (scale.shown(desktop.width), scale.shown(desktop.height));
    let mut text = format!("Desktop: {width} × {height} pixels.\n");
    if (width, height) != (desktop.width, desktop.height) {
        let (real_width, real_height) = (desktop.width, desktop.height);
        let _ = writeln!(
            text,
            "(It has {real_width} × {real_height}; pictures and all coordinates are scaled down.)"
        );
    }
    let Some(window) = window else { return text };
    let _ = writeln!(
        text,
        "The picture shows the window {} only. To use coordinates of this picture, give computer its \
         `window`: \"{:#x}\".",
        name(window),
        window.id
    );
    let area = window.on(desktop);
    let above = windows.iter().take_while(|other| other.id != window.id).filter(|other| !other.minimised);
    let covering: Vec<String> =
        above.filter(|other| !other.on(desktop).common(area).is_empty()).map(name).collect();
    if !covering.is_empty() {
        let _ = writeln!(text, "It is partly covered by {}.", covering.join(", "));
    }
    text
}

/// All windows, topmost first.
pub(super) fn windows(windows: &[Window], scale: Scale) -> String {
    if windows.is_empty() {
        return "No window is open.\n".to_owned();
    }
    let mut text = "Windows, topmost first (left, top, width × height, without title bar):\n".to_owned();
    for window in windows.iter().take(MOST) {
        let _ = writeln!(text, "- {}", described(window, scale));
    }
    if let Some(more) = windows.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more");
    }
    text
}

fn described(window: &Window, scale: Scale) -> String {
    let (x, y) = (scale.shown_signed(window.x), scale.shown_signed(window.y));
    let (width, height) = (scale.shown(window.width), scale.shown(window.height));
    let mut text = format!("{} at {x}, {y}, {width} × {height}", name(window));
    if !window.class.is_empty() && window.class != window.title {
        let _ = write!(text, ", {}", window.class);
    }
    if let Some(pid) = window.pid {
        let _ = write!(text, ", process {pid}");
    }
    if window.focused {
        text.push_str(", has the keyboard");
    }
    if window.minimised {
        text.push_str(", minimised");
    }
    if !window.managed {
        text.push_str(", without a frame as menus are");
    }
    text
}

/// What is different from the last look.
pub(super) fn changes(before: Option<&Glance>, now: &Glance, scale: Scale) -> String {
    let Some(before) = before else { return String::new() };
    let mut changes = Vec::new();
    let known = |windows: &[Window], id: u32| windows.iter().any(|window| window.id == id);
    for window in now.windows.iter().filter(|window| !known(&before.windows, window.id)) {
        changes.push(format!("the window {} opened", name(window)));
    }
    for window in before.windows.iter().filter(|window| !known(&now.windows, window.id)) {
        changes.push(format!("the window {} closed", name(window)));
    }
    for window in &now.windows {
        let Some(old) = before.windows.iter().find(|old| old.id == window.id) else { continue };
        if (old.x, old.y, old.width, old.height) != (window.x, window.y, window.width, window.height) {
            changes.push(format!("the window {} moved or changed its size", name(window)));
        }
        if old.title != window.title {
            changes.push(format!("the window {} was called {:?}", name(window), old.title));
        }
        if !old.focused && window.focused {
            changes.push(format!("the window {} got the keyboard", name(window)));
        }
    }
    match before.difference(now) {
        None => changes.push("the desktop changed its size".to_owned()),
        Some((_, 0)) => {}
        Some((area, pixels)) => changes.push(format!(
            "{} of the picture changed, all of it within {}, {}, {} × {}",
            percentage(pixels, now.size.pixels()),
            scale.shown(area.x),
            scale.shown(area.y),
            scale.shown(area.width),
            scale.shown(area.height)
        )),
    }
    if changes.is_empty() {
        return "Since your last look nothing has changed.\n".to_owned();
    }
    format!("Since your last look: {}.\n", changes.join("; "))
}

fn percentage(part: u64, whole: u64) -> String {
    match 100 * part / whole.max(1) {
        0 => "less than 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(id: u32, title: &str) -> Window {
        Window {
            id,
            title: title.to_owned(),
            class: "Tk".to_owned(),
            pid: Some(7),
            x: 10,
            y: -20,
            width: 300,
            height: 200,
            focused: id == 1,
            minimised: false,
            managed: true,
        }
    }

    #[test]
    fn windows_are_found_by_id_and_by_part_of_the_title() {
        let windows = [window(0x1, "Editor"), window(0x2a, "Editor: help"), window(3, "Plot")];
        let found = |wanted: &str| find(&windows, wanted).map(|window| window.id);
        assert_eq!(found("0x2a"), Ok(0x2a));
        assert_eq!(found("plo"), Ok(3));
        assert_eq!(found("editor"), Ok(1));
        let error = found("edi").expect_err("two");
        assert_eq!(
            error,
            "2 windows have \"edi\" in their titles; give the id of one. There are: \"Editor\" [0x1], \
             \"Editor: help\" [0x2a]."
        );
        assert!(
            found("nothing").expect_err("none").starts_with("There is no window \"nothing\". There are:")
        );
    }

    #[test]
    fn the_desktop_is_told_in_words() {
        let desktop = Area { x: 0, y: 0, width: 1280, height: 800 };
        let scale = Scale::of(desktop);
        let list = [window(1, "One"), window(2, "Two")];
        assert_eq!(
            windows(&list, scale),
            "Windows, topmost first (left, top, width × height, without title bar):\n\
             - \"One\" [0x1] at 10, -20, 300 × 200, Tk, process 7, has the keyboard\n\
             - \"Two\" [0x2] at 10, -20, 300 × 200, Tk, process 7\n"
        );
        let shown = subject(desktop, scale, list.get(1), &list);
        assert!(shown.contains("It is partly covered by \"One\" [0x1]."), "{shown}");
        assert!(!subject(desktop, scale, list.first(), &list).contains("covered"));
    }

    #[test]
    fn changes_are_told() {
        let glance = |windows: Vec<Window>| {
            let mut glance = Glance::default();
            glance.windows = windows;
            glance
        };
        let scale = Scale::of(Area { x: 0, y: 0, width: 1280, height: 800 });
        let before = glance(vec![window(1, "One"), window(2, "Two")]);
        assert_eq!(changes(None, &before, scale), "");
        assert_eq!(changes(Some(&before), &before, scale), "Since your last look nothing has changed.\n");
        let mut moved = window(1, "One");
        moved.x = 50;
        let now = glance(vec![moved, window(3, "Three")]);
        assert_eq!(
            changes(Some(&before), &now, scale),
            "Since your last look: the window \"Three\" [0x3] opened; the window \"Two\" [0x2] closed; the window \
             \"One\" [0x1] moved or changed its size.\n"
        );
    }
}
