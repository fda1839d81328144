//! A number for the desktop's X display that nobody on this machine uses.

use std::path::Path;

/// Numbers below are left to the person's own sessions.
const FIRST: u16 = 20;
const LAST: u16 = 520;

/// The first display number without a lock or a socket in `temporary` (the directory where X servers leave
/// them, `/tmp`). Two launchers that look at the same moment may get the same one; the second desktop
/// then says that its display is taken.
pub(super) fn free_display(temporary: &Path) -> u16 {
    let is_free = |number: &u16| {
        let lock = temporary.join(format!(".X{number}-lock"));
        let socket = temporary.join(format!(".X11-unix/X{number}"));
        !lock.exists() && !socket.exists()
    };
    (FIRST..LAST).find(is_free).unwrap_or(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_displays_are_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(free_display(directory.path()), FIRST);
        std::fs::write(directory.path().join(format!(".X{FIRST}-lock")), "").unwrap();
        std::fs::create_dir(directory.path().join(".X11-unix")).unwrap();
        std::fs::write(directory.path().join(format!(".X11-unix/X{}", FIRST + 1)), "").unwrap();
        assert_eq!(free_display(directory.path()), FIRST + 2);
    }
}
