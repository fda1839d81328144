//! Names to log in with.

use slipway_protocol::Problem;

/// Longest name.
const MAX: usize = 40;

/// A name as it is kept and compared: lower case, without blanks around it. `None` when it can be nobody's.
pub fn normal(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    ((1..=MAX).contains(&name.len()) && name.chars().all(is_plain)).then_some(name)
}

/// As [`normal`], for a name that somebody chooses.
///
/// # Errors
/// When it cannot be used (422).
pub fn chosen(name: &str) -> Result<String, Problem> {
    normal(name).ok_or_else(|| {
        Problem::new(422, "name_unfit", "This name cannot be used")
            .detail(format!("A name has 1 to {MAX} letters, digits, `-`, `_` and `.`."))
    })
}

/// What somebody is told whose chosen name is another's (409).
pub fn taken(name: &str) -> Problem {
    Problem::new(409, "name_taken", "Somebody else has this name")
        .detail(format!("There is an account with the name {name}."))
        .hint("Choose another one.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_in_lower_case() {
        assert_eq!(normal(" Ada.Lovelace-1 ").as_deref(), Some("ada.lovelace-1"));
        for name in ["", " ", "a b", "a\u{0}", "ада", "a/b", &"x".repeat(41)] {
            assert_eq!(normal(name), None, "{name:?}");
        }
    }
}
