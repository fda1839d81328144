//! Names in archives.

use super::error::Refusal;

/// Longest name of one component and longest path, in bytes; the path leaves room for where the workspace is.
const MAX_NAME_BYTES: usize = 255;
const MAX_PATH_BYTES: usize = 2_048;

/// Checks an entry's name and gives its normal form: names with `/` between, without `.` and doubled slashes.
pub(super) fn normal(name: &str, depth_limit: usize) -> Result<String, Refusal> {
    if name.chars().any(|c| c.is_control() || is_directional(c)) {
        return Err(Refusal::ControlCharacter);
    }
    if name.starts_with('/') || has_drive(name) {
        return Err(Refusal::Absolute);
    }
    if name.contains('\\') {
        return Err(Refusal::Backslash);
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(Refusal::GoesUp);
    }
    let Some(first) = parts.first() else {
        return Err(Refusal::NoName);
    };
    // What stood before it (`./`) is gone in the normal form.
    if has_drive(first) {
        return Err(Refusal::Absolute);
    }
    if parts.len() > depth_limit {
        return Err(Refusal::TooDeep { limit: depth_limit });
    }
    let normal = parts.join("/");
    if normal.len() > MAX_PATH_BYTES || parts.iter().any(|part| part.len() > MAX_NAME_BYTES) {
        return Err(Refusal::NameTooLong);
    }
    Ok(normal)
}

/// Whether a link at `link` (a normal name) stays in the archive wherever it leads. As links before it could be
/// anything, only targets go that first go up, no further than to the archive's top, and then only down.
pub(in crate::workspace_files) fn stays_inside(link: &str, target: &str) -> bool {
    if target.is_empty()
        || target.starts_with('/')
        || has_drive(target)
        || target.contains(|c: char| c == '\\' || c.is_control())
    {
        return false;
    }
    let depth = link.split('/').count() - 1;
    let parts = || target.split('/').filter(|part| !part.is_empty() && *part != ".");
    let up = parts().take_while(|part| *part == "..").count();
    up <= depth && !parts().skip(up).any(|part| part == "..")
}

/// `C:` and the like, which is absolute elsewhere.
fn has_drive(name: &str) -> bool {
    let mut chars = name.chars();
    matches!((chars.next(), chars.next()), (Some(letter), Some(':')) if letter.is_ascii_alphabetic())
}

/// Characters that make a name look like another one.
fn is_directional(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a name is: joined to a directory, its normal form is below it, and stays itself.
        #[test]
        fn a_normal_name_is_below(name in "[a-c./\\\\: \u{e4}\u{202e}\n]{0,24}") {
            if let Ok(normal) = normal(&name, 64) {
                let all_normal = Path::new(&normal).components().all(|part| matches!(part, Component::Normal(_)));
                prop_assert!(all_normal, "{normal}");
                prop_assert_eq!(super::normal(&normal, 64).ok(), Some(normal));
            }
        }

        /// A link that stays inside by its text never counts below zero on the way.
        #[test]
        fn a_link_never_climbs_out(link in "[ab]/[ab]/l|[ab]/l|l", target in "(\\.\\./|[ab]/|\\./|/){0,5}[ab]?") {
            if stays_inside(&link, &target) {
                let mut depth = i64::try_from(link.split('/').count()).unwrap() - 1;
                for part in target.split('/') {
                    match part {
                        ".." => depth -= 1,
                        "" | "." => {}
                        _ => depth += 1,
                    }
                    prop_assert!(depth >= 0, "{link} -> {target}");
                }
            }
        }
    }

    #[test]
    fn a_drive_behind_a_dot_is_one_too() {
        assert!(matches!(normal("./C:x", 64), Err(Refusal::Absolute)));
        assert_eq!(normal("./x/C:y", 64).ok().as_deref(), Some("x/C:y"));
    }

    #[test]
    fn going_down_and_up_again_is_no_way() {
        assert!(stays_inside("a/l", "../b/c") && stays_inside("l", "b") && stays_inside("a/b/l", "../../x"));
        for (link, target) in
            [("a/l", "x/../y"), ("l", ".."), ("a/l", "../.."), ("l", "/etc"), ("l", ""), ("l", "C:x")]
        {
            assert!(!stays_inside(link, target), "{link} -> {target}");
        }
    }
}
