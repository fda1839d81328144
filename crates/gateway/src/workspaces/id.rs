//! Ids of workspaces: readable, because the agent and the person see them as names of directories.

use slipway_protocol::WorkspaceId;

/// Longest id that is made from a name; a number may follow.
const MOST: usize = 32;

/// The id that a name makes, the `attempt`-th if others are taken: `My Site!` gives `my-site`, then `my-site-2`.
pub(super) fn of_name(name: &str, attempt: u32) -> WorkspaceId {
    let mut text = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            text.push(letter);
        } else if !text.is_empty() && !text.ends_with('-') {
            text.push('-');
        }
    }
    text.truncate(MOST);
    let stem = match text.trim_end_matches('-') {
        // That one is taken in every instance.
        "" | "default" => "workspace",
        stem => stem,
    };
    WorkspaceId(if attempt > 1 { format!("{stem}-{attempt}") } else { stem.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_directories_that_can_be_read() {
        for (name, attempt, id) in [
            ("My Site!", 1, "my-site"),
            ("My Site!", 2, "my-site-2"),
            ("--a__b--", 1, "a-b"),
            ("\u{4f60}\u{597d}", 1, "workspace"),
            ("Default", 1, "workspace"),
            ("../../etc", 1, "etc"),
        ] {
            assert_eq!(of_name(name, attempt).as_str(), id, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_name_makes_a_well_formed_id(name in any::<String>(), attempt in 1_u32..) {
            let id = of_name(&name, attempt);
            prop_assert!(id.is_well_formed() && !id.is_default(), "{id}");
        }
    }
}
